import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close } from '../../helpers/close.ts';
import { call, engine, indices, LENGTHS, sameAsTwin } from '../../helpers/kernel.ts';
import * as twin from '../../reference/uncertainty/isotonic.ts';

const scratch = (n: number) => new Float64Array(engine.kernels.isotonicScratch(n));
const run = (positives: number[], weight: number[], least = 0) => {
  const n = weight.length;
  const args = [new Float64Array(n), Float64Array.from(positives), Float64Array.from(weight), scratch(n)];
  const { result, after } = call('isotonic', [...args, n, least]);
  return { blocks: result, fit: Array.from(after[0] as Float64Array) };
};

for (const n of LENGTHS) {
  for (const least of [0, 5, 30, 1e9]) {
    test(`isotonic n=${n} least=${least}`, () => {
      for (const seed of [1, 2, 3]) {
        const weight = Float64Array.from(indices(n, 12, seed));
        const positives = weight.map((w, i) => Math.min(w, indices(n, 12, seed + 9)[i]) / 4);
        const lent = engine.alloc('f64', scratch(n).length);
        const args = [new Float64Array(n), positives, weight, lent.ptr, n, least];
        sameAsTwin('isotonic', twin.isotonic, args, { relative: 1e-12 });
        engine.release(lent);
      }
    });
  }
}

test('isotonic pools violators by weight', () => {
  assert.equal(run([1, 4, 1, 9], [10, 10, 5, 10]), { blocks: 3, fit: [0.1, 1 / 3, 1 / 3, 0.9] });
  assert.equal(run([9, 0], [10, 30]), { blocks: 1, fit: [9 / 40, 9 / 40] });
  assert.equal(run([1, 2, 3], [10, 10, 10]), { blocks: 3, fit: [0.1, 0.2, 0.3] });
});

test('isotonic gives an empty bin its block, and all zeros to a grid without rows', () => {
  assert.equal(run([0, 5, 0], [0, 10, 0]), { blocks: 1, fit: [0.5, 0.5, 0.5] });
  assert.equal(run([0, 0], [0, 0]), { blocks: 0, fit: [0, 0] });
  assert.equal(run([], []), { blocks: 0, fit: [] });
});

test('isotonic keeps every value on at least the least weight', () => {
  assert.equal(run([0, 0, 3, 1], [5, 5, 5, 1], 6), { blocks: 2, fit: [0, 0, 4 / 6, 4 / 6] });
});

test('isotonic is the projection: no worse than any other non-decreasing fit', () => {
  const weight = Float64Array.from(indices(30, 9, 4), (w) => w + 1);
  const positives = weight.map((w, i) => (w * ((i * 7) % 30)) / 30);
  const { fit } = run([...positives], [...weight]);
  const loss = (values: number[]) =>
    values.reduce((sum, v, i) => sum + weight[i] * (v - positives[i] / weight[i]) ** 2, 0);
  const best = loss(fit);
  for (let i = 1; i < 30; i++) assert.ok(fit[i] >= fit[i - 1]);
  for (let seed = 1; seed < 200; seed++) {
    const other = Array.from(indices(30, 1000, seed), (x) => (x - 500) / 50_000);
    const moved = fit.map((v, i) => v + other[i]);
    for (let i = 1; i < 30; i++) moved[i] = Math.max(moved[i], moved[i - 1]);
    assert.ok(loss(moved) >= best - 1e-12);
  }
});

test('isotonic passes NaN on', () => {
  close(run([1, Number.NaN, 9], [10, 10, 10]).fit.slice(1, 2), [Number.NaN]);
});

test.run();
