import { integer } from '../check.ts';
import type { Engine } from '../engine/engine.ts';
import { clusteredNorm } from './evaluate.ts';
import { FOLDS, folds, outOfFold } from './folds.ts';
import { checkHoldout, type Holdout, type Rows } from './holdout.ts';

/** How much better labels are predicted with the uncertainty than without it. */
export interface LikelihoodGain {
  /** Mean gain in log-likelihood a row, in thousandths of a nat. */
  millinats: number;
  /** Its standard error; whole groups are the units where there are any. */
  standardError: number;
  /** Above two standard errors: what `auto` asks for before it uses the uncertainty. */
  useful: boolean;
}

/** Log-likelihood of a label (a fraction is a mixture) at log-odds x. */
export function logLikelihood(engine: Engine, label: number, x: number): number {
  const { expF64, logF64 } = engine.kernels;
  return label * x - Math.max(x, 0) - logF64(1 + expF64(-Math.abs(x)));
}

/** Mean and standard error of a difference of row values. */
export function meanGain(rows: Rows, difference: ArrayLike<number>): LikelihoodGain {
  const weight = (i: number) => (rows.weight ? rows.weight[i] : 1);
  let sum = 0;
  let total = 0;
  for (let i = 0; i < rows.n; i++) {
    sum += weight(i) * difference[i];
    total += weight(i);
  }
  const mean = sum / total;
  const error = clusteredNorm(rows, (i) => weight(i) * (difference[i] - mean)) / total;
  return { millinats: 1000 * mean, standardError: 1000 * error, useful: mean > 2 * error };
}

/** Out-of-fold gain of the surface over (score, uncertainty) above the one over the score alone; five folds. */
export function uncertaintyGain(engine: Engine, holdout: Holdout, seed = 1): LikelihoodGain {
  integer(seed, 'seed', 0, 2 ** 32 - 1);
  return surfaceGain(engine, checkHoldout(holdout, { probability: true }), seed);
}

export function surfaceGain(engine: Engine, rows: Rows, seed: number): LikelihoodGain {
  const parts = folds(engine, rows, FOLDS, seed);
  const [withIt, without] = [true, false].map((use) => outOfFold(engine, rows, parts, use));
  const difference = Float64Array.from(
    rows.label,
    (y, i) => logLikelihood(engine, y, withIt[i]) - logLikelihood(engine, y, without[i]),
  );
  return meanGain(rows, difference);
}
