import type { Engine } from '../engine/engine.ts';
import type { RowStore } from '../nn/tabular/rows.ts';
import type { ConversionLog } from './log.ts';
import type { NuisanceName, NuisanceValues } from './methods/emission.ts';
import { type Lesson, NuisanceModel, type NuisanceOptions } from './nuisance-model.ts';
import { restoreArray } from './restore-array.ts';
import { stageEvidence } from './stage-evidence.ts';

/** What a matured row teaches: the age e cut at its window, when it converted, the signals seen by e. */
export interface Matured {
  row: number;
  elapsed: number;
  /** Infinity when it did not. */
  delay: number;
  pattern: number;
}

/** Bounds of the weights' denominators and factors. */
const BOUNDS: Partial<Record<NuisanceName, readonly [number, number]>> = {
  late: [0, 1],
  stays: [1e-3, 1],
  staysSignals: [1e-3, 1],
  early: [0.02, 1],
};

/** Which rows teach a model, and what. */
const LESSONS: Partial<Record<NuisanceName, (row: Matured) => Lesson | undefined>> = {
  late: ({ row, elapsed, delay }) => ({
    row,
    target: delay > elapsed && delay !== Infinity ? 1 : 0,
    pattern: 0,
  }),
  stays: ({ row, elapsed, delay }) =>
    delay > elapsed ? { row, target: delay === Infinity ? 1 : 0, pattern: 0 } : undefined,
  staysSignals: ({ row, elapsed, delay, pattern }) =>
    delay > elapsed ? { row, target: delay === Infinity ? 1 : 0, pattern } : undefined,
  early: ({ row, elapsed, delay }) =>
    delay !== Infinity ? { row, target: delay <= elapsed ? 1 : 0, pattern: 0 } : undefined,
  survival: ({ row, delay }) => (delay !== Infinity ? { row, target: delay, pattern: 0 } : undefined),
};

const BATCH = 256;

/** The weight models of one e, learned on the history, predicting a batch at a time. */
export class Nuisances {
  readonly #models = new Map<NuisanceName, NuisanceModel>();
  /** Counted, not learned: evidence[stage * patterns + pattern] and the weight of each stage. */
  #evidence: Float64Array = new Float64Array(0);
  #stageWeight: Float64Array = new Float64Array(0);
  readonly #pending: Matured[] = [];
  readonly values: NuisanceValues;

  constructor(
    readonly engine: Engine,
    readonly store: RowStore,
    readonly patterns: number,
    readonly options: Omit<NuisanceOptions, 'loss'>,
  ) {
    const column = () => new Float32Array(BATCH);
    this.values = {
      late: column(),
      stays: column(),
      staysSignals: column(),
      early: column(),
      survival: column(),
      evidence: column(),
      stageWeight: column(),
    };
  }

  /** Learns the models that are asked for and not there yet, from rows whose label is final. */
  async learn(
    needs: readonly NuisanceName[],
    log: ConversionLog,
    rows: ArrayLike<number>,
    elapsed: number,
    horizons: readonly number[],
    signal?: AbortSignal,
  ): Promise<void> {
    if (needs.includes('evidence') && this.#stageWeight.length === 0) {
      ({ evidence: this.#evidence, weight: this.#stageWeight } = stageEvidence(
        this.engine,
        log,
        rows,
        horizons,
      ));
    }
    for (const name of needs) {
      const lesson = LESSONS[name];
      if (!lesson || this.#models.has(name)) continue;
      const model = this.#create(name);
      const lessons: Lesson[] = [];
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i];
        const e = Math.min(elapsed, log.window[row]);
        const found = lesson({ row, elapsed: e, delay: log.delay[row], pattern: log.pattern(row, e) });
        if (found) lessons.push(found);
      }
      await model.fit(this.store, lessons, signal);
    }
  }

  /** Fills `values` of `needs` for n <= 256 rows. */
  predict(
    needs: readonly NuisanceName[],
    rows: ArrayLike<number>,
    patterns: ArrayLike<number>,
    stages: ArrayLike<number>,
    elapsed: ArrayLike<number>,
    n: number,
  ): void {
    for (const name of needs) {
      const out = this.values[name];
      const model = this.#models.get(name);
      if (model) {
        model.predict(this.store, rows, name === 'staysSignals' ? patterns : ZEROS, n, out);
        const [low, high] = BOUNDS[name] ?? [0, Infinity];
        for (let i = 0; i < n; i++) out[i] = Math.max(low, Math.min(high, out[i]));
        if (name === 'survival')
          for (let i = 0; i < n; i++) out[i] = this.engine.kernels.expF64(-out[i] * elapsed[i]);
      } else if (name === 'evidence') {
        for (let i = 0; i < n; i++) out[i] = this.#evidence[stages[i] * this.patterns + patterns[i]];
      } else {
        for (let i = 0; i < n; i++) out[i] = this.#stageWeight[stages[i]];
      }
    }
  }

  /** Teaches the models with a row whose label has become final in the stream. */
  mature(row: Matured): void {
    this.#pending.push(row);
    if (this.#pending.length === BATCH) this.flush();
  }

  /** Takes the step that waits for a full batch. */
  flush(): void {
    for (const [name, model] of this.#models) {
      const lessons = this.#pending.map(LESSONS[name]!).filter((x) => x !== undefined);
      if (lessons.length > 0) model.step(this.store, lessons);
    }
    this.#pending.length = 0;
  }

  state() {
    return {
      models: Object.fromEntries([...this.#models].map(([name, model]) => [name, model.state()])),
      evidence: this.#evidence.slice(),
      stageWeight: this.#stageWeight.slice(),
    };
  }

  restore(state: ReturnType<Nuisances['state']>): void {
    for (const [name, saved] of Object.entries(state.models)) {
      if (!Object.hasOwn(LESSONS, name)) throw new RangeError(`there is no weight model ${name}`);
      this.#create(name as NuisanceName).restore(saved);
    }
    if (!(state.stageWeight instanceof Float64Array))
      throw new TypeError('stageWeight must be a Float64Array');
    const { length } = state.stageWeight;
    this.#evidence = new Float64Array(length * this.patterns);
    this.#stageWeight = new Float64Array(length);
    restoreArray(this.#evidence, state.evidence, 'evidence', 0);
    restoreArray(this.#stageWeight, state.stageWeight, 'stageWeight', 0);
  }

  dispose(): void {
    for (const model of this.#models.values()) model.dispose();
    this.#models.clear();
  }

  #create(name: NuisanceName): NuisanceModel {
    const loss = name === 'survival' ? 'exponential' : 'logistic';
    const model = new NuisanceModel(this.engine, this.store, this.patterns, { ...this.options, loss });
    this.#models.set(name, model);
    return model;
  }
}

const ZEROS = new Uint8Array(BATCH);
