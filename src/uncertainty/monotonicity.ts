import type { Engine } from '../engine/engine.ts';
import type { GridTable } from './grid.ts';
import { levelRates } from './isotonic.ts';
import { STREAM } from './streams.ts';

/** A likelihood-ratio test of "positivity never falls as the score rises, in every level of uncertainty". */
export interface Monotonicity {
  /** Twice the log-likelihood of free cell rates less that of the best monotone ones. */
  statistic: number;
  /** Share of redraws from the monotone rates with at least this statistic. */
  pValue: number;
  draws: number;
}

/** The test by redrawing every cell's positives from the monotone fit. Cells are rounded to whole rows. */
export function monotonicity(engine: Engine, table: GridTable, draws: number, seed: number): Monotonicity {
  const weights = table.weights.map(Math.round);
  const rates = levelRates(engine, { ...table, weights }, 0);
  const statistic = ratio(engine, { ...table, positives: table.positives.map(Math.round), weights });
  let above = 0;
  for (let draw = 0; draw < draws; draw++) {
    const positives = redraw(engine, weights, rates, seed, draw);
    above += Number(ratio(engine, { ...table, positives, weights }) >= statistic - 1e-9);
  }
  return { statistic, pValue: (1 + above) / (1 + draws), draws };
}

function ratio(engine: Engine, table: GridTable): number {
  const { logF64 } = engine.kernels;
  const fit = levelRates(engine, table, 0);
  const part = (k: number, n: number, p: number) =>
    (k > 0 ? k * logF64(p) : 0) + (k < n ? (n - k) * logF64(1 - p) : 0);
  let sum = 0;
  table.weights.forEach((n, cell) => {
    const k = Math.min(table.positives[cell], n);
    if (n > 0) sum += part(k, n, k / n) - part(k, n, fit[cell]);
  });
  return 2 * sum;
}

/** Binomial counts by the normal law where it is close (n p q > 100), and row by row elsewhere. */
function redraw(
  engine: Engine,
  weights: Float64Array,
  rates: Float64Array,
  seed: number,
  draw: number,
): Float64Array {
  return engine.scope((scope) => {
    const out = new Float64Array(weights.length);
    const normal = scope.alloc('f32', weights.length);
    engine.kernels.randomNormal(normal.ptr, weights.length, 1, seed, STREAM.monotone, 2 * draw);
    const small = (i: number) => !(weights[i] * rates[i] * (1 - rates[i]) > 100);
    const most = weights.reduce((sum, n, i) => sum + (small(i) && rates[i] > 0 && rates[i] < 1 ? n : 0), 0);
    const uniform = scope.alloc('f32', most);
    engine.kernels.randomUniform(uniform.ptr, most, seed, STREAM.monotone, 2 * draw + 1);
    const [z, u] = [normal.array, uniform.array];
    let next = 0;
    for (let i = 0; i < out.length; i++) {
      const [n, p] = [weights[i], rates[i]];
      if (p <= 0 || p >= 1) out[i] = p >= 1 ? n : 0;
      else if (small(i)) for (let k = 0; k < n; k++) out[i] += Number(u[next++] < p);
      else out[i] = Math.min(n, Math.max(0, Math.round(n * p + z[i] * Math.sqrt(n * p * (1 - p)))));
    }
    return out;
  });
}

/** Mantel's test of a trend over the levels of uncertainty, stratified by bins of score. */
export interface Trend {
  /** Standard normal when positivity does not change with the uncertainty; negative when it falls. */
  z: number;
}

export function uncertaintyTrend({ grid, positives, weights }: GridTable): Trend {
  const { levels, bins } = grid;
  let sum = 0;
  let variance = 0;
  for (let bin = 0; bin < bins; bin++) {
    let [k, n, level, square, both] = [0, 0, 0, 0, 0];
    for (let i = 0; i < levels; i++) {
      const cell = i * bins + bin;
      k += positives[cell];
      n += weights[cell];
      level += i * weights[cell];
      square += i * i * weights[cell];
      both += i * positives[cell];
    }
    if (!(n > 1)) continue;
    sum += both - (k * level) / n;
    variance += ((k * (n - k)) / (n * (n - 1))) * (square - (level * level) / n);
  }
  return { z: variance > 0 ? sum / Math.sqrt(variance) : 0 };
}
