import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close } from '../../helpers/close.ts';
import { call, engine, numbers, sameAsTwin } from '../../helpers/kernel.ts';
import * as twin from '../../reference/nn/cholesky.ts';

const scratch = engine.alloc('f32', engine.kernels.spdScratch(6, 6)).ptr;

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
  test(`spdSweep and spdUpdate of ${width} rows from ${start} of ${n}`, () => {
    const [a, panels] = [spd(n), new Float32Array(engine.kernels.spdScratch(n, width))];
    const [swept, left] = [a.slice(), panels.slice()];
    assert.is(twin.spdSweep(swept, left, n, start, width), 0);
    for (const flush of [-1, 0, 1]) {
      const { result, after } = call('spdSweep', [a, panels, n, start, width], flush);
      assert.is(result, 0);
      close(lower(after[0] as Float32Array, n), lower(swept, n), { absolute: 2e-5 });
      const pair = (all: Float32Array) =>
        all.subarray(3 * width * width + 2 * width).subarray(0, 2 * n * width);
      close(pair(after[1] as Float32Array), pair(left), { absolute: 2e-5 });
    }
    const lent = new Float32Array(engine.kernels.gemmScratch(n, width, n));
    const updated = swept.slice();
    twin.spdUpdate(updated, left, null, n, width, n, 0);
    for (const flush of [-1, 0, 1, 2]) {
      const { after } = call('spdUpdate', [swept, left, lent, n, width, n, 0], flush);
      close(lower(after[0] as Float32Array, n), lower(updated, n), { absolute: 2e-5 });
    }
  });
}

test('spdUpdate of some columns leaves the others, and has the bits of all', () => {
  const [n, width] = [600, 20];
  const scratch = numbers(engine.kernels.spdScratch(n, width), 4);
  const lent = new Float32Array(engine.kernels.gemmScratch(n, width, n));
  const a = spd(n);
  const update = (from: Float32Array, columns: number, first: number) =>
    call('spdUpdate', [from, scratch, lent, n, width, columns, first]).after[0] as Float32Array;
  const whole = lower(update(a, n, 0), n);
  const first = update(a, 256, 0);
  for (let i = 256; i < n; i++) for (let j = 256; j <= i; j++) assert.is(first[i * n + j], a[i * n + j]);
  close(lower(update(first, n - 256, 256), n), whole);
});

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
