// Posteriors of open rows from discrete hazards, and the gradients of a visit. A row's hazard in age bucket j is
// sigmoid(x + c[j, bin]): x is what its features say, shared by all buckets, and factor[j, bin] = exp(c[j, bin]), so a
// row costs one exp whatever the number of buckets. bin = floor(2 log2(1 + window - edge[j])), of the window remaining.

import { at4 } from '../engine/simd';
import { exp4, sigmoid4 } from '../engine/math';

/** Odds are held within 1e-6 .. 1e6, logits of features within 30. */
const LEAST: f32 = 1e-6;
const MOST: f32 = 1e6;
const WIDEST: f32 = 30;

// @ts-ignore: decorator
@inline
function widest4(x: v128): v128 {
  return exp4(f32x4.max(f32x4.min(x, f32x4.splat(WIDEST)), f32x4.splat(-WIDEST)));
}

/** Entries i .. i+3 of an array of `stride` words each; past n the last one again. */
function take4(p: usize, i: i32, n: i32, stride: i32): v128 {
  if (stride == 1 && i + 4 <= n) return v128.load(at4(p, i));
  const last = n - 1;
  let v = v128.load32_zero(at4(p, i * stride));
  v = v128.load32_lane(at4(p, min(i + 1, last) * stride), v, 1);
  v = v128.load32_lane(at4(p, min(i + 2, last) * stride), v, 2);
  return v128.load32_lane(at4(p, min(i + 3, last) * stride), v, 3);
}

/** Stores the lanes whose entries are below n. */
function put4(p: usize, i: i32, n: i32, stride: i32, v: v128): void {
  if (stride == 1 && i + 4 <= n) {
    v128.store(at4(p, i), v);
    return;
  }
  v128.store32_lane(at4(p, i * stride), v, 0);
  if (i + 1 < n) v128.store32_lane(at4(p, (i + 1) * stride), v, 1);
  if (i + 2 < n) v128.store32_lane(at4(p, (i + 2) * stride), v, 2);
  if (i + 3 < n) v128.store32_lane(at4(p, (i + 3) * stride), v, 3);
}

/** floor(2 log2(1 + remaining)) from the bits of the float, 0 for nothing remaining, at most bins - 1. */
function bin4(remaining: v128, bins: i32): v128 {
  const bits = f32x4.add(f32x4.max(remaining, f32x4.splat(0)), f32x4.splat(1));
  const exponent = i32x4.sub(i32x4.shr_u(bits, 23), i32x4.splat(127));
  // The mantissa is at least that of sqrt(2); a true comparison is -1.
  const upper = i32x4.ge_s(v128.and(bits, i32x4.splat(0x7fffff)), i32x4.splat(0x3504f3));
  return i32x4.min_s(i32x4.sub(i32x4.shl(exponent, 1), upper), i32x4.splat(bins - 1));
}

/** Four numbers of an array, at the index in each lane. */
function gather4(p: usize, index: v128): v128 {
  let v = v128.load32_zero(at4(p, i32x4.extract_lane(index, 0)));
  v = v128.load32_lane(at4(p, i32x4.extract_lane(index, 1)), v, 1);
  v = v128.load32_lane(at4(p, i32x4.extract_lane(index, 2)), v, 2);
  return v128.load32_lane(at4(p, i32x4.extract_lane(index, 3)), v, 3);
}

/**
 * out[n] = P(a row open at the start of bucket from[i] still converts) = q s / (1 - q + q s), with
 * q = 1 - prod over j >= from[i], edge[j] < window[i] of (1 - h_j) and s = shift[i] the factor of its signals.
 * In odds, u <- u + e + u e with e = h_j / (1 - h_j): nothing cancels where q is small. x f32[n x stride],
 * from i32[n], window and shift f32[n], factor f32[buckets x bins], edge f32[buckets] rising.
 */
export function openPosterior(out: usize, x: usize, from: usize, window: usize, shift: usize, factor: usize, edge: usize, n: i32, stride: i32, buckets: i32, bins: i32): void {
  const most = f32x4.splat(MOST), one = f32x4.splat(1);
  for (let i = 0; i < n; i += 4) {
    const base = widest4(take4(x, i, n, stride));
    const start = take4(from, i, n, 1);
    const width = take4(window, i, n, 1);
    let u = f32x4.splat(0);
    const low = min(min(i32x4.extract_lane(start, 0), i32x4.extract_lane(start, 1)), min(i32x4.extract_lane(start, 2), i32x4.extract_lane(start, 3)));
    for (let j = low; j < buckets; j++) {
      const lower = v128.load32_splat(at4(edge, j));
      const inside = f32x4.lt(lower, width);
      if (!v128.any_true(inside)) break;
      const row = at4(factor, j * bins);
      const own = bins == 1 ? v128.load32_splat(row) : gather4(row, bin4(f32x4.sub(width, lower), bins));
      const e = f32x4.mul(base, own);
      const next = f32x4.min(most, f32x4.add(u, f32x4.mul(e, f32x4.add(one, u))));
      u = v128.bitselect(next, u, v128.and(inside, i32x4.le_s(start, i32x4.splat(j))));
    }
    const odds = f32x4.mul(f32x4.max(u, f32x4.splat(LEAST)), take4(shift, i, n, 1));
    put4(out, i, n, 1, f32x4.div(odds, f32x4.add(one, odds)));
  }
}

/**
 * hazard[n] = sigmoid(x + c) of each row in its bucket, and gradient[n x stride] = hazard - label; a label below 0 is
 * no example and has gradient 0. x and gradient f32[n x stride], bucket i32[n], window and label f32[n].
 */
export function hazardGradient(gradient: usize, hazard: usize, x: usize, bucket: usize, window: usize, label: usize, factor: usize, edge: usize, n: i32, stride: i32, bins: i32): void {
  const one = f32x4.splat(1);
  for (let i = 0; i < n; i += 4) {
    const base = widest4(take4(x, i, n, stride));
    const at = take4(bucket, i, n, 1);
    const width = take4(window, i, n, 1);
    const bin = bin4(f32x4.sub(width, gather4(edge, at)), bins);
    const odds = f32x4.mul(base, gather4(factor, i32x4.add(i32x4.mul(at, i32x4.splat(bins)), bin)));
    const h = f32x4.div(odds, f32x4.add(one, odds));
    const y = take4(label, i, n, 1);
    put4(hazard, i, n, 1, h);
    put4(gradient, i, n, stride, v128.andnot(f32x4.sub(h, y), f32x4.lt(y, f32x4.splat(0))));
  }
}

/**
 * The model's gradient of a visit that moves the posterior from value[i] to posterior[i]:
 *   -dV min(cap, (1 - p) / (1 - p0)) for a rise, -dV min(cap, p / p0) for a fall,
 * p = sigmoid(logit) now and p0 = sigmoid(arrival), held within .001 .. .999. logit and gradient f32[n x stride].
 */
export function visitGradient(gradient: usize, posterior: usize, value: usize, logit: usize, arrival: usize, n: i32, stride: i32, cap: f32): void {
  const one = f32x4.splat(1), most = f32x4.splat(cap);
  for (let i = 0; i < n; i += 4) {
    const p = sigmoid4(take4(logit, i, n, stride));
    const p0 = f32x4.max(f32x4.min(sigmoid4(take4(arrival, i, n, 1)), f32x4.splat(0.999)), f32x4.splat(0.001));
    const dv = f32x4.sub(take4(posterior, i, n, 1), take4(value, i, n, 1));
    const rise = f32x4.div(f32x4.sub(one, p), f32x4.sub(one, p0));
    const ratio = v128.bitselect(rise, f32x4.div(p, p0), f32x4.gt(dv, f32x4.splat(0)));
    put4(gradient, i, n, stride, f32x4.neg(f32x4.mul(dv, f32x4.min(most, ratio))));
  }
}
