// What the room's kernels share. Everything here is inlined: no function of this file is exported to the host.

import { at4 } from '../engine/simd';

/** Address of element i of an eight-byte array. */
// @ts-ignore: decorator
@inline
export function at8(p: usize, i: i32): usize {
  return p + ((<usize>i) << 3);
}

/** How many of the ascending edges f32[count] are <= x: a value on an edge lies above it. Without branches on x. */
// @ts-ignore: decorator
@inline
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
