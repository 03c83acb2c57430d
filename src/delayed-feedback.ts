/**
 * Labels that still change: learning from conversions that come late. A log is made at once; what learns, judges, or reads
 * and writes a model's file is imported when it is first called, and returns a promise. What is given to it must stay as it
 * is until the promise is settled. `fit` and the evaluations give the event loop a turn now and then, but not in the last
 * second of a large training.
 *
 * The engine's exports are named one by one: Vite 8 loses what `export *` passes on to a worker that it builds as one file.
 */
import type { DelayedFeedbackClassifier as Classifier } from './delayed-feedback/classifier.ts';
import type { DelayCurve, DelayCurveOptions } from './delayed-feedback/delay-curve.ts';
import type { FlipOptions } from './delayed-feedback/flip-options.ts';
import type {
  EvaluateFlipsOptions,
  FlipModel as FittedFlips,
  FlipComparison,
} from './delayed-feedback/flips.ts';
import type { ConversionLog } from './delayed-feedback/log.ts';
import type { ConversionOptions } from './delayed-feedback/options.ts';
import type { EvaluateMethodsOptions, Prequential } from './delayed-feedback/prequential.ts';
import type { ClassifierState } from './delayed-feedback/state.ts';
import { checkEngine } from './engine/check-engine.ts';
import type { Engine } from './engine/engine.ts';

export { DataError, type DataErrorPlace } from './check.ts';
export type { Interval } from './delayed-feedback/bootstrap.ts';
export type { OpenRow } from './delayed-feedback/classifier.ts';
export type { DelayCurve, DelayCurveOptions } from './delayed-feedback/delay-curve.ts';
export type { ConversionEvents, RowId, UpdateReport } from './delayed-feedback/events.ts';
export { type FlipOptions, flipDefaults } from './delayed-feedback/flip-options.ts';
export type { EvaluateFlipsOptions, FlipComparison, FlipMetrics } from './delayed-feedback/flips.ts';
export type { HealthReport } from './delayed-feedback/health.ts';
export { ConversionLog, type LabelsAt, type LogColumns, type LogOptions } from './delayed-feedback/log.ts';
export type { BadRow, LogCounts } from './delayed-feedback/log-rows.ts';
export {
  METHODS as CONVERSION_METHODS,
  type MethodName as ConversionMethod,
  methodText,
} from './delayed-feedback/methods/names.ts';
export {
  type ConversionOptions,
  type ConversionProgress,
  conversionDefaults,
} from './delayed-feedback/options.ts';
export type {
  Difference,
  EvaluateMethodsOptions,
  MethodResult,
  Prequential,
  Step,
} from './delayed-feedback/prequential.ts';
export type { ClassifierState, ConversionCard } from './delayed-feedback/state.ts';
export { type ArrayTypes, type ElementType, Slice } from './engine/arena.ts';
export { Engine, type EngineOptions, type Scope } from './engine/engine.ts';
export type { Kernels } from './engine/kernels.ts';
export type { KernelSource } from './engine/module.ts';
export type { ThreadWorker } from './engine/threads/team.ts';
export type { Body } from './nn/tabular/options.ts';
export {
  type CategoricalColumn,
  categoricalColumn,
  type FeatureColumn,
  type FeatureTable,
  type NumericColumn,
  numericColumn,
} from './nn/tabular/table.ts';

/** A conversion model that is trained while its labels still change, made by `fit`, `restore` or `decodeConversions`. */
export interface DelayedFeedbackClassifier extends Classifier {}

/** Trains conversion models. */
export const DelayedFeedbackClassifier = {
  /**
   * Learns from a log: rows before `pretrainUntil` with their final labels, the others as their labels arrived, up to
   * `until`. DataError `no-history`, `all-positive` or `all-negative` when the history has nothing to teach.
   */
  async fit(
    engine: Engine,
    log: ConversionLog,
    given?: Partial<ConversionOptions>,
  ): Promise<DelayedFeedbackClassifier> {
    const { DelayedFeedbackClassifier } = await import('./delayed-feedback/classifier.ts');
    return DelayedFeedbackClassifier.fit(checkEngine(engine), log, given);
  },

  /** A classifier that goes on where the one that gave this state stood. TypeError or RangeError for no such state. */
  async restore(engine: Engine, state: ClassifierState): Promise<DelayedFeedbackClassifier> {
    const { DelayedFeedbackClassifier } = await import('./delayed-feedback/classifier.ts');
    return DelayedFeedbackClassifier.restore(checkEngine(engine), state);
  },
};

/**
 * A classifier as the bytes of a safetensors file, with a checksum. It holds the open rows too, so that it is also the
 * checkpoint of the stream.
 */
export async function encodeConversions(
  classifier: DelayedFeedbackClassifier,
): Promise<Uint8Array<ArrayBuffer>> {
  const { encodeConversions } = await import('./conversions-model-file.ts');
  return encodeConversions(classifier);
}

/**
 * The classifier of a file. DataError `not-a-model` for another file, `damaged-model` for one that breaks a rule:
 * lengths, indices and numbers are all checked before anything is built. `file` names it in messages.
 */
export async function decodeConversions(
  engine: Engine,
  bytes: Uint8Array,
  file?: string,
): Promise<DelayedFeedbackClassifier> {
  const { decodeConversions } = await import('./conversions-model-file.ts');
  return decodeConversions(checkEngine(engine), bytes, file);
}

/**
 * When conversions come: arrays of one length, an entry an age. The variance is that of Marubini and Valsecchi (1995) for a
 * cumulative incidence; with one window for all, the curve is one minus Kaplan and Meier's.
 */
export async function delayCurve(
  log: ConversionLog,
  given?: Partial<DelayCurveOptions>,
): Promise<DelayCurve> {
  const { delayCurve } = await import('./delayed-feedback/delay-curve.ts');
  return delayCurve(log, given);
}

/**
 * Runs every method over the same stream, from the same start, with the same base learner: at each step the rows
 * exposed in it are predicted and held against their final labels, then learned from as their labels arrive. DataError
 * where no row after the first step has a final label; the signal's reason when aborted.
 */
export async function evaluateMethods(
  engine: Engine,
  log: ConversionLog,
  given: Partial<EvaluateMethodsOptions>,
): Promise<Prequential> {
  const { evaluateMethods } = await import('./delayed-feedback/prequential.ts');
  return evaluateMethods(checkEngine(engine), log, given);
}

/** P(a row still open at one age converts later), made by `fit`. */
export interface FlipModel extends FittedFlips {}

/** Trains models of flips. */
export const FlipModel = {
  /**
   * Learns from the rows of the history (before `pretrainUntil`; when absent, where 99 % of the rows are final) that are
   * open at the age `elapsed` and whose final label is known. RangeError when there is none.
   */
  async fit(engine: Engine, log: ConversionLog, given: Partial<FlipOptions>): Promise<FlipModel> {
    const { FlipModel } = await import('./delayed-feedback/flips.ts');
    return FlipModel.fit(checkEngine(engine), log, given);
  },
};

/**
 * Flips at several ages `elapsed`, an entry each, from features alone and with the signals. RangeError for an age at which
 * no row of the history is open; DataError `no-final-labels` when nothing is left to judge, and NaN where `until` leaves no
 * row that is open at an age; the signal's reason when aborted.
 */
export async function evaluateFlips(
  engine: Engine,
  log: ConversionLog,
  given: Partial<EvaluateFlipsOptions>,
): Promise<FlipComparison[]> {
  const { evaluateFlips } = await import('./delayed-feedback/flips.ts');
  return evaluateFlips(checkEngine(engine), log, given);
}
