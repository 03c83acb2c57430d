import { integer, oneOf, real } from '../check.ts';
import type { Engine } from '../engine/engine.ts';
import { clopperPearsonLower } from './binomial.ts';
import { walk } from './certify.ts';
import { clusteredNorm, type Operating, operating } from './evaluate.ts';
import { FOLDS, type Fold, folds, outOfFold, take } from './folds.ts';
import { fitGrid } from './grid.ts';
import { type Rows, subset } from './holdout.ts';
import { prefixes } from './prefix.ts';
import { isotonicSteps } from './recalibrate.ts';
import { STREAM } from './streams.ts';
import { fitSurface, type Surface, sigmoids, surfaceLogOdds } from './surface.ts';

export type CertificateKind = 'crossFit' | 'split';

/** What is promised about the precision on new rows, and on what grounds. */
export interface Certificate {
  kind: CertificateKind;
  /** Exact binomial tests need independent 0/1 rows; grouped ones are cluster-robust z tests. */
  form: 'binomial' | 'grouped';
  bound: number;
  confidence: number;
  /** False: the data cannot support the bound, nothing is flagged, and `rowsNeeded` says what would. */
  certified: boolean;
  /** True only for independent rows and 'split': then the promise is a theorem. Otherwise it was measured. */
  proven: boolean;
  /** One sentence for a reader. */
  statement: string;
  /** Lower bound of the precision of the tested rows at this confidence (Clopper-Pearson); binomial form only. */
  lowerBound?: number;
  pValue?: number;
  z?: number;
  rowsNeeded?: number;
  /** The boundary of the same method without a certificate, and the recall that the certificate costs. */
  plugIn: Operating;
  recallPrice: number;
}

/**
 * Draws out of 200 in which the true precision lay below the bound at 90 % confidence, the worst of bounds .6, .7, .8 and of
 * 2,000 and 10,000 rows of planted_score_uncertainty (npm run bench:thresholds), and of group splits of hotel_city.
 */
const MEASURED = {
  crossFit:
    'it fell below its bound in at most 14 % of 200 redraws of a table with known truth, at 90 % confidence',
  grouped:
    'it fell below its bound in at most 16 % of 200 splits of whole groups of real bookings, at 90 % confidence',
};

export interface CertifyOptions {
  precision: number;
  confidence: number;
  kind: CertificateKind;
  useUncertainty: boolean;
  seed: number;
}

/** What the certified mode settles on: the deployed family, its cut, and how the tested rows fared. */
export interface Certified {
  surface?: Surface;
  /** The least log-odds (or score, without uncertainty) that is flagged; Infinity for none. */
  cut: number;
  calibration: Operating;
  certificate: Omit<Certificate, 'plugIn' | 'recallPrice'>;
}

/**
 * How many rows of these groups tell as much as one independent row: the variance of the residuals' sum by whole groups over
 * that by rows. It only places the start of the walk: without it the first test of grouped rows fails in most draws.
 */
function designEffect(engine: Engine, rows: Rows, logOdds: Float32Array): number {
  if (!rows.group) return 1;
  const probability = sigmoids(engine, logOdds);
  const residual = (i: number) => (rows.weight ? rows.weight[i] : 1) * (rows.label[i] - probability[i]);
  const [whole, single] = [rows, { ...rows, group: undefined }].map((r) => clusteredNorm(r, residual));
  return Math.max(1, (whole * whole) / (single * single));
}

/** Share of the rows that shape a 'split' boundary; the rest test it. */
const SHAPE = 0.3;

export function certify(engine: Engine, rows: Rows, o: CertifyOptions): Certified {
  real(o.precision, 'precision', 1e-6, 1 - 1e-6);
  real(o.confidence, 'confidence', 0.5, 1 - 1e-6);
  oneOf(o.kind, 'certificate', ['crossFit', 'split']);
  integer(o.seed, 'seed', 0, 2 ** 32 - 1);
  if (!rows.binary && !rows.group) {
    throw new RangeError(
      'certificate must have labels of 0 or 1 without weights or costs (the binomial law), or a group for each row',
    );
  }
  return o.kind === 'split' ? bySplit(engine, rows, o) : byFolds(engine, rows, o);
}

/**
 * A curve over the score alone smooths what a score may have: on hotel_city the 2,000 highest of 15,850 scores are positive
 * to 99.9 %, the next to 60 %, and at .95 the curve starts the walk so late that its first test fails. Steps see the edge.
 */
function scoreSteps(engine: Engine, rows: Rows) {
  const grid = fitGrid(engine, rows, { levels: 1, bins: 200, edges: 'count' });
  return isotonicSteps(engine, rows, grid, 100);
}

/** Each row's probability by the steps fitted without its fold. */
function stepsOutOfFold(engine: Engine, rows: Rows, parts: readonly Fold[]): Float32Array {
  const out = new Float32Array(rows.n);
  for (const { inside, outside } of parts) {
    if (inside.length === 0 || outside.length === 0) continue;
    const { score, uncertainty } = take(rows, inside);
    const found = scoreSteps(engine, subset(rows, outside))(score, uncertainty);
    inside.forEach((row, i) => {
      out[row] = found[i];
    });
  }
  return out;
}

/** Shape on the out-of-fold surfaces, test on the same rows, deploy the surface of all of them. */
function byFolds(engine: Engine, rows: Rows, o: CertifyOptions): Certified {
  const parts = folds(engine, rows, FOLDS, o.seed);
  const logOdds = outOfFold(engine, rows, parts, o.useUncertainty);
  const value = o.useUncertainty ? logOdds : rows.score;
  const tested = prefixes(engine, value, rows);
  const predicted: ArrayLike<number>[] = [sigmoids(engine, logOdds)];
  if (!o.useUncertainty) predicted.push(stepsOutOfFold(engine, rows, parts));
  const plan = { prefixes: tested, predicted, scale: 1 / designEffect(engine, rows, logOdds) };
  const found = walk(engine, rows, tested, plan, o.precision, o.confidence);
  const surface = o.useUncertainty ? fitSurface(engine, rows) : undefined;
  return settle(engine, rows, value, tested.value, found, surface, o, rows.n);
}

/** Shape on 30 % of the rows (of the groups), test on the others: strictly valid where those are independent. */
function bySplit(engine: Engine, rows: Rows, o: CertifyOptions): Certified {
  const units = rows.group ? rows.groups : rows.n;
  const drawn = engine.scope((scope) => {
    const x = scope.alloc('f32', units);
    engine.kernels.randomUniform(x.ptr, units, o.seed, STREAM.split, 0);
    return x.copy();
  });
  const all = Uint32Array.from({ length: rows.n }, (_, i) => i);
  const shapes = (i: number) => drawn[rows.group ? rows.group[i] : i] < SHAPE;
  const test = all.filter((i) => !shapes(i));
  const shape = all.filter(shapes);
  if (shape.length === 0 || test.length === 0) throw new RangeError(`${rows.n} rows are too few to be split`);
  const surface = fitSurface(engine, take(rows, shape), o.useUncertainty);
  const logOdds = surfaceLogOdds(engine, surface, rows.score, rows.uncertainty);
  const value = o.useUncertainty ? logOdds : rows.score;
  const part = subset(rows, test);
  const values = Float32Array.from(test, (i) => value[i]);
  const tested = prefixes(engine, values, part);
  const shaped = designEffect(
    engine,
    subset(rows, shape),
    Float32Array.from(shape, (i) => logOdds[i]),
  );
  const scale = test.length / rows.n / shaped;
  const predicted: ArrayLike<number>[] = [sigmoids(engine, logOdds)];
  if (!o.useUncertainty) {
    predicted.push(scoreSteps(engine, subset(rows, shape))(rows.score, rows.uncertainty));
  }
  const plan = { prefixes: prefixes(engine, value, rows), predicted, scale };
  const found = walk(engine, part, tested, plan, o.precision, o.confidence);
  const used = o.useUncertainty ? surface : undefined;
  return settle(engine, part, values, tested.value, found, used, o, rows.n);
}

function settle(
  engine: Engine,
  rows: Rows,
  value: Float32Array,
  values: Float32Array,
  { at, pValue, z, rowsNeeded }: ReturnType<typeof walk>,
  surface: Surface | undefined,
  o: CertifyOptions,
  given: number,
): Certified {
  const cut = at < 0 ? Infinity : values[at];
  const calibration = operating(rows, (i) => value[i] >= cut);
  const form = rows.group ? 'grouped' : 'binomial';
  const certified = at >= 0;
  const proven = certified && form === 'binomial' && o.kind === 'split';
  const { flagged, truePositives } = calibration;
  return {
    surface,
    cut,
    calibration,
    certificate: {
      kind: o.kind,
      form,
      bound: o.precision,
      confidence: o.confidence,
      certified,
      proven,
      statement: certified ? promise(o, form, proven) : refusal(given, o, rowsNeeded),
      ...(certified && form === 'binomial'
        ? { pValue, lowerBound: clopperPearsonLower(engine, truePositives, flagged, o.confidence) }
        : {}),
      ...(certified && form === 'grouped' ? { z } : {}),
      ...(certified ? {} : { rowsNeeded }),
    },
  };
}

/** A share as a percentage with as many digits as it has. */
const percent = (share: number) => `${Number((100 * share).toPrecision(6))} %`;

function promise(o: CertifyOptions, form: 'binomial' | 'grouped', proven: boolean): string {
  const claim = `With ${percent(o.confidence)} confidence at least ${percent(o.precision)} of what is flagged is positive`;
  if (proven) return `${claim}. Proven for rows drawn independently of each other.`;
  const grounds = form === 'grouped' ? MEASURED.grouped : MEASURED.crossFit;
  const needs =
    form === 'grouped' ? '' : ' It needs rows that are independent of each other; give groups if not.';
  return `${claim}. Measured, not proven: ${grounds}.${needs}`;
}

function refusal(rows: number, o: CertifyOptions, rowsNeeded: number | undefined): string {
  const start =
    `Nothing is flagged: ${rows.toLocaleString('en')} rows cannot support a precision of ${percent(o.precision)}` +
    ` at ${percent(o.confidence)} confidence`;
  if (rowsNeeded === undefined) {
    return `${start}, and more rows like these would not: nowhere is the share of positives estimated to be higher.`;
  }
  // The estimate rests on the labels that failed: where it says fewer rows than there are, twice as many is the guess.
  const needed = rowsNeeded > rows ? rowsNeeded : 2 * rows;
  const about = Number((1.05 * needed).toPrecision(2));
  return `${start}. About ${about.toLocaleString('en')} rows like these would do.`;
}
