import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close } from '../../helpers/close.ts';
import { call, engine, numbers, sameAsTwin } from '../../helpers/kernel.ts';
import { gemmNN, gemmNT, gemmTN, product } from '../../reference/nn/linear.ts';

const twin = { gemmNN, gemmNT, gemmTN };
const FORMS = ['gemmNN', 'gemmNT', 'gemmTN'] as const;
// The twin has no use for scratch, so it is passed as an address and only its own test puts it at the end of memory.
const scratch = engine.alloc('f32', engine.kernels.gemmScratch(1024, 1024, 1024)).ptr;
const tolerance = (k: number) => ({ absolute: 2e-6 * (k + 1) });

for (const form of FORMS) {
  test(`${form} at every edge of the tile`, () => {
    for (const m of [0, 1, 3, 4, 5, 8]) {
      for (const k of [0, 1, 4, 7]) {
        for (const n of [0, 1, 4, 7, 8, 9, 19]) {
          for (const beta of [0, -0.5]) {
            const c = numbers(m * n, 3);
            const expected = c.slice();
            twin[form](expected, numbers(m * k), numbers(k * n, 2), 0, m, k, n, beta);
            const { after } = call(form, [c, numbers(m * k), numbers(k * n, 2), scratch, m, k, n, beta]);
            close(
              after[0] as Float32Array,
              expected,
              tolerance(k),
              `${form} ${m} x ${k} x ${n} beta ${beta}`,
            );
          }
        }
      }
    }
  });

  for (const [m, k, n] of [
    [4, 4, 8],
    [5, 3, 9],
    [21, 18, 27],
    [63, 5, 9],
    [64, 512, 8],
    [65, 513, 17],
    [3, 1100, 5],
    [2, 3, 511],
    [5, 2, 512],
    [6, 2, 1029],
    [64, 64, 64],
  ]) {
    test(`${form} ${m} x ${k} x ${n} with each argument at the end of memory`, () => {
      for (const beta of [0, 1]) {
        const args = [numbers(m * n, 3), numbers(m * k), numbers(k * n, 2), scratch, m, k, n, beta];
        sameAsTwin(form, twin[form], args, tolerance(k));
      }
    });
  }

  test(`${form} stays within gemmScratch`, () => {
    for (const [m, k, n] of [
      [1, 1, 1],
      [5, 3, 9],
      [70, 520, 519],
    ]) {
      const lent = new Float32Array(engine.kernels.gemmScratch(m, k, n));
      call(form, [numbers(m * n), numbers(m * k), numbers(k * n), lent, m, k, n, 0], 3);
    }
  });

  test(`${form}: beta 0 overwrites NaN, other values keep it`, () => {
    const c = new Float32Array(6).fill(Number.NaN);
    const args = [c, numbers(4), numbers(6, 2), scratch, 2, 2, 3];
    assert.ok((call(form, [...args, 0]).after[0] as Float32Array).every(Number.isFinite));
    assert.ok((call(form, [...args, 1]).after[0] as Float32Array).every(Number.isNaN));
    const empty = call(form, [c, new Float32Array(0), new Float32Array(0), scratch, 2, 0, 3, 0]);
    close(empty.after[0] as Float32Array, new Float32Array(6));
  });

  test(`${form}: NaN and infinity reach their row or column and no other`, () => {
    const [m, k, n] = [9, 5, 11];
    const a = numbers(m * k);
    a[7] = Number.NaN;
    a[0] = Number.POSITIVE_INFINITY;
    sameAsTwin(form, twin[form], [numbers(m * n), a, numbers(k * n), scratch, m, k, n, 0], tolerance(k));
    const b = numbers(k * n);
    b[3] = Number.NEGATIVE_INFINITY;
    b[54] = Number.NaN;
    sameAsTwin(form, twin[form], [numbers(m * n), numbers(m * k), b, scratch, m, k, n, 1], tolerance(k));
  });
}

test('product works within wider rows, and leaves what is beside its columns', () => {
  for (const [m, k, n] of [
    [4, 7, 8],
    [21, 30, 27],
    [70, 513, 40],
  ]) {
    const [ldc, wide] = [n + 5, k + 3];
    const c = numbers(m * ldc, 3);
    // a[m x k] in rows of k + 3; then transposed, a[k x m] in rows of m + 4. b[k x n] in rows of n + 1.
    const b = numbers(k * (n + 1), 2);
    for (const [a, ars, aks] of [
      [numbers(m * wide), wide, 1],
      [numbers(k * (m + 4)), 1, m + 4],
    ] as const) {
      const args = [c, a, b, scratch, m, k, n, ldc, ars, aks, n + 1, 1, -0.5, 1];
      sameAsTwin('product', product, args, tolerance(k));
    }
  }
});

test('gemmScratch stays below 1.2 MB whatever the sizes', () => {
  for (const size of [0, 1, 100, 10_000, 1_000_000]) {
    assert.ok(engine.kernels.gemmScratch(size, size, size) <= 3e5);
  }
});

test.run();
