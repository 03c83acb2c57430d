// Elementary functions as polynomials of our own: the host's Math.exp and Math.log differ between engines in the
// last bit, and one such bit changes a model hash. Errors below are the largest against f64 over every f32 in range.

import { at4 } from './simd';

const LOG2E: f32 = 1.44269504088896341;
// ln 2 split so that n * LN2_HI is exact for |n| < 2^9 (Cody and Waite).
const LN2_HI: f32 = 0.693359375;
const LN2_LO: f32 = -2.12194440e-4;

/**
 * exp(x) on four lanes, 8.2e-8 relative. Clamped to [-87.33, 88.37], so the result is never zero, denormal or
 * infinite; NaN stays NaN. Polynomial of degree 5 after Cephes expf.
 */
// @ts-ignore: decorator
@inline
export function exp4Inline(x: v128): v128 {
  const clamped = f32x4.min(f32x4.max(x, f32x4.splat(-87.33)), f32x4.splat(88.37));
  const n = f32x4.floor(f32x4.add(f32x4.mul(clamped, f32x4.splat(LOG2E)), f32x4.splat(0.5)));
  let r = f32x4.sub(clamped, f32x4.mul(n, f32x4.splat(LN2_HI)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(LN2_LO)));
  let p = f32x4.splat(1.9875691500e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), f32x4.splat(1));
  const bits = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return f32x4.mul(p, bits);
}

/**
 * `exp4Inline` as a call. Each vector constant takes 18 bytes, so the functions of this file are not inlined: that
 * would add 8 kB. A call costs 15 to 25 % of a loop that does nothing else; the one such loop that matters, the
 * sampled softmax, takes the inlined form.
 */
export function exp4(x: v128): v128 {
  return exp4Inline(x);
}

/**
 * log(x) on four lanes, 8.2e-8 relative everywhere, 4e-8 absolute from 1/2 to 2. log(0) = -infinity; x < 0 and NaN
 * give NaN; +infinity stays; denormals are scaled first. Polynomial of degree 8 after Cephes logf.
 */
export function log4(x: v128): v128 {
  const tiny = f32x4.lt(x, f32x4.splat(1.17549435e-38));
  const scaled = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608)), x, tiny);
  const bits = i32x4.sub(scaled, i32x4.splat(0x3f3504f3)); // sqrt(1/2): the mantissa lands in [sqrt(1/2), sqrt(2))
  let e = f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23));
  e = f32x4.sub(e, v128.and(tiny, f32x4.splat(23)));
  const mantissa = i32x4.add(v128.and(bits, i32x4.splat(0x007fffff)), i32x4.splat(0x3f3504f3));
  const r = f32x4.sub(mantissa, f32x4.splat(1));
  const rr = f32x4.mul(r, r);
  let p = f32x4.splat(7.0376836292e-2);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(-1.1514610310e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.1676998740e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(-1.2420140846e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.4249322787e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(-1.6668057665e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(2.0000714765e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(-2.4999993993e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(3.3333331174e-1));
  p = f32x4.mul(f32x4.mul(p, r), rr);
  p = f32x4.add(p, f32x4.mul(e, f32x4.splat(LN2_LO)));
  p = f32x4.sub(p, f32x4.mul(rr, f32x4.splat(0.5)));
  p = f32x4.add(f32x4.add(r, p), f32x4.mul(e, f32x4.splat(LN2_HI)));
  // -infinity at zero, NaN below it, x itself at +infinity and NaN.
  p = v128.bitselect(f32x4.splat(-Infinity), p, f32x4.eq(x, f32x4.splat(0)));
  p = v128.or(p, v128.and(f32x4.lt(x, f32x4.splat(0)), f32x4.splat(NaN)));
  const passes = v128.not(f32x4.lt(x, f32x4.splat(Infinity)));
  return v128.bitselect(x, p, passes);
}

/** 1 / (1 + exp(-x)) on four lanes, 1.5e-7 relative, 9e-8 absolute; never exactly 0, so its logarithm is finite. */
export function sigmoid4(x: v128): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), exp4(f32x4.neg(x))));
}

/** log(1 + exp(x)) on four lanes as max(x, 0) + log(1 + exp(-|x|)), 1.6e-7 relative for x > 0, 9e-8 absolute below. */
export function softplus4(x: v128): v128 {
  const tail = log4(f32x4.add(f32x4.splat(1), exp4(f32x4.neg(f32x4.abs(x)))));
  return f32x4.add(f32x4.max(x, f32x4.splat(0)), tail);
}

/** Scalar forms of the four: lane 0 of the vector form, so tails carry the same bits as bodies. */
// @ts-ignore: decorator
@inline
export function exp1(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0);
}
// @ts-ignore: decorator
@inline
export function log1(x: f32): f32 {
  return f32x4.extract_lane(log4(f32x4.splat(x)), 0);
}
// @ts-ignore: decorator
@inline
export function sigmoid1(x: f32): f32 {
  return f32x4.extract_lane(sigmoid4(f32x4.splat(x)), 0);
}
// @ts-ignore: decorator
@inline
export function softplus1(x: f32): f32 {
  return f32x4.extract_lane(softplus4(f32x4.splat(x)), 0);
}

/** out[n] = exp(x[n]). May run in place. */
export function exp(out: usize, x: usize, n: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) v128.store(at4(out, i), exp4(v128.load(at4(x, i))));
  for (; i < n; i++) store<f32>(at4(out, i), exp1(load<f32>(at4(x, i))));
}

/** out[n] = ln(x[n]). May run in place. */
export function log(out: usize, x: usize, n: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) v128.store(at4(out, i), log4(v128.load(at4(x, i))));
  for (; i < n; i++) store<f32>(at4(out, i), log1(load<f32>(at4(x, i))));
}

/** out[n] = 1 / (1 + exp(-x[n])). May run in place. */
export function sigmoid(out: usize, x: usize, n: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) v128.store(at4(out, i), sigmoid4(v128.load(at4(x, i))));
  for (; i < n; i++) store<f32>(at4(out, i), sigmoid1(load<f32>(at4(x, i))));
}

/** out[n] = log(1 + exp(x[n])). May run in place. */
export function softplus(out: usize, x: usize, n: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) v128.store(at4(out, i), softplus4(v128.load(at4(x, i))));
  for (; i < n; i++) store<f32>(at4(out, i), softplus1(load<f32>(at4(x, i))));
}

/**
 * exp(x) in f64, one value, 1 ulp seen in 6e6: ln 2 reduction and a Taylor polynomial of degree 13 on [-ln2/2, ln2/2].
 * Clamped to [-708, 709]; NaN stays NaN.
 */
export function expF64(x: f64): f64 {
  if (!(x == x)) return x;
  const c = min(max(x, -708.0), 709.0);
  const n = floor(c * 1.4426950408889634 + 0.5);
  const r = c - n * 6.93147180369123816490e-1 - n * 1.90821492927058770002e-10;
  let p: f64 = 1.0 / 6227020800.0;
  p = p * r + 1.0 / 479001600.0;
  p = p * r + 1.0 / 39916800.0;
  p = p * r + 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  p = p * r + 1.0;
  p = p * r + 1.0;
  return p * reinterpret<f64>((<i64>n + 1023) << 52);
}

/**
 * ln(x) in f64, one value, 2 ulp: x = m 2^e with m in [sqrt(1/2), sqrt(2)), then the atanh series in
 * s = (m-1)/(m+1) to s^21 (|s| < 0.172). ln(0) = -infinity, negative and NaN give NaN.
 */
export function logF64(x: f64): f64 {
  if (!(x > 0)) return x == 0 ? -Infinity : NaN;
  if (x == Infinity) return x;
  let scaled = x;
  let e: i64 = 0;
  if (x < 2.2250738585072014e-308) {
    scaled = x * 18014398509481984.0;
    e = -54;
  }
  const bits = reinterpret<i64>(scaled) - 0x3fe6a09e667f3bcd;
  e += bits >> 52;
  const m = reinterpret<f64>((bits & 0x000fffffffffffff) + 0x3fe6a09e667f3bcd);
  const s = (m - 1.0) / (m + 1.0);
  const z = s * s;
  let p: f64 = 1.0 / 21.0;
  p = p * z + 1.0 / 19.0;
  p = p * z + 1.0 / 17.0;
  p = p * z + 1.0 / 15.0;
  p = p * z + 1.0 / 13.0;
  p = p * z + 1.0 / 11.0;
  p = p * z + 1.0 / 9.0;
  p = p * z + 1.0 / 7.0;
  p = p * z + 1.0 / 5.0;
  p = p * z + 1.0 / 3.0;
  const k = <f64>e;
  return k * 6.93147180369123816490e-1 + (k * 1.90821492927058770002e-10 + 2.0 * s * z * p + 2.0 * s);
}

/**
 * ln Gamma(x) in f64 for x > 0, 2e-15 of max(1, |result|): the recurrence up to x >= 10, then Stirling's series to x^-13.
 * +infinity at 0; negative and NaN give NaN.
 */
export function lgammaF64(x: f64): f64 {
  if (!(x > 0)) return x == 0 ? Infinity : NaN;
  if (x == Infinity) return x;
  let product: f64 = 1;
  let y = x;
  for (; y < 10; y += 1) product *= y;
  const z = 1.0 / (y * y);
  let p: f64 = 1.0 / 156.0;
  p = 691.0 / 360360.0 - p * z;
  p = 1.0 / 1188.0 - p * z;
  p = 1.0 / 1680.0 - p * z;
  p = 1.0 / 1260.0 - p * z;
  p = 1.0 / 360.0 - p * z;
  p = 1.0 / 12.0 - p * z;
  const tail = (y - 0.5) * logF64(y) - y + 0.91893853320467274178 + p / y;
  return x < 10 ? tail - logF64(product) : tail;
}

/** psi(x) = d ln Gamma(x) / dx in f64 for x > 0, 2e-15 of max(1, |result|); as `lgammaF64`. NaN at 0 and below. */
export function digammaF64(x: f64): f64 {
  if (!(x > 0)) return NaN;
  let sum: f64 = 0;
  let y = x;
  for (; y < 10; y += 1) sum -= 1.0 / y;
  const z = 1.0 / (y * y);
  let p: f64 = 1.0 / 12.0;
  p = 691.0 / 32760.0 - p * z;
  p = 1.0 / 132.0 - p * z;
  p = 1.0 / 240.0 - p * z;
  p = 1.0 / 252.0 - p * z;
  p = 1.0 / 120.0 - p * z;
  p = 1.0 / 12.0 - p * z;
  return sum + logF64(y) - 0.5 / y - p * z;
}

/** psi'(x) in f64 for x > 0, 1e-14 relative; as `lgammaF64`. NaN at 0 and below. */
export function trigammaF64(x: f64): f64 {
  if (!(x > 0)) return NaN;
  let sum: f64 = 0;
  let y = x;
  for (; y < 10; y += 1) sum += 1.0 / (y * y);
  const z = 1.0 / (y * y);
  let p: f64 = 7.0 / 6.0;
  p = 691.0 / 2730.0 - p * z;
  p = 5.0 / 66.0 - p * z;
  p = 1.0 / 30.0 - p * z;
  p = 1.0 / 42.0 - p * z;
  p = 1.0 / 30.0 - p * z;
  p = 1.0 / 6.0 - p * z;
  return sum + (1.0 + 0.5 / y + p * z) / y;
}
