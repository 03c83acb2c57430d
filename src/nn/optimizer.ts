import type { Slice } from '../engine/arena.ts';
import type { Engine } from '../engine/engine.ts';

export const adamDefaults = {
  /** Step length. */
  learningRate: 0.01,
  /** Decay of the mean and of the mean square of the gradient, per step. */
  beta1: 0.9,
  beta2: 0.999,
  /** Added to the root mean square. */
  epsilon: 1e-8,
  /** Decoupled weight decay per unit of learning rate. */
  weightDecay: 0,
};
export type AdamOptions = typeof adamDefaults;

/** Parameters, their gradient and Adam's two moments, all of one length. */
export interface AdamState {
  value: Slice<'f32'>;
  grad: Slice<'f32'>;
  mean: Slice<'f32'>;
  square: Slice<'f32'>;
}

/**
 * Adam after step `t` (from 1): the numbers that the kernels take. Powers by repeated multiplication, so that a
 * resumed run has the same bits as an uninterrupted one.
 */
export class Adam {
  readonly options: AdamOptions;
  #t = 0;
  #power1 = 1;
  #power2 = 1;

  constructor(
    readonly engine: Engine,
    options: AdamOptions,
  ) {
    this.options = options;
  }

  get t(): number {
    return this.#t;
  }

  /** Moves on to the next step. */
  advance(steps = 1): void {
    for (let i = 0; i < steps; i++) {
      this.#t++;
      this.#power1 *= this.options.beta1;
      this.#power2 *= this.options.beta2;
    }
  }

  /** One step on the whole of `state`. */
  step({ value, grad, mean, square }: AdamState): void {
    const { kernels } = this.engine;
    kernels.adam(value.ptr, grad.ptr, mean.ptr, square.ptr, value.length, ...this.scalars());
  }

  /** One step on the distinct rows row[n] of a table of width d; `grad` is compact, f32[n x d]. */
  stepRows({ value, grad, mean, square }: AdamState, row: Slice<'u32'>, n: number, d: number): void {
    const { kernels } = this.engine;
    kernels.adamRows(value.ptr, grad.ptr, mean.ptr, square.ptr, row.ptr, n, d, ...this.scalars());
  }

  /** rate, beta1, beta2, eps, decay as the kernels take them. */
  scalars(learningRate = this.options.learningRate): [number, number, number, number, number] {
    const { beta1, beta2, epsilon, weightDecay } = this.options;
    const correction = Math.sqrt(1 - this.#power2);
    const rate = (learningRate * correction) / (1 - this.#power1);
    return [rate, beta1, beta2, epsilon * correction, 1 - learningRate * weightDecay];
  }
}
