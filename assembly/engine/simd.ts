// Lane helpers shared by the kernels. Everything here is inlined: no function of this file is exported to the host.

/** Sum of the four lanes in a fixed order: (0 + 1) + (2 + 3). */
// @ts-ignore: decorator
@inline
export function sum4(x: v128): f32 {
  return (
    f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3))
  );
}

/** Address of element i of a four-byte array. */
// @ts-ignore: decorator
@inline
export function at4(p: usize, i: i32): usize {
  return p + ((<usize>i) << 2);
}
