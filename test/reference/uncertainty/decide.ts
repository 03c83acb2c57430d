/** Plain twins of assembly/uncertainty/decide.ts. */

import { upperBound } from './search.ts';

const answer = (above: boolean, between: boolean, beyond: boolean) =>
  beyond ? 2 : above ? 1 : between ? 2 : 0;

export function decideLevels(
  out: Uint8Array,
  score: Float32Array,
  uncertainty: Float32Array,
  edges: Float32Array,
  high: Float32Array,
  low: Float32Array,
  n: number,
  levels: number,
  limit: number,
): number {
  for (let i = 0; i < n; i++) {
    const [s, u] = [score[i], uncertainty[i]];
    if (!(Number.isFinite(s) && Number.isFinite(u))) return i;
    const level = upperBound(edges, 0, levels - 1, u);
    out[i] = answer(s >= high[level], s >= low[level], u > limit);
  }
  return n;
}

export function decideNested(
  out: Uint8Array,
  score: Float32Array,
  uncertainty: Float32Array,
  outer: Float32Array,
  inner: Float32Array,
  high: Uint32Array,
  low: Uint32Array,
  n: number,
  levels: number,
  bins: number,
  limit: number,
): number {
  for (let i = 0; i < n; i++) {
    const [s, u] = [score[i], uncertainty[i]];
    if (!(Number.isFinite(s) && Number.isFinite(u))) return i;
    const bin = upperBound(outer, 0, bins - 1, s);
    const level = upperBound(inner, bin * (levels - 1), levels - 1, u);
    out[i] = answer(bin >= high[level], bin >= low[level], u > limit);
  }
  return n;
}
