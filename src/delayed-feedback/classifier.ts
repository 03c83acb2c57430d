import { DataError, numbers, options, real, wrongKind } from '../check.ts';
import type { Engine } from '../engine/engine.ts';
import { pipelineFromJSON } from '../nn/tabular/pipeline-json.ts';
import { type EncodedRows, RowStore } from '../nn/tabular/rows.ts';
import { checkTable, type FeatureTable } from '../nn/tabular/table.ts';
import { Base } from './base.ts';
import { Clock, EVENT } from './clock.ts';
import type { DelayCurve } from './delay-curve.ts';
import { rowOf, rowsAt, spread } from './encoded-rows.ts';
import { type ConversionEvents, orderedEvents, type RowId, type Told, type UpdateReport } from './events.ts';
import type { HealthReport } from './health.ts';
import type { ConversionLog } from './log.ts';
import { MethodRun } from './method-run.ts';
import { FLAG, OpenRows } from './open-rows.ts';
import type { ConversionOptions, Resolved } from './options.ts';
import { type Posterior, posteriorState } from './posterior.ts';
import { signalAges } from './signal-ages.ts';
import { type ClassifierState, type ConversionCard, checkState } from './state.ts';

/** One of the open rows: how long it is open, and how likely it is still to convert. */
export interface OpenRow {
  id: RowId;
  /** Time since its exposure, in the log's unit. */
  age: number;
  /** P(converts later), given that it has not by this age, and its signals. */
  probability: number;
}

/**
 * A conversion model that is trained while its labels still change. `fit` learns the history and streams the rest of
 * the log; `update` goes on with new events. The same events in the same updates give the same bits, also after saving.
 */
export class DelayedFeedbackClassifier {
  readonly #base: Base;
  readonly #run: MethodRun;
  /** Of the run with telescoping, else frozen as the history left it. */
  readonly #posterior: Posterior;
  readonly #rows: OpenRows;
  readonly #clock: Clock;
  readonly #places = new Map<RowId, number>();
  readonly #ids: RowId[] = [];
  /** Finished rows whose features a part-filled batch may still read. */
  #limbo: number[] = [];
  readonly #curve: DelayCurve;
  #disposed = false;

  /** From `state`; `fit` makes the first. */
  private constructor(
    readonly engine: Engine,
    readonly card: ConversionCard,
    state: ClassifierState,
  ) {
    const settings = { ...card.settings, signal: undefined, onProgress: undefined } as Resolved;
    const pipeline = pipelineFromJSON(state.pipeline);
    const { place, free } = state.rows;
    for (const name of ['fields', 'numbers', 'slots'] as const) {
      if (
        state.features[name] !== pipeline[name] ||
        (name === 'slots' && pipeline.slots !== 1 << settings.bits)
      ) {
        throw new RangeError(`${name} of the open rows are not those of the pipeline`);
      }
    }
    const store = RowStore.from(engine, spread(state.features, place, place.length + free.length));
    this.#base = new Base(engine, pipeline, store, settings, card.signals.length, card.window !== undefined);
    this.#base.posterior = state.posterior;
    this.#rows = new OpenRows(place.length + free.length);
    this.#rows.restore(state.rows);
    state.ids.forEach((id, i) => {
      this.#places.set(id, place[i]);
      this.#ids[place[i]] = id;
    });
    const flushed = () => {
      for (const row of this.#limbo) this.#rows.release(row);
      this.#limbo = [];
    };
    this.#run = new MethodRun(this.#base, settings.method, { rows: this.#rows, store, flushed });
    this.#run.restore(state.run);
    this.#posterior = this.#run.posterior ?? this.#base.createPosterior();
    const windows = state.rows.window.filter((w) => w !== Infinity);
    const last = settings.ages.at(-1)!;
    const longest = card.window ?? windows.reduce((a, b) => Math.max(a, b), last);
    const common = longest < Infinity ? longest : last;
    this.#clock = new Clock(this.#rows, this.#run.visitor, state.now, common, (row) => {
      this.#places.delete(this.#ids[row]);
      this.#rows.shut(row);
      this.#limbo.push(row);
    });
    this.#clock.resume();
    this.#curve = state.curve;
  }

  /**
   * Learns from a log: rows before `pretrainUntil` with their final labels, the others as their labels arrived, up to
   * `until`. DataError `no-history`, `all-positive` or `all-negative` when the history has nothing to teach.
   */
  static async fit(
    engine: Engine,
    log: ConversionLog,
    given?: Partial<ConversionOptions>,
  ): Promise<DelayedFeedbackClassifier> {
    // Imported on demand: a program that only loads a model does without.
    const { learnState } = await import('./learn-state.ts');
    return DelayedFeedbackClassifier.restore(engine, await learnState(engine, log, given));
  }

  /** A classifier that goes on where the one that gave this state stood. TypeError or RangeError for no such state. */
  static restore(engine: Engine, state: ClassifierState): DelayedFeedbackClassifier {
    checkState(state);
    return new DelayedFeedbackClassifier(engine, state.card, state);
  }

  /** Number of rows whose label may still change. */
  get open(): number {
    return this.#places.size;
  }

  /** Time up to which events have been learned, in the log's unit and from its origin. */
  get clock(): number {
    return this.#clock.now;
  }

  /** How far the weights of the stream's examples can be trusted: of `telescoping`, what scales its changes. */
  get health(): HealthReport {
    return this.#run.health.report();
  }

  /** The columns that `predict` reads. */
  get features(): { name: string; kind: 'numeric' | 'categorical' }[] {
    return this.#base.pipeline.columns.map(({ name, kind }) => ({
      name,
      kind: kind === 'categorical' ? 'categorical' : 'numeric',
    }));
  }

  /** When conversions came, in the log as it was known at the end of `fit`. */
  delayCurve(): DelayCurve {
    return structuredClone(this.#curve);
  }

  /**
   * Takes in what happened up to `until` and learns from it. Everything is checked before anything is changed; see
   * `UpdateReport` for what is counted instead of refused.
   */
  update(events: ConversionEvents): UpdateReport {
    this.#alive();
    if (this.card.settings.method === 'oracle') {
      throw new Error('the oracle knows final labels: it can be fitted and evaluated, not updated');
    }
    const told = orderedEvents(events, this.card.signals);
    const { exposures, until } = events;
    if (!(until >= this.clock))
      throw new RangeError(`until must not be before the clock (${this.clock}), got ${until}`);
    const windows = exposures && this.#windowsOf(exposures.window, exposures.id.length);
    for (const id of exposures?.id ?? []) {
      if (!this.#places.has(id)) continue;
      throw new DataError(`${String(id)} is open already`, { code: 'duplicate-id', column: 'exposures.id' });
    }
    const encoded = exposures && this.#base.pipeline.encode(exposures.features);
    const report = {
      exposures: 0,
      conversions: 0,
      negatives: 0,
      signals: 0,
      unknown: [] as RowId[],
      late: 0,
    };
    const begin = this.clock;
    for (const event of told) {
      if (event.time < begin) report.late++;
      const time = Math.max(event.time, this.clock);
      if (event.kind === EVENT.exposure) {
        this.#clock.advance(time);
        const place = this.#place(event, encoded!);
        this.#rows.open(place, event.time, windows!(event.index));
        this.#clock.tell(time, EVENT.exposure, place);
        report.exposures++;
        continue;
      }
      // Visits before the event may finish its row.
      this.#clock.advance(time);
      const place = this.#places.get(event.id);
      if (place === undefined) {
        report.unknown.push(event.id);
        continue;
      }
      this.#clock.tell(time, event.kind, place, event.signal);
      if (event.kind === EVENT.conversion) report.conversions++;
      else if (event.kind === EVENT.negative) report.negatives++;
      else report.signals++;
    }
    this.#clock.advance(until, true);
    this.#run.end();
    return { ...report, open: this.open, clock: this.clock };
  }

  /** f32[rows]: P(converts inside its window) of new rows. */
  predict(features: FeatureTable): Float32Array {
    return this.#with(features, (store, ids) => this.#run.predict(store, ids));
  }

  /**
   * f32[rows]: P(converts later) of rows that are open at the age `elapsed`, given the ages at which signals were seen,
   * by their names (NaN for never, as for those left out). `window` is needed where rows have windows of their own.
   */
  flipProbability(
    features: FeatureTable,
    elapsed: number | ArrayLike<number>,
    given: {
      signals?: Readonly<Record<string, ArrayLike<number>>>;
      window?: number | ArrayLike<number>;
    } = {},
  ): Float32Array {
    checkTable(features, 'features');
    options<object>(given, { signals: undefined, window: undefined }, 'flipProbability');
    const { signals = {}, window } = given;
    const { rows } = features;
    const ageOf = columnOf(elapsed, 'elapsed', rows);
    const windows = this.#windowsOf(window, rows);
    const patterns = new Uint8Array(rows);
    signalAges(signals, this.card.signals, rows).forEach((ages, s) => {
      for (let i = 0; i < rows; i++) if (ages[i] <= ageOf(i)) patterns[i] |= 1 << s;
    });
    const at = Array.from({ length: rows }, (_, i) => real(ageOf(i), `elapsed[${i}]`, 0));
    return this.#with(features, (store, ids) =>
      this.#posterior.predict(
        store,
        ids,
        at,
        at.map((_, i) => windows(i)),
        patterns,
      ),
    );
  }

  /** The open rows of the stream with their probabilities, as of the clock; converted and history rows are left out. */
  flipOpen(): OpenRow[] {
    this.#alive();
    const { time, window, signals, flags } = this.#rows;
    const places = [...this.#places.values()].filter(
      (p) => (flags[p] & (FLAG.converted | FLAG.history | FLAG.done)) === 0,
    );
    const age = places.map((p) => this.clock - time[p]);
    const windows = places.map((p) => window[p]);
    const patterns = places.map((p) => signals[p]);
    const probability = this.#posterior.predict(this.#base.store, places, age, windows, patterns);
    return places.map((p, i) => ({ id: this.#ids[p], age: age[i], probability: probability[i] }));
  }

  /** Everything as plain data; `restore` goes on from it. */
  state(): ClassifierState {
    this.#alive();
    const places = this.#rows.places();
    return {
      card: this.card,
      pipeline: this.#base.pipeline.toJSON(),
      run: this.#run.state(),
      posterior: posteriorState(this.#posterior),
      rows: this.#rows.state(),
      ids: places.map((place) => this.#ids[place]),
      features: rowsAt(this.#base.store, places),
      now: this.clock,
      curve: this.delayCurve(),
    };
  }

  /** Lets go of the memory; every later call but this one is refused. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    if (!this.#run.posterior) {
      this.#posterior.model.dispose();
      this.#posterior.table.dispose();
    }
    this.#run.dispose();
    this.#base.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #alive(): void {
    if (this.#disposed) throw new Error('this classifier has been disposed');
  }

  /** A place with the features of an exposed row. */
  #place({ id, index }: Told, rows: EncodedRows): number {
    const place = this.#rows.take();
    const one = rowOf(rows, index);
    if (place < this.#base.store.rows) this.#base.store.write(place, one);
    else this.#base.store.append(one);
    this.#places.set(id, place);
    this.#ids[place] = id;
    return place;
  }

  #windowsOf(window: number | ArrayLike<number> | undefined, rows: number): (i: number) => number {
    const shared = this.card.window;
    if (window === undefined) {
      if (shared === undefined) throw new TypeError('window is missing: the rows of this log have their own');
      return () => shared;
    }
    const of = columnOf(window, 'window', rows);
    for (let i = 0; i < rows; i++) {
      const w = of(i);
      if (!(w >= 0)) throw new RangeError(`window must be 0 or more, got ${w}`);
      if (shared !== undefined && w !== shared) {
        throw new RangeError(
          `all rows of this log have the window ${shared}, got ${w}: fit with a window a row instead`,
        );
      }
    }
    return of;
  }

  #with<T>(features: FeatureTable, body: (store: RowStore, ids: Uint32Array) => T): T {
    this.#alive();
    const store = RowStore.from(this.engine, this.#base.pipeline.encode(features, 'features'));
    try {
      return body(
        store,
        Uint32Array.from({ length: features.rows }, (_, i) => i),
      );
    } finally {
      store.dispose();
    }
  }
}

const columnOf = (
  values: number | ArrayLike<number>,
  name: string,
  rows: number,
): ((i: number) => number) => {
  if (typeof values === 'number') return () => values;
  if (typeof (values as ArrayLike<number> | null)?.length !== 'number' || typeof values === 'string') {
    throw wrongKind(values, name, 'a number, or an array of one a row');
  }
  numbers(values, name, rows);
  return (i) => values[i];
};
