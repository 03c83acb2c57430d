import type { Engine, Scope } from '../engine/engine.ts';
import type { Rows } from './holdout.ts';
import { ascending } from './order.ts';

/**
 * P(positive | score, uncertainty) as a ridge-penalised logistic of 1, z, max(z - 1, 0), r, max(r, 0), z r and z max(r, 0):
 * z the standardised logit of the score, r the rank of the uncertainty in [-1, 1]. For one uncertainty it never falls as
 * the score rises, so each of its level sets is one threshold for each uncertainty.
 */
export interface Surface {
  /** Mean and standard deviation of the logit of the score, held within 7. */
  readonly center: number;
  readonly scale: number;
  /** Ascending quantiles of the uncertainty: its rank is the share of them at or below it. */
  readonly ranks: Float32Array;
  readonly coefficients: Float64Array;
  /** Highest z of the rows in each of equal pieces of the ranks: what the surface says beyond is extrapolated. */
  readonly tops: Float64Array;
}

const TERMS = 7;
const STEPS = 25;
/** Of the intercept, of the score's slope, and of what departs from them. */
const RIDGE = [1e-6, 1e-3, 1, 1, 1, 1, 1];
const RANKS = 200;
/** Pieces of the ranks with a top of their own. An uncertainty that goes with the score leaves corners without rows. */
const TOPS = 20;

type Training = Pick<Rows, 'n' | 'score' | 'uncertainty' | 'label' | 'weight'>;

/** Fits the surface to labelled rows; without `useUncertainty` only the terms of the score. Scores in [0, 1]. */
export function fitSurface(engine: Engine, rows: Training, useUncertainty = true): Surface {
  return engine.scope((scope) => {
    const { n } = rows;
    const score = scope.from('f32', rows.score);
    const z = scope.alloc('f64', n);
    const r = scope.alloc('f64', n);
    engine.kernels.surfaceLogits(z.ptr, score.ptr, n, 0, 1);
    const { center, scale } = moments(z.array);
    engine.kernels.surfaceLogits(z.ptr, score.ptr, n, center, scale);
    const ranks = useUncertainty ? rankEdges(engine, rows.uncertainty) : new Float32Array(0);
    if (useUncertainty) {
      const uncertainty = scope.from('f32', rows.uncertainty);
      const edges = scope.from('f32', ranks);
      engine.kernels.surfaceRanks(r.ptr, uncertainty.ptr, edges.ptr, n, ranks.length);
    }
    const label = scope.from('f32', rows.label);
    const weight = rows.weight ? scope.from('f32', rows.weight).ptr : 0;
    const out = scope.alloc('f64', 72);
    const lent = scope.alloc('f64', engine.kernels.surfaceStepScratch());
    const beta = scope.alloc('f64', TERMS);
    const coefficients = newton((at) => {
      beta.set(at);
      engine.kernels.surfaceStep(out.ptr, lent.ptr, z.ptr, r.ptr, label.ptr, weight, beta.ptr, n);
      return out.array;
    });
    const tops = scope.alloc('f64', useUncertainty ? TOPS : 1).fill(-Infinity);
    engine.kernels.surfaceTops(tops.ptr, z.ptr, r.ptr, n, tops.length);
    const highest = tops.array.reduce((most, top) => Math.max(most, top));
    // Repeated quantiles leave pieces without rows.
    const known = tops.array.map((top) => (top === -Infinity ? highest : top));
    return { center, scale, ranks, coefficients, tops: known };
  });
}

function moments(z: Float64Array): { center: number; scale: number } {
  let sum = 0;
  for (const x of z) sum += x;
  const center = sum / z.length;
  let squares = 0;
  for (const x of z) squares += (x - center) * (x - center);
  const scale = Math.sqrt(squares / z.length);
  return { center, scale: scale > 1e-6 ? scale : 1 };
}

function rankEdges(engine: Engine, uncertainty: Float32Array): Float32Array {
  const order = ascending(engine, uncertainty);
  const count = Math.min(RANKS, order.length);
  return Float32Array.from(
    { length: count },
    (_, i) => uncertainty[order[Math.floor((i * order.length) / count)]],
  );
}

/** Newton's method on the penalised log-likelihood; a step that loses is halved. Sums as of `surfaceStep`. */
function newton(sums: (beta: Float64Array) => Float64Array): Float64Array {
  let beta = new Float64Array(TERMS);
  let step = new Float64Array(TERMS);
  let best = -Infinity;
  for (let it = 0; it < STEPS; it++) {
    const at = sums(beta);
    const value = at[TERMS] - 0.5 * beta.reduce((sum, b, t) => sum + RIDGE[t] * b * b, 0);
    if (!(value >= best - 1e-9 * Math.abs(best)) && it > 0) {
      step = step.map((s) => s / 2);
      beta = beta.map((b, t) => b - step[t]);
      continue;
    }
    best = value;
    const system = new Float64Array(TERMS * TERMS);
    const gradient = new Float64Array(TERMS);
    for (let t = 0; t < TERMS; t++) {
      gradient[t] = at[t] - RIDGE[t] * beta[t];
      for (let s = 0; s <= t; s++) {
        system[t * TERMS + s] = at[8 + 8 * t + s] + (s === t ? RIDGE[t] : 0);
      }
    }
    step = solve(system, gradient);
    beta = beta.map((b, t) => b + step[t]);
    if (step.every((s) => Math.abs(s) < 1e-6)) break;
  }
  return beta;
}

/** x with a x = b, a symmetric positive definite and given by its lower triangle, by Cholesky's method. Spoils both. */
function solve(a: Float64Array, b: Float64Array): Float64Array<ArrayBuffer> {
  const n = b.length;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j];
      for (let k = 0; k < j; k++) sum -= a[i * n + k] * a[j * n + k];
      a[i * n + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / a[j * n + j];
    }
  }
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i] -= a[i * n + k] * x[k];
    x[i] /= a[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i] -= a[k * n + i] * x[k];
    x[i] /= a[i * n + i];
  }
  return x;
}

/** Log-odds at given z and r of rows, rounded to f32 so that equal places tie. */
function heights(
  engine: Engine,
  scope: Scope,
  surface: Surface,
  score: Float32Array,
  r: number,
): Float32Array {
  const n = score.length;
  const z = scope.alloc('f64', n);
  const out = scope.alloc('f64', n);
  const beta = scope.from('f64', surface.coefficients);
  engine.kernels.surfaceLogits(z.ptr, scope.from('f32', score).ptr, n, surface.center, surface.scale);
  const tops = scope.from('f64', surface.tops);
  engine.kernels.surfaceValues(out.ptr, z.ptr, r, beta.ptr, tops.ptr, n, tops.length);
  return Float32Array.from(out.array);
}

/** The surface's log-odds (f32) at each row. */
export function surfaceLogOdds(
  engine: Engine,
  surface: Surface,
  score: Float32Array,
  uncertainty: Float32Array,
): Float32Array {
  return engine.scope((scope) => {
    const n = score.length;
    const r = scope.alloc('f64', n);
    if (surface.ranks.length > 0) {
      const edges = scope.from('f32', surface.ranks);
      const u = scope.from('f32', uncertainty);
      engine.kernels.surfaceRanks(r.ptr, u.ptr, edges.ptr, n, edges.length);
    }
    return heights(engine, scope, surface, score, r.ptr);
  });
}

/** Probabilities of log-odds. */
export function sigmoids(engine: Engine, logOdds: ArrayLike<number>): Float64Array {
  const { expF64 } = engine.kernels;
  return Float64Array.from(logOdds, (x) => {
    const e = expF64(-Math.abs(x));
    return x > 0 ? 1 / (1 + e) : e / (1 + e);
  });
}

/** One threshold of score for each level of uncertainty. */
export interface LevelThresholds {
  /** Ascending edges of uncertainty; one more level than edges. */
  edges: Float32Array;
  /** Infinity: never. */
  thresholds: Float32Array;
}

/**
 * The set {log-odds >= cut} as thresholds: the least f32 score of each level that belongs to it, by halving over the bit
 * patterns of [0, 1] for all levels at once. Exactly the decisions of `surfaceLogOdds`.
 */
export function surfaceThresholds(engine: Engine, surface: Surface, cut: number): LevelThresholds {
  const edges = surface.ranks.filter((edge, i) => i === 0 || edge > surface.ranks[i - 1]);
  const below = [-Number.MAX_VALUE, ...edges];
  const ranks = Float64Array.from(below, (edge) => {
    const count = surface.ranks.length;
    return count === 0 ? 0 : (2 * surface.ranks.filter((x) => x <= edge).length) / count - 1;
  });
  return engine.scope((scope) => {
    const r = scope.from('f64', ranks).ptr;
    const bits = (x: Uint32Array) => new Float32Array(x.buffer);
    const one = 0x3f800000;
    let low = new Uint32Array(ranks.length);
    let high = new Uint32Array(ranks.length).fill(one + 1);
    // Invariant: nothing below `low` belongs, everything from `high` on does (one past 1.0 stands for "never").
    while (low.some((x, i) => x < high[i])) {
      const middle = low.map((x, i) => (x + high[i]) >>> 1);
      const values = engine.scope((inner) =>
        heights(engine, inner, surface, bits(middle.map((x) => Math.min(x, one))), r),
      );
      high = high.map((x, i) => (low[i] < x && values[i] >= cut ? middle[i] : x));
      low = low.map((x, i) => (x < high[i] && !(values[i] >= cut) ? middle[i] + 1 : x));
    }
    const thresholds = bits(low.map((x) => Math.min(x, one)));
    return { edges, thresholds: thresholds.map((t, i) => (low[i] > one ? Infinity : t)) };
  });
}
