import type { Slice } from '../engine/arena.ts';
import type { Engine, Scope } from '../engine/engine.ts';

/**
 * Who draws: one stream of random numbers per purpose, so that a new purpose never shifts the numbers of an old one.
 * Ids are below 65,536; the bits above count blocks.
 */
export const STREAM = {
  /** popularity, prices and compatible staples; step 0 */
  catalogue: 0x5301,
  /** step = the property, index = customer (and family) */
  customers: 0x5302,
  /** step = customer */
  orders: 0x5303,
  /** step = order lines / 4,096 */
  views: 0x5304,
  /** step = customer */
  exposures: 0x5305,
  /** what products add to an exposure; step = the property, index = product */
  products: 0x5306,
} as const;

const BLOCK = 128;

/**
 * Uniform numbers read one after another from (seed, stream, step), a kernel call for every 128. What is read after
 * `seek` depends on nothing that was read before, so customers can be simulated in any order and number.
 */
export class Draws {
  readonly #engine: Engine;
  readonly #seed: number;
  readonly #buffer: Slice<'f32'>;
  #numbers: Float32Array;
  #stream = 0;
  #step = 0;
  #block = 0;
  #at = BLOCK;

  constructor(engine: Engine, scope: Scope, seed: number) {
    this.#engine = engine;
    this.#seed = seed;
    this.#buffer = scope.alloc('f32', BLOCK);
    this.#numbers = this.#buffer.array;
  }

  seek(stream: number, step: number): this {
    this.#stream = stream;
    this.#step = step;
    this.#block = 0;
    this.#at = BLOCK;
    return this;
  }

  /** In [0, 1), 24 bits. */
  next(): number {
    if (this.#at === BLOCK) {
      const stream = this.#stream + this.#block++ * 65_536;
      this.#engine.kernels.randomUniform(this.#buffer.ptr, BLOCK, this.#seed, stream, this.#step);
      this.#numbers = this.#buffer.array;
      this.#at = 0;
    }
    return this.#numbers[this.#at++];
  }

  /** Exponential with this mean, cut off so that its distribution function ends at `reach` (1: not cut off). */
  exponential(mean: number, reach = 1): number {
    return -mean * this.#engine.kernels.logF64(1 - this.next() * reach);
  }

  /** A position in a cumulative table whose last entry is its total; entry i is taken with its own share. */
  pick(cumulative: ArrayLike<number>, from = 0, to = cumulative.length): number {
    const wanted = this.next() * cumulative[to - 1];
    let low = from;
    let high = to - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (wanted < cumulative[middle]) high = middle;
      else low = middle + 1;
    }
    return low - from;
  }
}

/** Running totals of weights: the table `Draws.pick` reads. */
export function cumulated(weights: ArrayLike<number>): Float64Array {
  const table = new Float64Array(weights.length);
  let total = 0;
  for (let i = 0; i < table.length; i++) table[i] = total += weights[i];
  return table;
}
