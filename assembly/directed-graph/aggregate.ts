// Sparse times dense: weighted gather over a CSR neighbourhood and its transpose (scatter).

import { at4 } from '../engine/simd';

// @ts-ignore: decorator
@inline
function times(w: v128, x: v128, weighted: bool): v128 {
  return weighted ? f32x4.mul(w, x) : x;
}

// @ts-ignore: decorator
@inline
function gatherRows(y: usize, x: usize, indptr: usize, index: usize, weight: usize, rows: i32, d: i32, beta: f32, weighted: bool): void {
  for (let i = 0; i < rows; i++) {
    const begin = load<u32>(at4(indptr, i)), end = load<u32>(at4(indptr, i), 4);
    const out = at4(y, i * d);
    let c = 0;
    for (; c + 32 <= d; c += 32) {
      let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
      for (let e = begin; e < end; e++) {
        const p = x + ((<usize>load<u32>(at4(index, e))) * d + c << 2);
        const w = weighted ? v128.load_splat<f32>(at4(weight, e)) : f32x4.splat(1);
        s0 = f32x4.add(s0, times(w, v128.load(p), weighted));
        s1 = f32x4.add(s1, times(w, v128.load(p, 16), weighted));
        s2 = f32x4.add(s2, times(w, v128.load(p, 32), weighted));
        s3 = f32x4.add(s3, times(w, v128.load(p, 48), weighted));
        s4 = f32x4.add(s4, times(w, v128.load(p, 64), weighted));
        s5 = f32x4.add(s5, times(w, v128.load(p, 80), weighted));
        s6 = f32x4.add(s6, times(w, v128.load(p, 96), weighted));
        s7 = f32x4.add(s7, times(w, v128.load(p, 112), weighted));
      }
      const q = at4(out, c);
      if (beta != 0) {
        const b = f32x4.splat(beta);
        s0 = f32x4.add(s0, f32x4.mul(b, v128.load(q)));
        s1 = f32x4.add(s1, f32x4.mul(b, v128.load(q, 16)));
        s2 = f32x4.add(s2, f32x4.mul(b, v128.load(q, 32)));
        s3 = f32x4.add(s3, f32x4.mul(b, v128.load(q, 48)));
        s4 = f32x4.add(s4, f32x4.mul(b, v128.load(q, 64)));
        s5 = f32x4.add(s5, f32x4.mul(b, v128.load(q, 80)));
        s6 = f32x4.add(s6, f32x4.mul(b, v128.load(q, 96)));
        s7 = f32x4.add(s7, f32x4.mul(b, v128.load(q, 112)));
      }
      v128.store(q, s0);
      v128.store(q, s1, 16);
      v128.store(q, s2, 32);
      v128.store(q, s3, 48);
      v128.store(q, s4, 64);
      v128.store(q, s5, 80);
      v128.store(q, s6, 96);
      v128.store(q, s7, 112);
    }
    if (c < d) gatherRest(out, x, index, weight, begin, end, c, d, beta);
  }
}

/** Columns c .. d of one row of `gatherRows`: what is left beside the whole groups of 32. */
function gatherRest(out: usize, x: usize, index: usize, weight: usize, begin: u32, end: u32, c: i32, d: i32, beta: f32): void {
  for (; c + 4 <= d; c += 4) {
    let s = f32x4.splat(0);
    for (let e = begin; e < end; e++) {
      const v = v128.load(x + ((<usize>load<u32>(at4(index, e))) * d + c << 2));
      s = f32x4.add(s, weight ? f32x4.mul(v128.load_splat<f32>(at4(weight, e)), v) : v);
    }
    const q = at4(out, c);
    if (beta != 0) s = f32x4.add(s, f32x4.mul(f32x4.splat(beta), v128.load(q)));
    v128.store(q, s);
  }
  for (; c < d; c++) {
    let s: f32 = 0;
    for (let e = begin; e < end; e++) {
      const w: f32 = weight ? load<f32>(at4(weight, e)) : 1;
      s += w * load<f32>(x + ((<usize>load<u32>(at4(index, e))) * d + c << 2));
    }
    const q = at4(out, c);
    if (beta != 0) s += beta * load<f32>(q);
    store<f32>(q, s);
  }
}

/**
 * y[rows x d] = beta y + sum over edges e of row i of weight[e] x[index[e]]; x has row stride d.
 * indptr u32[rows + 1], index u32[edges], weight f32[edges] or 0 for all ones (a third faster). 32 columns at a time
 * stay in registers over the whole neighbourhood. beta 0 overwrites (NaN in y does not survive).
 */
export function gather(y: usize, x: usize, indptr: usize, index: usize, weight: usize, rows: i32, d: i32, beta: f32): void {
  if (weight) gatherRows(y, x, indptr, index, weight, rows, d, beta, true);
  else gatherRows(y, x, indptr, index, weight, rows, d, beta, false);
}

/**
 * dx[index[e]] += weight[e] dy[i] for every edge e of every row i: the transpose of `gather`, for blocks whose
 * transposed CSR is not built. d columns of rows `stride` apart. dx must not overlap dy; rows are walked in order, so the
 * sums have one order.
 */
export function scatter(dx: usize, dy: usize, indptr: usize, index: usize, weight: usize, rows: i32, d: i32, stride: i32): void {
  for (let i = 0; i < rows; i++) {
    const begin = load<u32>(at4(indptr, i)), end = load<u32>(at4(indptr, i), 4);
    const from = at4(dy, i * stride);
    for (let e = begin; e < end; e++) {
      const w: f32 = weight ? load<f32>(at4(weight, e)) : 1;
      const s = f32x4.splat(w);
      const to = dx + ((<usize>load<u32>(at4(index, e))) * stride << 2);
      let c = 0;
      for (; c + 4 <= d; c += 4) {
        v128.store(at4(to, c), f32x4.add(v128.load(at4(to, c)), f32x4.mul(s, v128.load(at4(from, c)))));
      }
      for (; c < d; c++) store<f32>(at4(to, c), load<f32>(at4(to, c)) + w * load<f32>(at4(from, c)));
    }
  }
}
