/** Plain twins of assembly/uncertainty/surface.ts. */

import { upperBound } from './search.ts';

export const terms = (z: number, r: number): number[] => [
  1,
  z,
  Math.max(z - 1, 0),
  r,
  Math.max(r, 0),
  z * r,
  z * Math.max(r, 0),
];

export function height(beta: Float64Array, z: number, r: number): number {
  const x = terms(z, r);
  let sum = 0;
  for (let t = 0; t < 7; t++) sum += x[t] * beta[t];
  return sum;
}

export function surfaceLogits(
  z: Float64Array,
  score: Float32Array,
  n: number,
  center: number,
  scale: number,
): void {
  for (let i = 0; i < n; i++) {
    const logit = Math.log(score[i]) - Math.log(1 - score[i]);
    z[i] = (Math.min(Math.max(logit, -7), 7) - center) / scale;
  }
}

export function surfaceRanks(
  r: Float64Array,
  uncertainty: Float32Array,
  edges: Float32Array,
  n: number,
  count: number,
): void {
  for (let i = 0; i < n; i++) r[i] = (2 * upperBound(edges, 0, count, uncertainty[i])) / count - 1;
}

export function surfaceStep(
  out: Float64Array,
  _scratch: unknown,
  z: Float64Array,
  r: Float64Array,
  label: Float32Array,
  weight: Float32Array | null,
  beta: Float64Array,
  n: number,
): void {
  out.fill(0);
  for (let i = 0; i < n; i++) {
    const x = [...terms(z[i], r[i]), 0];
    const eta = height(beta, z[i], r[i]);
    const p = 1 / (1 + Math.exp(-eta));
    const w = weight ? weight[i] : 1;
    out[7] += w * (label[i] * eta - Math.max(eta, 0) - Math.log1p(Math.exp(-Math.abs(eta))));
    for (let t = 0; t < 7; t++) {
      out[t] += w * (label[i] - p) * x[t];
      for (let s = 0; s <= (t | 1); s++) out[8 + 8 * t + s] += w * Math.max(p * (1 - p), 1e-6) * x[t] * x[s];
    }
  }
}

/** Which of `count` equal pieces of [-1, 1] holds r. */
export const piece = (r: number, count: number) =>
  Math.max(0, Math.min(count - 1, Math.trunc(0.5 * (r + 1) * count)));

/** Up to the top of its piece the least height from z to there, beyond it the largest: at the ends and the corner. */
export function surfaceValues(
  out: Float64Array,
  z: Float64Array,
  r: Float64Array,
  beta: Float64Array,
  tops: Float64Array,
  n: number,
  count: number,
): void {
  for (let i = 0; i < n; i++) {
    const top = tops[piece(r[i], count)];
    const [low, high] = [Math.min(z[i], top), Math.max(z[i], top)];
    const heights = [low, high, Math.min(Math.max(1, low), high)].map((x) => height(beta, x, r[i]));
    out[i] = z[i] > top ? Math.max(...heights) : Math.min(...heights);
  }
}

export function surfaceTops(
  tops: Float64Array,
  z: Float64Array,
  r: Float64Array,
  n: number,
  count: number,
): void {
  for (let i = 0; i < n; i++) {
    const at = piece(r[i], count);
    tops[at] = Math.max(tops[at], z[i]);
  }
}
