import type { Slice } from '../engine/arena.ts';
import type { Engine } from '../engine/engine.ts';

/** order = the indices of `keys` from smallest to largest: stable, -0 before +0, NaN last. */
export function argsort(engine: Engine, order: Slice<'u32'>, keys: Slice<'f32'>): void {
  const n = keys.length;
  if (!(order.length === n)) throw new RangeError(`order must have ${n} entries, got ${order.length}`);
  engine.scope((scope) => {
    const scratch = scope.alloc('u32', engine.kernels.argsortScratch(n));
    engine.kernels.argsort(order.ptr, keys.ptr, scratch.ptr, n);
  });
}
