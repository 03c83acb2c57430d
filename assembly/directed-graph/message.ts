// The message graph of one training step: which edges are held out, what the others weigh, and how messages mix.

import { at4 } from '../engine/simd';
import { philox } from '../engine/random';

// @ts-ignore: decorator
@inline
function isMasked(masked: usize, e: u32): bool {
  return ((load<u32>(masked + ((<usize>(e >> 5)) << 2)) >> (e & 31)) & 1) != 0;
}

/**
 * Holds out each edge with probability rate65536 / 65536: sets its bit in masked u32[ceil(edges / 32)] and lists it
 * in held[edges]. Edge e reads 16 bits of Philox stream (seed, stream, step), so the choice does not depend on
 * order. Returns the number held out.
 */
export function maskEdges(masked: usize, held: usize, edges: i32, rate65536: u32, seed: u32, stream: u32, step: u32): i32 {
  memory.fill(masked, 0, <usize>((edges + 31) >> 5) << 2);
  let count = 0;
  for (let e = 0; e < edges; e += 8) {
    const block = philox(e >> 3, step, seed, stream);
    let bits = i64x2.extract_lane(block, 0);
    const end = min(e + 8, edges);
    for (let i = e; i < end; i++) {
      if ((i & 7) == 4) bits = i64x2.extract_lane(block, 1);
      if (<u32>(bits & 0xffff) < rate65536) {
        const word = masked + ((<usize>(i >> 5)) << 2);
        store<u32>(word, load<u32>(word) | (<u32>1 << (i & 31)));
        store<u32>(at4(held, count++), i);
      }
      bits >>= 16;
    }
  }
  return count;
}

/**
 * degree[rows] = sum of the weights of each row's edges that are not masked. `edge` u32[edges] maps an entry to its
 * bit, or is 0 when they agree; `weight` 0 means all ones; `masked` 0 means none. Added in f64: a hub has many edges.
 */
export function maskedDegrees(degree: usize, indptr: usize, edge: usize, weight: usize, masked: usize, rows: i32): void {
  for (let i = 0; i < rows; i++) {
    const end = load<u32>(at4(indptr, i), 4);
    let sum: f64 = 0;
    for (let e = load<u32>(at4(indptr, i)); e < end; e++) {
      if (masked && isMasked(masked, edge ? load<u32>(at4(edge, e)) : e)) continue;
      sum += weight ? <f64>load<f32>(at4(weight, e)) : 1;
    }
    store<f32>(at4(degree, i), <f32>sum);
  }
}

/**
 * out[edges] = rowScale[row] columnScale[column] weight of each edge, 0 where masked: the entries of
 * D^-1/2 A D^-1/2 (or of a mean or a sum) for the step's graph. Scales of 0 pointers are 1.
 */
export function edgeWeights(out: usize, indptr: usize, index: usize, edge: usize, weight: usize, masked: usize, rowScale: usize, columnScale: usize, rows: i32): void {
  for (let i = 0; i < rows; i++) {
    const end = load<u32>(at4(indptr, i), 4);
    const r: f32 = rowScale ? load<f32>(at4(rowScale, i)) : 1;
    for (let e = load<u32>(at4(indptr, i)); e < end; e++) {
      let w: f32 = 0;
      if (!masked || !isMasked(masked, edge ? load<u32>(at4(edge, e)) : e)) {
        w = weight ? load<f32>(at4(weight, e)) * r : r;
        if (columnScale) w *= load<f32>(at4(columnScale, load<u32>(at4(index, e))));
      }
      store<f32>(at4(out, e), w);
    }
  }
}

/** y[n] = base[n] + ca a[n] + cb b[n] + cc c[n]; a null base counts as 0, and so do null a, b, c. */
export function mix(y: usize, base: usize, a: usize, b: usize, c: usize, n: i32, ca: f32, cb: f32, cc: f32): void {
  const a4 = f32x4.splat(ca), b4 = f32x4.splat(cb), c4 = f32x4.splat(cc);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    let s = base ? v128.load(at4(base, i)) : f32x4.splat(0);
    if (a) s = f32x4.add(s, f32x4.mul(a4, v128.load(at4(a, i))));
    if (b) s = f32x4.add(s, f32x4.mul(b4, v128.load(at4(b, i))));
    if (c) s = f32x4.add(s, f32x4.mul(c4, v128.load(at4(c, i))));
    v128.store(at4(y, i), s);
  }
  for (; i < n; i++) {
    let s: f32 = base ? load<f32>(at4(base, i)) : 0;
    if (a) s += ca * load<f32>(at4(a, i));
    if (b) s += cb * load<f32>(at4(b, i));
    if (c) s += cc * load<f32>(at4(c, i));
    store<f32>(at4(y, i), s);
  }
}
