import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { call, LENGTHS, numbers, sameAsTwin } from '../../helpers/kernel.ts';
import * as twin from '../../reference/engine/vector.ts';

for (const n of LENGTHS) {
  test(`dot n=${n}`, () => {
    sameAsTwin('dot', twin.dot, [numbers(n), numbers(n, 2), n], { absolute: 1e-5 });
  });
  test(`axpy n=${n}, and in place`, () => {
    const x = numbers(n);
    sameAsTwin('axpy', twin.axpy, [numbers(n, 2), x, n, 0.75], { absolute: 1e-6 });
    sameAsTwin('axpy', twin.axpy, [x, x, n, 0.75], { absolute: 1e-6 });
  });
  test(`scale n=${n}, and in place`, () => {
    const x = numbers(n);
    sameAsTwin('scale', twin.scale, [new Float32Array(n), x, n, 0.75], { absolute: 1e-6 });
    sameAsTwin('scale', twin.scale, [x, x, n, 0.75], { absolute: 1e-6 });
  });
  test(`allFinite n=${n}`, () => {
    sameAsTwin('allFinite', twin.allFinite, [numbers(n), n]);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      for (const at of [0, n - 1]) {
        const x = numbers(n);
        if (n > 0) x[at] = bad;
        sameAsTwin('allFinite', twin.allFinite, [x, n]);
      }
    }
  });
}

for (const [rows, cols] of [
  [0, 0],
  [1, 5],
  [4, 4],
  [8, 12],
  [7, 9],
  [5, 1],
]) {
  test(`transpose ${rows} x ${cols}`, () => {
    sameAsTwin('transpose', twin.transpose, [
      new Float32Array(rows * cols),
      numbers(rows * cols),
      rows,
      cols,
    ]);
  });
}

test('dot of 100,000 terms keeps f64 accuracy across blocks', () => {
  const n = 100_000;
  const a = numbers(n, 1, 0, 1);
  const b = numbers(n, 2, 0, 1);
  const expected = twin.dot(a, b, n);
  assert.ok(Math.abs(call('dot', [a, b, n]).result - expected) <= 1e-6 * expected);
});

test('NaN is passed on', () => {
  const x = numbers(9);
  x[4] = Number.NaN;
  sameAsTwin('axpy', twin.axpy, [numbers(9, 2), x, 9, 1], { absolute: 1e-6 });
  sameAsTwin('dot', twin.dot, [x, numbers(9, 2), 9]);
});

test.run();
