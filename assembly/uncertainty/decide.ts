// Decisions of a policy over a batch: 0 negative, 1 positive, 2 abstain.

import { at4 } from '../engine/simd';
import { upperBound, upperBound4 } from './search';

/** NaN and infinities have a difference with themselves that is not zero. */
// @ts-ignore: decorator
@inline
function finite(s: f32, u: f32): bool {
  return s - s == 0 && u - u == 0;
}

// @ts-ignore: decorator
@inline
function finite4(s: v128, u: v128): bool {
  const zero = f32x4.add(f32x4.sub(s, s), f32x4.sub(u, u));
  return i32x4.all_true(f32x4.eq(zero, f32x4.splat(0)));
}

/**
 * out u8[n] by one pair of thresholds for each uncertainty level: positive at or above high f32[levels], else abstain at
 * or above low f32[levels], else negative; abstain above `limit` whatever the score. score, uncertainty f32[n], edges
 * f32[levels - 1]. Returns how many rows were decided: fewer than n when the next one is not finite.
 */
export function decideLevels(
  out: usize, score: usize, uncertainty: usize, edges: usize, high: usize, low: usize, n: i32, levels: i32, limit: f32,
): i32 {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const level = upperBound4(edges, i32x4.splat(0), levels - 1, v128.load(at4(uncertainty, i)));
    // No row is skipped: the scalar form below finds the one that is not finite.
    if (!finite4(v128.load(at4(score, i)), v128.load(at4(uncertainty, i)))) break;
    decide(out, score, uncertainty, high, low, limit, i, i32x4.extract_lane(level, 0));
    decide(out, score, uncertainty, high, low, limit, i + 1, i32x4.extract_lane(level, 1));
    decide(out, score, uncertainty, high, low, limit, i + 2, i32x4.extract_lane(level, 2));
    decide(out, score, uncertainty, high, low, limit, i + 3, i32x4.extract_lane(level, 3));
  }
  for (; i < n; i++) {
    const u = load<f32>(at4(uncertainty, i));
    if (!finite(load<f32>(at4(score, i)), u)) return i;
    decide(out, score, uncertainty, high, low, limit, i, upperBound(edges, levels - 1, u));
  }
  return n;
}

/** out[i] of a row whose level is known. */
function decide(
  out: usize, score: usize, uncertainty: usize, high: usize, low: usize, limit: f32, i: i32, level: i32,
): void {
  const s = load<f32>(at4(score, i));
  const above = s >= load<f32>(at4(high, level)), between = s >= load<f32>(at4(low, level));
  store<u8>(out + <usize>i, load<f32>(at4(uncertainty, i)) > limit ? 2 : select<i32>(1, i32(between) << 1, above));
}

/**
 * out u8[n] by the score-first grid (see `gridHistogram`): positive in bin >= high u32[levels] of the row's level, else
 * abstain in bin >= low. Otherwise as `decideLevels`.
 */
export function decideNested(
  out: usize, score: usize, uncertainty: usize, outer: usize, inner: usize, high: usize, low: usize, n: i32,
  levels: i32, bins: i32, limit: f32,
): i32 {
  const run = levels - 1;
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const s = v128.load(at4(score, i)), u = v128.load(at4(uncertainty, i));
    if (!finite4(s, u)) break;
    const bin = upperBound4(outer, i32x4.splat(0), bins - 1, s);
    const level = upperBound4(inner, i32x4.mul(bin, i32x4.splat(run)), run, u);
    nested(out, uncertainty, high, low, limit, i, i32x4.extract_lane(bin, 0), i32x4.extract_lane(level, 0));
    nested(out, uncertainty, high, low, limit, i + 1, i32x4.extract_lane(bin, 1), i32x4.extract_lane(level, 1));
    nested(out, uncertainty, high, low, limit, i + 2, i32x4.extract_lane(bin, 2), i32x4.extract_lane(level, 2));
    nested(out, uncertainty, high, low, limit, i + 3, i32x4.extract_lane(bin, 3), i32x4.extract_lane(level, 3));
  }
  for (; i < n; i++) {
    const s = load<f32>(at4(score, i)), u = load<f32>(at4(uncertainty, i));
    if (!finite(s, u)) return i;
    const bin = upperBound(outer, bins - 1, s);
    nested(out, uncertainty, high, low, limit, i, bin, upperBound(at4(inner, bin * run), run, u));
  }
  return n;
}

/** out[i] of a row whose bin and level are known. */
function nested(out: usize, uncertainty: usize, high: usize, low: usize, limit: f32, i: i32, bin: i32, level: i32): void {
  const above = <u32>bin >= load<u32>(at4(high, level)), between = <u32>bin >= load<u32>(at4(low, level));
  store<u8>(out + <usize>i, load<f32>(at4(uncertainty, i)) > limit ? 2 : select<i32>(1, i32(between) << 1, above));
}
