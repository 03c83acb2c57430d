import { integer } from '../check.ts';
import type { Slice } from '../engine/arena.ts';
import type { Engine } from '../engine/engine.ts';

/** Columns swept at a time: 128 leaves 3 % of the work outside the large product at n = 9,000. */
const WIDTH = 128;

/**
 * a[n x n] = its inverse, in place. a is symmetric positive definite; only the lower triangle is read. n^3 flops (21 s
 * for n = 9,000) and 1 KB of scratch a row. `onStep(done, n)` is called after every block of rows; what it throws
 * stops the work. RangeError when a pivot is not positive (at f32 precision); a is spoiled in both cases.
 */
export function invertSpd(
  engine: Engine,
  a: Slice<'f32'>,
  n: number,
  onStep?: (done: number, total: number) => void,
): void {
  for (const done of spdSteps(engine, a, n)) onStep?.(done, n);
}

/** `invertSpd` a block of rows at a time: yields how many are done. */
export function* spdSteps(engine: Engine, a: Slice<'f32'>, n: number): Generator<number, void> {
  integer(n, 'n', 0, 32_000);
  if (!(a.length === n * n)) throw new RangeError(`a must have ${n * n} entries, got ${a.length}`);
  const { gemmScratch, spdFinish, spdScratch, spdSweep, spdUpdate } = engine.kernels;
  const widest = Math.min(n, WIDTH);
  const scratch = engine.alloc('f32', spdScratch(n, widest));
  const lent = engine.alloc('f32', gemmScratch(n, widest, n));
  try {
    for (let start = 0; start < n; start += WIDTH) {
      const width = Math.min(WIDTH, n - start);
      const failed = spdSweep(a.ptr, scratch.ptr, n, start, width);
      if (failed > 0) {
        throw new RangeError(
          `a must be positive definite: row ${failed - 1} of ${n} depends on the rows before it, or is not finite`,
        );
      }
      spdUpdate(a.ptr, scratch.ptr, lent.ptr, n, width, n, 0);
      yield start + width;
    }
    spdFinish(a.ptr, n);
  } finally {
    engine.release(scratch, lent);
  }
}
