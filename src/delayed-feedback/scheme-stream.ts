import type { Slice } from '../engine/arena.ts';
import type { Engine } from '../engine/engine.ts';
import { softLogistic } from '../nn/loss.ts';
import type { TabularModel } from '../nn/tabular/model.ts';
import type { RowStore } from '../nn/tabular/rows.ts';
import type { WeightHealth } from './health.ts';
import type { Emissions, Scheme } from './methods/emission.ts';
import type { Nuisances } from './nuisances.ts';
import type { OpenRows } from './open-rows.ts';

const BATCH = 256;

export interface WeightOptions {
  /** Weights are cut here. */
  clip: number;
  /** Weights of a batch are scaled to a mean of 1. */
  selfNormalise: boolean;
}

/** Collects the examples a scheme shows, weighs a batch of them and takes the model's step. */
export class SchemeStream {
  readonly #batch: Emissions;
  readonly #row = new Uint32Array(BATCH);
  readonly #elapsed = new Float32Array(BATCH);
  readonly #a = new Float32Array(BATCH);
  readonly #b = new Float32Array(BATCH);
  readonly #p = new Float32Array(BATCH);
  readonly #ids: Slice<'u32'>;
  readonly #logits: Slice<'f32'>;
  readonly #sigmoid: Slice<'f32'>;
  readonly #label: Slice<'f32'>;
  readonly #weight: Slice<'f32'>;
  emissions = 0;

  constructor(
    readonly engine: Engine,
    readonly rows: OpenRows,
    readonly store: RowStore,
    readonly model: TabularModel,
    readonly scheme: Scheme,
    readonly nuisances: Nuisances,
    readonly health: WeightHealth,
    readonly elapsed: number,
    readonly options: WeightOptions,
    readonly flushed: () => void,
  ) {
    const bytes = () => new Uint8Array(BATCH);
    this.#batch = { count: 0, label: bytes(), kind: bytes(), stage: bytes(), pattern: bytes() };
    this.#ids = engine.alloc('u32', BATCH);
    [this.#logits, this.#sigmoid, this.#label, this.#weight] = Array.from({ length: 4 }, () =>
      engine.alloc('f32', BATCH),
    );
  }

  emit(row: number, label: number, kind: number, stage: number): void {
    const batch = this.#batch;
    const i = batch.count++;
    this.#row[i] = row;
    this.#elapsed[i] = Math.min(this.elapsed, this.rows.window[row]);
    batch.label[i] = label;
    batch.kind[i] = kind;
    batch.stage[i] = stage;
    batch.pattern[i] = this.rows.signals[row];
    if (batch.count === BATCH) this.flush();
  }

  /** Works off what is collected. */
  flush(): void {
    const n = this.#batch.count;
    if (n === 0) return;
    const { engine, scheme, nuisances } = this;
    this.emissions += n;
    this.#ids.array.set(this.#row);
    this.model.logits(this.store, this.#ids, n, this.#logits);
    engine.kernels.sigmoid(this.#sigmoid.ptr, this.#logits.ptr, n);
    this.#p.set(this.#sigmoid.array);
    nuisances.predict(scheme.needs, this.#row, this.#batch.pattern, this.#batch.stage, this.#elapsed, n);
    scheme.weigh(this.#batch, this.#p, nuisances.values, this.#a, this.#b);
    this.#weigh(n);
    softLogistic(engine, {
      gradient: this.#logits,
      logits: this.#logits,
      label: this.#label,
      weight: this.#weight,
      rows: n,
      heads: 1,
    });
    this.model.step(this.store, this.#ids, n, this.#logits);
    this.#batch.count = 0;
    this.flushed();
  }

  dispose(): void {
    this.engine.release(this.#ids, this.#logits, this.#sigmoid, this.#label, this.#weight);
  }

  /** -a log p - b log(1 - p) as a weight a + b and a label a / (a + b), clipped, normalised and counted. */
  #weigh(n: number): void {
    const { clip, selfNormalise } = this.options;
    const weight = this.#weight.array;
    const label = this.#label.array;
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const whole = this.#a[i] + this.#b[i];
      label[i] = whole > 0 ? this.#a[i] / whole : 0;
      weight[i] = Math.min(whole, clip);
      this.health.add(weight[i], whole > clip);
      sum += weight[i];
    }
    if (selfNormalise && sum > 0) for (let i = 0; i < n; i++) weight[i] *= n / sum;
  }
}
