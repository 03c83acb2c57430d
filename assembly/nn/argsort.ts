// Stable ascending order of f32 keys by least-significant-digit radix sort: three passes of 11 bits.

import { at4 } from '../engine/simd';

const BINS: i32 = 2048;

/** u32 of scratch for `argsort`: two arrays of (key, index) pairs and three histograms. */
export function argsortScratch(n: i32): i32 {
  return 4 * n + 3 * BINS;
}

/** Bits of x as an unsigned number in the order of x: -infinity ... -0, +0 ... infinity, then every NaN alike. */
// @ts-ignore: decorator
@inline
function sortable(bits: u32): u32 {
  if ((bits & 0x7fffffff) > 0x7f800000) return 0xffffffff;
  return bits ^ (<u32>((<i32>bits) >> 31) | 0x80000000);
}

/** Moves n (key, index) pairs to where the histogram of their digit says; it holds the starts, and the ends after. */
// @ts-ignore: decorator
@inline
function pass(to: usize, from: usize, starts: usize, n: i32, shift: u64): void {
  for (const end = from + ((<usize>n) << 3); from < end; from += 8) {
    const pair = load<u64>(from);
    const bin = starts + ((<usize>(pair >> shift) & 2047) << 2);
    const at = load<u32>(bin);
    store<u32>(bin, at + 1);
    store<u64>(to + ((<usize>at) << 3), pair);
  }
}

/**
 * order u32[n] = the indices of keys f32[n] from the smallest to the largest; equal keys keep their order, -0 comes
 * before +0, NaN last. scratch u32[argsortScratch(n)].
 */
export function argsort(order: usize, keys: usize, scratch: usize, n: i32): void {
  const h0 = scratch, h1 = at4(h0, BINS), h2 = at4(h1, BINS);
  const a = at4(h2, BINS), b = at4(a, 2 * n);
  memory.fill(h0, 0, (<usize>BINS) * 12);
  for (let i = 0; i < n; i++) {
    const key = sortable(load<u32>(at4(keys, i)));
    store<u64>(b + ((<usize>i) << 3), (<u64>key) | ((<u64>i) << 32));
    const p0 = at4(h0, key & 2047), p1 = at4(h1, (key >> 11) & 2047), p2 = at4(h2, key >> 22);
    store<u32>(p0, load<u32>(p0) + 1);
    store<u32>(p1, load<u32>(p1) + 1);
    store<u32>(p2, load<u32>(p2) + 1);
  }
  let s0: u32 = 0, s1: u32 = 0, s2: u32 = 0;
  for (let p = h0; p < h1; p += 4) {
    const c0 = load<u32>(p), c1 = load<u32>(p, 8192), c2 = load<u32>(p, 16384);
    store<u32>(p, s0);
    store<u32>(p, s1, 8192);
    store<u32>(p, s2, 16384);
    s0 += c0;
    s1 += c1;
    s2 += c2;
  }
  pass(a, b, h0, n, 0);
  pass(b, a, h1, n, 11);
  for (let i = 0; i < n; i++) {
    const pair = load<u64>(b + ((<usize>i) << 3));
    const bin = at4(h2, <i32>((pair >> 22) & 1023));
    const at = load<u32>(bin);
    store<u32>(bin, at + 1);
    store<u32>(at4(order, at), <u32>(pair >> 32));
  }
}
