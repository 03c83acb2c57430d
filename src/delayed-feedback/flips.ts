import { flag, integer, list, object, options, real } from '../check.ts';
import type { Engine } from '../engine/engine.ts';
import { calibrationError, logLoss, rocAuc, standardError } from '../nn/metrics.ts';
import { fitTabular, startOf } from '../nn/tabular/fit.ts';
import { hashPair, slotOf } from '../nn/tabular/hash.ts';
import { TabularModel } from '../nn/tabular/model.ts';
import { FeaturePipeline } from '../nn/tabular/pipeline.ts';
import { type EncodedRows, encodedRows, RowStore } from '../nn/tabular/rows.ts';
import { checkTable, type FeatureTable } from '../nn/tabular/table.ts';
import { type FlipOptions, flipDefaults } from './flip-options.ts';
import { historyRows, maturedUntil } from './history.ts';
import { judgedStream } from './judged.ts';
import { type ConversionLog, checkLog } from './log.ts';
import { log2Bin } from './log2-bin.ts';
import { signalAges } from './signal-ages.ts';
import { takeRows } from './take-rows.ts';

/** How well flips were foretold over rows that were open at `elapsed`. */
export interface FlipMetrics {
  /** Number of rows judged. Where there is none, or none of a class, metrics that need one are NaN. */
  rows: number;
  /** Share that converts later. */
  rate: number;
  /** How often, of a row that converts later and one that does not, the former has the higher probability. */
  auc: number;
  /** Standard error of the AUC (Hanley and McNeil 1982). */
  aucError: number;
  logLoss: number;
  /** Expected calibration error: mean distance of predicted and observed shares (Nixon et al. 2019). */
  ece: number;
}

/**
 * P(a row still open at one age converts later) from features, the pattern of signals seen by then, and when each was
 * seen: a hashed logistic model with the pattern crossed with the signals' ages and with the features.
 */
export class FlipModel {
  private constructor(
    readonly engine: Engine,
    /** Every option, chosen or given. */
    readonly options: FlipOptions & { pretrainUntil: number },
    readonly signalNames: readonly string[],
    readonly pipeline: FeaturePipeline,
    readonly model: TabularModel,
  ) {}

  /** Learns from the rows of the history that are open at `elapsed` and whose final label is known. */
  static async fit(engine: Engine, log: ConversionLog, given: Partial<FlipOptions>): Promise<FlipModel> {
    const set = options(given, flipDefaults, 'flips');
    if (!(real(set.elapsed, 'elapsed', 0) > 0)) throw new RangeError('elapsed must be above 0');
    if (set.pretrainUntil !== undefined) real(set.pretrainUntil, 'pretrainUntil');
    flag(set.signals, 'signals');
    integer(set.epochs, 'epochs', 1, 1000);
    checkLog(log);
    const pretrainUntil = set.pretrainUntil ?? maturedUntil(log);
    const history = historyRows(log, pretrainUntil);
    const { bits, buckets, seed } = set;
    const pipeline = FeaturePipeline.fit(log.features, history, { bits, buckets, seed, numeric: 'bucket' });
    const rows = history.filter((row) => openAt(log, row, set.elapsed));
    if (rows.length === 0) {
      throw new RangeError(
        `elapsed must be an age at which a row of the history is open, got ${set.elapsed}`,
      );
    }
    const names = set.signals ? log.signalNames : [];
    const encoded = design(pipeline, set, takeRows(log.features, rows), signalsOf(log, rows, names));
    const model = TabularModel.create(engine, {
      fields: encoded.fields,
      slots: encoded.slots,
      learningRate: set.learningRate,
      l2: set.l2,
      seed,
    });
    const store = RowStore.from(engine, encoded);
    try {
      const labels = Array.from(rows, (row) => (log.delay[row] === Infinity ? 0 : 1));
      model.startAt(startOf(engine, labels));
      await fitTabular(engine, model, store, labels, { epochs: set.epochs, seed, signal: set.signal });
    } catch (error) {
      model.dispose();
      throw error;
    } finally {
      store.dispose();
    }
    return new FlipModel(engine, { ...set, pretrainUntil }, names, pipeline, model);
  }

  /**
   * f32[rows]: P(converts later) of rows that are open at the age `elapsed` of the options, given the ages at which signals
   * were seen, by their names. NaN, or later than `elapsed`, is not seen by then, as are signals left out. RangeError for a
   * signal that the model does not have.
   */
  predict(features: FeatureTable, signals: Readonly<Record<string, ArrayLike<number>>> = {}): Float32Array {
    checkTable(features, 'features');
    return this.#predict(features, signalAges(signals, this.signalNames, features.rows));
  }

  #predict(features: FeatureTable, signals: readonly ArrayLike<number>[]): Float32Array {
    const encoded = design(this.pipeline, this.options, features, signals);
    return this.engine.scope(({ alloc }) => {
      const store = RowStore.from(this.engine, encoded);
      const out = alloc('f32', features.rows);
      this.model.logits(store, undefined, features.rows, out);
      this.engine.kernels.sigmoid(out.ptr, out.ptr, out.length);
      store.dispose();
      return out.copy();
    });
  }

  /**
   * Judged on rows exposed in [from, until) that were open at `elapsed` and whose final label is known. RangeError for a
   * log without a signal of the model.
   */
  evaluate(log: ConversionLog, from: number, until: number): FlipMetrics {
    checkLog(log);
    const rows: number[] = [];
    for (let i = log.rowsBefore(from); i < log.rowsBefore(until); i++) {
      if (log.mature[i] === 1 && openAt(log, i, this.options.elapsed)) rows.push(i);
    }
    const p = this.#predict(takeRows(log.features, rows), signalsOf(log, rows, this.signalNames));
    const label = rows.map((row) => (log.delay[row] === Infinity ? 0 : 1));
    const positives = label.reduce((a: number, b) => a + b, 0);
    const auc = rocAuc(label, p);
    return {
      rows: rows.length,
      rate: positives / rows.length,
      auc,
      aucError: aucError(auc, positives, rows.length - positives),
      logLoss: logLoss(label, p),
      ece: calibrationError(label, p),
    };
  }

  dispose(): void {
    this.model.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Flips at one age, foretold without the signals and with them. */
export interface FlipComparison {
  /** Age at which the rows were open, in the log's unit. */
  elapsed: number;
  featuresOnly: FlipMetrics;
  withSignals: FlipMetrics;
}

export interface EvaluateFlipsOptions extends Omit<FlipOptions, 'elapsed' | 'signals' | 'pretrainUntil'> {
  /** Ages above 0 at which open rows are looked at, in the log's unit. */
  elapsed: readonly number[];
  /**
   * Time: rows exposed before are learned from, later ones judged. When absent, a third of the rows whose label is final
   * lies before it.
   */
  pretrainUntil: number | undefined;
  /** Time at which the rows judged end, exclusive; after the last row whose label is final when absent. */
  until: number | undefined;
}

/**
 * Flips at several ages, from features alone and with the signals, learned from one part of the log and judged on the
 * next. RangeError for an age at which no row of the history is open; DataError `no-final-labels` where nothing is left to
 * judge, and NaN where `until` leaves no row that is open at an age; the signal's reason when aborted.
 */
export async function evaluateFlips(
  engine: Engine,
  log: ConversionLog,
  given: Partial<EvaluateFlipsOptions>,
): Promise<FlipComparison[]> {
  object(given, 'evaluateFlips', 'given an object of options');
  const { elapsed: ages = [], pretrainUntil: _, until: __, ...rest } = given;
  if ('signals' in rest)
    throw new TypeError('evaluateFlips judges with and without signals: leave signals out');
  const elapsed = list(ages, 'elapsed');
  if (!(elapsed.length > 0)) throw new TypeError('elapsed must be a list of at least one age');
  if (given.pretrainUntil !== undefined) real(given.pretrainUntil, 'pretrainUntil');
  const last = given.until === Infinity ? undefined : given.until;
  if (last !== undefined) real(last, 'until');
  const { pretrainUntil, until } = judgedStream(log, { ...given, until: last });
  if (!(until > pretrainUntil)) {
    throw new RangeError(`until must be after pretrainUntil (${pretrainUntil}), got ${until}`);
  }
  const results: FlipComparison[] = [];
  for (const age of elapsed) {
    const judge = async (signals: boolean) => {
      await new Promise((resolve) => setTimeout(resolve));
      const model = await FlipModel.fit(engine, log, { ...rest, pretrainUntil, elapsed: age, signals });
      const metrics = model.evaluate(log, pretrainUntil, until);
      model.dispose();
      return metrics;
    };
    results.push({ elapsed: age, featuresOnly: await judge(false), withSignals: await judge(true) });
  }
  return results;
}

/** Not converted, and inside its window. A known negative outcome is a signal, not an end. */
const openAt = (log: ConversionLog, row: number, age: number) =>
  log.delay[row] > age && log.window[row] > age;

const signalsOf = (log: ConversionLog, rows: ArrayLike<number>, names: readonly string[]): Float64Array[] =>
  names.map((name) => {
    const ages = log.signals[log.signalNames.indexOf(name)];
    if (!ages)
      throw new RangeError(`the log has no signal ${name}; it has ${log.signalNames.join(', ') || 'none'}`);
    return Float64Array.from(rows, (row) => ages[row]);
  });

/** Bins of how recent a signal is: in sixteenths of the time since the exposure, by octaves. */
const RECENT = 15;

/** Slots of the features, and of the signals as they were at `elapsed`. */
function design(
  pipeline: FeaturePipeline,
  { elapsed, bits, seed }: FlipOptions,
  table: FeatureTable,
  signals: readonly ArrayLike<number>[],
): EncodedRows {
  const x = pipeline.encode(table);
  if (signals.length === 0) return x;
  const fields = 2 * x.fields + 1 + 3 * signals.length;
  const index = new Uint32Array(x.rows * fields);
  const slot = (field: number, word: number) =>
    slotOf(hashPair(hashPair(hashPair(seed, 977), field), word), bits);
  for (let i = 0; i < x.rows; i++) {
    let pattern = 0;
    signals.forEach((ages, s) => {
      if (ages[i] <= elapsed) pattern |= 1 << s;
    });
    let at = i * fields;
    for (let f = 0; f < x.fields; f++) index[at++] = x.index[i * x.fields + f];
    index[at++] = slot(0, pattern);
    signals.forEach((ages, s) => {
      const seen = ages[i] <= elapsed;
      const recent = seen ? 1 + log2Bin((RECENT * (elapsed - ages[i])) / elapsed) : 0;
      const age = seen ? 1 + log2Bin(ages[i]) : 0;
      index[at++] = slot(3 * s + 1, recent);
      index[at++] = slot(3 * s + 2, age);
      index[at++] = slot(3 * s + 3, pattern * 1024 + age);
    });
    for (let f = 0; f < x.fields; f++)
      index[at++] = slot(1000 + f, hashPair(x.index[i * x.fields + f], pattern));
  }
  return encodedRows({ fields, numbers: 0, slots: x.slots }, index);
}

function aucError(auc: number, positives: number, negatives: number): number {
  if (!(positives > 0 && negatives > 0)) return Number.NaN;
  const [q1, q2] = [auc / (2 - auc), (2 * auc * auc) / (1 + auc)];
  const single = standardError(auc, 1);
  const variance = single * single + (positives - 1) * (q1 - auc * auc) + (negatives - 1) * (q2 - auc * auc);
  return Math.sqrt(Math.max(0, variance) / (positives * negatives));
}
