import { integer, sized } from '../check.ts';
import type { Slice } from '../engine/arena.ts';

/** Edges as two parallel arrays of node indices. */
export interface Pairs {
  readonly source: Uint32Array;
  readonly target: Uint32Array;
}

/** Pairs of nodes below `nodeCount`, checked: RangeError naming the entry. */
export function checkPairs(pairs: Pairs, name: string, nodeCount: number): Pairs {
  if (typeof pairs !== 'object' || pairs === null) throw new TypeError(`${name} must be { source, target }`);
  const { source, target } = pairs;
  sized(source, `${name}.source`, source?.length);
  sized(target, `${name}.target`, source.length);
  for (let i = 0; i < source.length; i++) {
    integer(source[i], `${name}.source[${i}]`, 0, nodeCount - 1);
    integer(target[i], `${name}.target[${i}]`, 0, nodeCount - 1);
  }
  return pairs;
}

/**
 * Anything that scores every node as a target for a batch of queries. Higher is better; scores of one scorer are
 * comparable between queries as far as the method allows (existence and direction AUC compare them).
 */
export interface Scorer {
  readonly name: string;
  /**
   * Fills `scores`, f32[queries.length x nodeCount] row-major in the engine's arena. Queries are at most
   * `MAX_QUERIES` a call.
   */
  score(queries: Uint32Array, scores: Slice<'f32'>): void;
  /** Releases what the scorer holds in the arena. */
  dispose(): void;
}

/** Queries in one `score` call: 64 columns are what `gather` walks at memory speed. */
export const MAX_QUERIES = 64;
