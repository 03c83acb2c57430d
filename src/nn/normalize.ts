import type { Slice } from '../engine/arena.ts';
import type { Engine } from '../engine/engine.ts';

/** y = rows of x[rows x d] at unit length, inverse[rows] their 1 / length; a row shorter than 1e-9 becomes 0. */
export function rowNormalize(
  engine: Engine,
  y: Slice<'f32'>,
  inverse: Slice<'f32'>,
  x: Slice<'f32'>,
  rows: number,
  d: number,
): void {
  engine.kernels.rowNormalize(y.ptr, inverse.ptr, x.ptr, rows, d);
}

/** dx from dy and what rowNormalize gave. dx may be dy. */
export function rowNormalizeBackward(
  engine: Engine,
  dx: Slice<'f32'>,
  dy: Slice<'f32'>,
  y: Slice<'f32'>,
  inverse: Slice<'f32'>,
  rows: number,
  d: number,
): void {
  engine.kernels.rowNormalizeBackward(dx.ptr, dy.ptr, y.ptr, inverse.ptr, rows, d);
}
