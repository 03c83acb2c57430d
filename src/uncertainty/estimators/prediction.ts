import type { Engine } from '../../engine/engine.ts';
import type { TabularModel } from '../../nn/tabular/index.ts';
import type { CountedRows } from './networks.ts';

/** A probability for each row and how unsure it is. */
export interface Prediction {
  score: Float32Array;
  /** Larger is less sure: the estimator's own number, which is what a boundary should be fitted with. */
  uncertainty: Float32Array;
  /** Variance of the probability, and differential entropy of the Beta of that mean and variance. */
  variance: Float32Array;
  entropy: Float32Array;
}

/** What turns encoded rows into predictions. */
export interface Estimator {
  predict(rows: CountedRows): Prediction;
  /** Everything that `predict` needs beside the networks, as named arrays. */
  state(): Record<string, Float32Array>;
}

/** f32[rows] = probabilities of a network. */
export function probabilities(engine: Engine, model: TabularModel, rows: CountedRows): Float32Array {
  return engine.scope((scope) => {
    const out = scope.alloc('f32', rows.rows);
    model.logits(rows, undefined, rows.rows, out);
    engine.kernels.sigmoid(out.ptr, out.ptr, rows.rows);
    return out.copy();
  });
}

/** Mean and variance over passes; `draw(k, out)` writes pass k, f32[n]. By Welford's update. */
export function meanAndVariance(
  engine: Engine,
  n: number,
  passes: number,
  draw: (k: number) => Float32Array,
): { mean: Float32Array; variance: Float32Array } {
  return engine.scope((scope) => {
    const mean = scope.alloc('f32', n);
    const squares = scope.alloc('f32', n);
    const x = scope.alloc('f32', n);
    for (let k = 0; k < passes; k++) {
      x.set(draw(k));
      engine.kernels.welford(mean.ptr, squares.ptr, x.ptr, n, k + 1);
    }
    engine.kernels.scale(squares.ptr, squares.ptr, n, 1 / passes);
    return { mean: mean.copy(), variance: squares.copy() };
  });
}

/** Differential entropies of the Beta distributions with these means and variances. */
export function momentEntropy(engine: Engine, mean: Float32Array, variance: Float32Array): Float32Array {
  // A variance of 0 would be infinite evidence; 1e9 pseudo-rows are as good.
  const evidence = Float64Array.from(mean, (m, i) =>
    Math.min(1e9, Math.max(1e-3, (m * (1 - m)) / Math.max(variance[i], 1e-12) - 1)),
  );
  const inside = (m: number) => Math.min(1 - 1e-6, Math.max(1e-6, m));
  const a1 = evidence.map((e, i) => e * inside(mean[i]));
  return entropies(
    engine,
    a1,
    evidence.map((e, i) => e - a1[i]),
  );
}

export function entropies(engine: Engine, a1: Float64Array, a0: Float64Array): Float32Array {
  return engine.scope((scope) => {
    const out = scope.alloc('f64', a1.length);
    engine.kernels.betaEntropy(out.ptr, scope.from('f64', a1).ptr, scope.from('f64', a0).ptr, a1.length);
    return Float32Array.from(out.array);
  });
}
