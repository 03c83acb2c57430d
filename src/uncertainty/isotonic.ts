import type { Engine } from '../engine/engine.ts';
import type { GridTable } from './grid.ts';

/**
 * Non-decreasing rates of consecutive bins, every rate resting on a weight of at least `least` where there is that much
 * (pool adjacent violators). positives and weights are sums over each bin.
 */
export function isotonicRates(
  engine: Engine,
  positives: Float64Array,
  weights: Float64Array,
  least: number,
): Float64Array {
  const n = weights.length;
  return engine.scope((scope) => {
    const fit = scope.alloc('f64', n);
    const scratch = scope.alloc('f64', engine.kernels.isotonicScratch(n));
    engine.kernels.isotonic(
      fit.ptr,
      scope.from('f64', positives).ptr,
      scope.from('f64', weights).ptr,
      scratch.ptr,
      n,
      least,
    );
    return fit.copy();
  });
}

/** Rates of a grid's cells, [level x bins + bin]: isotonic in the score inside each level. */
export function levelRates(engine: Engine, table: GridTable, least: number): Float64Array {
  const { levels, bins } = table.grid;
  const out = new Float64Array(levels * bins);
  for (let i = 0; i < levels; i++) {
    const part = (x: Float64Array) => x.subarray(i * bins, (i + 1) * bins);
    out.set(isotonicRates(engine, part(table.positives), part(table.weights), least), i * bins);
  }
  return out;
}
