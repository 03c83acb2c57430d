// Flat loops over f32 arrays.

import { at4, sum4 } from './simd';

/** Sum of a[i] b[i]: f32 lanes over blocks of 4,096, blocks added in f64. */
export function dot(a: usize, b: usize, n: i32): f64 {
  let total: f64 = 0;
  for (let start = 0; start < n; start += 4096) {
    const end = min(start + 4096, n);
    let s0 = f32x4.splat(0), s1 = f32x4.splat(0), s2 = f32x4.splat(0), s3 = f32x4.splat(0);
    let i = start;
    for (; i + 16 <= end; i += 16) {
      const p = at4(a, i), q = at4(b, i);
      s0 = f32x4.add(s0, f32x4.mul(v128.load(p), v128.load(q)));
      s1 = f32x4.add(s1, f32x4.mul(v128.load(p, 16), v128.load(q, 16)));
      s2 = f32x4.add(s2, f32x4.mul(v128.load(p, 32), v128.load(q, 32)));
      s3 = f32x4.add(s3, f32x4.mul(v128.load(p, 48), v128.load(q, 48)));
    }
    let block = sum4(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
    for (; i < end; i++) block += load<f32>(at4(a, i)) * load<f32>(at4(b, i));
    total += <f64>block;
  }
  return total;
}

/** y[n] += alpha x[n]. */
export function axpy(y: usize, x: usize, n: i32, alpha: f32): void {
  const s = f32x4.splat(alpha);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    v128.store(at4(y, i), f32x4.add(v128.load(at4(y, i)), f32x4.mul(s, v128.load(at4(x, i)))));
  }
  for (; i < n; i++) store<f32>(at4(y, i), load<f32>(at4(y, i)) + alpha * load<f32>(at4(x, i)));
}

/** y[n] = alpha x[n]. May run in place. */
export function scale(y: usize, x: usize, n: i32, alpha: f32): void {
  const s = f32x4.splat(alpha);
  let i = 0;
  for (; i + 4 <= n; i += 4) v128.store(at4(y, i), f32x4.mul(s, v128.load(at4(x, i))));
  for (; i < n; i++) store<f32>(at4(y, i), alpha * load<f32>(at4(x, i)));
}

/** out[cols x rows] = transpose of x[rows x cols], in 4 x 4 tiles. */
export function transpose(out: usize, x: usize, rows: i32, cols: i32): void {
  let r = 0;
  for (; r + 4 <= rows; r += 4) {
    let c = 0;
    for (; c + 4 <= cols; c += 4) {
      const p = at4(x, r * cols + c);
      const a = v128.load(p), b = v128.load(at4(p, cols)), d = v128.load(at4(p, 2 * cols)), e = v128.load(at4(p, 3 * cols));
      const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5), ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
      const de0 = v128.shuffle<f32>(d, e, 0, 4, 1, 5), de1 = v128.shuffle<f32>(d, e, 2, 6, 3, 7);
      const q = at4(out, c * rows + r);
      v128.store(q, v128.shuffle<f32>(ab0, de0, 0, 1, 4, 5));
      v128.store(at4(q, rows), v128.shuffle<f32>(ab0, de0, 2, 3, 6, 7));
      v128.store(at4(q, 2 * rows), v128.shuffle<f32>(ab1, de1, 0, 1, 4, 5));
      v128.store(at4(q, 3 * rows), v128.shuffle<f32>(ab1, de1, 2, 3, 6, 7));
    }
    for (; c < cols; c++) {
      for (let i = 0; i < 4; i++) store<f32>(at4(out, c * rows + r + i), load<f32>(at4(x, (r + i) * cols + c)));
    }
  }
  for (; r < rows; r++) {
    for (let c = 0; c < cols; c++) store<f32>(at4(out, c * rows + r), load<f32>(at4(x, r * cols + c)));
  }
}

/** 1 when every x[n] is finite, else 0: NaN and infinities fail. */
export function allFinite(x: usize, n: i32): i32 {
  // x - x is 0 for finite numbers and NaN otherwise.
  let bad = i32x4.splat(0);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const v = v128.load(at4(x, i));
    bad = v128.or(bad, f32x4.ne(f32x4.sub(v, v), f32x4.splat(0)));
  }
  if (v128.any_true(bad)) return 0;
  for (; i < n; i++) {
    const v = load<f32>(at4(x, i));
    if (!(v - v == 0)) return 0;
  }
  return 1;
}
