import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close } from '../../helpers/close.ts';
import { call, engine, numbers, sameAsTwin } from '../../helpers/kernel.ts';
import * as twin from '../../reference/nn/cholesky.ts';

const scratch = engine.alloc('f32', engine.kernels.spdScratch(300, 128)).ptr;

/** x x^T / n + identity / 2 in f32: positive definite, eigenvalues of order one. */
function spd(n: number): Float32Array {
  const x = numbers(n * n, 5);
  const a = new Float32Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = i === j ? 0.5 : 0;
      for (let k = 0; k < n; k++) sum += (x[i * n + k] * x[j * n + k]) / n;
      a[i * n + j] = a[j * n + i] = sum;
    }
  }
  return a;
}

/** The lower triangle, which is all that a sweep promises. */
const lower = (a: Float32Array, n: number) => a.filter((_, at) => at % n <= Math.floor(at / n));

for (const [n, start, width] of [
  [1, 0, 1],
  [5, 0, 5],
  [9, 0, 4],
  [9, 4, 4],
  [9, 8, 1],
  [40, 11, 13],
  [300, 0, 128],
  [300, 256, 44],
]) {
  test(`spdSweep of ${width} rows from ${start} of ${n}`, () => {
    const a = spd(n);
    const expected = a.slice();
    assert.is(twin.spdSweep(expected, null, n, start, width), 0);
    for (const flush of [-1, 0]) {
      const { result, after } = call('spdSweep', [a, scratch, n, start, width], flush);
      assert.is(result, 0);
      close(lower(after[0] as Float32Array, n), lower(expected, n), { absolute: 2e-5 });
    }
  });
}

test('spdSweep stays within spdScratch', () => {
  for (const n of [1, 7, 150]) {
    const width = Math.min(n, 128);
    const lent = new Float32Array(engine.kernels.spdScratch(n, width));
    assert.is(call('spdSweep', [spd(n), lent, n, 0, width], 1).result, 0);
  }
});

test('spdSweep names the first row whose pivot is zero, negative, NaN or infinite', () => {
  for (const bad of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    const a = new Float32Array(36);
    for (let i = 0; i < 6; i++) a[i * 7] = 1;
    a[3 * 7] = bad;
    assert.is(call('spdSweep', [a, scratch, 6, 0, 6]).result, 4);
  }
});

for (const n of [0, 1, 5, 32, 33, 70]) {
  test(`spdFinish n=${n}`, () => sameAsTwin('spdFinish', twin.spdFinish, [numbers(n * n), n]));
}

test.run();
