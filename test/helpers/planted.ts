import type { Holdout } from '../../src/uncertainty/holdout.ts';
import { engine } from './kernel.ts';

export interface Planted extends Holdout {
  score: Float32Array;
  uncertainty: Float32Array;
  label: Float32Array;
}
export type Rows = Planted & { truth: Float64Array };

/** Independent uniform numbers: the linear congruential `numbers` of neighbouring seeds go together. */
export function uniforms(n: number, stream: number, low = 0, high = 1): Float32Array {
  return engine.scope((scope) => {
    const x = scope.alloc('f32', n);
    engine.kernels.randomUniform(x.ptr, n, 77, stream, 0);
    return x.copy().map((u) => low + (high - low) * u);
  });
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/**
 * Rows whose log-odds are the score's less `fall` x uncertainty: with a fall of 0 the uncertainty says nothing.
 */
export function plantedRows(n: number, seed: number, fall = 3): Rows {
  const [logit, uncertainty, draw] = [uniforms(n, seed, -4, 3), uniforms(n, seed + 1), uniforms(n, seed + 2)];
  const truth = Float64Array.from(logit, (z, i) => sigmoid(z - fall * uncertainty[i]));
  return {
    score: Float32Array.from(logit, sigmoid),
    uncertainty,
    label: Float32Array.from(truth, (p, i) => Number(draw[i] < p)),
    truth,
  };
}

/** Recall and true precision of flagging the rows where `flagged` is 1. */
export function trueRates(rows: Rows, flagged: ArrayLike<number>): { recall: number; precision: number } {
  let [count, sum, total] = [0, 0, 0];
  rows.truth.forEach((p, i) => {
    total += p;
    if (flagged[i] !== 1) return;
    count++;
    sum += p;
  });
  return { recall: sum / total, precision: sum / count };
}
