import type { Slice } from '../../engine/arena.ts';
import type { Engine } from '../../engine/engine.ts';
import { argsort } from '../../nn/argsort.ts';

const bits = new Int32Array(1);
const float = new Float32Array(bits.buffer);

/** The next larger f32 of a finite number. */
function above(x: number): number {
  float[0] = x;
  // -0 and 0 are one number, and negative ones count down.
  bits[0] = x === 0 ? 1 : bits[0] + (x > 0 ? 1 : -1);
  return float[0];
}

/**
 * Adds h to every score of a row, with the order unchanged: where rounding would make two different scores equal, the
 * larger moves up by one place of the last digit. `order` is scratch, u32[n].
 */
export function shiftRow(engine: Engine, row: Slice<'f32'>, order: Slice<'u32'>, h: number): void {
  argsort(engine, order, row);
  const z = row.array;
  let before = -Infinity;
  let last = -Infinity;
  for (const v of order.array) {
    const score = z[v];
    const moved = Math.fround(score + h);
    last = score > before ? (moved > last ? moved : above(last)) : last;
    before = score;
    z[v] = last;
  }
}
