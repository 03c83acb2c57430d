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

/**
 * Labels in [0, 1] (fractions are part positive) with scores and weights >= 0 (1 when absent), and the rows sorted by
 * falling score. RangeError naming the row for anything else.
 */
function rated(labels: ArrayLike<number>, scores: ArrayLike<number>, weights: ArrayLike<number> | undefined) {
  const n = labels.length;
  if (!(scores.length === n && (weights === undefined || weights.length === n))) {
    throw new RangeError(`labels, scores and weights must have one length, got ${n}, ${scores.length}`);
  }
  for (let i = 0; i < n; i++) {
    if (!(labels[i] >= 0 && labels[i] <= 1)) {
      throw new RangeError(`labels[${i}] must be from 0 to 1, got ${labels[i]}`);
    }
    if (Number.isNaN(scores[i])) throw new RangeError(`scores[${i}] must be a number, got NaN`);
    if (weights && !(weights[i] >= 0 && weights[i] < Infinity)) {
      throw new RangeError(`weights[${i}] must be finite and at least 0, got ${weights[i]}`);
    }
  }
  const weight = (i: number) => (weights ? weights[i] : 1);
  const falling = () => Uint32Array.from({ length: n }, (_, i) => i).sort((a, b) => scores[b] - scores[a]);
  return { n, weight, falling };
}

/** Calls `block` for every group of equal scores, from the highest, with its positive and negative weight. */
function byScore(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  weights: ArrayLike<number> | undefined,
  block: (positive: number, negative: number) => void,
): void {
  const { n, weight, falling } = rated(labels, scores, weights);
  const order = falling();
  for (let at = 0; at < n; ) {
    const score = scores[order[at]];
    let positive = 0;
    let negative = 0;
    for (; at < n && scores[order[at]] === score; at++) {
      const i = order[at];
      positive += weight(i) * labels[i];
      negative += weight(i) * (1 - labels[i]);
    }
    block(positive, negative);
  }
}

/**
 * Area under the ROC curve from labels: the weighted share of (positive, negative) pairs in order, ties half. NaN when
 * either side has no weight.
 */
export function rocAuc(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  weights?: ArrayLike<number>,
): number {
  let positives = 0;
  let negatives = 0;
  let twice = 0;
  byScore(labels, scores, weights, (positive, negative) => {
    twice += negative * (2 * positives + positive);
    positives += positive;
    negatives += negative;
  });
  return positives > 0 && negatives > 0 ? twice / (2 * positives * negatives) : Number.NaN;
}

/**
 * Area under the precision-recall curve as average precision: precision at the end of each group of equal scores,
 * weighted by the recall it adds. NaN without positives.
 */
export function prAuc(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  weights?: ArrayLike<number>,
): number {
  let positives = 0;
  let flagged = 0;
  let sum = 0;
  byScore(labels, scores, weights, (positive, negative) => {
    positives += positive;
    flagged += positive + negative;
    if (positive > 0) sum += (positive * positives) / flagged;
  });
  return sum / positives;
}

/** Probabilities nearer to 0 and 1 count as this near, so that one wrong certainty costs 16.1 nats, not infinity. */
const NEAREST = 1e-7;

/** Mean of -y log p - (1 - y) log(1 - p), in nats. NaN without weight; RangeError for p outside [0, 1]. */
export function logLoss(
  labels: ArrayLike<number>,
  p: ArrayLike<number>,
  weights?: ArrayLike<number>,
): number {
  const { n, weight } = rated(labels, p, weights);
  let sum = 0;
  let total = 0;
  for (let i = 0; i < n; i++) {
    if (!(p[i] >= 0 && p[i] <= 1)) throw new RangeError(`p[${i}] must be from 0 to 1, got ${p[i]}`);
    const q = Math.min(1 - NEAREST, Math.max(NEAREST, p[i]));
    sum -= weight(i) * (labels[i] * Math.log(q) + (1 - labels[i]) * Math.log(1 - q));
    total += weight(i);
  }
  return sum / total;
}

/** Predicted over observed positives (PCOC): 1 is calibrated in the large. Infinity without positives. */
export function pcoc(labels: ArrayLike<number>, p: ArrayLike<number>, weights?: ArrayLike<number>): number {
  const { n, weight } = rated(labels, p, weights);
  let predicted = 0;
  let observed = 0;
  for (let i = 0; i < n; i++) {
    predicted += weight(i) * p[i];
    observed += weight(i) * labels[i];
  }
  return predicted / observed;
}

/** A bin of the reliability curve: weight, mean prediction and mean label. */
export interface ReliabilityBin {
  weight: number;
  predicted: number;
  observed: number;
}

/** Up to `bins` groups of nearly equal weight by falling prediction; rows of equal prediction stay together. */
export function reliability(
  labels: ArrayLike<number>,
  p: ArrayLike<number>,
  { bins = 20, weights }: { bins?: number; weights?: ArrayLike<number> } = {},
): ReliabilityBin[] {
  const { n, weight, falling } = rated(labels, p, weights);
  const order = falling();
  let total = 0;
  for (let i = 0; i < n; i++) total += weight(i);
  const out: ReliabilityBin[] = [];
  let bin = { weight: 0, predicted: 0, observed: 0 };
  let seen = 0;
  for (let at = 0; at < n; at++) {
    const i = order[at];
    bin.weight += weight(i);
    bin.predicted += weight(i) * p[i];
    bin.observed += weight(i) * labels[i];
    seen += weight(i);
    const ends = at + 1 === n || p[order[at + 1]] !== p[i];
    if (!(ends && bin.weight > 0 && (seen >= (total * (out.length + 1)) / bins || at + 1 === n))) continue;
    out.push({
      weight: bin.weight,
      predicted: bin.predicted / bin.weight,
      observed: bin.observed / bin.weight,
    });
    bin = { weight: 0, predicted: 0, observed: 0 };
  }
  return out;
}

/**
 * Expected calibration error over groups of equal weight (Nixon et al. 2019), because equal widths put all of a rare
 * class in one bin: mean of |mean prediction - mean label|. NaN without weight.
 */
export function calibrationError(
  labels: ArrayLike<number>,
  p: ArrayLike<number>,
  options: { bins?: number; weights?: ArrayLike<number> } = {},
): number {
  let sum = 0;
  let total = 0;
  for (const bin of reliability(labels, p, options)) {
    sum += bin.weight * Math.abs(bin.predicted - bin.observed);
    total += bin.weight;
  }
  return sum / total;
}
