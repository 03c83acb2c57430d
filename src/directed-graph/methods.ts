import { BASELINES, type BaselineName } from './baselines/names.ts';

/**
 * What ships (the ranker of a model, or its vectors where it has none), the embedding alone, the ranker without the
 * embedding, then the other baselines.
 */
export const METHODS = [
  'ranker',
  'embedding',
  'control',
  ...BASELINES.filter((name): name is Exclude<BaselineName, 'control'> => name !== 'control'),
] as const;

export type MethodName = (typeof METHODS)[number];

/** What each method does, for people. */
export const METHOD_WORDS: Readonly<Record<string, string>> = {
  ranker: 'what ships: learned vectors and counts, fitted',
  embedding: 'learned vectors alone',
  control: 'CONTROL: the ranker without learned vectors',
  blend: 'plain mix of counts, fitted',
  popularity: 'what sells most',
  twoHop: 'what the next ones lead to',
  walkMix: 'mix of short walks',
  walkMixFitted: 'mix of short walks, fitted',
  sourceKnn: 'products with similar lists',
  targetKnn: 'products that are led to alike',
  ppr: 'random walks (PageRank)',
  svd: 'matrix factors',
  ease: 'linear item model (EASE)',
  contentCosine: 'similar words and features',
};
