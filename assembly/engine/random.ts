// Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror, Shaw, SC 2011). A number is a pure function of
// (seed, stream) = the key and (index, step) = the counter, so any order of drawing and any thread gives the same bits.

import { at4 } from './simd';
import { logF64 } from './math';

const M0: u64 = 0xd2511f53;
const M1: u64 = 0xcd9e8d57;

/** The four words of the Philox block with counter (c0, c1, c2, c3) and key (k0, k1), one a lane. */
// @ts-ignore: decorator
@inline
export function philox4(c0: u32, c1: u32, c2: u32, c3: u32, k0: u32, k1: u32): v128 {
  for (let round = 0; round < 10; round++) {
    const p0 = M0 * (<u64>c0);
    const p1 = M1 * (<u64>c2);
    const n0 = <u32>(p1 >> 32) ^ c1 ^ k0;
    const n2 = <u32>(p0 >> 32) ^ c3 ^ k1;
    c1 = <u32>p1;
    c3 = <u32>p0;
    c0 = n0;
    c2 = n2;
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
  const low = (<u64>c0) | ((<u64>c1) << 32), high = (<u64>c2) | ((<u64>c3) << 32);
  return i64x2.replace_lane(i64x2.splat(low), 1, high);
}

/** Block `index` of stream (seed, stream, step): what every kernel here draws from. */
export function philox(index: u32, step: u32, seed: u32, stream: u32): v128 {
  return philox4(index, step, 0, 0, seed, stream);
}

/** Uniform in [0, 1) with 24 bits, the most an f32 holds evenly. */
// @ts-ignore: decorator
@inline
export function unit(bits: u32): f32 {
  return <f32>(bits >> 8) * 5.9604644775390625e-8;
}

/** out[4] = the four words of one Philox block with full counter and key: the published known-answer form. */
export function philoxBlock(out: usize, c0: u32, c1: u32, c2: u32, c3: u32, k0: u32, k1: u32): void {
  v128.store(out, philox4(c0, c1, c2, c3, k0, k1));
}

/** out[n] u32: word i is word i % 4 of block i / 4 of (seed, stream, step). */
export function randomBits(out: usize, n: i32, seed: u32, stream: u32, step: u32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) v128.store(at4(out, i), philox(i >> 2, step, seed, stream));
  if (i == n) return;
  const block = philox(i >> 2, step, seed, stream);
  store<u32>(at4(out, i), i32x4.extract_lane(block, 0));
  if (i + 1 < n) store<u32>(at4(out, i), i32x4.extract_lane(block, 1), 4);
  if (i + 2 < n) store<u32>(at4(out, i), i32x4.extract_lane(block, 2), 8);
}

/** out[n] f32 uniform in [0, 1). */
export function randomUniform(out: usize, n: i32, seed: u32, stream: u32, step: u32): void {
  randomBits(out, n, seed, stream, step);
  for (let i = 0; i < n; i++) store<f32>(at4(out, i), unit(load<u32>(at4(out, i))));
}

/**
 * Standard normal quantile, Wichura's AS 241 (PPND7), about 1e-7 relative: enough for f32 and free of sine and cosine.
 */
export function normalQuantile(p: f64): f64 {
  const q = p - 0.5;
  if (abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (
      (q * (((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179)) /
      (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1.0)
    );
  }
  let r = sqrt(-logF64(q < 0 ? p : 1.0 - p));
  let x: f64;
  if (r <= 5) {
    r -= 1.6;
    x = (((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777) /
      ((0.12021132975 * r + 0.73700164250) * r + 1.0);
  } else {
    r -= 5;
    x = (((0.017337203997 * r + 0.42868294337) * r + 3.0812263860) * r + 6.6579051150) /
      ((0.012258202635 * r + 0.24197894225) * r + 1.0);
  }
  return q < 0 ? -x : x;
}

/** out[n] f32 normal with mean 0 and standard deviation `scale`; |out| <= 6.4 scale. */
export function randomNormal(out: usize, n: i32, scale: f32, seed: u32, stream: u32, step: u32): void {
  randomBits(out, n, seed, stream, step);
  for (let i = 0; i < n; i++) {
    const p = (<f64>load<u32>(at4(out, i)) + 0.5) * 2.3283064365386963e-10;
    store<f32>(at4(out, i), <f32>(normalQuantile(p) * scale));
  }
}

/**
 * Unbiased integer in [0, bound) from 32 random bits: multiply-shift; the caller redraws while `rejected` holds
 * (Lemire 2019).
 */
// @ts-ignore: decorator
@inline
export function bounded(bits: u32, bound: u32): u32 {
  return <u32>(((<u64>bits) * (<u64>bound)) >> 32);
}
// @ts-ignore: decorator
@inline
export function rejected(bits: u32, bound: u32): bool {
  const low = <u32>((<u64>bits) * (<u64>bound));
  return low < bound && low < (0 - bound) % bound;
}

/** out[n] u32 unbiased in [0, bound); item i redraws from its own counter (word 0 of blocks at step + redraw * 2^20). */
export function randomIntegers(out: usize, n: i32, bound: u32, seed: u32, stream: u32, step: u32): void {
  for (let i = 0; i < n; i++) {
    let bits = <u32>i32x4.extract_lane(philox(i, step, seed, stream), 0);
    for (let redraw: u32 = 1; rejected(bits, bound); redraw++) {
      bits = <u32>i32x4.extract_lane(philox(i, step + (redraw << 20), seed, stream), 0);
    }
    store<u32>(at4(out, i), bounded(bits, bound));
  }
}
