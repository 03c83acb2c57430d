import type { Slice } from '../../engine/arena.ts';
import type { Engine } from '../../engine/engine.ts';

/**
 * Listwise softmax of one list: each of its first `positives` rows against the whole list, with `offset` added to the
 * logits. z f32[rows] becomes the gradient times `scale`; returns the sum over positives of log sum exp - z.
 */
export function listwise(
  engine: Engine,
  z: Slice<'f32'>,
  offset: Float32Array,
  positives: number,
  scale: number,
): number {
  const rows = offset.length;
  const at = z.array;
  let most = -Infinity;
  let chosen = 0;
  for (let r = 0; r < rows; r++) {
    if (r < positives) chosen += at[r] + offset[r];
    at[r] += offset[r];
    if (at[r] > most) most = at[r];
  }
  for (let r = 0; r < rows; r++) at[r] -= most;
  engine.kernels.exp(z.ptr, z.ptr, rows);
  let total = 0;
  for (let r = 0; r < rows; r++) total += at[r];
  const share = (scale * positives) / total;
  for (let r = 0; r < rows; r++) at[r] = share * at[r] - (r < positives ? scale : 0);
  return positives * (most + engine.kernels.logF64(total)) - chosen;
}
