import type { Slice } from '../engine/arena.ts';
import type { Engine } from '../engine/engine.ts';

export type Activation = 'none' | 'relu' | 'tanh';

/** x[n] = activation(x[n]), in place. */
export function activate(engine: Engine, kind: Activation, x: Slice<'f32'>, n: number): void {
  if (kind === 'relu') engine.kernels.relu(x.ptr, x.ptr, n);
  else if (kind === 'tanh') engine.kernels.tanh(x.ptr, x.ptr, n);
}

/** dx[n] = dy[n] activation'(.), from the activation's output y. dx may be dy. */
export function activateBackward(
  engine: Engine,
  kind: Activation,
  dx: Slice<'f32'>,
  dy: Slice<'f32'>,
  y: Slice<'f32'>,
  n: number,
): void {
  if (kind === 'relu') engine.kernels.reluBackward(dx.ptr, dy.ptr, y.ptr, n);
  else if (kind === 'tanh') engine.kernels.tanhBackward(dx.ptr, dy.ptr, y.ptr, n);
  else if (dx.ptr !== dy.ptr) engine.kernels.scale(dx.ptr, dy.ptr, n, 1);
}

/** y[rows x cols] = x with each column scaled by m[cols]. y may be x. */
export function scaleColumns(
  engine: Engine,
  y: Slice<'f32'>,
  x: Slice<'f32'>,
  m: Slice<'f32'>,
  rows: number,
  cols: number,
): void {
  engine.kernels.scaleColumns(y.ptr, x.ptr, m.ptr, rows, cols);
}

/**
 * y[n] = x[n] with a share `rate` set to 0 and the rest scaled up to keep the mean; the rate is held to the nearest
 * 1/65536. The same call on a gradient is its backward. `step` and `stream` key the mask.
 */
export function dropout(
  engine: Engine,
  y: Slice<'f32'>,
  x: Slice<'f32'>,
  n: number,
  rate: number,
  key: { seed: number; stream: number; step: number },
): void {
  const kept = Math.max(1, Math.round((1 - rate) * 65536));
  engine.kernels.dropout(y.ptr, x.ptr, n, kept, key.seed, key.stream, key.step, 0);
}
