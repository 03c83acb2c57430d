import type { Engine, Scope } from '../../engine/engine.ts';
import { invertSpd } from '../../nn/cholesky.ts';
import { gemm } from '../../nn/linear.ts';
import type { TabularModel } from '../../nn/tabular/index.ts';
import { meanScore } from './estimators.ts';
import type { CountedRows } from './networks.ts';
import { type Estimator, momentEntropy, type Prediction, probabilities } from './prediction.ts';

/** Precision of the Gaussian prior on the last layer's weights. */
const PRIOR = 1;
const BLOCK = 1024;

/** Last-layer units with a constant 1 beside, f32[count x (features + 1)], for rows from `at` on. */
function units(scope: Scope, model: TabularModel, rows: CountedRows, at: number, count: number) {
  const d = model.features + 1;
  const ids = scope.from(
    'u32',
    Uint32Array.from({ length: count }, (_, i) => at + i),
  );
  const raw = scope.alloc('f32', count * model.features);
  const out = scope.alloc('f32', count * d);
  model.hidden(rows, ids, count, raw);
  const [from, to] = [raw.array, out.array];
  for (let i = 0; i < count; i++) {
    to.set(from.subarray(i * (d - 1), (i + 1) * (d - 1)), i * d);
    to[i * d + d - 1] = 1;
  }
  return out;
}

/** Posterior covariance of the last layer, f32[d x d]: the inverse of prior + sum of p (1 - p) h h^T over the rows. */
export function lastLayerCovariance(engine: Engine, model: TabularModel, rows: CountedRows): Float32Array {
  const d = model.features + 1;
  const p = probabilities(engine, model, rows);
  return engine.scope((scope) => {
    const hessian = scope.alloc('f32', d * d);
    for (let i = 0; i < d; i++) hessian.array[i * (d + 1)] = PRIOR;
    for (let at = 0; at < rows.rows; at += BLOCK) {
      const count = Math.min(BLOCK, rows.rows - at);
      engine.scope((inner) => {
        const h = units(inner, model, rows, at, count);
        const x = h.array;
        for (let i = 0; i < count; i++) {
          const scale = Math.sqrt(p[at + i] * (1 - p[at + i]));
          for (let j = 0; j < d; j++) x[i * d + j] *= scale;
        }
        gemm(engine, 'TN', hessian, h, h, d, count, d, 1);
      });
    }
    invertSpd(engine, hessian, d);
    return hessian.copy();
  });
}

/** h^T covariance h of every row: the variance of its logit. */
function logitVariance(
  engine: Engine,
  model: TabularModel,
  covariance: Float32Array,
  rows: CountedRows,
): Float32Array {
  const d = model.features + 1;
  const out = new Float32Array(rows.rows);
  engine.scope((scope) => {
    const sigma = scope.from('f32', covariance);
    for (let at = 0; at < rows.rows; at += BLOCK) {
      const count = Math.min(BLOCK, rows.rows - at);
      engine.scope((inner) => {
        const h = units(inner, model, rows, at, count);
        const product = inner.alloc('f32', count * d);
        gemm(engine, 'NN', product, h, sigma, count, d, d, 0);
        for (let i = 0; i < count; i++) {
          out[at + i] = engine.kernels.dot(h.ptr + 4 * d * i, product.ptr + 4 * d * i, d);
        }
      });
    }
  });
  return out;
}

/**
 * Last-layer Laplace: the networks' scores, unsure by the variance of the logit under a Gaussian posterior of the last
 * layer (MacKay 1992), averaged over members. One small inverse a member; the default.
 */
export function laplace(
  engine: Engine,
  models: readonly TabularModel[],
  covariance: readonly Float32Array[],
): Estimator {
  return {
    predict(rows: CountedRows): Prediction {
      const score = meanScore(engine, models, rows);
      const uncertainty = new Float32Array(rows.rows);
      models.forEach((model, k) => {
        logitVariance(engine, model, covariance[k], rows).forEach((v, i) => {
          uncertainty[i] += v / models.length;
        });
      });
      const variance = score.map((p, i) => p * (1 - p) * p * (1 - p) * uncertainty[i]);
      return { score, uncertainty, variance, entropy: momentEntropy(engine, score, variance) };
    },
    state: () => Object.fromEntries(covariance.map((x, k) => [`covariance${k}`, x])),
  };
}
