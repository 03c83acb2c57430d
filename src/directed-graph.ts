/** Related products: what follows what, from orders or edges. */
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
  type Bucket,
  type EvaluateOptions,
  type Evaluation,
  type EvaluationSplit,
  evaluate,
  evaluateAll,
  evaluateDefaults,
  type Metrics,
  type SymmetricPairs,
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
export {
  type Aggregation,
  type EncoderInput,
  type EncoderOptions,
  encoderDefaults,
  type Loss,
  type Preset,
  presets,
} from './directed-graph/options.ts';
export type { Codes, OrderCounts, OrderOptions, Orders } from './directed-graph/orders.ts';
export { type SamplingOptions, samplingDefaults } from './directed-graph/propagation.ts';
export { Direction, type DirectionScores } from './directed-graph/ranker/direction.ts';
export {
  type RankFitOptions,
  type RankModel,
  type RankReport,
  rankFitDefaults,
} from './directed-graph/ranker/fit.ts';
export { fitRanker, type RankerOptions } from './directed-graph/ranker/fit-ranker.ts';
export type { Quality } from './directed-graph/ranker/quality.ts';
export { Ranker, type RankerParts } from './directed-graph/ranker/ranker.ts';
export type { RankerCard, ShippedRankerOptions } from './directed-graph/ranker/ship.ts';
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
export type { AddedItem, NewEdges } from './directed-graph/serving/grow.ts';
export type { ItemFeatures } from './directed-graph/serving/input-rows.ts';
export type { ItemSet } from './directed-graph/serving/masks.ts';
export type { Item } from './directed-graph/serving/query.ts';
export { type Reason, type ReasonKind, reasonText } from './directed-graph/serving/reasons.ts';
export type { UpdateOptions, UpdateResult } from './directed-graph/serving/update.ts';
export type { EncoderWeights } from './directed-graph/serving/weights.ts';
export {
  type EdgeRows,
  type Split,
  type SplitOptions,
  splitEdges,
  splitFromLabels,
} from './directed-graph/split.ts';
export type { Look } from './directed-graph/trainer.ts';
export { type TrainingOptions, trainingDefaults } from './directed-graph/training-options.ts';
export { type Verdict, type VerdictGroup, verdict } from './directed-graph/verdict.ts';
export { METHOD_WORDS } from './directed-graph/verdict-words.ts';
export * from './engine.ts';
export { decodeCheckpoint, decodeModel, encodeCheckpoint, encodeModel } from './model-file.ts';
export type { Activation } from './nn/activation.ts';
export { Bitset, type TopK } from './nn/topk.ts';
