import type { Engine } from '../../engine/engine.ts';
import type { TabularModel } from '../../nn/tabular/index.ts';
import { meanScore } from './estimators.ts';
import type { CountedRows } from './networks.ts';
import { type Estimator, momentEntropy, type Prediction } from './prediction.ts';

/** How many training rows hold each slot, f32[slots]. */
export function slotCounts(rows: CountedRows): Float32Array {
  const counts = new Float32Array(rows.slots);
  const used = rows.index.array.subarray(0, rows.rows * rows.fields);
  for (const slot of used) counts[slot]++;
  return counts;
}

/** Evidence counts: unsure by the log of the sum over the row's categories of 1 / (1 + training rows with it). */
export function evidenceCounts(
  engine: Engine,
  models: readonly TabularModel[],
  counts: Float32Array,
): Estimator {
  return {
    predict(rows: CountedRows): Prediction {
      const { fields } = rows;
      const score = meanScore(engine, models, rows);
      const index = rows.index.array;
      const shares = Float32Array.from(score, (_, i) => {
        let sum = 0;
        for (let f = i * fields; f < (i + 1) * fields; f++) sum += 1 / (1 + counts[index[f]]);
        return sum;
      });
      const { logF64 } = engine.kernels;
      const uncertainty = shares.map((x) => logF64(Math.max(x, 1e-30)));
      // The variance of a rate known from 1 / share rows.
      const variance = score.map((p, i) => (p * (1 - p) * shares[i]) / (1 + shares[i]));
      return { score, uncertainty, variance, entropy: momentEntropy(engine, score, variance) };
    },
    state: () => ({ counts }),
  };
}
