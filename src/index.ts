/** The public API. Nothing happens at import. */
export { DataError, type DataErrorPlace } from './check.ts';
export { decodeConversions, encodeConversions } from './conversions-model-file.ts';
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
export {
  BASELINES,
  type BaselineName,
  type BaselinesOptions,
  baselines,
} from './directed-graph/baselines/index.ts';
export type { Comparison, Outcome } from './directed-graph/comparison.ts';
export type { Csr } from './directed-graph/csr.ts';
export type { DirectionAreas } from './directed-graph/direction-areas.ts';
export { type Embedding, EmbeddingScorer } from './directed-graph/embedding-scorer.ts';
export {
  type EvaluateOptions,
  type Evaluation,
  evaluate,
  evaluateAll,
  evaluateDefaults,
  type Metrics,
} from './directed-graph/evaluate.ts';
export {
  type EvaluateModelOptions,
  evaluateModel,
  METHODS,
  type MethodName,
} from './directed-graph/evaluate-model.ts';
export { type NodeFeatures, nodeFeatures } from './directed-graph/features.ts';
export type { Checkpoint, FitOptions, FitState, ModelCard, Progress } from './directed-graph/fit.ts';
export { DirectedGraph, type EdgeOptions } from './directed-graph/graph.ts';
export {
  evaluateHoldout,
  type HoldoutEvaluation,
  type HoldoutOptions,
} from './directed-graph/holdout.ts';
export { type EncoderOptions, encoderDefaults, type Preset, presets } from './directed-graph/options.ts';
export type { OrderCounts, OrderOptions, Orders } from './directed-graph/orders.ts';
export { type SamplingOptions, samplingDefaults } from './directed-graph/propagation.ts';
export { Direction, type DirectionScores } from './directed-graph/ranker/direction.ts';
export {
  type RankFitOptions,
  type RankModel,
  type RankReport,
  rankFitDefaults,
} from './directed-graph/ranker/fit.ts';
export { Ranker, type RankerOptions, type RankerParts } from './directed-graph/ranker/ranker.ts';
export type { Quality, RankerCard, ShippedRankerOptions } from './directed-graph/ranker/ship.ts';
export {
  type ItemAnswers,
  type RecommendAllOptions,
  type Recommendation,
  type RecommendOptions,
  RelatedProducts,
  type SimilarOptions,
} from './directed-graph/recommender.ts';
export type { Pairs, Scorer } from './directed-graph/scorer.ts';
export type { NewItem } from './directed-graph/serving/answer.ts';
export type { Catalogue } from './directed-graph/serving/catalogue.ts';
export type { AnswerSource } from './directed-graph/serving/fallback.ts';
export type { NewEdges } from './directed-graph/serving/grow.ts';
export type { ItemFeatures } from './directed-graph/serving/input-rows.ts';
export type { ItemSet } from './directed-graph/serving/masks.ts';
export type { Item } from './directed-graph/serving/query.ts';
export { type Reason, type ReasonKind, reasonText } from './directed-graph/serving/reasons.ts';
export type { UpdateOptions, UpdateResult } from './directed-graph/serving/update.ts';
export type { EncoderWeights } from './directed-graph/serving/weights.ts';
export { type Split, type SplitOptions, splitEdges, splitFromLabels } from './directed-graph/split.ts';
export { type TrainingOptions, trainingDefaults } from './directed-graph/training-options.ts';
export { type Verdict, type VerdictGroup, verdict } from './directed-graph/verdict.ts';
export { METHOD_WORDS } from './directed-graph/verdict-words.ts';
export { type ElementType, Slice } from './engine/arena.ts';
export { Engine, type EngineOptions, type Scope } from './engine/engine.ts';
export { decodeCheckpoint, decodeModel, encodeCheckpoint, encodeModel } from './model-file.ts';
export {
  categoricalColumn,
  type FeatureColumn,
  type FeatureTable,
  numericColumn,
} from './nn/tabular/table.ts';
export { Bitset } from './nn/topk.ts';
export { decodeThresholds, encodeThresholds, type ThresholdsModel } from './thresholds-model-file.ts';
export * from './uncertainty/index.ts';
