// Positives and rows of a hold-out counted into the cells of a grid.

import { at4 } from '../engine/simd';
import { at8, upperBound, upperBound4 } from './search';

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
  const first = scoreFirst ? bins : levels, second = scoreFirst ? levels : bins;
  const a = scoreFirst ? score : uncertainty, b = scoreFirst ? uncertainty : score;
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const x = upperBound4(outer, i32x4.splat(0), first - 1, v128.load(at4(a, i)));
    const y = upperBound4(inner, i32x4.mul(x, i32x4.splat(second - 1)), second - 1, v128.load(at4(b, i)));
    const level = scoreFirst ? y : x, bin = scoreFirst ? x : y;
    const cell = i32x4.add(i32x4.mul(level, i32x4.splat(bins)), bin);
    count(positives, weights, label, weight, cost, i, i32x4.extract_lane(cell, 0));
    count(positives, weights, label, weight, cost, i + 1, i32x4.extract_lane(cell, 1));
    count(positives, weights, label, weight, cost, i + 2, i32x4.extract_lane(cell, 2));
    count(positives, weights, label, weight, cost, i + 3, i32x4.extract_lane(cell, 3));
  }
  for (; i < n; i++) {
    const x = upperBound(outer, first - 1, load<f32>(at4(a, i)));
    const y = upperBound(at4(inner, x * (second - 1)), second - 1, load<f32>(at4(b, i)));
    count(positives, weights, label, weight, cost, i, scoreFirst ? y * bins + x : x * bins + y);
  }
}

function count(positives: usize, weights: usize, label: usize, weight: usize, cost: usize, i: i32, cell: i32): void {
  const w: f64 = weight ? <f64>load<f32>(at4(weight, i)) : 1;
  const p = at8(positives, cell), q = at8(weights, cell);
  store<f64>(p, load<f64>(p) + w * <f64>load<f32>(at4(label, i)));
  store<f64>(q, load<f64>(q) + (cost ? w * <f64>load<f32>(at4(cost, i)) : w));
}
