import { notAborted } from '../check.ts';
import type { Slice } from '../engine/arena.ts';
import type { Engine } from '../engine/engine.ts';
import { shuffle } from '../nn/tabular/fit.ts';
import { TabularModel, type TabularState } from '../nn/tabular/model.ts';
import type { RowStore } from '../nn/tabular/rows.ts';
import { PatternWeights } from './pattern-weights.ts';
import { restoreArray } from './restore-array.ts';

const BATCH = 256;

/** An example for a weight model: place of the row, the target, and the signals seen where the model knows them. */
export interface Lesson {
  row: number;
  target: number;
  pattern: number;
}

/** What turns a model's output into a loss: the gradient on z = logit of an example with this target. */
export type LossGradient = (z: number, link: number, target: number) => number;

/** Logistic loss: the target is a label in [0, 1]. */
export const logistic: LossGradient = (_z, p, target) => p - target;

/** Exponential delays with rate e^z: the target is a delay, -log density = e^z d - z. Held where one delay would rule. */
export const exponential: LossGradient = (_z, rate, target) => Math.max(-5, Math.min(5, rate * target - 1));

export interface NuisanceOptions {
  slots: number;
  epochs: number;
  learningRate: number;
  l2: number;
  seed: number;
  loss: 'logistic' | 'exponential';
}

/** One weight model: a logistic table over the row's features, and a weight for each pattern of signals. */
export class NuisanceModel {
  readonly #model: TabularModel;
  readonly #pattern: PatternWeights;
  readonly #logits: Slice<'f32'>;
  readonly #link: Slice<'f32'>;
  readonly #ids: Slice<'u32'>;

  constructor(
    readonly engine: Engine,
    store: RowStore,
    patterns: number,
    readonly options: NuisanceOptions,
  ) {
    const { fields, numbers } = store;
    const { slots, learningRate, l2, seed } = options;
    this.#model = TabularModel.create(engine, {
      fields,
      numbers,
      slots,
      learningRate,
      l2,
      seed,
      batch: BATCH,
    });
    this.#pattern = new PatternWeights(patterns, BATCH);
    this.#logits = engine.alloc('f32', BATCH);
    this.#link = engine.alloc('f32', BATCH);
    this.#ids = engine.alloc('u32', BATCH);
  }

  /** Epochs over the lessons, each in a new order. */
  async fit(store: RowStore, lessons: readonly Lesson[], signal?: AbortSignal): Promise<void> {
    const { epochs, seed } = this.options;
    await this.engine.scope(async ({ alloc }) => {
      const order = alloc('u32', lessons.length);
      const all = Uint32Array.from(lessons, (_, i) => i);
      let last = performance.now();
      for (let epoch = 0; epoch < epochs; epoch++) {
        shuffle(this.engine, order, all, seed, epoch);
        for (let at = 0; at < lessons.length; at += BATCH) {
          const chosen = order.array.subarray(at, Math.min(at + BATCH, lessons.length));
          this.step(
            store,
            Array.from(chosen, (i) => lessons[i]),
          );
          if (performance.now() - last < 50) continue;
          await new Promise((resolve) => setTimeout(resolve));
          notAborted(signal);
          last = performance.now();
        }
      }
    });
  }

  /** One step on at most 256 lessons. */
  step(store: RowStore, lessons: readonly Lesson[]): void {
    const { loss, learningRate } = this.options;
    const n = lessons.length;
    const ids = this.#ids.array;
    for (let i = 0; i < n; i++) ids[i] = lessons[i].row;
    this.#forward(store, n, (i) => lessons[i].pattern);
    const gradientOf = loss === 'logistic' ? logistic : exponential;
    const z = this.#logits.array;
    const link = this.#link.array;
    for (let i = 0; i < n; i++) {
      z[i] = gradientOf(z[i], link[i], lessons[i].target);
      this.#pattern.add(lessons[i].pattern, z[i]);
    }
    this.#model.step(store, this.#ids, n, this.#logits);
    this.#pattern.step(learningRate);
  }

  /** out[i] = sigmoid (or exp) of the logit of row ids[i], at most 256 rows. */
  predict(
    store: RowStore,
    ids: ArrayLike<number>,
    patterns: ArrayLike<number>,
    n: number,
    out: Float32Array,
  ): void {
    this.#ids.array.set(ids as ArrayLike<number>);
    this.#forward(store, n, (i) => patterns[i]);
    out.set(this.#link.array.subarray(0, n));
  }

  state(): { model: TabularState; weight: Float64Array; square: Float64Array } {
    const { weight, square } = this.#pattern;
    return { model: this.#model.state(), weight: weight.slice(), square: square.slice() };
  }

  restore({ model, weight, square }: ReturnType<NuisanceModel['state']>): void {
    this.#model.restore(model);
    restoreArray(this.#pattern.weight, weight, 'pattern weight');
    restoreArray(this.#pattern.square, square, 'pattern square', 0);
  }

  dispose(): void {
    this.#model.dispose();
    this.engine.release(this.#logits, this.#link, this.#ids);
  }

  #forward(store: RowStore, n: number, pattern: (i: number) => number): void {
    this.#model.logits(store, this.#ids, n, this.#logits);
    const z = this.#logits.array;
    for (let i = 0; i < n; i++) z[i] += this.#pattern.weight[pattern(i)];
    const { kernels } = this.engine;
    const link = this.options.loss === 'logistic' ? kernels.sigmoid : kernels.exp;
    link(this.#link.ptr, this.#logits.ptr, n);
  }
}
