import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close } from '../../helpers/close.ts';
import { call, LENGTHS, numbers, sameAsTwin } from '../../helpers/kernel.ts';
import { numericGradient } from '../../reference/engine/math.ts';
import * as twin from '../../reference/uncertainty/beta.ts';

const doubles = (n: number, seed: number, low: number, high: number) =>
  Float64Array.from(numbers(n, seed, low, high));

for (const n of LENGTHS) {
  test(`betaEntropy, evidenceLoss n=${n}`, () => {
    const entropy = [new Float64Array(n), doubles(n, 1, 0.2, 400), doubles(n, 2, 0.2, 50), n];
    sameAsTwin('betaEntropy', twin.betaEntropy, entropy, { absolute: 1e-11 });
    const labels = numbers(n, 5, 0, 1);
    for (const weight of [null, numbers(n, 6, 0, 2)]) {
      const args = [new Float32Array(2 * n), numbers(2 * n, 4, -6, 9), labels, weight, n, 0.01];
      sameAsTwin('evidenceLoss', twin.evidenceLoss, args, { absolute: 1e-6, relative: 1e-6 });
    }
  });
}

for (const n of [0, 1, 3, 7]) {
  test(`posteriorMeans n=${n}`, () => {
    const trials = doubles(n, 3, 0, 60);
    const positives = trials.map((t, i) => (t * ((i * 5) % 7)) / 6);
    for (const [b1, b0, tau] of [
      [1.5, 4, 3],
      [0.5, 0.5, 1],
      [2, 30, 50],
    ]) {
      const args = [new Float64Array(n), positives, trials, n, b1, b0, tau];
      sameAsTwin('posteriorMeans', twin.posteriorMeans, args, { relative: 1e-9 });
    }
  });
}

test('betaEntropy has the golden values', () => {
  const a1 = Float64Array.of(1, 2, 0.5, 30, 300);
  const a0 = Float64Array.of(1, 5, 0.5, 70, 700);
  const golden = [0, -0.48453071499548805, -0.24156447527049074, -1.6716034713342651, -2.816017878432831];
  close(call('betaEntropy', [new Float64Array(5), a1, a0, 5]).after[0] as Float64Array, golden, {
    absolute: 3e-12,
  });
});

/** The logit whose softplus is x. */
const inverse = (x: number) => Math.log(Math.expm1(x));

test('evidenceLoss has the golden values of the expected log loss at Beta(2, 5)', () => {
  const logits = Float32Array.of(inverse(1), inverse(4));
  const loss = (label: number, lambda: number) =>
    call('evidenceLoss', [new Float32Array(2), logits, Float32Array.of(label), null, 1, lambda]).result;
  close([loss(1, 0), loss(0, 0)], [1.45, 0.366667], { absolute: 1e-6 });
  close([loss(1, 0.5)], [1.45 + 0.5 * 0.48453071499548805], { absolute: 1e-6 });
});

test('the gradient of evidenceLoss is the derivative of its loss, in place too', () => {
  const n = 9;
  const logits = numbers(2 * n, 4, -5, 6);
  const [label, weight] = [numbers(n, 5, 0, 1), numbers(n, 6, 0, 2)];
  const wide = Float64Array.from(logits);
  const loss = () => twin.evidenceLoss(new Float64Array(2 * n), wide, label, weight, n, 0.02);
  const expected = numericGradient(loss, wide);
  const apart = call('evidenceLoss', [new Float32Array(2 * n), logits, label, weight, n, 0.02]).after[0];
  const inPlace = call('evidenceLoss', [logits, logits, label, weight, n, 0.02]).after[0];
  close(apart as Float32Array, expected, { absolute: 1e-6 });
  close(inPlace as Float32Array, apart as Float32Array);
});

test('posteriorMeans has the golden values of the 2F1 ratio, and the prior shrinkage without thinning', () => {
  const k = Float64Array.of(3, 6, 9);
  const n = Float64Array.of(12, 12, 12);
  const means = (tau: number) =>
    call('posteriorMeans', [new Float64Array(3), k, n, 3, 1.5, 4, tau]).after[0] as Float64Array;
  close(
    means(1),
    k.map((x) => (x + 1.5) / 17.5),
    { relative: 1e-12 },
  );
  close(means(1), [0.2571, 0.4286, 0.6], { absolute: 6e-5 });
  close(means(3), [0.1376, 0.2643, 0.4285], { absolute: 6e-5 });
  close(means(5), [0.0964, 0.1997, 0.3537], { absolute: 6e-5 });
});

test('posteriorMeans stays in (0, 1) and rises with the positives at the ends of its range', () => {
  const n = 6;
  const trials = Float64Array.of(0, 1e5, 1e5, 1e5, 1e5, 1e5);
  const k = Float64Array.of(0, 0, 1, 5e4, 99_999, 1e5);
  const means = call('posteriorMeans', [new Float64Array(n), k, trials, n, 1e-2, 1, 1000])
    .after[0] as Float64Array;
  for (let i = 1; i < n; i++) {
    assert.ok(means[i] > 0 && means[i] < 1, `mean ${i}: ${means[i]}`);
    if (i > 1) assert.ok(means[i] > means[i - 1]);
  }
});

test('NaN passes through', () => {
  const nan = Float64Array.of(Number.NaN);
  const one = Float64Array.of(1);
  const mean = call('posteriorMeans', [new Float64Array(1), nan, one, 1, 1, 1, 2]).after[0] as Float64Array;
  const entropy = call('betaEntropy', [new Float64Array(1), nan, one, 1]).after[0] as Float64Array;
  assert.ok(Number.isNaN(mean[0]) && Number.isNaN(entropy[0]));
});

test.run();
