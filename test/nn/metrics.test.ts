import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  auc,
  calibrationError,
  fitThresholds,
  gini,
  hitRate,
  logLoss,
  meanReciprocalRank,
  ndcg,
  pairedShare,
  pcoc,
  prAuc,
  reliability,
  rocAuc,
  standardError,
  strengths,
  threeClassAccuracy,
} from '../../src/nn/metrics.ts';
import { numbers } from '../helpers/kernel.ts';

const near = (a: number, b: number, tolerance = 1e-12) =>
  assert.ok(Math.abs(a - b) <= tolerance, `${a} for ${b}`);

test('auc is the share of pairs in order, ties half, whatever the lengths', () => {
  for (const [p, q] of [
    [1, 1],
    [7, 3],
    [40, 61],
  ]) {
    // Rounded scores give many ties, -0 and 0 among them.
    const positive = numbers(p, 3).map((x) => Math.round(x + 0.3));
    const negative = numbers(q, 4).map((x) => Math.round(x));
    let sum = 0;
    for (const a of positive) for (const b of negative) sum += a > b ? 1 : a === b ? 0.5 : 0;
    near(auc(positive, negative), sum / (p * q));
  }
  assert.is(auc([1], [0]), 1);
  assert.is(auc([-0], [0]), 0.5);
  assert.is(auc([Infinity, 1], [-Infinity]), 1);
  assert.ok(Number.isNaN(auc([], [1])));
});

test('ranks: hit rate, reciprocal rank and ndcg by hand', () => {
  const ranks = [1, 2.5, 3, 10, 11];
  near(hitRate(ranks, 3), 3 / 5);
  near(hitRate(ranks, 10), 4 / 5);
  near(meanReciprocalRank(ranks), (1 + 1 / 2.5 + 1 / 3 + 1 / 10 + 1 / 11) / 5);
  near(meanReciprocalRank(ranks, 3), (1 + 1 / 2.5 + 1 / 3) / 5);
  near(ndcg(ranks, 3), (1 + 1 / Math.log2(3.5) + 1 / 2) / 5);
  near(standardError(0.5, 100), 0.05);
});

test('paired share', () => {
  near(pairedShare([2, 1, 0, 5], [1, 1, 3, 4]), 2.5 / 4);
});

test('gini: equal, one has all, by the mean difference', () => {
  near(gini([3, 3, 3]), 0);
  near(gini([0, 0, 0, 8]), 3 / 4);
  near(gini([0, 0]), 0);
  const x = [4, 0, 1, 7, 2];
  let difference = 0;
  for (const a of x) for (const b of x) difference += Math.abs(a - b);
  near(gini(x), difference / (2 * x.length * 14));
});

test('three classes: the rule by hand, and thresholds that separate what can be separated', () => {
  // Margins 2, -1 (the wrong way), 0 (a tie) and 3.
  const edges = strengths(Float32Array.of(3, 1, 2, 4), Float32Array.of(1, 2, 2, 1));
  const nothing = strengths(Float32Array.of(0, 5), Float32Array.of(0, 5));
  near(threeClassAccuracy(edges, nothing, { high: 1, margin: Infinity }), ((2 * 2.5) / 4 + 1 / 2) / 3);
  near(threeClassAccuracy(edges, nothing, { high: Infinity, margin: 1 }), ((2 * 2) / 4 + 1) / 3);
  near(threeClassAccuracy(edges, nothing, { high: Infinity, margin: Infinity }), 1 / 3);
  const good = strengths(Float32Array.of(0.9, 0.8), Float32Array.of(0.1, 0.2));
  const empty = strengths(Float32Array.of(0.3, 0.1), Float32Array.of(0.2, 0.1));
  near(threeClassAccuracy(good, empty, fitThresholds(good, empty)), 1);
});

/** Rounded scores with many ties, labels and weights. */
const judged = (n: number, seed: number) => ({
  score: numbers(n, seed, 0, 1).map((x) => Math.round(8 * x) / 8),
  label: numbers(n, seed + 1, 0, 1).map((x) => (x < 0.4 ? 1 : 0)),
  weight: numbers(n, seed + 2, 0, 3).map((x) => Math.floor(x)),
});

/** The rows repeated as often as their weight says. */
const repeated = ({ score, label, weight }: ReturnType<typeof judged>) => {
  const rows = Array.from(weight, (w, i) => Array<number>(w).fill(i)).flat();
  return { score: rows.map((i) => score[i]), label: rows.map((i) => label[i]) };
};

test('rocAuc is auc, a whole weight is so many rows, a fractional label part of each', () => {
  for (const n of [2, 5, 61]) {
    const data = judged(n, n);
    const { score, label } = repeated(data);
    const side = (y: number) => score.filter((_, i) => label[i] === y);
    if (side(0).length === 0 || side(1).length === 0) continue;
    near(rocAuc(label, score), auc(side(1), side(0)));
    near(rocAuc(data.label, data.score, data.weight), rocAuc(label, score));
  }
  near(rocAuc([1, 0], [0.9, 0.1]), 1);
  near(rocAuc([0.75, 0.25], [0.9, 0.1]), (0.75 * 0.75 + 0.5 * (2 * 0.75 * 0.25)) / 1);
  assert.ok(Number.isNaN(rocAuc([1, 1], [0, 1])) && Number.isNaN(rocAuc([], [])));
});

test('prAuc: average precision, ties as one block, by hand', () => {
  near(prAuc([1, 0, 1, 0], [4, 3, 2, 1]), (1 + 2 / 3) / 2);
  near(prAuc([1, 0, 1, 0], [1, 1, 1, 1]), 1 / 2);
  near(prAuc([0, 1, 1], [3, 2, 2]), 2 / 3);
  const data = judged(61, 5);
  const { score, label } = repeated(data);
  near(prAuc(data.label, data.score, data.weight), prAuc(label, score));
  assert.ok(Number.isNaN(prAuc([0, 0], [0, 1])));
});

test('log loss and PCOC by hand; certainty that is wrong is dear, not infinite', () => {
  near(logLoss([1, 0], [0.8, 0.4]), -(Math.log(0.8) + Math.log(0.6)) / 2);
  near(logLoss([0.3], [0.5], [7]), Math.LN2);
  near(logLoss([1], [0]), -Math.log(1e-7));
  near(logLoss([1, 0], [0.8, 0.4], [3, 1]), -(3 * Math.log(0.8) + Math.log(0.6)) / 4);
  near(pcoc([1, 0, 0, 0], [0.5, 0.25, 0.25, 0.5]), 1.5);
  near(pcoc([1, 0], [0.5, 0.25], [1, 2]), 1);
  assert.is(pcoc([0], [0.5]), Infinity);
  assert.throws(() => logLoss([1], [1.5]), /p\[0\] must be from 0 to 1/);
});

test('reliability: bins of equal weight with ties together, and the error is their distance', () => {
  const p = Array.from({ length: 100 }, (_, i) => (i + 0.5) / 100);
  const y = p.map((x) => (x > 0.5 ? 1 : 0));
  const bins = reliability(y, p, { bins: 4 });
  assert.equal(
    bins.map(({ weight, observed }) => [weight, observed]),
    [
      [25, 1],
      [25, 1],
      [25, 0],
      [25, 0],
    ],
  );
  near(bins[0].predicted, 0.875);
  near(calibrationError(y, p, { bins: 4 }), 0.25);
  near(calibrationError([0.5, 0.5], [0.5, 0.5]), 0);
  assert.is(reliability([1, 0, 1, 0], [0.5, 0.5, 0.5, 0.5]).length, 1);
  near(calibrationError([1, 0, 0], [0.5, 0.5, 0.9], { weights: [1, 1, 0] }), 0);
  const data = judged(61, 9);
  const { score, label } = repeated(data);
  near(
    calibrationError(data.label, data.score, { weights: data.weight, bins: 3 }),
    calibrationError(label, score, { bins: 3 }),
  );
});

test('labels, scores and weights that are none are refused with their row', () => {
  assert.throws(() => rocAuc([1, 2], [0, 1]), /labels\[1\] must be from 0 to 1, got 2/);
  assert.throws(() => prAuc([1, 0], [0, Number.NaN]), /scores\[1\] must be a number/);
  assert.throws(() => logLoss([1], [0.5], [-1]), /weights\[0\]/);
  assert.throws(() => pcoc([1], [0.5, 0.5]), /one length/);
});

test('NaN is refused, not counted as a miss', () => {
  assert.throws(() => auc([1, Number.NaN], [0]), /positive\[1\] must be a number, got NaN/);
  assert.throws(() => auc([1], [Number.NaN]), /negative\[0\]/);
  assert.throws(() => hitRate([1, Number.NaN], 10), /ranks\[1\] must be at least 1/);
  assert.throws(() => meanReciprocalRank([0]), RangeError);
  assert.throws(() => pairedShare([Number.NaN], [1]), RangeError);
});

test.run();
