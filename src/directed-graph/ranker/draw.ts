import type { Engine } from '../../engine/engine.ts';
import { STREAM } from '../streams.ts';

/** Uses of random numbers in the ranker; each takes streams of its own, keyed by `step`. */
export const DRAW = { queries: 0, random: 8, fold: 16, batch: 17, weights: 25, dropout: 29 } as const;

/** The stream of a use, a u32. */
export const streamOf = (use: number): number => STREAM.ranker + use;

/** Rounds of distinct draws before the streams of a use are spent. */
const ROUNDS = 8;

/** `count` distinct random numbers below n in the order drawn, or all of them, rising, when there are no more. */
export function drawDistinct(
  engine: Engine,
  n: number,
  count: number,
  seed: number,
  use: number,
  step: number,
): Uint32Array {
  if (n <= count) return Uint32Array.from({ length: n }, (_, i) => i);
  // Nearly all: draw those to leave out instead, so that repeats stay few.
  if (count > n / 2) {
    const out = new Set(drawDistinct(engine, n, n - count, seed, use, step));
    return Uint32Array.from({ length: n }, (_, i) => i).filter((i) => !out.has(i));
  }
  const seen = new Set<number>();
  // At most half of all are taken, so that 64 rounds over 8 streams with shifting steps never run dry in practice.
  for (let round = 0; seen.size < count; round++) {
    const draws = integers(engine, count, n, seed, use + (round % ROUNDS), step + (round >> 3) * 0x1000000);
    for (const i of draws) if (seen.size < count) seen.add(i);
  }
  return Uint32Array.from(seen);
}

/** Random whole numbers below `bound`. */
export function integers(
  engine: Engine,
  count: number,
  bound: number,
  seed: number,
  use: number,
  step: number,
): Uint32Array {
  return engine.scope(({ alloc }) => {
    const out = alloc('u32', count);
    engine.kernels.randomIntegers(out.ptr, count, bound, seed, streamOf(use), step);
    return out.copy();
  });
}
