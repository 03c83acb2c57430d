// Adam (Kingma and Ba 2015, algorithm 1) over a flat array, and over touched rows of a table; AdaGrad over a flat array.

import { at4 } from '../engine/simd';

// @ts-ignore: decorator
@inline
function adam4(p: usize, g: usize, m: usize, v: usize, rate: v128, b1: v128, b2: v128, eps: v128, decay: v128): void {
  const one = f32x4.splat(1);
  const grad = v128.load(g);
  const mean = f32x4.add(f32x4.mul(b1, v128.load(m)), f32x4.mul(f32x4.sub(one, b1), grad));
  const square = f32x4.add(f32x4.mul(b2, v128.load(v)), f32x4.mul(f32x4.sub(one, b2), f32x4.mul(grad, grad)));
  v128.store(m, mean);
  v128.store(v, square);
  const x = v128.load(p);
  const moved = f32x4.sub(f32x4.mul(x, decay), f32x4.div(f32x4.mul(rate, mean), f32x4.add(f32x4.sqrt(square), eps)));
  v128.store(p, moved);
}

// @ts-ignore: decorator
@inline
function adam1(p: usize, g: usize, m: usize, v: usize, rate: f32, b1: f32, b2: f32, eps: f32, decay: f32): void {
  const grad = load<f32>(g);
  const mean = b1 * load<f32>(m) + (1 - b1) * grad;
  const square = b2 * load<f32>(v) + (1 - b2) * (grad * grad);
  store<f32>(m, mean);
  store<f32>(v, square);
  store<f32>(p, load<f32>(p) * decay - rate * mean / (sqrt<f32>(square) + eps));
}

/**
 * One step on p[n] with gradient g[n] and moments m[n], v[n]. `rate` is lr sqrt(1 - b2^t) / (1 - b1^t) and `eps` is
 * eps sqrt(1 - b2^t), so that the kernel needs no powers; `decay` is 1 - lr weightDecay (decoupled, AdamW).
 */
export function adam(p: usize, g: usize, m: usize, v: usize, n: i32, rate: f32, b1: f32, b2: f32, eps: f32, decay: f32): void {
  const r4 = f32x4.splat(rate), b14 = f32x4.splat(b1), b24 = f32x4.splat(b2), e4 = f32x4.splat(eps), d4 = f32x4.splat(decay);
  let i = 0;
  for (; i + 4 <= n; i += 4) adam4(at4(p, i), at4(g, i), at4(m, i), at4(v, i), r4, b14, b24, e4, d4);
  for (; i < n; i++) adam1(at4(p, i), at4(g, i), at4(m, i), at4(v, i), rate, b1, b2, eps, decay);
}

/**
 * The same step on the rows row[n] of p[.. x d] only, with the compact gradient g[n x d]; rows must be distinct.
 * Moments of untouched rows stay as they are (lazy Adam).
 */
export function adamRows(p: usize, g: usize, m: usize, v: usize, row: usize, n: i32, d: i32, rate: f32, b1: f32, b2: f32, eps: f32, decay: f32): void {
  for (let i = 0; i < n; i++) {
    const offset = (<usize>load<u32>(at4(row, i))) * d << 2;
    adam(p + offset, at4(g, i * d), m + offset, v + offset, d, rate, b1, b2, eps, decay);
  }
}

/** AdaGrad (Duchi, Hazan, Singer 2011): g' = scale g + pull p, s += g'^2, p -= rate g' / sqrt(s); s must start above 0. */
export function adagrad(p: usize, g: usize, s: usize, n: i32, rate: f32, pull: f32, scale: f32): void {
  const r4 = f32x4.splat(rate), l4 = f32x4.splat(pull), c4 = f32x4.splat(scale);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const x = v128.load(at4(p, i));
    const grad = f32x4.add(f32x4.mul(c4, v128.load(at4(g, i))), f32x4.mul(l4, x));
    const sum = f32x4.add(v128.load(at4(s, i)), f32x4.mul(grad, grad));
    v128.store(at4(s, i), sum);
    v128.store(at4(p, i), f32x4.sub(x, f32x4.div(f32x4.mul(r4, grad), f32x4.sqrt(sum))));
  }
  for (; i < n; i++) {
    const x = load<f32>(at4(p, i));
    const grad = scale * load<f32>(at4(g, i)) + pull * x;
    const sum = load<f32>(at4(s, i)) + grad * grad;
    store<f32>(at4(s, i), sum);
    store<f32>(at4(p, i), x - rate * grad / sqrt<f32>(sum));
  }
}
