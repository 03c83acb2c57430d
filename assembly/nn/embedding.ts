// Rows of a table by index.

import { at4 } from '../engine/simd';

/** out[n x d] = table[index[n]] rows of d. */
export function gatherRows(out: usize, table: usize, index: usize, n: i32, d: i32): void {
  for (let i = 0; i < n; i++) {
    memory.copy(at4(out, i * d), table + ((<usize>load<u32>(at4(index, i))) * d << 2), <usize>d << 2);
  }
}

/** table[index[i]] += alpha grad[i], in the order of i, so that repeated rows add in one order. */
export function scatterAddRows(table: usize, grad: usize, index: usize, n: i32, d: i32, alpha: f32): void {
  const s = f32x4.splat(alpha);
  for (let i = 0; i < n; i++) {
    const to = table + ((<usize>load<u32>(at4(index, i))) * d << 2);
    const from = at4(grad, i * d);
    let c = 0;
    for (; c + 4 <= d; c += 4) {
      v128.store(at4(to, c), f32x4.add(v128.load(at4(to, c)), f32x4.mul(s, v128.load(at4(from, c)))));
    }
    for (; c < d; c++) store<f32>(at4(to, c), load<f32>(at4(to, c)) + alpha * load<f32>(at4(from, c)));
  }
}
