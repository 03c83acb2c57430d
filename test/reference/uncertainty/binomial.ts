/** Plain twins of assembly/uncertainty/binomial.ts, by other ways: a sum of probabilities, and the midpoint rule. */

import { lgammaF64 } from '../engine/math.ts';

/** The sum of the binomial probabilities from k to n, each from the logarithm of its coefficient. */
export function binomialTail(k: number, n: number, p: number): number {
  if (Number.isNaN(k)) return NaN;
  let sum = 0;
  for (let i = Math.max(0, k); i <= n; i++) {
    const coefficient = lgammaF64(n + 1) - lgammaF64(i + 1) - lgammaF64(n - i + 1);
    sum += Math.exp(coefficient + i * Math.log(p) + (n - i) * Math.log(1 - p));
  }
  return k <= 0 ? 1 : sum;
}

/** The density of Beta(a, b) summed at 20,000 midpoints of x = sin^2, which takes the poles at both ends away. */
export function betaIncomplete(x: number, a: number, b: number): number {
  if (Number.isNaN(x)) return NaN;
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
  const angle = Math.asin(Math.sqrt(x));
  const scale = lgammaF64(a + b) - lgammaF64(a) - lgammaF64(b);
  const steps = 20_000;
  let sum = 0;
  for (let i = 0; i < steps; i++) {
    const t = ((i + 0.5) / steps) * angle;
    sum += Math.exp(scale + (2 * a - 1) * Math.log(Math.sin(t)) + (2 * b - 1) * Math.log(Math.cos(t)));
  }
  return (2 * sum * angle) / steps;
}
