import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close } from '../../helpers/close.ts';
import { call, engine, indices, LENGTHS, numbers, sameAsTwin } from '../../helpers/kernel.ts';
import { numericGradient } from '../../reference/engine/math.ts';
import * as twin from '../../reference/uncertainty/surface.ts';

const scratch = engine.alloc('f64', engine.kernels.surfaceStepScratch()).ptr;
const doubles = (n: number, seed: number, low: number, high: number) =>
  Float64Array.from(numbers(n, seed, low, high));

for (const n of LENGTHS) {
  test(`surface kernels n=${n}`, () => {
    const score = numbers(n, 1, 0, 1);
    if (n > 2) score.set([0, 1], 0);
    const logits = [new Float64Array(n), score, n, 0.3, 1.7];
    sameAsTwin('surfaceLogits', twin.surfaceLogits, logits, { absolute: 1e-14, relative: 1e-14 });
    const uncertainty = Float32Array.from(indices(n, 9, 1), (x) => x / 8);
    for (const count of [1, 2, 7, 200]) {
      const edges = Float32Array.from(indices(count, 9, 2), (x) => x / 8).sort();
      sameAsTwin('surfaceRanks', twin.surfaceRanks, [new Float64Array(n), uncertainty, edges, n, count]);
    }
    const [z, r, beta] = [doubles(n, 3, -4, 4), doubles(n, 4, -1, 1), doubles(7, 5, -1, 1)];
    const label = numbers(n, 6, 0, 1);
    for (const weight of [null, numbers(n, 7, 0, 2)]) {
      const args = [new Float64Array(72), scratch, z, r, label, weight, beta, n];
      sameAsTwin('surfaceStep', twin.surfaceStep, args, { absolute: 1e-12, relative: 1e-12 });
    }
    for (const tops of [Float64Array.of(-1), Float64Array.of(0.5, 3), doubles(20, 8, -1, 4)]) {
      const args = [new Float64Array(n), z, r, beta, tops, n, tops.length];
      sameAsTwin('surfaceValues', twin.surfaceValues, args, { absolute: 1e-14 });
      sameAsTwin('surfaceTops', twin.surfaceTops, [tops, z, r, n, tops.length]);
    }
  });
}

test('surfaceStep sums the derivatives of the log-likelihood', () => {
  const n = 40;
  const [z, r, beta] = [doubles(n, 3, -3, 3), doubles(n, 4, -1, 1), doubles(7, 5, -0.5, 0.5)];
  const [label, weight] = [numbers(n, 6, 0, 1), numbers(n, 7, 0, 2)];
  const sums = () => {
    const { after } = call('surfaceStep', [new Float64Array(72), scratch, z, r, label, weight, beta, n]);
    return after[0] as Float64Array;
  };
  close(
    sums().subarray(0, 7),
    numericGradient(() => sums()[7], beta),
    { absolute: 1e-7 },
  );
  for (let t = 0; t < 7; t++) {
    const second = numericGradient(() => sums()[t], beta);
    const row = sums().subarray(8 + 8 * t, 9 + 9 * t);
    close(
      row,
      second.subarray(0, t + 1).map((x) => -x),
      { absolute: 1e-6 },
      `row ${t}`,
    );
  }
});

test('surfaceValues is the least height from z up to the top, the largest beyond it, and never falls', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const beta = doubles(7, seed, -2, 2);
    const n = 90;
    const top = numbers(1, seed + 99, -1, 2.5)[0];
    const z = Float64Array.from({ length: n }, (_, i) => -3 + i / 15);
    const r = new Float64Array(n).fill(numbers(1, seed, -1, 1)[0]);
    const { after } = call('surfaceValues', [new Float64Array(n), z, r, beta, Float64Array.of(top), n, 1]);
    const values = after[0] as Float64Array;
    for (let i = 0; i < n; i++) {
      const path = Array.from({ length: 301 }, (_, k) => z[i] + ((top - z[i]) * k) / 300);
      if (z[i] < 1 !== top < 1) path.push(1);
      const heights = path.map((x) => twin.height(beta, x, r[0]));
      const expected = z[i] > top ? Math.max(...heights) : Math.min(...heights);
      close([values[i]], [expected], { absolute: 1e-12 });
      if (i > 0) assert.ok(values[i] >= values[i - 1] - 1e-12);
    }
  }
});

test('NaN passes through', () => {
  const nan = Float64Array.of(Number.NaN);
  const beta = new Float64Array(7);
  const z = call('surfaceLogits', [new Float64Array(1), Float32Array.of(Number.NaN), 1, 0, 1]).after[0];
  const value = call('surfaceValues', [new Float64Array(1), nan, nan, beta, Float64Array.of(3), 1, 1])
    .after[0];
  assert.ok(Number.isNaN((z as Float64Array)[0]) && Number.isNaN((value as Float64Array)[0]));
});

test.run();
