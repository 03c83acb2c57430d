// Second-order factorisation machines (Rendle 2010, equation 5) over slot tables (see slot-table.ts): each head h has k
// columns of the table's d = heads k; k is a multiple of 4. A number j of a row is a feature of value x_j.

import { at4, sum4 } from '../engine/simd';
import { UNTOUCHED } from './slot-table';

/**
 * out[rows x heads] += sum over pairs of features of <v_a, v_b> x_a x_b = (|sum|^2 - sum of squares) / 2, and
 * sums[rows x d] = sum of v x. index u32[.. x fields] into `table`, x f32[.. x numbers] with `dense` a slot a number.
 */
export function pairForward(out: usize, sums: usize, table: usize, dense: usize, index: usize, x: usize, ids: usize, rows: i32, fields: i32, numbers: i32, heads: i32, k: i32): void {
  const d = heads * k;
  const stride = <usize>d << 4;
  for (let i = 0; i < rows; i++) {
    const r = ids ? load<i32>(at4(ids, i)) : i;
    const from = at4(index, r * fields), end = at4(from, fields);
    for (let h = 0; h < heads; h++) {
      let twice = f32x4.splat(0);
      for (let c = h * k; c < (h + 1) * k; c += 4) {
        const column = at4(table, c);
        let s = f32x4.splat(0), square = f32x4.splat(0);
        for (let q = from; q < end; q += 4) {
          const v = v128.load(column + (<usize>load<u32>(q)) * stride);
          s = f32x4.add(s, v);
          square = f32x4.add(square, f32x4.mul(v, v));
        }
        for (let j = 0; j < numbers; j++) {
          const v = f32x4.mul(v128.load_splat<f32>(at4(x, r * numbers + j)), v128.load(at4(dense, c) + (<usize>j) * stride));
          s = f32x4.add(s, v);
          square = f32x4.add(square, f32x4.mul(v, v));
        }
        v128.store(at4(sums, i * d + c), s);
        twice = f32x4.add(twice, f32x4.sub(f32x4.mul(s, s), square));
      }
      const o = at4(out, i * heads + h);
      store<f32>(o, load<f32>(o) + <f32>0.5 * sum4(twice));
    }
  }
}

/** Lane 0 of a sum that is still untouched says so for the whole block. */
// @ts-ignore: decorator
@inline
function add4(gradient: usize, g: v128): void {
  v128.store(gradient, f32x4.add(v128.load(gradient), f32x4.add(g, f32x4.splat(0))));
}

/**
 * Adds the gradients of `pairForward` from g[rows x heads] and its sums: g x (sum - v x) for each feature. touched
 * u32[rows x fields] receives from place `known` on the slots that were untouched before; returns how many it holds.
 */
export function pairBackward(table: usize, dense: usize, touched: usize, known: i32, sums: usize, index: usize, x: usize, ids: usize, g: usize, rows: i32, fields: i32, numbers: i32, heads: i32, k: i32): i32 {
  const d = heads * k;
  const stride = <usize>d << 4;
  const gradient = <usize>d * 12;
  let n = known;
  for (let i = 0; i < rows; i++) {
    const r = ids ? load<i32>(at4(ids, i)) : i;
    const s = at4(sums, i * d);
    const gi = at4(g, i * heads);
    let q = at4(index, r * fields);
    for (const end = at4(q, fields); q < end; q += 4) {
      const slot = load<u32>(q);
      const v = table + (<usize>slot) * stride;
      store<u32>(at4(touched, n), slot);
      n += <i32>(load<i32>(v + gradient) == UNTOUCHED);
      for (let h = 0; h < heads; h++) {
        const g4 = v128.load_splat<f32>(at4(gi, h));
        for (let c = h * k; c < (h + 1) * k; c += 4) {
          add4(at4(v + gradient, c), f32x4.mul(g4, f32x4.sub(v128.load(at4(s, c)), v128.load(at4(v, c)))));
        }
      }
    }
    for (let j = 0; j < numbers; j++) {
      const v = dense + (<usize>j) * stride;
      const x4 = v128.load_splat<f32>(at4(x, r * numbers + j));
      for (let h = 0; h < heads; h++) {
        const g4 = f32x4.mul(x4, v128.load_splat<f32>(at4(gi, h)));
        for (let c = h * k; c < (h + 1) * k; c += 4) {
          const rest = f32x4.sub(v128.load(at4(s, c)), f32x4.mul(x4, v128.load(at4(v, c))));
          add4(at4(v + gradient, c), f32x4.mul(g4, rest));
        }
      }
    }
  }
  return n;
}
