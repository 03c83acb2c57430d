/** Plain twins of assembly/nn/loss.ts. */

import { clampedExp, sigmoidOf, softplusOf } from '../engine/math.ts';

type Floats = Float32Array | Float64Array;

export function sampledSoftmax(
  logits: Floats,
  dPositive: Floats,
  positive: Floats,
  offset: Floats,
  positiveId: Uint32Array,
  negativeId: Uint32Array,
  rows: number,
  negatives: number,
  scale: number,
): number {
  let total = 0;
  for (let i = 0; i < rows; i++) {
    const e = Array.from({ length: negatives }, (_, j) =>
      negativeId[j] === positiveId[i]
        ? 0
        : clampedExp(Math.min(logits[i * negatives + j] + offset[j] - positive[i], 60)),
    );
    const s = e.reduce((sum, x) => sum + x, 0);
    total += Math.log1p(s);
    e.forEach((x, j) => {
      logits[i * negatives + j] = (scale * x) / (1 + s);
    });
    dPositive[i] = (-scale * s) / (1 + s);
  }
  return total;
}

export function logisticLoss(
  score: Floats,
  weight: Floats | null,
  n: number,
  sign: number,
  shift: number,
  scale: number,
): number {
  let total = 0;
  for (let i = 0; i < n; i++) {
    const z = -(sign * score[i] + shift);
    const w = weight ? weight[i] : 1;
    total += w * softplusOf(z);
    score[i] = -sign * scale * w * sigmoidOf(z);
  }
  return total;
}

export function softLogistic(
  gradient: Floats,
  logits: Floats,
  label: Floats,
  weight: Floats | null,
  offset: Floats | null,
  ids: Uint32Array | null,
  rows: number,
  heads: number,
): number {
  let total = 0;
  for (let i = 0; i < rows; i++) {
    for (let h = 0; h < heads; h++) {
      const e = (ids ? ids[i] : i) * heads + h;
      const z = logits[i * heads + h] + (offset ? offset[e] : 0);
      const w = weight ? weight[e] : 1;
      total += w * (softplusOf(z) - label[e] * z);
      gradient[i * heads + h] = w * (sigmoidOf(z) - label[e]);
    }
  }
  return total;
}

export function addColumnSums(out: Floats, x: Floats, rows: number, cols: number): void {
  for (let c = 0; c < cols; c++) {
    let sum = out[c];
    for (let i = 0; i < rows; i++) sum += x[i * cols + c];
    out[c] = sum;
  }
}
