// Inverse of a symmetric positive definite matrix, in place, by the symmetric sweep (block Gauss-Jordan): the pivots
// are those of Cholesky's method, nearly all the work is one matrix product a block, and no factor is stored.
// Only the lower triangle is read and updated: n^3 / 2 multiply-adds in all, the same as factor, invert and multiply.

import { at4 } from '../engine/simd';
import { gemmScratch, product } from './linear';

/** Width of a column block of the update: half of its diagonal square is computed for nothing. */
const STEP: i32 = 256;

/** Floats of scratch for `spdSweep`: the pivot block in f64, its inverse, two panels of n x width, and the product's. */
export function spdScratch(n: i32, width: i32): i32 {
  return 2 * (width + 1) * width + width * width + 2 * n * width + gemmScratch(n, max(width, 1), width);
}

/** m[w x w] f64, lower triangle = -inverse of it; v f64[w]. Returns 0, or 1 + the row whose pivot is not positive. */
function sweepPivot(m: usize, v: usize, w: i32): i32 {
  const row = (<usize>w) << 3;
  for (let k = 0; k < w; k++) {
    const d = load<f64>(m + row * k + ((<usize>k) << 3));
    if (!(d > 0 && d < Infinity)) return 1 + k;
    const inverse = 1.0 / d;
    for (let i = 0; i < k; i++) store<f64>(v + ((<usize>i) << 3), load<f64>(m + row * k + ((<usize>i) << 3)));
    store<f64>(v + ((<usize>k) << 3), 0);
    for (let i = k + 1; i < w; i++) store<f64>(v + ((<usize>i) << 3), load<f64>(m + row * i + ((<usize>k) << 3)));
    for (let i = 0; i < w; i++) {
      const p = m + row * i;
      const s = -load<f64>(v + ((<usize>i) << 3)) * inverse;
      const s2 = f64x2.splat(s);
      const end = (<usize>(i + 1)) << 3;
      let j: usize = 0;
      for (; j + 16 <= end; j += 16) {
        v128.store(p + j, f64x2.add(v128.load(p + j), f64x2.mul(s2, v128.load(v + j))));
      }
      if (j < end) store<f64>(p + j, load<f64>(p + j) + s * load<f64>(v + j));
    }
    for (let j = 0; j < k; j++) {
      store<f64>(m + row * k + ((<usize>j) << 3), load<f64>(v + ((<usize>j) << 3)) * inverse);
    }
    store<f64>(m + row * k + ((<usize>k) << 3), -inverse);
    for (let i = k + 1; i < w; i++) {
      store<f64>(m + row * i + ((<usize>k) << 3), load<f64>(v + ((<usize>i) << 3)) * inverse);
    }
  }
  return 0;
}

/** Where in the scratch of a sweep are the panels of n x width: the columns before it, and after it. */
// @ts-ignore: decorator
@inline
function panels(scratch: usize, w: i32): usize {
  return at4(scratch, 2 * (w + 1) * w + w * w);
}

/**
 * Sweeps rows and columns [start, start + width) of the lower triangle of a[n x n], up to the update of the rest, which
 * is `spdUpdate` with the same scratch; what is above the diagonal is neither read nor kept. After every index has been
 * swept once a is minus its inverse. Returns 0, or 1 + the row whose pivot is not a positive finite number; a is
 * spoiled then. scratch f32[spdScratch(n, width)].
 */
export function spdSweep(a: usize, scratch: usize, n: i32, start: i32, width: i32): i32 {
  const w = width, end = start + width;
  const m = scratch, v = m + ((<usize>(w * w)) << 3);
  const p = v + ((<usize>w) << 3);
  const before = panels(scratch, w), after = at4(before, n * w), lent = at4(after, n * w);
  for (let i = 0; i < w; i++) {
    for (let j = 0; j <= i; j++) {
      store<f64>(m + ((<usize>(i * w + j)) << 3), <f64>load<f32>(at4(a, (start + i) * n + start + j)));
    }
  }
  const failed = sweepPivot(m, v, w);
  if (failed) return start + failed;
  for (let i = 0; i < w; i++) {
    for (let j = 0; j <= i; j++) {
      const x = -(<f32>load<f64>(m + ((<usize>(i * w + j)) << 3)));
      store<f32>(at4(p, i * w + j), x);
      store<f32>(at4(p, j * w + i), x);
    }
  }

  // before[n x w] = the panel of columns [start, end), zero in the pivot rows so that the update leaves them alone.
  for (let r = 0; r < w; r++) {
    const row = at4(a, (start + r) * n);
    for (let i = 0; i < start; i++) store<f32>(at4(before, i * w + r), load<f32>(at4(row, i)));
  }
  memory.fill(at4(before, start * w), 0, (<usize>(w * w)) << 2);
  for (let i = end; i < n; i++) memory.copy(at4(before, i * w), at4(a, i * n + start), (<usize>w) << 2);

  product(after, before, p, lent, n, w, w, w, w, 1, w, 1, 1, 0);

  for (let r = 0; r < w; r++) {
    const row = at4(a, (start + r) * n);
    for (let i = 0; i < start; i++) store<f32>(at4(row, i), load<f32>(at4(after, i * w + r)));
    for (let i = 0; i <= r; i++) store<f32>(at4(row, start + i), -load<f32>(at4(p, r * w + i)));
  }
  for (let i = end; i < n; i++) memory.copy(at4(a, i * n + start), at4(after, i * w), (<usize>w) << 2);
  return 0;
}

/**
 * Columns [first, first + columns) of the lower triangle of a[n x n] less after before^T, the panels that `spdSweep` of
 * `width` rows left in `scratch`: nearly all the work of a sweep. lent f32[gemmScratch(n, width, columns)].
 */
export function spdUpdate(a: usize, scratch: usize, lent: usize, n: i32, width: i32, columns: i32, first: i32): void {
  const w = width, end = first + columns;
  const before = panels(scratch, w), after = at4(before, n * w);
  for (let c = first; c < end; c += STEP) {
    product(
      at4(a, c * n + c), at4(after, c * w), at4(before, c * w), lent, n - c, w, min(STEP, end - c),
      n, w, 1, 1, w, -1, 1,
    );
  }
}

/** a[n x n] = minus its lower triangle, mirrored into the upper one, in squares that stay in L1. */
export function spdFinish(a: usize, n: i32): void {
  for (let r = 0; r < n; r += 32) {
    for (let c = 0; c <= r; c += 32) {
      for (let i = r; i < min(r + 32, n); i++) {
        for (let j = c; j < min(c + 32, i + 1); j++) {
          const x = -load<f32>(at4(a, i * n + j));
          store<f32>(at4(a, i * n + j), x);
          store<f32>(at4(a, j * n + i), x);
        }
      }
    }
  }
}
