/** Quality on pairs set aside, among the candidates of each query. */
export interface Quality {
  'hitRate@10': number;
  'mrr@10': number;
  /** hitRate@10 of targets that at most 5 others lead to; absent without any. */
  rare?: number;
}

/** By which one way of answering is held against another. */
export const sumOf = (q: Quality): number => q['hitRate@10'] + q['mrr@10'];
