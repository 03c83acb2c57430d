// Element-wise activations and dropout, each with its backward beside it. All may run in place.

import { at4 } from '../engine/simd';
import { sigmoid1, sigmoid4 } from '../engine/math';
import { philox, philox4 } from '../engine/random';

/** y[n] = max(x[n], 0); NaN stays NaN. */
export function relu(y: usize, x: usize, n: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) v128.store(at4(y, i), f32x4.max(v128.load(at4(x, i)), f32x4.splat(0)));
  for (; i < n; i++) store<f32>(at4(y, i), max(load<f32>(at4(x, i)), <f32>0));
}

/** dx[n] = dy[n] where the output y[n] is positive, else 0. */
export function reluBackward(dx: usize, dy: usize, y: usize, n: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const on = f32x4.gt(v128.load(at4(y, i)), f32x4.splat(0));
    v128.store(at4(dx, i), v128.and(v128.load(at4(dy, i)), on));
  }
  for (; i < n; i++) store<f32>(at4(dx, i), load<f32>(at4(y, i)) > 0 ? load<f32>(at4(dy, i)) : 0);
}

/** y[n] = tanh(x[n]) as 2 sigmoid(2x) - 1, 1.8e-7 absolute: small x lose relative accuracy. */
export function tanh(y: usize, x: usize, n: i32): void {
  const two = f32x4.splat(2);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const s = sigmoid4(f32x4.mul(two, v128.load(at4(x, i))));
    v128.store(at4(y, i), f32x4.sub(f32x4.mul(two, s), f32x4.splat(1)));
  }
  for (; i < n; i++) store<f32>(at4(y, i), 2 * sigmoid1(2 * load<f32>(at4(x, i))) - 1);
}

/** dx[n] = dy[n] (1 - y[n]^2) with y the output of tanh. */
export function tanhBackward(dx: usize, dy: usize, y: usize, n: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const v = v128.load(at4(y, i));
    v128.store(at4(dx, i), f32x4.mul(v128.load(at4(dy, i)), f32x4.sub(f32x4.splat(1), f32x4.mul(v, v))));
  }
  for (; i < n; i++) {
    const v = load<f32>(at4(y, i));
    store<f32>(at4(dx, i), load<f32>(at4(dy, i)) * (1 - v * v));
  }
}

/** y[rows x cols] = x with each column c scaled by m[c]. */
export function scaleColumns(y: usize, x: usize, m: usize, rows: i32, cols: i32): void {
  for (let i = 0; i < rows; i++) {
    const from = at4(x, i * cols), to = at4(y, i * cols);
    let c = 0;
    for (; c + 4 <= cols; c += 4) v128.store(at4(to, c), f32x4.mul(v128.load(at4(from, c)), v128.load(at4(m, c))));
    for (; c < cols; c++) store<f32>(at4(to, c), load<f32>(at4(from, c)) * load<f32>(at4(m, c)));
  }
}

/**
 * y[n] = x[n] / keep where the element is kept, else 0, with keep = kept65536 / 65536. Element i is kept when its 16
 * bits of Philox stream (seed, stream, step) are below kept65536: eight elements a block. The same call on a gradient
 * is its backward, so no mask is stored. y and x may be part of an array: from element `first` on, a multiple of 8.
 */
export function dropout(y: usize, x: usize, n: i32, kept65536: u32, seed: u32, stream: u32, step: u32, first: i32): void {
  const scale: f32 = 65536.0 / <f32>kept65536;
  const s = f32x4.splat(scale);
  const limit = i32x4.splat(kept65536);
  let i = 0;
  for (; i + 8 <= n; i += 8) {
    const bits = philox4((first + i) >> 3, step, 0, 0, seed, stream);
    const low = i32x4.lt_u(i32x4.extend_low_i16x8_u(bits), limit);
    const high = i32x4.lt_u(i32x4.extend_high_i16x8_u(bits), limit);
    v128.store(at4(y, i), v128.and(f32x4.mul(v128.load(at4(x, i)), s), low));
    v128.store(at4(y, i), v128.and(f32x4.mul(v128.load(at4(x, i), 16), s), high), 16);
  }
  if (i == n) return;
  const bits = philox((first + i) >> 3, step, seed, stream);
  let word = i64x2.extract_lane(bits, 0);
  for (; i < n; i++) {
    if ((i & 7) == 4) word = i64x2.extract_lane(bits, 1);
    store<f32>(at4(y, i), <u32>(word & 0xffff) < kept65536 ? load<f32>(at4(x, i)) * scale : 0);
    word >>= 16;
  }
}
