/**
 * Ranking and classification metrics over plain arrays. Scores must not be NaN: a comparison with NaN is false, so a
 * broken scorer would look merely bad instead of broken. Every function here throws a RangeError instead.
 */

function sorted(values: ArrayLike<number>, name: string): Float64Array {
  const copy = Float64Array.from(values);
  for (let i = 0; i < copy.length; i++) {
    if (Number.isNaN(copy[i])) throw new RangeError(`${name}[${i}] must be a number, got NaN`);
  }
  return copy.sort();
}

/**
 * Area under the ROC curve: the share of (positive, negative) pairs in which the positive scores higher, ties half.
 * NaN when either side is empty.
 */
export function auc(positive: ArrayLike<number>, negative: ArrayLike<number>): number {
  const p = sorted(positive, 'positive');
  const q = sorted(negative, 'negative');
  let below = 0;
  let notAbove = 0;
  let twice = 0;
  for (const score of p) {
    while (below < q.length && q[below] < score) below++;
    while (notAbove < q.length && q[notAbove] <= score) notAbove++;
    twice += below + notAbove;
  }
  return p.length === 0 || q.length === 0 ? Number.NaN : twice / (2 * p.length * q.length);
}

/** The share of positions where `first` is higher than `second`, ties half. NaN when empty. */
export function pairedShare(first: ArrayLike<number>, second: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < first.length; i++) {
    if (Number.isNaN(first[i] + second[i])) throw new RangeError(`score ${i} is NaN`);
    sum += first[i] > second[i] ? 1 : first[i] === second[i] ? 0.5 : 0;
  }
  return sum / first.length;
}

function mean(ranks: ArrayLike<number>, gain: (rank: number) => number): number {
  let sum = 0;
  for (let i = 0; i < ranks.length; i++) {
    if (!(ranks[i] >= 1)) throw new RangeError(`ranks[${i}] must be at least 1, got ${ranks[i]}`);
    sum += gain(ranks[i]);
  }
  return sum / ranks.length;
}

/** The share of ranks (from 1, halves for ties) within the first k. NaN when there are none. */
export function hitRate(ranks: ArrayLike<number>, k: number): number {
  return mean(ranks, (rank) => (rank <= k ? 1 : 0));
}

/** Mean of 1 / rank, counting 0 beyond the first k. */
export function meanReciprocalRank(ranks: ArrayLike<number>, k = Infinity): number {
  return mean(ranks, (rank) => (rank <= k ? 1 / rank : 0));
}

/** Mean of 1 / log2(1 + rank), 0 beyond the first k: NDCG where each list has exactly one relevant item. */
export function ndcg(ranks: ArrayLike<number>, k: number): number {
  return mean(ranks, (rank) => (rank <= k ? 1 / Math.log2(1 + rank) : 0));
}

/** Standard error of a share of n independent outcomes. */
export function standardError(share: number, n: number): number {
  return Math.sqrt((share * (1 - share)) / n);
}

/** Gini coefficient of counts >= 0: 0 when all are equal, towards 1 when one has everything. 0 when all are 0. */
export function gini(counts: ArrayLike<number>): number {
  const x = sorted(counts, 'counts');
  let total = 0;
  let weighted = 0;
  for (let i = 0; i < x.length; i++) {
    total += x[i];
    weighted += (2 * (i + 1) - x.length - 1) * x[i];
  }
  return total > 0 ? weighted / (x.length * total) : 0;
}

/** Of unordered pairs {u, v}: the higher of the two scores, and by how much forward is ahead of backward. */
export interface Strengths {
  high: Float64Array;
  margin: Float64Array;
}

export function strengths(forward: Float32Array, backward: Float32Array): Strengths {
  return {
    high: Float64Array.from(forward, (s, i) => Math.max(s, backward[i])),
    margin: Float64Array.from(forward, (s, i) => s - backward[i]),
  };
}

export interface Thresholds {
  high: number;
  margin: number;
}

/**
 * Accuracy over the balanced classes forward, backward and none. A pair is none when its higher score is below
 * `high` and its margin below `margin`; else the sign of the margin is the direction, a tie half right. The rule
 * treats both orientations alike, so each one-way pair stands for one forward and one backward case.
 */
export function threeClassAccuracy(
  oneWay: Strengths,
  nothing: Strengths,
  { high, margin }: Thresholds,
): number {
  let right = 0;
  for (let i = 0; i < oneWay.high.length; i++) {
    const edge = oneWay.high[i] >= high || Math.abs(oneWay.margin[i]) >= margin;
    if (edge) right += oneWay.margin[i] > 0 ? 1 : oneWay.margin[i] === 0 ? 0.5 : 0;
  }
  let empty = 0;
  for (let i = 0; i < nothing.high.length; i++) {
    if (!(nothing.high[i] >= high || Math.abs(nothing.margin[i]) >= margin)) empty++;
  }
  return (2 * (right / oneWay.high.length) + empty / nothing.high.length) / 3;
}

/** The pair of thresholds with the best accuracy, over 40 quantiles of each and infinity (the test not used). */
export function fitThresholds(oneWay: Strengths, nothing: Strengths): Thresholds {
  const quantiles = (a: Float64Array, b: Float64Array) => {
    const all = Float64Array.from([...a, ...b]).sort();
    return [Infinity, ...Array.from({ length: 40 }, (_, i) => all[Math.floor((i * all.length) / 40)])];
  };
  const highs = quantiles(oneWay.high, nothing.high);
  const margins = quantiles(oneWay.margin.map(Math.abs), nothing.margin.map(Math.abs));
  let best: Thresholds = { high: Infinity, margin: Infinity };
  let accuracy = -1;
  for (const high of highs) {
    for (const margin of margins) {
      const found = threeClassAccuracy(oneWay, nothing, { high, margin });
      if (found > accuracy) {
        accuracy = found;
        best = { high, margin };
      }
    }
  }
  return best;
}
