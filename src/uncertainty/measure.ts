import { integer, notAborted, options as optionsOf, sized } from '../check.ts';
import type { Engine } from '../engine/engine.ts';
import { fitBoundary } from './boundary.ts';
import type { BoundaryOptions } from './boundary-options.ts';
import { checkHoldout, column, type Holdout } from './holdout.ts';
import { STREAM } from './streams.ts';
import { fitSurface, sigmoids, surfaceLogOdds } from './surface.ts';

export interface MeasureOptions {
  /** Redraws of the labels, 1 to 1,000,000: a share of failures f of them has the error sqrt(f (1 - f) / draws). */
  draws: number;
  /** Rows of each draw, without replacement; all of them when absent. */
  rows?: number;
  /** The true rate of each row; the surface fitted to the holdout when absent. */
  truth?: ArrayLike<number>;
  /** Rows and their true rates on which precision and recall are taken; those of the holdout when absent. */
  test?: { score: ArrayLike<number>; uncertainty: ArrayLike<number>; truth: ArrayLike<number> };
  /** Of the draws, 0 to 2^32 - 1; the same seed gives the same figures. */
  seed: number;
  /** Rejects with its reason between two draws. */
  signal?: AbortSignal;
  /** Called after each draw. */
  onProgress?: (done: number, total: number) => void;
}

const measureDefaults: MeasureOptions = {
  draws: 100,
  rows: undefined,
  truth: undefined,
  test: undefined,
  seed: 1,
  signal: undefined,
  onProgress: undefined,
};

/** Rates as they are, each checked to be one. */
function ratesOf(values: ArrayLike<number>, name: string, n: number): ArrayLike<number> {
  column(values, name, n, 0, 1);
  return values;
}

/** How often a way of fitting breaks its promise. */
export interface Measured {
  draws: number;
  /** Share of draws with a true precision below the bound. */
  failures: number;
  /** Means over draws of the true recall, and the share of draws that flag nothing (they never fail). */
  recall: number;
  flagsNothing: number;
}

/**
 * Redraws the labels from their true rates, fits, and counts how often the true precision of what is flagged lies below
 * the bound. Labels are drawn anew because re-sampling one fixed set makes even valid tests read 15 % at 90 %.
 */
export function measureFailures(
  engine: Engine,
  holdout: Holdout,
  options: Partial<BoundaryOptions>,
  given: MeasureOptions,
): Measured {
  const {
    draws,
    rows: size,
    truth,
    test,
    seed,
    signal,
    onProgress,
  } = optionsOf<MeasureOptions>(given ?? null, measureDefaults, 'measureFailures');
  if (options?.precision === undefined)
    throw new TypeError('measureFailures must be given a precision, which may fail');
  integer(draws, 'draws', 1, 1_000_000);
  integer(seed, 'seed', 0, 2 ** 32 - 1);
  const rows = checkHoldout(holdout, { probability: true });
  const rate =
    truth === undefined
      ? sigmoids(engine, surfaceLogOdds(engine, fitSurface(engine, rows), rows.score, rows.uncertainty))
      : ratesOf(truth, 'truth', rows.n);
  const n = size === undefined ? rows.n : integer(size, 'rows', 1, rows.n);
  if (test !== undefined) {
    const count = test?.truth?.length;
    ratesOf(test?.truth, 'test.truth', count);
    sized(test.score, 'test.score', count);
    sized(test.uncertainty, 'test.uncertainty', count);
  }
  const judged = test ?? { score: rows.score, uncertainty: rows.uncertainty, truth: rate };
  let positives = 0;
  for (let i = 0; i < judged.truth.length; i++) positives += judged.truth[i];
  const sums = { failures: 0, recall: 0, nothing: 0 };
  for (let draw = 0; draw < draws; draw++) {
    notAborted(signal);
    const { index, uniform } = drawRows(engine, rows.n, n, seed, draw);
    const take = (x: ArrayLike<number>) => Float32Array.from(index, (i) => x[i]);
    const boundary = fitBoundary(
      engine,
      {
        score: take(rows.score),
        uncertainty: take(rows.uncertainty),
        label: Float32Array.from(index, (i, k) => Number(uniform[k] < rate[i])),
      },
      { ...options, seed: draw },
    );
    const answers = boundary.policy.decideBatch(engine, judged.score, judged.uncertainty);
    let flagged = 0;
    let found = 0;
    answers.forEach((answer, i) => {
      if (answer !== 1) return;
      flagged++;
      found += judged.truth[i];
    });
    sums.failures += Number(flagged > 0 && found < (options.precision as number) * flagged);
    sums.nothing += Number(flagged === 0);
    sums.recall += found / positives;
    onProgress?.(draw + 1, draws);
  }
  return {
    draws,
    failures: sums.failures / draws,
    recall: sums.recall / draws,
    flagsNothing: sums.nothing / draws,
  };
}

/** `count` of n rows without replacement by a partial Fisher-Yates shuffle, and a uniform number for each. */
function drawRows(engine: Engine, n: number, count: number, seed: number, draw: number) {
  return engine.scope((scope) => {
    const swaps = scope.alloc('f32', count);
    const uniform = scope.alloc('f32', count);
    engine.kernels.randomUniform(swaps.ptr, count, seed, STREAM.redraw, 2 * draw);
    engine.kernels.randomUniform(uniform.ptr, count, seed, STREAM.redraw, 2 * draw + 1);
    const all = Uint32Array.from({ length: n }, (_, i) => i);
    for (let i = 0; i < count && count < n; i++) {
      const at = i + Math.floor(swaps.array[i] * (n - i));
      [all[i], all[at]] = [all[at], all[i]];
    }
    return { index: all.slice(0, count), uniform: uniform.copy() };
  });
}
