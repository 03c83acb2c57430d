import type { Slice } from '../engine/arena.ts';
import type { Engine } from '../engine/engine.ts';
import { Bitset } from './bitset.ts';

export interface TopKSearch {
  /** f32[queryCount x d] */
  queries: Slice<'f32'>;
  queryCount: number;
  /** f32[itemCount x d] */
  items: Slice<'f32'>;
  itemCount: number;
  d: number;
  k: number;
  /** f32[itemCount], added to every score */
  bias?: Slice<'f32'>;
  /** Items to pass over: one set for all queries, or one a query. */
  exclude?: Bitset | readonly Bitset[];
}

/** Row-major [queryCount x k], largest score first, equal scores by lower id. */
export interface TopK {
  scores: Float32Array;
  /** `NONE` where fewer than k items were left; the score is -Infinity there. */
  ids: Uint32Array;
}

/** The id in a place that no item takes. */
export const NONE = 0xffffffff;

/**
 * The k items of largest inner product with each query, exactly. NaN and -Infinity scores are never chosen. A query
 * gets the same bits alone and in a batch.
 */
export function topK(engine: Engine, search: TopKSearch): TopK {
  const { queries, queryCount, items, itemCount, d, k, bias, exclude } = search;
  return engine.scope((scope) => {
    const scores = scope.alloc('f32', queryCount * k);
    const ids = scope.alloc('u32', queryCount * k);
    const scratch = scope.scratch(engine.kernels.topKScratch(queryCount));
    const shared = exclude === undefined || exclude instanceof Bitset;
    const sets: readonly Bitset[] =
      exclude === undefined ? [] : shared ? [exclude as Bitset] : (exclude as readonly Bitset[]);
    if (!(shared || sets.length === queryCount)) {
      throw new RangeError(`exclude must hold ${queryCount} sets, one a query, got ${sets.length}`);
    }
    const words = Math.ceil(itemCount / 32);
    const mask = exclude === undefined ? undefined : scope.alloc('u32', words * sets.length);
    sets.forEach((set, i) => {
      if (!(set.size === itemCount))
        throw new RangeError(`exclude must be of size ${itemCount}, got ${set.size}`);
      mask?.array.set(set.words, i * words);
    });
    engine.kernels.topK(
      scores.ptr,
      ids.ptr,
      queries.ptr,
      items.ptr,
      bias?.ptr ?? 0,
      mask?.ptr ?? 0,
      scratch.ptr,
      queryCount,
      itemCount,
      d,
      k,
      shared ? 0 : words,
    );
    return { scores: scores.copy(), ids: ids.copy() };
  });
}

/** The k largest of a row of scores, by the rules of `topK`. */
export function topKRow(engine: Engine, row: Slice<'f32'>, k: number, exclude?: Bitset): TopK {
  return engine.scope((scope) => {
    const scores = scope.alloc('f32', k);
    const ids = scope.alloc('u32', k);
    const mask = exclude && scope.from('u32', exclude.words);
    engine.kernels.topKRow(scores.ptr, ids.ptr, row.ptr, mask?.ptr ?? 0, row.length, k);
    return { scores: scores.copy(), ids: ids.copy() };
  });
}
