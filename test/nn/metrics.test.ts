import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  auc,
  fitThresholds,
  gini,
  hitRate,
  meanReciprocalRank,
  ndcg,
  pairedShare,
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

test('NaN is refused, not counted as a miss', () => {
  assert.throws(() => auc([1, Number.NaN], [0]), /positive\[1\] must be a number, got NaN/);
  assert.throws(() => auc([1], [Number.NaN]), /negative\[0\]/);
  assert.throws(() => hitRate([1, Number.NaN], 10), /ranks\[1\] must be at least 1/);
  assert.throws(() => meanReciprocalRank([0]), RangeError);
  assert.throws(() => pairedShare([Number.NaN], [1]), RangeError);
});

test.run();
