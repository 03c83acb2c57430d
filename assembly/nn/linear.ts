// Dense matrix products, row-major: C = A B + beta C in three forms. Both operands are packed into panels (A four rows
// wide, B eight columns wide, zero-padded), so one micro-kernel of 4 x 8 serves every form and every stride.

import { at4 } from '../engine/simd';

/** Block sizes: a B panel of KC x 8 stays in L1, an A block of MC x KC in L2, a B block of KC x NC in L2 or L3. */
const KC: i32 = 512;
const MC: i32 = 64;
const NC: i32 = 512;

/** Floats of scratch that any form needs: the packed blocks and one 4 x 8 tile for the edges. */
export function gemmScratch(m: i32, k: i32, n: i32): i32 {
  const depth = min(k, KC);
  return 32 + ((min(m, MC) + 3) & ~3) * depth + ((min(n, NC) + 7) & ~7) * depth;
}

/** out[4 x 4] with row stride os = transpose of x[4 x 4] with row stride xs. */
function transpose4(out: usize, x: usize, xs: i32, os: i32): void {
  const a = v128.load(x), b = v128.load(at4(x, xs)), d = v128.load(at4(x, 2 * xs)), e = v128.load(at4(x, 3 * xs));
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5), ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const de0 = v128.shuffle<f32>(d, e, 0, 4, 1, 5), de1 = v128.shuffle<f32>(d, e, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<f32>(ab0, de0, 0, 1, 4, 5));
  v128.store(at4(out, os), v128.shuffle<f32>(ab0, de0, 2, 3, 6, 7));
  v128.store(at4(out, 2 * os), v128.shuffle<f32>(ab1, de1, 0, 1, 4, 5));
  v128.store(at4(out, 3 * os), v128.shuffle<f32>(ab1, de1, 2, 3, 6, 7));
}

/** packed[ceil(rows / 4)][k][4] = x[rows x k] with row stride `rs` and column stride `ks`, one of them 1. */
function pack4(packed: usize, x: usize, rows: i32, k: i32, rs: i32, ks: i32): void {
  let r = 0;
  if (rs == 1) {
    // Four panels at a time: one whole cache line of every column.
    for (; r + 16 <= rows; r += 16) {
      let p = at4(x, r), o0 = at4(packed, r * k);
      const o1 = at4(o0, 4 * k) - o0, o2 = at4(o0, 8 * k) - o0, o3 = at4(o0, 12 * k) - o0;
      for (let j = 0; j < k; j++) {
        v128.store(o0, v128.load(p));
        v128.store(o0 + o1, v128.load(p, 16));
        v128.store(o0 + o2, v128.load(p, 32));
        v128.store(o0 + o3, v128.load(p, 48));
        o0 += 16;
        p = at4(p, ks);
      }
    }
  }
  for (; r < rows; r += 4) {
    const out = at4(packed, r * k);
    const p = at4(x, r * rs);
    if (rows - r < 4) {
      for (let j = 0; j < k; j++) {
        for (let i = 0; i < 4; i++) {
          store<f32>(at4(out, j * 4 + i), r + i < rows ? load<f32>(at4(p, i * rs + j * ks)) : 0);
        }
      }
    } else if (rs == 1) {
      for (let j = 0; j < k; j++) v128.store(at4(out, j * 4), v128.load(at4(p, j * ks)));
    } else {
      let j = 0;
      for (; j + 4 <= k; j += 4) transpose4(at4(out, j * 4), at4(p, j), rs, 4);
      for (; j < k; j++) {
        for (let i = 0; i < 4; i++) store<f32>(at4(out, j * 4 + i), load<f32>(at4(p, i * rs + j)));
      }
    }
  }
}

/** packed[ceil(cols / 8)][k][8] = x[k x cols] with column stride `cs` and row stride `ks`, one of them 1. */
function pack8(packed: usize, x: usize, cols: i32, k: i32, cs: i32, ks: i32): void {
  for (let c = 0; c < cols; c += 8) {
    const out = at4(packed, c * k);
    const p = at4(x, c * cs);
    if (cols - c < 8) {
      for (let j = 0; j < k; j++) {
        for (let i = 0; i < 8; i++) {
          store<f32>(at4(out, j * 8 + i), c + i < cols ? load<f32>(at4(p, i * cs + j * ks)) : 0);
        }
      }
    } else if (cs == 1) {
      for (let j = 0; j < k; j++) {
        const q = at4(p, j * ks), o = at4(out, j * 8);
        v128.store(o, v128.load(q));
        v128.store(o, v128.load(q, 16), 16);
      }
    } else {
      let j = 0;
      for (; j + 4 <= k; j += 4) {
        transpose4(at4(out, j * 8), at4(p, j), cs, 8);
        transpose4(at4(out, j * 8 + 4), at4(p, 4 * cs + j), cs, 8);
      }
      for (; j < k; j++) {
        for (let i = 0; i < 8; i++) store<f32>(at4(out, j * 8 + i), load<f32>(at4(p, i * cs + j)));
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function put(p: usize, low: v128, high: v128, alpha: f32, beta: f32): void {
  const s = f32x4.splat(alpha);
  low = f32x4.mul(s, low);
  high = f32x4.mul(s, high);
  if (beta != 0) {
    const b = f32x4.splat(beta);
    low = f32x4.add(low, f32x4.mul(b, v128.load(p)));
    high = f32x4.add(high, f32x4.mul(b, v128.load(p, 16)));
  }
  v128.store(p, low);
  v128.store(p, high, 16);
}

/**
 * c[4 count x 8] with row stride ldc = beta c + alpha a b, from `count` panels a[k x 4] and the panel b[k x 8]. Not
 * unrolled over k: V8 would spill. The loop over panels is in here because a call a tile costs 1 to 4 % at k = 64.
 */
function tiles(c: usize, a: usize, panel: usize, count: i32, k: i32, ldc: i32, alpha: f32, beta: f32): void {
  for (const last = at4(a, 4 * k * count); a < last; ) {
    let s00 = f32x4.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
    let b = panel;
    for (const end = at4(a, k * 4); a < end; a += 16) {
      const b0 = v128.load(b), b1 = v128.load(b, 16);
      const a0 = v128.load_splat<f32>(a);
      s00 = f32x4.add(s00, f32x4.mul(a0, b0));
      s01 = f32x4.add(s01, f32x4.mul(a0, b1));
      const a1 = v128.load_splat<f32>(a, 4);
      s10 = f32x4.add(s10, f32x4.mul(a1, b0));
      s11 = f32x4.add(s11, f32x4.mul(a1, b1));
      const a2 = v128.load_splat<f32>(a, 8);
      s20 = f32x4.add(s20, f32x4.mul(a2, b0));
      s21 = f32x4.add(s21, f32x4.mul(a2, b1));
      const a3 = v128.load_splat<f32>(a, 12);
      s30 = f32x4.add(s30, f32x4.mul(a3, b0));
      s31 = f32x4.add(s31, f32x4.mul(a3, b1));
      b += 32;
    }
    put(c, s00, s01, alpha, beta);
    put(at4(c, ldc), s10, s11, alpha, beta);
    put(at4(c, 2 * ldc), s20, s21, alpha, beta);
    put(at4(c, 3 * ldc), s30, s31, alpha, beta);
    c = at4(c, 4 * ldc);
  }
}

/** c[rows x cols] = beta c + t, where t is a tile with row stride 8. */
function edge(c: usize, t: usize, rows: i32, cols: i32, ldc: i32, beta: f32): void {
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < cols; j++) {
      const p = at4(c, r * ldc + j);
      const v = load<f32>(at4(t, r * 8 + j));
      store<f32>(p, beta != 0 ? v + beta * load<f32>(p) : v);
    }
  }
}

/**
 * Reads one number of every cache line of c[rows x cols], row after row: what the tiles will update is then in L2. A
 * tile alone waits for memory at each of its rows (30 against 43 GFLOP/s on 3,000 x 256 x 3,000). The result is a sink.
 */
function touch(c: usize, rows: i32, cols: i32, ldc: i32): i32 {
  let sink = 0;
  for (let i = 0; i < rows; i++) {
    const row = at4(c, i * ldc);
    for (let j = 0; j < cols; j += 16) sink |= load<i32>(at4(row, j));
  }
  return sink;
}

/**
 * c[m x n] = beta c + alpha a[m x k] b[k x n] with any row stride of c and both strides of a and b (in floats, one of
 * each pair 1). scratch f32[gemmScratch(m, k, n)].
 */
export function product(
  c: usize, a: usize, b: usize, scratch: usize, m: i32, k: i32, n: i32,
  ldc: i32, ars: i32, aks: i32, bks: i32, bcs: i32, alpha: f32, beta: f32,
): void {
  if (k == 0) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        const p = at4(c, i * ldc + j);
        store<f32>(p, beta != 0 ? beta * load<f32>(p) : 0);
      }
    }
    return;
  }
  const t = scratch;
  const pa = scratch + 128;
  const pb = at4(pa, ((min(m, MC) + 3) & ~3) * min(k, KC));
  for (let jc = 0; jc < n; jc += NC) {
    const nb = min(NC, n - jc);
    for (let pc = 0; pc < k; pc += KC) {
      const kb = min(KC, k - pc);
      const scale = pc == 0 ? beta : 1;
      pack8(pb, at4(b, pc * bks + jc * bcs), nb, kb, bcs, bks);
      for (let ic = 0; ic < m; ic += MC) {
        const mb = min(MC, m - ic);
        pack4(pa, at4(a, ic * ars + pc * aks), mb, kb, ars, aks);
        if (scale != 0) store<i32>(t, touch(at4(c, ic * ldc + jc), mb, nb, ldc));
        for (let j = 0; j < nb; j += 8) {
          const panel = at4(pb, j * kb);
          const to = at4(c, ic * ldc + jc + j);
          const whole = nb - j >= 8 ? mb & ~3 : 0;
          tiles(to, pa, panel, whole >> 2, kb, ldc, alpha, scale);
          for (let i = whole; i < mb; i += 4) {
            tiles(t, at4(pa, i * kb), panel, 1, kb, 8, alpha, 0);
            edge(at4(to, i * ldc), t, min(4, mb - i), min(8, nb - j), ldc, scale);
          }
        }
      }
    }
  }
}

/** c[m x n] = beta c + a[m x k] b[k x n]. beta 0 overwrites, even NaN. scratch f32[gemmScratch(m, k, n)]. */
export function gemmNN(c: usize, a: usize, b: usize, scratch: usize, m: i32, k: i32, n: i32, beta: f32): void {
  product(c, a, b, scratch, m, k, n, n, k, 1, n, 1, 1, beta);
}

/** c[m x n] = beta c + a[m x k] b^T with b[n x k]. scratch f32[gemmScratch(m, k, n)]. */
export function gemmNT(c: usize, a: usize, b: usize, scratch: usize, m: i32, k: i32, n: i32, beta: f32): void {
  product(c, a, b, scratch, m, k, n, n, k, 1, 1, k, 1, beta);
}

/** c[m x n] = beta c + a^T b[k x n] with a[k x m]. scratch f32[gemmScratch(m, k, n)]. */
export function gemmTN(c: usize, a: usize, b: usize, scratch: usize, m: i32, k: i32, n: i32, beta: f32): void {
  product(c, a, b, scratch, m, k, n, n, 1, m, n, 1, 1, beta);
}
