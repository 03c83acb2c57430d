import type { Engine } from '../engine/engine.ts';
import { STREAM } from './streams.ts';

export interface Interval {
  low: number;
  high: number;
}

/** u32[resamples x steps]: which steps each resample takes, with replacement. */
export interface Resamples {
  steps: number;
  count: number;
  index: Uint32Array;
}

export function drawResamples(engine: Engine, steps: number, count: number, seed: number): Resamples {
  if (steps === 0) return { steps, count, index: new Uint32Array(0) };
  return engine.scope(({ alloc }) => {
    const out = alloc('u32', steps * count);
    engine.kernels.randomIntegers(out.ptr, out.length, steps, seed, STREAM.bootstrap, 0);
    return { steps, count, index: out.copy() };
  });
}

/**
 * Percentile interval of a statistic of the steps: `of` is given the steps of a resample, repeats included. Every
 * method sees the same resamples, so that differences are paired. NaN where no resample has a value.
 */
export function bootstrap(
  { steps, count, index }: Resamples,
  level: number,
  of: (chosen: Uint32Array) => number,
): Interval {
  const values: number[] = [];
  for (let b = 0; b < count; b++) {
    const value = of(index.subarray(b * steps, (b + 1) * steps));
    if (Number.isFinite(value)) values.push(value);
  }
  values.sort((a, b) => a - b);
  const at = (share: number) => values[Math.round(share * (values.length - 1))] ?? Number.NaN;
  return { low: at((1 - level) / 2), high: at((1 + level) / 2) };
}
