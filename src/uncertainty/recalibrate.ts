import { flag, numbers, options, real, sized } from '../check.ts';
import type { Engine } from '../engine/engine.ts';
import { countGrid, fitGrid, type Grid, gridOptions } from './grid.ts';
import { checkHoldout, column, type Holdout, type Rows } from './holdout.ts';
import { levelRates } from './isotonic.ts';
import { upperBound } from './search.ts';
import { fitSurface, type Surface, sigmoids, surfaceLogOdds } from './surface.ts';

/** A score and an uncertainty turned into the probability of a positive. */
export interface Calibration {
  kind: 'isotonic' | 'surface';
  /** f64 probabilities of rows. */
  probabilities(score: ArrayLike<number>, uncertainty?: ArrayLike<number>): Float64Array;
}

export interface IsotonicOptions {
  /**
   * Levels of uncertainty, 1 to 1000, each with its own steps; 1 looks at the score alone. Unless given as many as hold rows,
   * up to 5.
   */
  levels?: number;
  /** Bins of score in each level, 2 to 100,000: the steps are of whole bins. */
  bins: number;
  /** Rows that each step rests on at least, from 0: steps of single rows promise .7 where .46 is true. */
  minBlock: number;
}

export const isotonicDefaults: IsotonicOptions = { levels: undefined, bins: 200, minBlock: 100 };

/** Steps of probability that never fall as the score rises, inside each level of uncertainty. */
export function isotonicCalibration(
  engine: Engine,
  holdout: Holdout,
  given?: Partial<IsotonicOptions>,
): Calibration {
  const o = options<IsotonicOptions>(given, isotonicDefaults, 'isotonicCalibration');
  const { levels, bins, minBlock } = o;
  gridOptions({ levels, bins });
  real(minBlock, 'minBlock', 0);
  const rows = checkHoldout(holdout);
  const grid = fitGrid(engine, rows, { levels, bins, edges: 'count' });
  const steps = isotonicSteps(engine, rows, grid, minBlock);
  return {
    kind: 'isotonic',
    probabilities: (score, uncertainty) => steps(...columnsOf(score, uncertainty, grid.levels > 1)),
  };
}

/** The steps of probability of each level of a grid, uncertainty-first. */
export function isotonicSteps(
  engine: Engine,
  rows: Rows,
  grid: Grid,
  minBlock: number,
): (score: Float32Array, uncertainty: Float32Array) => Float64Array {
  const { levels, bins } = grid;
  const rates = levelRates(engine, countGrid(engine, grid, { ...rows, cost: undefined }), minBlock);
  return (score, uncertainty) => {
    const out = new Float64Array(score.length);
    for (let i = 0; i < out.length; i++) {
      const level = upperBound(grid.outer, 0, levels - 1, uncertainty[i]);
      out[i] = rates[level * bins + upperBound(grid.inner, level * (bins - 1), bins - 1, score[i])];
    }
    return out;
  };
}

/** A logistic surface over (log-odds of the score, uncertainty) as a calibration; without `uncertainty` a curve over the score. */
export function surfaceCalibration(
  engine: Engine,
  holdout: Holdout,
  given?: { uncertainty?: boolean },
): Calibration & { surface: Surface } {
  const o = options(
    { uncertainty: holdout?.uncertainty != null, ...given },
    { uncertainty: true },
    'surfaceCalibration',
  );
  flag(o.uncertainty, 'uncertainty');
  const rows = checkHoldout(holdout, { probability: true });
  if (o.uncertainty && !rows.hasUncertainty) throw new TypeError('holdout must have uncertainty');
  const surface = fitSurface(engine, rows, o.uncertainty);
  return {
    kind: 'surface',
    surface,
    probabilities: (score, uncertainty) =>
      sigmoids(
        engine,
        surfaceLogOdds(engine, surface, ...columnsOf(score, uncertainty, o.uncertainty, true)),
      ),
  };
}

function columnsOf(
  score: ArrayLike<number>,
  uncertainty: ArrayLike<number> | undefined,
  needed: boolean,
  probability = false,
): [Float32Array, Float32Array] {
  const n = score?.length;
  const s = probability ? column(score, 'score', n, 0, 1) : column(score, 'score', n);
  if (uncertainty === undefined && needed) throw new TypeError('uncertainty must be given');
  return [s, uncertainty === undefined ? new Float32Array(n) : column(uncertainty, 'uncertainty', n)];
}

export interface PosteriorOptions {
  /** Beta prior of the true rate: positives and negatives seen before, 0.001 to 1e9 each. */
  prior: readonly [number, number];
  /** Tau, 1 to 1e9: negatives were kept with probability 1 / tau; 1 keeps all. */
  undersampling: number;
}

/** The mean true rate when negatives were kept with probability 1 / tau; the formula is in src/uncertainty.ts. */
export function posteriorMean(
  engine: Engine,
  positives: ArrayLike<number>,
  trials: ArrayLike<number>,
  given: PosteriorOptions,
): Float64Array {
  const { prior, undersampling } = options<Partial<PosteriorOptions>>(
    given ?? null,
    { prior: undefined, undersampling: undefined },
    'posteriorMean',
  ) as PosteriorOptions;
  const n = trials?.length;
  numbers(trials, 'trials', n);
  numbers(positives, 'positives', n);
  sized(prior, 'prior', 2);
  const [b1, b0] = prior.map((b, i) => real(b, `prior[${i}]`, 1e-3, 1e9));
  real(undersampling, 'undersampling', 1, 1e9);
  for (let i = 0; i < n; i++) {
    real(trials[i], `trials[${i}]`, 0, 1e9);
    real(positives[i], `positives[${i}]`, 0, trials[i]);
  }
  return engine.scope((scope) => {
    const out = scope.alloc('f64', n);
    const [k, m] = [scope.from('f64', positives), scope.from('f64', trials)];
    engine.kernels.posteriorMeans(out.ptr, k.ptr, m.ptr, n, b1, b0, undersampling);
    return out.copy();
  });
}
