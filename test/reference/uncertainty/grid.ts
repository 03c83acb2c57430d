/** Plain twin of assembly/uncertainty/grid.ts. */

import { upperBound } from './search.ts';

export function gridHistogram(
  positives: Float64Array,
  weights: Float64Array,
  score: Float32Array,
  uncertainty: Float32Array,
  label: Float32Array,
  weight: Float32Array | null,
  cost: Float32Array | null,
  outer: Float32Array,
  inner: Float32Array,
  n: number,
  levels: number,
  bins: number,
  scoreFirst: number,
): void {
  for (let i = 0; i < n; i++) {
    const [first, second] = scoreFirst ? [bins, levels] : [levels, bins];
    const [a, b] = scoreFirst ? [score[i], uncertainty[i]] : [uncertainty[i], score[i]];
    const x = upperBound(outer, 0, first - 1, a);
    const y = upperBound(inner, x * (second - 1), second - 1, b);
    const cell = scoreFirst ? y * bins + x : x * bins + y;
    const w = weight ? weight[i] : 1;
    positives[cell] += w * label[i];
    weights[cell] += w * (cost ? cost[i] : 1);
  }
}
