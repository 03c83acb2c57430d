import type { Engine } from '../../engine/engine.ts';
import type { TabularModel } from '../../nn/tabular/index.ts';
import type { CountedRows } from './networks.ts';
import {
  type Estimator,
  entropies,
  meanAndVariance,
  momentEntropy,
  type Prediction,
  probabilities,
} from './prediction.ts';

/** Mean probability of the members; unsure where they differ (Lakshminarayanan et al. 2017). */
export function ensemble(engine: Engine, models: readonly TabularModel[]): Estimator {
  return {
    predict(rows: CountedRows): Prediction {
      const { mean, variance } = meanAndVariance(engine, rows.rows, models.length, (k) =>
        probabilities(engine, models[k], rows),
      );
      return {
        score: mean,
        uncertainty: variance,
        variance,
        entropy: momentEntropy(engine, mean, variance),
      };
    },
    state: () => ({}),
  };
}

/**
 * Passes with dropout left on, one mask for all rows of a pass (Gal and Ghahramani 2016): the passes' variance. The score
 * is the network's own, without dropout.
 */
export function monteCarloDropout(
  engine: Engine,
  models: readonly TabularModel[],
  passes: number,
  seed: number,
): Estimator {
  return {
    predict(rows: CountedRows): Prediction {
      const { variance } = meanAndVariance(engine, rows.rows, passes * models.length, (k) =>
        engine.scope((scope) => {
          const out = scope.alloc('f32', rows.rows);
          const model = models[k % models.length];
          model.sampledLogits(rows, undefined, rows.rows, out, { pass: Math.floor(k / models.length), seed });
          engine.kernels.sigmoid(out.ptr, out.ptr, rows.rows);
          return out.copy();
        }),
      );
      const score = meanScore(engine, models, rows);
      return { score, uncertainty: variance, variance, entropy: momentEntropy(engine, score, variance) };
    },
    state: () => ({}),
  };
}

export function meanScore(engine: Engine, models: readonly TabularModel[], rows: CountedRows): Float32Array {
  return meanAndVariance(engine, rows.rows, models.length, (k) => probabilities(engine, models[k], rows))
    .mean;
}

/** Beta evidence of a network with two heads (Sensoy et al. 2018): a = 1 + softplus(logits), unsure by entropy. */
export function betaEvidence(engine: Engine, model: TabularModel): Estimator {
  return {
    predict(rows: CountedRows): Prediction {
      const n = rows.rows;
      const logits = engine.scope((scope) => {
        const out = scope.alloc('f32', 2 * n);
        model.logits(rows, undefined, n, out);
        engine.kernels.softplus(out.ptr, out.ptr, 2 * n);
        return out.copy();
      });
      const a = (head: number) => Float64Array.from({ length: n }, (_, i) => 1 + logits[2 * i + head]);
      const [a1, a0] = [a(0), a(1)];
      const entropy = entropies(engine, a1, a0);
      const score = Float32Array.from(a1, (x, i) => x / (x + a0[i]));
      const variance = score.map((p, i) => (p * (1 - p)) / (a1[i] + a0[i] + 1));
      return { score, uncertainty: entropy, variance, entropy };
    },
    state: () => ({}),
  };
}
