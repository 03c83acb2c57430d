import type { Engine } from '../../engine/engine.ts';
import { hitRate, meanReciprocalRank } from '../../nn/metrics.ts';
import type { CandidateLists } from './candidates.ts';
import { RARE_BUCKETS } from './pair-features.ts';

/** Quality inside the candidate lists; ranks among candidates only, so a little better than among all nodes. */
export interface Judgement {
  positives: number;
  /** Listwise loss a positive. */
  loss: number;
  'hitRate@10': number;
  'mrr@10': number;
  /** hitRate@10 of positives with train in-degree <= 5; NaN without any. */
  rare: number;
}

/** Judges `scores` (one for each row of all lists, plus `boost` for rare targets) on the lists `chosen`. */
export function judge(
  engine: Engine,
  lists: CandidateLists,
  chosen: ArrayLike<number>,
  scores: Float32Array,
  boost = 0,
): Judgement {
  const { indptr, positives, offset, bucket } = lists;
  const ranks: number[] = [];
  const rare: number[] = [];
  let loss = 0;
  const { expF64, logF64 } = engine.kernels;
  for (let c = 0; c < chosen.length; c++) {
    const first = indptr[chosen[c]];
    const z = boosted(lists, chosen[c], scores, boost);
    let most = -Infinity;
    for (let r = 0; r < z.length; r++) most = Math.max(most, z[r] + offset[first + r]);
    let total = 0;
    for (let r = 0; r < z.length; r++) total += expF64(z[r] + offset[first + r] - most);
    const normaliser = most + logF64(total);
    for (let p = 0; p < positives[chosen[c]]; p++) {
      loss += normaliser - z[p];
      const rank = rankOf(z, p);
      ranks.push(rank);
      if (bucket[first + p] < RARE_BUCKETS) rare.push(rank);
    }
  }
  return {
    positives: ranks.length,
    loss: loss / ranks.length,
    'hitRate@10': hitRate(ranks, 10),
    'mrr@10': meanReciprocalRank(ranks, 10),
    rare: hitRate(rare, 10),
  };
}

/**
 * How many more rare positives `boost` brings among the first ten than no boost does, over the standard error of that
 * difference if neither were better (McNemar); 0 where nothing changes.
 */
export function rareGain(
  lists: CandidateLists,
  chosen: ArrayLike<number>,
  scores: Float32Array,
  boost: number,
): number {
  const { indptr, positives, bucket } = lists;
  let won = 0;
  let lost = 0;
  for (let c = 0; c < chosen.length; c++) {
    const plain = boosted(lists, chosen[c], scores, 0);
    const raised = boosted(lists, chosen[c], scores, boost);
    for (let p = 0; p < positives[chosen[c]]; p++) {
      if (bucket[indptr[chosen[c]] + p] >= RARE_BUCKETS) continue;
      const [before, after] = [rankOf(plain, p) <= 10, rankOf(raised, p) <= 10];
      if (after && !before) won++;
      if (before && !after) lost++;
    }
  }
  return won + lost > 0 ? (won - lost) / Math.sqrt(won + lost) : 0;
}

/** The scores of one list, with `boost` added for rare targets. */
function boosted(
  { indptr, bucket }: CandidateLists,
  list: number,
  scores: Float32Array,
  boost: number,
): Float64Array {
  const first = indptr[list];
  return Float64Array.from(
    scores.subarray(first, indptr[list + 1]),
    (score, r) => score + (bucket[first + r] < RARE_BUCKETS ? boost : 0),
  );
}

/** The rank of entry p, ties half. */
function rankOf(z: Float64Array, p: number): number {
  let greater = 0;
  let equal = -1;
  for (const other of z) {
    if (other > z[p]) greater++;
    else if (other === z[p]) equal++;
  }
  return 1 + greater + equal / 2;
}
