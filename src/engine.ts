/** The engine alone: kernels, memory, and the error that all readers throw. */
export { DataError, type DataErrorPlace } from './check.ts';
export { type ArrayTypes, type ElementType, Slice } from './engine/arena.ts';
export { Engine, type EngineOptions, type Scope } from './engine/engine.ts';
export type { Kernels } from './engine/kernels.ts';
export type { KernelSource } from './engine/module.ts';
export type { ThreadWorker } from './engine/threads/team.ts';
