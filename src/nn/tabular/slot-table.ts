import type { Slice } from '../../engine/arena.ts';
import type { Engine } from '../../engine/engine.ts';

export type OptimizerName = 'adagrad' | 'adam';

/** What the four quarters of a slot's block hold, by optimiser. The last is the gradient, untouched between steps. */
const QUARTERS = { adagrad: ['value', 'square', 'centre'], adam: ['value', 'mean', 'square'] } as const;

/** The sum of squared gradients before the first step: the start of AdaGrad is a step of about the learning rate. */
export const FIRST_SQUARE = 1e-8;

/**
 * `slots` blocks of 4 d floats: value, two numbers of the optimiser and gradient of each coordinate side by side, so
 * that a visit to a slot costs one cache line (see assembly/nn/slot-table.ts).
 */
export class SlotTable {
  readonly block: Slice<'f32'>;
  /** f32[2 d] for the step: the rate of each coordinate, then its pull. */
  readonly scalars: Slice<'f32'>;

  constructor(
    readonly engine: Engine,
    readonly slots: number,
    readonly d: number,
    readonly optimizer: OptimizerName,
  ) {
    this.block = engine.alloc('f32', slots * 4 * d);
    this.scalars = engine.alloc('f32', 2 * d);
    const { array } = this.block;
    for (let at = 3 * d; at < array.length; at += 4 * d) array.fill(-0, at, at + d);
    if (optimizer === 'adagrad') {
      for (let at = d; at < array.length; at += 4 * d) array.fill(FIRST_SQUARE, at, at + d);
    }
  }

  static bytes(slots: number, d: number): number {
    return 16 * slots * d;
  }

  /** Starts the values at normal numbers of this deviation. */
  randomize(deviation: number, seed: number, stream: number): void {
    const { engine, slots, d } = this;
    engine.scope(({ alloc }) => {
      const values = alloc('f32', slots * d);
      engine.kernels.randomNormal(values.ptr, values.length, deviation, seed, stream, 0);
      this.put(0, values.array);
    });
  }

  /** Quarter `k` of every block as f32[slots x d]. */
  take(k: number): Float32Array {
    const { slots, d } = this;
    const out = new Float32Array(slots * d);
    const { array } = this.block;
    for (let s = 0; s < slots; s++) {
      for (let c = 0; c < d; c++) out[s * d + c] = array[(4 * s + k) * d + c];
    }
    return out;
  }

  put(k: number, values: Float32Array): void {
    const { slots, d } = this;
    const { array } = this.block;
    for (let s = 0; s < slots; s++) {
      for (let c = 0; c < d; c++) array[(4 * s + k) * d + c] = values[s * d + c];
    }
  }

  /** Named quarters, without the gradient. */
  state(name: string): Record<string, Float32Array> {
    return Object.fromEntries(QUARTERS[this.optimizer].map((part, k) => [`${name}.${part}`, this.take(k)]));
  }

  restore(name: string, tensors: Readonly<Record<string, Float32Array>>): void {
    QUARTERS[this.optimizer].forEach((part, k) => {
      this.put(k, tensors[`${name}.${part}`]);
    });
  }

  /** AdaGrad: multiplies the sums of squared gradients (of one column), so that a new phase learns faster or slower. */
  scaleSquares(factor: number, column?: number): void {
    const { array } = this.block;
    const { d } = this;
    for (let at = d; at < array.length; at += 4 * d) {
      for (let c = column ?? 0; c < (column === undefined ? d : column + 1); c++) array[at + c] *= factor;
    }
  }

  /** Column `to` = column `from` of another table of as many slots and the same optimiser: all but the gradient. */
  adopt(to: number, other: SlotTable, from: number): void {
    const [mine, theirs] = [this.block.array, other.block.array];
    for (let s = 0; s < this.slots; s++) {
      for (let k = 0; k < 3; k++) mine[(4 * s + k) * this.d + to] = theirs[(4 * s + k) * other.d + from];
    }
  }

  /** AdaGrad: L2 pulls towards the values as they are now. */
  centre(): void {
    this.put(2, this.take(0));
  }

  dispose(): void {
    this.engine.release(this.block, this.scalars);
  }
}
