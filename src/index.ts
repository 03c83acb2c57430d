/** The public API: every room. Nothing happens at import. */
export * from './delayed-feedback.ts';
export * from './directed-graph.ts';
export * from './uncertainty.ts';
