import { integer, real } from '../check.ts';
import { checkEngine } from '../engine/check-engine.ts';
import type { Engine } from '../engine/engine.ts';

/** The x with I_x(a, b) = p, by 60 halvings: 1e-18 of the interval. */
function betaQuantile(engine: Engine, p: number, a: number, b: number): number {
  let low = 0;
  let high = 1;
  for (let step = 0; step < 60; step++) {
    const x = (low + high) / 2;
    if (engine.kernels.betaIncomplete(x, a, b) < p) low = x;
    else high = x;
  }
  return (low + high) / 2;
}

/**
 * The lower bound of a share that holds with `confidence` when `positives` of `rows` independent rows were positive,
 * one-sided (Clopper and Pearson 1934). 0 when none were.
 */
export function clopperPearsonLower(
  engine: Engine,
  positives: number,
  rows: number,
  confidence: number,
): number {
  integer(rows, 'rows', 0);
  integer(positives, 'positives', 0, rows);
  real(confidence, 'confidence', 0, 1);
  return positives === 0
    ? 0
    : betaQuantile(checkEngine(engine), 1 - confidence, positives, rows - positives + 1);
}

/** P(Bin(rows, bound) >= positives): the p-value of "the true share is at most the bound". */
export function binomialTail(engine: Engine, positives: number, rows: number, bound: number): number {
  integer(rows, 'rows', 0);
  integer(positives, 'positives', 0, rows);
  return checkEngine(engine).kernels.binomialTail(positives, rows, real(bound, 'bound', 0, 1));
}

/** Wilson's interval of a share (k of n, both may be weighted sums), z = 1.96 for 95 %. [0, 1] without rows. */
export function wilson(k: number, n: number, z = 1.959964): [number, number] {
  real(n, 'n', 0);
  // Sums of f32 weights may end a rounding above.
  real(k, 'k', 0, n * (1 + 1e-6));
  real(z, 'z', 0);
  if (n === 0) return [0, 1];
  const share = k / n;
  const square = (z * z) / n;
  const center = (share + square / 2) / (1 + square);
  const half = (z / (1 + square)) * Math.sqrt((share * (1 - share)) / n + square / (4 * n));
  return [Math.max(0, center - half), Math.min(1, center + half)];
}
