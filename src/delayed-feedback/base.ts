import type { Engine } from '../engine/engine.ts';
import { fitTabular, startOf } from '../nn/tabular/fit.ts';
import { hashPair } from '../nn/tabular/hash.ts';
import { TabularModel, type TabularState } from '../nn/tabular/model.ts';
import type { TabularOptions } from '../nn/tabular/options.ts';
import { FeaturePipeline } from '../nn/tabular/pipeline.ts';
import { RowStore } from '../nn/tabular/rows.ts';
import { AgeBuckets } from './age-buckets.ts';
import { HazardTable } from './hazard.ts';
import { historyRows } from './history.ts';
import type { ConversionLog } from './log.ts';
import { SCHEMES } from './methods/index.ts';
import type { MethodName } from './methods/names.ts';
import { Nuisances } from './nuisances.ts';
import type { Resolved } from './options.ts';
import { PairedModel } from './paired-model.ts';
import { Posterior, type PosteriorState, posteriorState, restorePosterior } from './posterior.ts';

/** Step length of the hazards over the history and in the stream, and the L2 pull towards their start. */
export const HAZARD = { pretrainRate: 0.05, rate: 0.003, l2: 3e-3, memory: 2000 };

/** Everything the methods share before the stream: rows as slots, and models learned from the history. */
export class Base {
  /** The conversion model after the history, with one head. */
  model: TabularState | undefined;
  posterior: PosteriorState | undefined;
  readonly nuisances: Nuisances;

  constructor(
    readonly engine: Engine,
    readonly pipeline: FeaturePipeline,
    readonly store: RowStore,
    readonly settings: Resolved,
    readonly signals: number,
    readonly fixedWindow: boolean,
  ) {
    const { pretrainRate, l2, epochs, seed } = settings;
    this.nuisances = new Nuisances(engine, store, 1 << signals, {
      slots: pipeline.slots,
      epochs,
      // Weight models are logistic whatever the body.
      learningRate: settings.body === 'mlp' ? 0.05 : pretrainRate,
      l2,
      seed: hashPair(seed, 1),
    });
  }

  /** Encodes the log and learns what these methods need from the rows of the history. */
  static async learn(
    engine: Engine,
    log: ConversionLog,
    settings: Resolved,
    methods: readonly MethodName[],
  ): Promise<Base> {
    const rows = historyRows(log, settings.pretrainUntil);
    const { bits, buckets, seed } = settings;
    const pipeline = FeaturePipeline.fit(log.features, rows, { bits, buckets, seed: seed });
    const store = RowStore.from(engine, pipeline.encode(log.features));
    const base = new Base(engine, pipeline, store, settings, log.signals.length, log.fixedWindow);
    await base.#learnModel(log, rows);
    for (const method of methods) {
      if (method === 'telescoping') await base.#learnPosterior(log, rows);
      else {
        const { needs } = SCHEMES[method];
        await base.nuisances.learn(needs, log, rows, settings.elapsed, settings.horizons, settings.signal);
      }
    }
    return base;
  }

  /** A conversion model as it is when the stream begins. */
  createModel(): TabularModel {
    const model = TabularModel.create(this.engine, this.#options());
    if (this.model) model.restore(this.model);
    model.learningRate = this.settings.learningRate;
    model.scaleAccumulators(this.settings.warm);
    return model;
  }

  /** The posterior with the conversion model as they are when the stream begins. */
  createPosterior(): Posterior {
    const { settings } = this;
    const posterior = this.#emptyPosterior();
    if (this.posterior) restorePosterior(posterior, this.posterior);
    posterior.model.setRates(settings.learningRate, HAZARD.rate);
    return posterior;
  }

  dispose(): void {
    this.nuisances.dispose();
    this.store.dispose();
  }

  async #learnModel(log: ConversionLog, rows: Uint32Array): Promise<void> {
    const { settings, store, engine } = this;
    const model = TabularModel.create(engine, { ...this.#options(), learningRate: settings.pretrainRate });
    const labels = Uint8Array.from(log.delay, (d) => (d === Infinity ? 0 : 1));
    model.startAt(startOf(engine, labels, rows));
    const began = performance.now();
    await fitTabular(engine, model, store, labels, {
      ids: rows,
      epochs: settings.epochs,
      seed: settings.seed,
      signal: settings.signal,
      onProgress:
        settings.onProgress &&
        ((at) => {
          const elapsedMs = performance.now() - began;
          settings.onProgress!({
            ...at,
            phase: 'history',
            elapsedMs,
            etaMs: (elapsedMs * (at.total - at.step)) / at.step,
          });
        }),
    });
    this.model = model.state();
    model.dispose();
  }

  async #learnPosterior(log: ConversionLog, rows: Uint32Array): Promise<void> {
    const posterior = this.#emptyPosterior();
    const { model, table } = posterior;
    // The conversion head starts the stream as it left the history; only the hazards move meanwhile.
    const start = this.createModel();
    model.adopt(start.state());
    start.dispose();
    model.setRates(0, HAZARD.pretrainRate);
    table.options.rate = HAZARD.pretrainRate;
    await posterior.learn(log, this.store, rows, hashPair(this.settings.seed, 2), this.settings.signal);
    table.options.rate = HAZARD.rate;
    this.posterior = posteriorState(posterior);
    model.dispose();
    table.dispose();
  }

  #emptyPosterior(): Posterior {
    const ages = new AgeBuckets(this.settings.ages);
    const model = new PairedModel(this.engine, { ...this.#options() }, HAZARD);
    const table = new HazardTable(this.engine, ages, this.fixedWindow, { ...HAZARD });
    return new Posterior(this.engine, ages, model, table, this.signals);
  }

  #options(): Partial<TabularOptions> & { batch: number } {
    const { body, l2, width, hidden, dropout, seed, learningRate } = this.settings;
    const { fields, numbers, slots } = this.pipeline;
    return { fields, numbers, slots, body, l2, width, hidden, dropout, seed, learningRate, batch: 256 };
  }
}
