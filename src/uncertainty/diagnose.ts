import { integer, options, real } from '../check.ts';
import type { Engine } from '../engine/engine.ts';
import { wilson } from './binomial.ts';
import { FOLDS, folds, take } from './folds.ts';
import { type LikelihoodGain, meanGain, surfaceGain } from './gain.ts';
import { countGrid, fitGrid, type GridTable, heldLevels, levelCuts, mostLevels } from './grid.ts';
import { checkHoldout, type Holdout, type Rows } from './holdout.ts';
import { type Monotonicity, monotonicity, type Trend, uncertaintyTrend } from './monotonicity.ts';
import { isotonicSteps } from './recalibrate.ts';

export interface DiagnoseOptions {
  /** Levels of uncertainty, 1 to 1000, each of which must hold rows; unless given as many as do, up to 5. */
  levels?: number;
  /** Bins of score with equal counts of rows, 2 to 10,000: of the cells, the tests and `reliability`. */
  bins: number;
  /** Redraws of the monotonicity test, 1 to 100,000: its p-value is at least 1 / (1 + draws). */
  draws: number;
  /** Rows, from 1, that each isotonic step of `gain.isotonic` rests on: with fewer they learn single rows by heart. */
  minBlock: number;
  /** Of the folds and the redraws, 0 to 2^32 - 1; the same seed gives the same diagnosis. */
  seed: number;
}

export const diagnoseDefaults: DiagnoseOptions = {
  levels: undefined,
  bins: 10,
  draws: 200,
  minBlock: 100,
  seed: 1,
};

/** One cell of the (score, uncertainty) plane. */
export interface Cell {
  level: number;
  bin: number;
  /** Bounds, from inclusive, to exclusive; null at the outer ends. */
  score: [number | null, number | null];
  uncertainty: [number | null, number | null];
  rows: number;
  positives: number;
  /** NaN for a cell without rows. */
  rate: number;
  interval: [number, number];
}

export interface ReliabilityBin {
  rows: number;
  meanScore: number;
  rate: number;
  interval: [number, number];
}

/** Whether an uncertainty is worth a boundary, and whether the scores mean what they say. */
export interface Diagnosis {
  /** Positivity by score and uncertainty with Wilson intervals at 95 %: the heat map. */
  cells: Cell[];
  /** Does positivity rise with the score at fixed uncertainty? A small p-value says that it does not. */
  monotone: Monotonicity;
  /** Does positivity change with the uncertainty at fixed score? z below -2: it falls. */
  trend: Trend;
  /** Out-of-fold gains in likelihood of using the uncertainty: by isotonic steps, and by the surface. */
  gain: { isotonic: LikelihoodGain; surface: LikelihoodGain };
  /** Scores in bins of equal count against what came true. */
  reliability: ReliabilityBin[];
  /** Expected calibration error: mean |score - rate| over those bins, by rows. */
  ece: number;
}

/** Looks at labelled rows before a boundary is fitted to them. Scores must be probabilities. */
export function diagnose(engine: Engine, holdout: Holdout, given?: Partial<DiagnoseOptions>): Diagnosis {
  const o = options<DiagnoseOptions>(given, diagnoseDefaults, 'diagnose');
  if (o.levels !== undefined) integer(o.levels, 'levels', 1, 1000);
  integer(o.bins, 'bins', 2, 10_000);
  integer(o.draws, 'draws', 1, 100_000);
  real(o.minBlock, 'minBlock', 1);
  integer(o.seed, 'seed', 0, 2 ** 32 - 1);
  const rows = { ...checkHoldout(holdout, { probability: true }), cost: undefined };
  if (!rows.hasUncertainty) throw new TypeError('holdout must have uncertainty');
  const { bins } = o;
  const cuts = (['score-first', 'uncertainty-first'] as const).map((nesting) =>
    levelCuts(engine, rows, { bins, edges: 'count', nesting }),
  );
  const levels = heldLevels(cuts, o.levels);
  const [table, free] = cuts.map(({ grid }) => countGrid(engine, grid(levels), rows));
  const reliability = reliabilityBins(engine, rows, bins);
  const total = reliability.reduce((sum, b) => sum + b.rows, 0);
  return {
    cells: cellsOf(table),
    monotone: monotonicity(engine, free, o.draws, o.seed),
    trend: uncertaintyTrend(table),
    gain: { isotonic: isotonicGain(engine, rows, levels, o), surface: surfaceGain(engine, rows, o.seed) },
    reliability,
    ece: reliability.reduce((sum, b) => sum + (b.rows * Math.abs(b.meanScore - b.rate)) / total, 0),
  };
}

function cellsOf({ grid, positives, weights }: GridTable): Cell[] {
  const { levels, bins, outer, inner } = grid;
  const bounds = (edges: Float32Array, i: number): [number | null, number | null] => [
    i > 0 ? edges[i - 1] : null,
    i < edges.length ? edges[i] : null,
  ];
  return Array.from(weights, (rows, cell) => {
    const [level, bin] = [Math.floor(cell / bins), cell % bins];
    return {
      level,
      bin,
      score: bounds(outer, bin),
      uncertainty: bounds(inner.subarray(bin * (levels - 1), (bin + 1) * (levels - 1)), level),
      rows,
      positives: positives[cell],
      rate: rows > 0 ? positives[cell] / rows : Number.NaN,
      interval: wilson(positives[cell], rows),
    };
  });
}

function reliabilityBins(engine: Engine, rows: Rows, bins: number): ReliabilityBin[] {
  const flat = { ...rows, uncertainty: new Float32Array(rows.n) };
  const grid = fitGrid(engine, flat, { levels: 1, bins, edges: 'count' });
  const labels = countGrid(engine, grid, flat);
  const scores = countGrid(engine, grid, { ...flat, label: rows.score });
  return Array.from(labels.weights, (count, i) => ({
    rows: count,
    meanScore: scores.positives[i] / count,
    rate: labels.positives[i] / count,
    interval: wilson(labels.positives[i], count),
  })).filter((bin) => bin.rows > 0);
}

/** Out-of-fold log-likelihood of isotonic steps over (score, uncertainty) less that of steps over the score. */
function isotonicGain(
  engine: Engine,
  rows: Rows,
  levels: number,
  { minBlock, seed }: DiagnoseOptions,
): LikelihoodGain {
  const { logF64 } = engine.kernels;
  // A step at 0 or 1 would make one miss infinitely bad: rates are drawn in by half a row of the smallest block.
  const edge = 0.5 / minBlock;
  const likelihood = (y: number, p: number) => {
    const inside = Math.min(1 - edge, Math.max(edge, p));
    return y * logF64(inside) + (1 - y) * logF64(1 - inside);
  };
  const difference = new Float64Array(rows.n);
  for (const { inside, outside } of folds(engine, rows, FOLDS, seed)) {
    if (inside.length === 0 || outside.length === 0) continue;
    const training = { ...rows, ...take(rows, outside) };
    const cuts = levelCuts(engine, training, { bins: 200, edges: 'count' });
    // What is left without a fold may not have rows for so many levels.
    const [both, alone] = [mostLevels([cuts], levels), 1].map((most) =>
      isotonicSteps(engine, training, cuts.grid(most), minBlock),
    );
    const { score, uncertainty, label } = take(rows, inside);
    const [p, q] = [both(score, uncertainty), alone(score, uncertainty)];
    inside.forEach((row, i) => {
      difference[row] = likelihood(label[i], p[i]) - likelihood(label[i], q[i]);
    });
  }
  return meanGain(rows, difference);
}
