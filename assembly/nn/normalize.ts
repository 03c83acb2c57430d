// Rows scaled to unit Euclidean length.

import { at4, sum4 } from '../engine/simd';

// @ts-ignore: decorator
@inline
function rowDot(a: usize, b: usize, d: i32): f32 {
  let s = f32x4.splat(0);
  let c = 0;
  for (; c + 4 <= d; c += 4) s = f32x4.add(s, f32x4.mul(v128.load(at4(a, c)), v128.load(at4(b, c))));
  let total = sum4(s);
  for (; c < d; c++) total += load<f32>(at4(a, c)) * load<f32>(at4(b, c));
  return total;
}

/**
 * y[rows x d] = x / |x| and inverse[rows] = 1 / |x|. A row shorter than 1e-9 becomes 0 with inverse 0: a node without
 * neighbours or features has no direction, and 0 / 0 must not reach a model. So does a row longer than 1.8e19, whose
 * square overflows. May run in place.
 */
export function rowNormalize(y: usize, inverse: usize, x: usize, rows: i32, d: i32): void {
  for (let i = 0; i < rows; i++) {
    const p = at4(x, i * d), q = at4(y, i * d);
    const length = sqrt<f32>(rowDot(p, p, d));
    const r: f32 = length < 1e-9 ? 0 : 1 / length;
    store<f32>(at4(inverse, i), r);
    const s = f32x4.splat(r);
    let c = 0;
    for (; c + 4 <= d; c += 4) v128.store(at4(q, c), f32x4.mul(s, v128.load(at4(p, c))));
    for (; c < d; c++) store<f32>(at4(q, c), r * load<f32>(at4(p, c)));
  }
}

/** dx[rows x d] = inverse (dy - y <y, dy>) with y, inverse from rowNormalize. May run in place. */
export function rowNormalizeBackward(dx: usize, dy: usize, y: usize, inverse: usize, rows: i32, d: i32): void {
  for (let i = 0; i < rows; i++) {
    const p = at4(dy, i * d), q = at4(y, i * d), o = at4(dx, i * d);
    const r = load<f32>(at4(inverse, i));
    const along = rowDot(p, q, d);
    const s = f32x4.splat(r), t = f32x4.splat(along);
    let c = 0;
    for (; c + 4 <= d; c += 4) {
      v128.store(at4(o, c), f32x4.mul(s, f32x4.sub(v128.load(at4(p, c)), f32x4.mul(t, v128.load(at4(q, c))))));
    }
    for (; c < d; c++) store<f32>(at4(o, c), r * (load<f32>(at4(p, c)) - along * load<f32>(at4(q, c))));
  }
}
