import type { Slice } from '../engine/arena.ts';
import type { Engine } from '../engine/engine.ts';

/** out[index.length or n x d] = rows of `table` at `index`. */
export function gatherRows(
  engine: Engine,
  out: Slice<'f32'>,
  table: Slice<'f32'>,
  index: Slice<'u32'>,
  n: number,
  d: number,
): void {
  engine.kernels.gatherRows(out.ptr, table.ptr, index.ptr, n, d);
}

/** table[index[i]] += alpha grad[i]; repeated rows add in the order of i. */
export function scatterAddRows(
  engine: Engine,
  table: Slice<'f32'>,
  grad: Slice<'f32'>,
  index: Slice<'u32'>,
  n: number,
  d: number,
  alpha = 1,
): void {
  engine.kernels.scatterAddRows(table.ptr, grad.ptr, index.ptr, n, d, alpha);
}
