import type { Engine } from '../engine/engine.ts';
import { argsort } from '../nn/argsort.ts';

/** Indices of `keys` from the smallest to the largest, equal keys in their order. f32 keys by the radix-sort kernel. */
export function ascending(engine: Engine, keys: Float32Array): Uint32Array {
  return engine.scope((scope) => {
    const order = scope.alloc('u32', keys.length);
    argsort(engine, order, scope.from('f32', keys));
    return order.copy();
  });
}

/** Indices of `keys` from the largest to the smallest, equal keys in their order. */
export const descending = (engine: Engine, keys: Float32Array): Uint32Array =>
  ascending(
    engine,
    keys.map((x) => -x),
  );
