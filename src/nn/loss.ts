import type { Slice } from '../engine/arena.ts';
import type { Engine } from '../engine/engine.ts';

export interface SampledSoftmax {
  /** f32[rows x negatives]: scores in, gradients out. */
  logits: Slice<'f32'>;
  /** f32[rows], gradient of `positive`, out. */
  dPositive: Slice<'f32'>;
  /** f32[rows], score of each row's positive. */
  positive: Slice<'f32'>;
  /** f32[negatives], added to each column (bias less the log of its sampling rate). */
  offset: Slice<'f32'>;
  /** u32[rows] and u32[negatives]: a negative that is the row's positive is left out. */
  positiveId: Slice<'u32'>;
  negativeId: Slice<'u32'>;
  rows: number;
  negatives: number;
  /** Factor on the gradients, 1 / rows for a mean. */
  scale: number;
}

/** Sampled softmax with shared negatives; returns the sum of the rows' losses, unscaled. */
export function sampledSoftmax(engine: Engine, at: SampledSoftmax): number {
  return engine.kernels.sampledSoftmax(
    at.logits.ptr,
    at.dPositive.ptr,
    at.positive.ptr,
    at.offset.ptr,
    at.positiveId.ptr,
    at.negativeId.ptr,
    at.rows,
    at.negatives,
    at.scale,
  );
}

export interface LogisticLoss {
  /** +1 for examples that should score high, -1 for those that should score low. */
  sign: 1 | -1;
  /** Added to sign x: the margin of the published sigma(1 - x) is sign -1, shift 1. */
  shift: number;
  /** Factor on the gradients. */
  scale: number;
  /** f32[n], a weight for each example; 1 when absent. */
  weight?: Slice<'f32'>;
}

/** -sum weight log sigmoid(sign score + shift) of n scores; the scores become their gradients. */
export function logisticLoss(engine: Engine, score: Slice<'f32'>, n: number, loss: LogisticLoss): number {
  return engine.kernels.logisticLoss(score.ptr, loss.weight?.ptr ?? 0, n, loss.sign, loss.shift, loss.scale);
}

export interface SoftLogistic {
  /** f32[rows x heads], out; may be `logits`. */
  gradient: Slice<'f32'>;
  /** f32[rows x heads] */
  logits: Slice<'f32'>;
  /** f32 labels in [0, 1], weights (1 when absent) and offsets (0) of all rows, heads side by side. */
  label: Slice<'f32'>;
  weight?: Slice<'f32'>;
  offset?: Slice<'f32'>;
  /** u32[rows], the rows of the batch among all; 0 .. rows-1 when absent. */
  ids?: Slice<'u32'>;
  rows: number;
  heads: number;
}

/** Sum of weight (softplus(z) - label z) over a batch, z = logit + offset, and its gradient at each logit. */
export function softLogistic(engine: Engine, at: SoftLogistic): number {
  return engine.kernels.softLogistic(
    at.gradient.ptr,
    at.logits.ptr,
    at.label.ptr,
    at.weight?.ptr ?? 0,
    at.offset?.ptr ?? 0,
    at.ids?.ptr ?? 0,
    at.rows,
    at.heads,
  );
}

/** out[cols] += column sums of x[rows x cols]. */
export function addColumnSums(
  engine: Engine,
  out: Slice<'f32'>,
  x: Slice<'f32'>,
  rows: number,
  cols: number,
): void {
  engine.kernels.addColumnSums(out.ptr, x.ptr, rows, cols);
}
