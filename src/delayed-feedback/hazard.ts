import type { Slice } from '../engine/arena.ts';
import type { Engine } from '../engine/engine.ts';
import type { AgeBuckets } from './age-buckets.ts';
import { log2Bin } from './log2-bin.ts';
import { roundUp } from './open-rows.ts';
import { restoreArray } from './restore-array.ts';

/** Buckets share a coarse number in threes, in the cross with the window remaining. */
const COARSE = 8;
/** Steps of floor(2 log2(1 + remaining)), all from 2^11.5 on as one. */
const BINS = 24;

export interface HazardOptions {
  /** AdaGrad's step length and L2 pull towards the start; the pipeline of the rows has its own. */
  rate: number;
  l2: number;
  /** Exposures after which the fast level has forgotten a hazard by a factor e. */
  memory: number;
}

/**
 * The fast level moves by at most this at a chunk, and stays within the second. The first keeps a day on which many
 * outcomes are booked at once from moving it far (hotel_city: RI-AUC 84.8; 69.1 without), at the price of a level that
 * lags behind where conversions are few; so answers about open rows are corrected by `served`.
 */
const LEVEL_STEP = 0.1;
const LEVEL_MOST = 2;
const BATCH = 256;
/** Conversions added to both sides of the correction of answers, and the exposures it remembers, in memories. */
const PRIOR = 5;
const LONGER = 10;

/** The bin of a remaining window, as the kernels count it. */
const remainingBin = (remaining: number): number => Math.min(BINS - 1, log2Bin(remaining));

/**
 * What a hazard has beside the row's features: an intercept a bucket with a fast level, and where windows differ the
 * window remaining, alone and crossed with coarse buckets. All of it is one factor on the odds, `factor[bucket, bin]`.
 */
export class HazardTable {
  readonly buckets: number;
  /** 1 when all windows are the same. */
  readonly bins: number;
  /** f32[buckets x bins] for the kernels, and where the buckets begin. */
  readonly factor: Slice<'f32'>;
  readonly edge: Slice<'f32'>;
  /** Weights: buckets, then bins, then bins x COARSE. */
  #weight: Float64Array;
  #square: Float64Array;
  #centre: Float64Array;
  readonly #gradient: Float64Array;
  /** Fast level and its information, a bucket each; exposures and residuals of the chunk. */
  readonly level: Float64Array;
  readonly information: Float64Array;
  readonly #seen: Float64Array;
  readonly #residual: Float64Array;
  readonly #spread: Float64Array;
  /** Conversions that happened and that were expected in each bucket, forgotten slowly. */
  readonly happened: Float64Array;
  readonly expected: Float64Array;
  readonly #served: Slice<'f32'>;

  constructor(
    readonly engine: Engine,
    readonly ages: AgeBuckets,
    fixedWindow: boolean,
    readonly options: HazardOptions,
  ) {
    this.buckets = ages.count;
    this.bins = fixedWindow ? 1 : BINS;
    const size = this.buckets + (fixedWindow ? 0 : BINS * (1 + COARSE));
    this.#weight = new Float64Array(size);
    this.#square = new Float64Array(size).fill(1e-8);
    this.#centre = new Float64Array(size);
    this.#gradient = new Float64Array(size);
    this.level = new Float64Array(this.buckets);
    this.information = new Float64Array(this.buckets).fill(1);
    this.#seen = new Float64Array(this.buckets);
    this.#residual = new Float64Array(this.buckets);
    this.#spread = new Float64Array(this.buckets);
    this.happened = new Float64Array(this.buckets);
    this.expected = new Float64Array(this.buckets);
    this.factor = engine.alloc('f32', this.buckets * this.bins);
    this.#served = engine.alloc('f32', this.buckets * this.bins);
    this.edge = engine.from('f32', ages.edge);
  }

  /** Starts every bucket at the same log odds, towards which L2 pulls. */
  start(logOdds: number): void {
    this.#weight.fill(logOdds, 0, this.buckets);
    this.#centre.set(this.#weight);
    this.refresh();
  }

  /** Adds an example: a row's residual hazard - label in its bucket. */
  add(bucket: number, window: number, hazard: number, residual: number): void {
    const { buckets } = this;
    this.#gradient[bucket] += residual;
    if (this.bins > 1) {
      const bin = remainingBin(window - this.ages.edge[bucket]);
      this.#gradient[buckets + bin] += residual;
      this.#gradient[buckets + BINS + bin * COARSE + coarse(bucket)] += residual;
    }
    this.#seen[bucket]++;
    this.#residual[bucket] -= residual;
    this.#spread[bucket] += hazard * (1 - hazard);
    this.happened[bucket] += hazard - residual;
    this.expected[bucket] += hazard;
  }

  /** One AdaGrad step over the examples added, and with `fast` one recursive Newton step of each bucket's level. */
  step(fast: boolean): void {
    const { rate, l2, memory } = this.options;
    const { kernels } = this.engine;
    const w = this.#weight;
    const count = this.#seen.reduce((sum, n) => sum + n, 0);
    if (count === 0) return;
    const pull = (l2 * count) / BATCH;
    for (let i = 0; i < w.length; i++) {
      const g = this.#gradient[i] / BATCH + pull * (w[i] - this.#centre[i]);
      this.#gradient[i] = 0;
      this.#square[i] += g * g;
      w[i] -= (rate * g) / Math.sqrt(this.#square[i]);
    }
    for (let j = 0; fast && j < this.buckets; j++) {
      const n = this.information[j] * kernels.expF64(-this.#seen[j] / memory) + this.#spread[j];
      this.information[j] = n;
      const step = Math.max(-LEVEL_STEP, Math.min(LEVEL_STEP, this.#residual[j] / (n + 1)));
      this.level[j] = Math.max(-LEVEL_MOST, Math.min(LEVEL_MOST, this.level[j] + step));
      const kept = kernels.expF64(-this.#seen[j] / (LONGER * memory));
      this.happened[j] *= kept;
      this.expected[j] *= kept;
    }
    this.#seen.fill(0);
    this.#residual.fill(0);
    this.#spread.fill(0);
    this.refresh();
  }

  /** Index into `factor` of a bucket and the window remaining in it. */
  place(bucket: number, window: number): number {
    if (this.bins === 1) return bucket;
    return bucket * this.bins + remainingBin(roundUp(window) - this.ages.edge[bucket]);
  }

  /** Makes `factor` anew. */
  refresh(): void {
    const { buckets, bins, level, factor } = this;
    const w = this.#weight;
    const { array } = factor;
    for (let j = 0; j < buckets; j++) {
      for (let b = 0; b < bins; b++) {
        const rest = bins === 1 ? 0 : w[buckets + b] + w[buckets + BINS + b * COARSE + coarse(j)];
        array[j * bins + b] = Math.max(-30, Math.min(30, w[j] + level[j] + rest));
      }
    }
    this.engine.kernels.exp(factor.ptr, factor.ptr, factor.length);
  }

  /** `factor` corrected by what happened against what was expected: for answers, not for training. */
  served(): Slice<'f32'> {
    const { buckets, bins } = this;
    const from = this.factor.array;
    const to = this.#served.array;
    for (let j = 0; j < buckets; j++) {
      const ratio = (this.happened[j] + PRIOR) / (this.expected[j] + PRIOR);
      for (let b = 0; b < bins; b++) to[j * bins + b] = ratio * from[j * bins + b];
    }
    return this.#served;
  }

  state(): Record<string, Float64Array> {
    return {
      happened: this.happened.slice(),
      expected: this.expected.slice(),
      weight: this.#weight.slice(),
      square: this.#square.slice(),
      centre: this.#centre.slice(),
      level: this.level.slice(),
      information: this.information.slice(),
    };
  }

  restore(state: Readonly<Record<string, Float64Array>>): void {
    restoreArray(this.#weight, state.weight, 'weight');
    restoreArray(this.#square, state.square, 'square', 0);
    restoreArray(this.#centre, state.centre, 'centre');
    restoreArray(this.level, state.level, 'level');
    restoreArray(this.information, state.information, 'information', Number.MIN_VALUE);
    restoreArray(this.happened, state.happened, 'happened', 0);
    restoreArray(this.expected, state.expected, 'expected', 0);
    this.refresh();
  }

  dispose(): void {
    this.engine.release(this.factor, this.#served, this.edge);
  }
}

const coarse = (bucket: number) => Math.min(COARSE - 1, Math.floor(bucket / 3));
