// Positives and rows of a hold-out counted into the cells of a grid.

import { at4 } from '../engine/simd';
import { at8, upperBound } from './search';

/**
 * Adds label x weight to positives f64[levels x bins] and cost x weight to weights, in the cell of each row. score,
 * uncertainty, label, weight, cost f32[n]; weight and cost may be null and are 1 then. Uncertainty-first: outer
 * f32[levels - 1] edges of uncertainty, inner f32[levels x (bins - 1)] edges of score in each level. Score-first: outer
 * f32[bins - 1] edges of score, inner f32[bins x (levels - 1)] edges of uncertainty in each bin.
 */
export function gridHistogram(
  positives: usize, weights: usize, score: usize, uncertainty: usize, label: usize, weight: usize, cost: usize,
  outer: usize, inner: usize, n: i32, levels: i32, bins: i32, scoreFirst: i32,
): void {
  for (let i = 0; i < n; i++) {
    const s = load<f32>(at4(score, i)), u = load<f32>(at4(uncertainty, i));
    let level: i32, bin: i32;
    if (scoreFirst) {
      bin = upperBound(outer, bins - 1, s);
      level = upperBound(at4(inner, bin * (levels - 1)), levels - 1, u);
    } else {
      level = upperBound(outer, levels - 1, u);
      bin = upperBound(at4(inner, level * (bins - 1)), bins - 1, s);
    }
    const cell = level * bins + bin;
    const w: f64 = weight ? <f64>load<f32>(at4(weight, i)) : 1;
    const p = at8(positives, cell), q = at8(weights, cell);
    store<f64>(p, load<f64>(p) + w * <f64>load<f32>(at4(label, i)));
    store<f64>(q, load<f64>(q) + (cost ? w * <f64>load<f32>(at4(cost, i)) : w));
  }
}
