import type { Slice } from '../engine/arena.ts';
import type { TabularModel, TabularState } from '../nn/tabular/model.ts';
import type { RowStore } from '../nn/tabular/rows.ts';
import type { Base } from './base.ts';
import type { Visitor } from './clock.ts';
import { Emitter } from './emitter.ts';
import { WeightHealth } from './health.ts';
import { SCHEMES } from './methods/index.ts';
import type { MethodName } from './methods/names.ts';
import type { Nuisances } from './nuisances.ts';
import type { OpenRows } from './open-rows.ts';
import { type Posterior, type PosteriorState, posteriorState, restorePosterior } from './posterior.ts';
import { SchemeStream } from './scheme-stream.ts';
import { Telescoping } from './telescoping.ts';

/** What surrounds a method: where the rows are, and who is told what. */
export interface RunPlace {
  readonly rows: OpenRows;
  readonly store: RowStore;
  /** Final label of a row, for the oracle. */
  readonly truth?: (row: number) => number;
  /** Told when no finished row is waiting any more. */
  readonly flushed: () => void;
}

export interface RunState {
  model?: TabularState;
  posterior?: PosteriorState;
  nuisances: ReturnType<Nuisances['state']>;
  health: readonly number[];
}

const BATCH = 256;

/** One method at work: its visitor, its model and what the model answers. */
export class MethodRun {
  readonly visitor: Visitor;
  readonly model: TabularModel;
  readonly health = new WeightHealth();
  /** With telescoping only. */
  readonly posterior: Posterior | undefined;
  readonly telescoping: Telescoping | undefined;
  readonly #stream: SchemeStream | undefined;
  readonly #emitter: Emitter | undefined;
  readonly #output: ((p: number) => number) | undefined;
  readonly #ids: Slice<'u32'>;
  readonly #logits: Slice<'f32'>;
  readonly #base: Base;

  constructor(base: Base, method: MethodName, place: RunPlace) {
    const { engine, settings } = base;
    const { rows, store } = place;
    this.#base = base;
    this.#ids = engine.alloc('u32', BATCH);
    this.#logits = engine.alloc('f32', 2 * BATCH);
    if (method === 'telescoping') {
      this.posterior = base.createPosterior();
      this.model = this.posterior.model.model;
      const { posterior, health } = this;
      this.telescoping = new Telescoping(engine, rows, store, posterior, health, settings.cap, place.flushed);
      this.visitor = this.telescoping;
      return;
    }
    const scheme = SCHEMES[method];
    this.#output = scheme.output;
    this.model = base.createModel();
    const ages = scheme.rule.horizons
      ? settings.horizons
      : [method === 'wait' ? settings.wait : settings.elapsed];
    const stream = new SchemeStream(
      engine,
      rows,
      store,
      this.model,
      scheme,
      base.nuisances,
      this.health,
      settings.elapsed,
      settings,
      place.flushed,
    );
    const matured = (row: number, label: number) => {
      base.nuisances.mature({
        row,
        elapsed: Math.min(settings.elapsed, rows.window[row]),
        delay: label === 1 ? rows.value[row] : Infinity,
        pattern: rows.arrival[row],
      });
    };
    this.#stream = stream;
    this.#emitter = new Emitter(
      rows,
      { rule: scheme.rule, ages, truth: place.truth, matured: settings.refresh ? matured : undefined },
      (row, label, kind, stage) => stream.emit(row, label, kind, stage),
    );
    this.visitor = this.#emitter;
  }

  /** The end of an update: what waits for it, and part-filled batches. */
  end(): void {
    this.#emitter?.finish();
    this.#stream?.flush();
    this.telescoping?.flush();
    if (this.#base.settings.refresh) this.#base.nuisances.flush();
  }

  /** P(converts inside its window) of rows of a store. */
  predict(store: RowStore, ids: ArrayLike<number>): Float32Array {
    const { engine } = this.#base;
    const { heads } = this.model;
    const out = new Float32Array(ids.length);
    for (let at = 0; at < ids.length; at += BATCH) {
      const n = Math.min(BATCH, ids.length - at);
      const id = this.#ids.array;
      for (let i = 0; i < n; i++) id[i] = ids[at + i];
      this.model.logits(store, this.#ids, n, this.#logits);
      engine.kernels.sigmoid(this.#logits.ptr, this.#logits.ptr, n * heads);
      const p = this.#logits.array;
      for (let i = 0; i < n; i++) out[at + i] = this.#output ? this.#output(p[heads * i]) : p[heads * i];
    }
    return out;
  }

  /** All that the stream changes in the models; `restore` takes it back. */
  state(): RunState {
    return {
      model: this.posterior ? undefined : this.model.state(),
      posterior: this.posterior && posteriorState(this.posterior),
      nuisances: this.#base.nuisances.state(),
      health: this.health.state(),
    };
  }

  restore({ model, posterior, nuisances, health }: RunState): void {
    if (model) this.model.restore(model);
    if (posterior && this.posterior) restorePosterior(this.posterior, posterior);
    this.#base.nuisances.restore(nuisances);
    this.health.restore(health);
  }

  dispose(): void {
    const { engine } = this.#base;
    this.#stream?.dispose();
    this.telescoping?.dispose();
    if (this.posterior) {
      this.posterior.model.dispose();
      this.posterior.table.dispose();
    } else this.model.dispose();
    engine.release(this.#ids, this.#logits);
  }
}
