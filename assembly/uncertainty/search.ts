// What the kernels of this room share.

import { at4 } from '../engine/simd';

/** Address of element i of an eight-byte array. */
// @ts-ignore: decorator
@inline
export function at8(p: usize, i: i32): usize {
  return p + ((<usize>i) << 3);
}

/** How many of the ascending edges f32[count] are <= x: a value on an edge lies above it. Without branches on x. */
export function upperBound(edges: usize, count: i32, x: f32): i32 {
  let base = 0;
  let length = count;
  while (length > 1) {
    const half = length >> 1;
    base = select(base + half, base, load<f32>(at4(edges, base + half - 1)) <= x);
    length -= half;
  }
  return count > 0 ? base + i32(load<f32>(at4(edges, base)) <= x) : 0;
}

// @ts-ignore: decorator
@inline
function gather4(p: usize, i: v128): v128 {
  let x = v128.load32_splat(at4(p, i32x4.extract_lane(i, 0)));
  x = f32x4.replace_lane(x, 1, load<f32>(at4(p, i32x4.extract_lane(i, 1))));
  x = f32x4.replace_lane(x, 2, load<f32>(at4(p, i32x4.extract_lane(i, 2))));
  return f32x4.replace_lane(x, 3, load<f32>(at4(p, i32x4.extract_lane(i, 3))));
}

/**
 * `upperBound` of four values, each in the `count` edges from its own place first i32x4 on: four searches at once wait
 * for each other's loads instead of their own.
 */
export function upperBound4(edges: usize, first: v128, count: i32, x: v128): v128 {
  if (count <= 0) return i32x4.splat(0);
  let base = first;
  let length = count;
  while (length > 1) {
    const half = length >> 1;
    const below = f32x4.le(gather4(edges + ((<usize>(half - 1)) << 2), base), x);
    base = i32x4.add(base, v128.and(below, i32x4.splat(half)));
    length -= half;
  }
  // A lane of all ones is -1: subtracting it adds the last comparison.
  return i32x4.sub(i32x4.sub(base, first), f32x4.le(gather4(edges, base), x));
}
