// The input of a network over hashed features: embeddings of a row's slots side by side, then its numbers. Tables are
// those of slot-table.ts, d a multiple of 4.

import { at4 } from '../engine/simd';
import { UNTOUCHED } from './slot-table';

/** out[rows x (fields d + numbers)] = value[index[r, f]] for each field, then x[r]; r = ids[i], or i when ids is 0. */
export function embedFields(out: usize, table: usize, index: usize, x: usize, ids: usize, rows: i32, fields: i32, numbers: i32, d: i32): void {
  const stride = <usize>d << 4;
  let o = out;
  for (let i = 0; i < rows; i++) {
    const r = ids ? load<i32>(at4(ids, i)) : i;
    let q = at4(index, r * fields);
    for (const end = at4(q, fields); q < end; q += 4) {
      const v = table + (<usize>load<u32>(q)) * stride;
      for (let c = 0; c < d; c += 4) v128.store(at4(o, c), v128.load(at4(v, c)));
      o = at4(o, d);
    }
    memory.copy(o, at4(x, r * numbers), <usize>numbers << 2);
    o = at4(o, numbers);
  }
}

/**
 * Adds g[rows x (fields d + numbers)] to the gradients of the slots; the part of the numbers is passed over. touched
 * u32[rows x fields] receives from place `known` on the slots untouched before; returns how many it holds.
 */
export function embedFieldsBackward(table: usize, touched: usize, known: i32, index: usize, ids: usize, g: usize, rows: i32, fields: i32, numbers: i32, d: i32): i32 {
  const stride = <usize>d << 4;
  const gradient = <usize>d * 12;
  let n = known;
  let from = g;
  for (let i = 0; i < rows; i++) {
    const r = ids ? load<i32>(at4(ids, i)) : i;
    let q = at4(index, r * fields);
    for (const end = at4(q, fields); q < end; q += 4) {
      const slot = load<u32>(q);
      const a = table + (<usize>slot) * stride + gradient;
      store<u32>(at4(touched, n), slot);
      n += <i32>(load<i32>(a) == UNTOUCHED);
      for (let c = 0; c < d; c += 4) {
        const v = f32x4.add(v128.load(at4(from, c)), f32x4.splat(0));
        v128.store(at4(a, c), f32x4.add(v128.load(at4(a, c)), v));
      }
      from = at4(from, d);
    }
    from = at4(from, numbers);
  }
  return n;
}
