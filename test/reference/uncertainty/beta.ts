/** Plain twins of assembly/uncertainty/beta.ts. */

import { digammaF64, lgammaF64, trigammaF64 } from '../engine/math.ts';

type Floats = Float32Array | Float64Array;

export function entropyOf(a1: number, a0: number): number {
  const logBeta = lgammaF64(a1) + lgammaF64(a0) - lgammaF64(a1 + a0);
  const s = a1 + a0;
  return logBeta - (a1 - 1) * digammaF64(a1) - (a0 - 1) * digammaF64(a0) + (s - 2) * digammaF64(s);
}

export function betaEntropy(out: Float64Array, a1: Float64Array, a0: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) out[i] = entropyOf(a1[i], a0[i]);
}

const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** Expected log loss under Beta(a1, a0). */
export const expectedLoss = (y: number, a1: number, a0: number) =>
  digammaF64(a1 + a0) - y * digammaF64(a1) - (1 - y) * digammaF64(a0);

export function evidenceLoss(
  gradient: Floats,
  logits: Floats,
  label: Floats,
  weight: Floats | null,
  n: number,
  lambda: number,
): number {
  let total = 0;
  for (let i = 0; i < n; i++) {
    const [z1, z0] = [logits[2 * i], logits[2 * i + 1]];
    const [a1, a0] = [1 + softplus(z1), 1 + softplus(z0)];
    const [y, w, s] = [label[i], weight ? weight[i] : 1, a1 + a0];
    total += w * (expectedLoss(y, a1, a0) - lambda * entropyOf(a1, a0));
    const entropyBy = (a: number) => (s - 2) * trigammaF64(s) - (a - 1) * trigammaF64(a);
    gradient[2 * i] = w * (trigammaF64(s) - y * trigammaF64(a1) - lambda * entropyBy(a1)) * sigmoid(z1);
    gradient[2 * i + 1] =
      w * (trigammaF64(s) - (1 - y) * trigammaF64(a0) - lambda * entropyBy(a0)) * sigmoid(z0);
  }
  return total;
}

/** The ratio of the two integrals of the posterior over x = logit(r), at 60,000 points from -150 to 150. */
export function posteriorMeans(
  out: Float64Array,
  positives: Float64Array,
  trials: Float64Array,
  n: number,
  b1: number,
  b0: number,
  tau: number,
): void {
  const steps = 60_000;
  for (let i = 0; i < n; i++) {
    const [a, b] = [positives[i] + b1, trials[i] - positives[i] + b0];
    const logs = new Float64Array(steps);
    for (let j = 0; j < steps; j++) {
      const x = ((j + 0.5) / steps) * 300 - 150;
      logs[j] = -a * softplus(-x) - b * softplus(x) - trials[i] * Math.log1p((tau - 1) * sigmoid(x));
    }
    const top = logs.reduce((most, value) => Math.max(most, value));
    let mass = 0;
    let mean = 0;
    for (let j = 0; j < steps; j++) {
      const density = Math.exp(logs[j] - top);
      mass += density;
      mean += density * sigmoid(((j + 0.5) / steps) * 300 - 150);
    }
    out[i] = mean / mass;
  }
}
