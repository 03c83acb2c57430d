/**
 * Related products: what follows what, from orders or edges. Graphs are made at once; what learns, judges, or reads and
 * writes a model's file is imported when it is first called, and returns a promise. What is given to it must stay as it is
 * until the promise is settled. `fit` and the evaluations give the event loop a turn every 40 ms; the others hold the thread.
 *
 * The engine's exports are named one by one: Vite 8 loses what `export *` passes on to a worker that it builds as one file.
 */
import type { BaselinesOptions } from './directed-graph/baselines/index.ts';
import type { Embedding } from './directed-graph/embedding-scorer.ts';
import type { Evaluation, EvaluationSplit, Metrics } from './directed-graph/evaluate.ts';
import type { EvaluateModelOptions } from './directed-graph/evaluate-model.ts';
import type { EvaluateOptions } from './directed-graph/evaluate-options.ts';
import type { FitOptions, FitState, ModelCard } from './directed-graph/fit.ts';
import type { DirectedGraph } from './directed-graph/graph.ts';
import type { HoldoutEvaluation, HoldoutOptions } from './directed-graph/holdout.ts';
import type { ModelParts } from './directed-graph/model-parts.ts';
import type { Direction as FittedDirection } from './directed-graph/ranker/direction.ts';
import type { RankerOptions } from './directed-graph/ranker/fit-ranker.ts';
import type { Ranker } from './directed-graph/ranker/ranker.ts';
import type { RelatedProducts as Model } from './directed-graph/recommender.ts';
import type { Pairs, Scorer } from './directed-graph/scorer.ts';
import type { Split } from './directed-graph/split.ts';
import { paced } from './directed-graph/steps.ts';
import type { Verdict } from './directed-graph/verdict.ts';
import { checkEngine } from './engine/check-engine.ts';
import type { Engine } from './engine/engine.ts';

export { DataError, type DataErrorPlace } from './check.ts';
export type { BaselinesOptions } from './directed-graph/baselines/index.ts';
export { BASELINES, type BaselineName } from './directed-graph/baselines/names.ts';
export type { Comparison, Outcome } from './directed-graph/comparison.ts';
export type { Csr } from './directed-graph/csr.ts';
export type { DirectionAreas } from './directed-graph/direction-areas.ts';
export type { Embedding } from './directed-graph/embedding-scorer.ts';
export type {
  Bucket,
  Evaluation,
  EvaluationSplit,
  Metrics,
  SymmetricPairs,
} from './directed-graph/evaluate.ts';
export type { EvaluateModelOptions } from './directed-graph/evaluate-model.ts';
export { type EvaluateOptions, evaluateDefaults } from './directed-graph/evaluate-options.ts';
export { type NodeFeatures, nodeFeatures } from './directed-graph/features.ts';
export type { Checkpoint, FitOptions, FitState, ModelCard, Progress } from './directed-graph/fit.ts';
export { DirectedGraph, type EdgeOptions } from './directed-graph/graph.ts';
export type { HoldoutEvaluation, HoldoutOptions } from './directed-graph/holdout.ts';
export { METHOD_WORDS, METHODS, type MethodName } from './directed-graph/methods.ts';
export type { ModelParts } from './directed-graph/model-parts.ts';
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
export type { DirectionScores } from './directed-graph/ranker/direction.ts';
export type { RankModel, RankReport } from './directed-graph/ranker/fit.ts';
export { type RankFitOptions, rankFitDefaults } from './directed-graph/ranker/fit-options.ts';
export type { RankerOptions } from './directed-graph/ranker/fit-ranker.ts';
export type { Quality } from './directed-graph/ranker/quality.ts';
export type { Ranker, RankerParts } from './directed-graph/ranker/ranker.ts';
export type { RankerCard, ShippedRankerOptions } from './directed-graph/ranker/ship.ts';
export type {
  ItemAnswers,
  RecommendAllOptions,
  Recommendation,
  RecommendOptions,
  SimilarOptions,
} from './directed-graph/recommender.ts';
export { type SamplingOptions, samplingDefaults } from './directed-graph/sampling-options.ts';
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
export type { Verdict, VerdictGroup } from './directed-graph/verdict.ts';
export { type ArrayTypes, type ElementType, Slice } from './engine/arena.ts';
export { Engine, type EngineOptions, type Scope } from './engine/engine.ts';
export type { Kernels } from './engine/kernels.ts';
export type { KernelSource } from './engine/module.ts';
export type { ThreadWorker } from './engine/threads/team.ts';
export type { Activation } from './nn/activation.ts';
export { Bitset } from './nn/bitset.ts';
export type { TopK } from './nn/topk.ts';

/** A trained model of "who bought U, next buys V", made by `fit` or `decodeModel`. */
export interface RelatedProducts extends Model {}

/** Trains models of related products. */
export const RelatedProducts = {
  /**
   * Trains a model. TypeError or RangeError for a bad option, before anything is allocated; the signal's reason when
   * aborted (the engine stays usable).
   */
  async fit(graph: DirectedGraph, given?: FitOptions): Promise<RelatedProducts> {
    const { RelatedProducts } = await import('./directed-graph/recommender.ts');
    return RelatedProducts.fit(graph, given);
  },

  /**
   * A model from its parts, such as those of another one: without weights, ranker and catalogue it answers by its vectors
   * alone, and its file is smaller. TypeError or RangeError for vectors or a card that are not those of the graph.
   */
  async from(
    graph: DirectedGraph,
    embedding: Embedding,
    card: ModelCard,
    parts?: ModelParts,
  ): Promise<RelatedProducts> {
    const { RelatedProducts } = await import('./directed-graph/recommender.ts');
    return RelatedProducts.from(graph, embedding, card, parts);
  },

  /** Bytes of the engine's memory and seconds on one core (to within a factor of two) that `fit` to the last step takes. */
  async estimate(
    graph: DirectedGraph,
    given?: FitOptions,
  ): Promise<{ bytes: number; seconds: number; mode: 'full' | 'sampled' }> {
    const { estimateFit } = await import('./directed-graph/estimate.ts');
    return estimateFit(graph, given);
  },
};

/**
 * A model as the bytes of a safetensors file: vectors, training graph and ids as tensors, the card as metadata, and a
 * checksum. Attached or not, with its ranker and encoder as far as it has them.
 */
export async function encodeModel(model: RelatedProducts): Promise<Uint8Array<ArrayBuffer>> {
  const { encodeModel } = await import('./model-file.ts');
  return encodeModel(model);
}

/**
 * A model from the bytes of its file. Every length, index and number is checked: a damaged or foreign file is a
 * DataError `damaged-model` (or `not-a-model`), never a model that answers nonsense. `file` names it in messages.
 */
export async function decodeModel(bytes: Uint8Array, file?: string): Promise<RelatedProducts> {
  const { decodeModel } = await import('./model-file.ts');
  return decodeModel(bytes, file);
}

/** The state of an unfinished training, as `checkpoint.save` is given it, as the bytes of a safetensors file. */
export async function encodeCheckpoint(state: FitState): Promise<Uint8Array<ArrayBuffer>> {
  const { encodeCheckpoint } = await import('./model-file.ts');
  return encodeCheckpoint(state);
}

/** The state that `encodeCheckpoint` was given. DataError `damaged-model` or `not-a-model` otherwise. */
export async function decodeCheckpoint(bytes: Uint8Array, file?: string): Promise<FitState> {
  const { decodeCheckpoint } = await import('./model-file.ts');
  return decodeCheckpoint(bytes, file);
}

/**
 * Hides a tenth of the edges to choose by and a tenth to judge by (or as `split` says), fits on the rest with the options
 * of `fit`, and ranks every node for each hidden edge: what ships beside the embedding, the control and every baseline,
 * with a verdict in words. One JSON document. RangeError when too few edges are left.
 */
export async function evaluateHoldout(
  graph: DirectedGraph,
  given?: HoldoutOptions,
): Promise<HoldoutEvaluation> {
  const { evaluateHoldout } = await import('./directed-graph/holdout.ts');
  return evaluateHoldout(graph, given);
}

/**
 * Measures a model that was fitted on `split.train` (with `split.validation`) beside the control and every baseline, with
 * the rank of every test edge for `verdict`. Without a model only the rivals are measured. `seed` is the model's own
 * unless given: the control shares its draws. The event loop gets a turn every 40 ms, but while a
 * baseline is built; the signal's reason when aborted.
 */
export async function evaluateModel(
  engine: Engine,
  model: RelatedProducts | undefined,
  split: Split,
  given?: Partial<EvaluateModelOptions>,
): Promise<Evaluation> {
  const { evaluateModelSteps } = await import('./directed-graph/evaluate-model.ts');
  return paced(evaluateModelSteps(checkEngine(engine), model, split, given), given?.signal);
}

/** Measures one scorer, which stays the caller's, on the test edges of a split. Error for a score that is not finite. */
export async function evaluate(
  engine: Engine,
  scorer: Scorer,
  split: EvaluationSplit,
  given?: Partial<EvaluateOptions>,
): Promise<Metrics> {
  const { evaluateSteps } = await import('./directed-graph/evaluate.ts');
  return paced(evaluateSteps(checkEngine(engine), scorer, split, given), given?.signal);
}

/**
 * Measures scorers one after another, each disposed as soon as it is measured (what was not come to stays the caller's);
 * `onMethod` hears of each result. The iterable may build them lazily (as that of `baselines` does), so that only one holds
 * memory at a time.
 */
export async function evaluateAll(
  engine: Engine,
  scorers: Iterable<Scorer>,
  split: EvaluationSplit,
  given?: Partial<EvaluateOptions>,
  onMethod?: (name: string, metrics: Metrics) => void,
): Promise<Evaluation> {
  const { evaluateAllSteps } = await import('./directed-graph/evaluate.ts');
  return paced(evaluateAllSteps(checkEngine(engine), scorers, split, given, onMethod), given?.signal);
}

/**
 * Says of an evaluation when counts are enough, by how much the ranker (the embedding, where no ranker was measured)
 * wins over the control and over the best baseline, and for which degrees. With `ranks` the errors are paired
 * (McNemar) and there are groups by degree.
 */
export async function verdict(evaluation: Evaluation): Promise<Verdict> {
  const { verdict } = await import('./directed-graph/verdict.ts');
  return verdict(evaluation);
}

/**
 * Vectors, f32[nodes x dim] as sources and as targets, as a scorer to measure; the caller disposes it. TypeError or
 * RangeError for arrays of other lengths.
 */
export async function embeddingScorer(
  engine: Engine,
  embedding: Embedding,
  name = 'embedding',
): Promise<Scorer> {
  const { EmbeddingScorer, checkEmbedding } = await import('./directed-graph/embedding-scorer.ts');
  checkEmbedding(embedding);
  return new EmbeddingScorer(checkEngine(engine), embedding, name);
}

/**
 * The baselines one by one, each built when the iteration comes to it. Dispose each before asking for the next
 * (`evaluateAll` does), so that one at a time holds memory. One that does not apply to the graph is left out:
 * `contentCosine` without features, `ease` with too many targets, those that are fitted without validation edges.
 */
export async function baselines(
  engine: Engine,
  train: DirectedGraph,
  given: Partial<BaselinesOptions> & { validation: Pairs },
): Promise<Generator<Scorer, void>> {
  const { baselines } = await import('./directed-graph/baselines/index.ts');
  return baselines(checkEngine(engine), train, given);
}

/**
 * Computes the features of `train` and fits a ranker on `validation`, edges that `train` does not have. The ranker is the
 * caller's to dispose. RangeError without validation edges.
 */
export async function fitRanker(
  engine: Engine,
  train: DirectedGraph,
  validation: Pairs,
  given?: RankerOptions,
): Promise<Ranker> {
  const { fitRanker } = await import('./directed-graph/ranker/fit-ranker.ts');
  return fitRanker(checkEngine(engine), train, validation, given);
}

/** Direction beside a ranking, made by `fit`. */
export interface Direction extends FittedDirection {}

/** Fits which way the arrow points. */
export const Direction = {
  /** From validation edges whose reverse is no edge, against those reverses. RangeError without such edges. */
  async fit(ranker: Ranker, validation: Pairs): Promise<Direction> {
    const { Direction } = await import('./directed-graph/ranker/direction.ts');
    return Direction.fit(ranker, validation);
  },
};
