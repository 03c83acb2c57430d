/** Labels that still change: learning from conversions that come late. */
export { decodeConversions, encodeConversions } from './conversions-model-file.ts';
export type { Interval } from './delayed-feedback/bootstrap.ts';
export { DelayedFeedbackClassifier, type OpenRow } from './delayed-feedback/classifier.ts';
export { type DelayCurve, type DelayCurveOptions, delayCurve } from './delayed-feedback/delay-curve.ts';
export type { ConversionEvents, RowId, UpdateReport } from './delayed-feedback/events.ts';
export {
  type EvaluateFlipsOptions,
  evaluateFlips,
  type FlipComparison,
  type FlipMetrics,
  FlipModel,
  type FlipOptions,
  flipDefaults,
} from './delayed-feedback/flips.ts';
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
export {
  type Difference,
  type EvaluateMethodsOptions,
  evaluateMethods,
  type MethodResult,
  type Prequential,
  type Step,
} from './delayed-feedback/prequential.ts';
export type { ClassifierState, ConversionCard } from './delayed-feedback/state.ts';
export * from './engine.ts';
export type { Body } from './nn/tabular/options.ts';
export {
  type CategoricalColumn,
  categoricalColumn,
  type FeatureColumn,
  type FeatureTable,
  type NumericColumn,
  numericColumn,
} from './nn/tabular/table.ts';
