// Decisions of a policy over a batch: 0 negative, 1 positive, 2 abstain.

import { at4 } from '../engine/simd';
import { upperBound } from './search';

/** NaN and infinities have a difference with themselves that is not zero. */
// @ts-ignore: decorator
@inline
function finite(s: f32, u: f32): bool {
  return s - s == 0 && u - u == 0;
}

/**
 * out u8[n] by one pair of thresholds for each uncertainty level: positive at or above high f32[levels], else abstain at
 * or above low f32[levels], else negative; abstain above `limit` whatever the score. score, uncertainty f32[n], edges
 * f32[levels - 1]. Returns how many rows were decided: fewer than n when the next one is not finite.
 */
export function decideLevels(
  out: usize, score: usize, uncertainty: usize, edges: usize, high: usize, low: usize, n: i32, levels: i32, limit: f32,
): i32 {
  for (let i = 0; i < n; i++) {
    const s = load<f32>(at4(score, i)), u = load<f32>(at4(uncertainty, i));
    if (!finite(s, u)) return i;
    const level = upperBound(edges, levels - 1, u);
    const above = s >= load<f32>(at4(high, level)), between = s >= load<f32>(at4(low, level));
    store<u8>(out + <usize>i, u > limit ? 2 : select<i32>(1, i32(between) << 1, above));
  }
  return n;
}

/**
 * out u8[n] by the score-first grid (see `gridHistogram`): positive in bin >= high u32[levels] of the row's level, else
 * abstain in bin >= low. Otherwise as `decideLevels`.
 */
export function decideNested(
  out: usize, score: usize, uncertainty: usize, outer: usize, inner: usize, high: usize, low: usize, n: i32,
  levels: i32, bins: i32, limit: f32,
): i32 {
  for (let i = 0; i < n; i++) {
    const s = load<f32>(at4(score, i)), u = load<f32>(at4(uncertainty, i));
    if (!finite(s, u)) return i;
    const bin = upperBound(outer, bins - 1, s);
    const level = upperBound(at4(inner, bin * (levels - 1)), levels - 1, u);
    const above = <u32>bin >= load<u32>(at4(high, level)), between = <u32>bin >= load<u32>(at4(low, level));
    store<u8>(out + <usize>i, u > limit ? 2 : select<i32>(1, i32(between) << 1, above));
  }
  return n;
}
