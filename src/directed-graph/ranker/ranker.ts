import type { Slice } from '../../engine/arena.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Embedding } from '../embedding-scorer.ts';
import type { DirectedGraph } from '../graph.ts';
import type { Scorer } from '../scorer.ts';
import { Arrow } from './arrow.ts';
import type { RankModel, RankReport } from './fit.ts';
import { featureSources, type KeptFeatures, keptMatrices } from './kept.ts';
import { ModelScorer } from './model-scorer.ts';
import { embeddingFeature, PairFeatures } from './pair-features.ts';
import type { FeatureSource } from './source.ts';

/** A fitted ranker without the graph it ranks: what a model's file holds. */
export interface RankerParts {
  readonly model: RankModel;
  readonly kept: KeptFeatures;
}

/**
 * One ranker over all pair features of a train graph, fitted on validation edges: linear with degree interactions for
 * every node, a small network for the best 300.
 */
export class Ranker implements Scorer {
  readonly #scorer: ModelScorer;
  readonly #arrow: Arrow | undefined;
  #block: Slice<'f32'> | undefined;

  /** A fitted model over its features; `owned` sources are disposed with it. */
  constructor(
    readonly engine: Engine,
    readonly features: PairFeatures,
    readonly model: RankModel,
    readonly name = 'ranker',
    private readonly owned: readonly FeatureSource[] = [],
    readonly report?: RankReport,
    /** Needed where direction is part of the model. */
    readonly embedding?: Embedding,
  ) {
    if (model.direction && !embedding) throw new TypeError('a model with direction needs its embedding');
    this.#scorer = new ModelScorer(engine, features, model);
    this.#arrow = model.direction ? new Arrow(engine, embedding!) : undefined;
  }

  /** A fitted ranker over a graph and the embedding of its nodes. RangeError when it was fitted on other features. */
  static of(
    engine: Engine,
    graph: DirectedGraph,
    embedding: Embedding,
    { model, kept }: RankerParts,
  ): Ranker {
    const features = pairFeatures(engine, graph, kept, embedding);
    return new Ranker(engine, features, model, 'ranker', features.sources, undefined, embedding);
  }

  score(queries: Uint32Array, scores: Slice<'f32'>): void {
    const { batch, nodeCount: n } = this.features;
    for (let start = 0; start < queries.length; start += batch) {
      const some = queries.slice(start, start + batch);
      this.scoreBatch(some, scores.part(start * n, some.length * n));
    }
  }

  /** `score` of at most `features.batch` queries; returns the block of their features, valid until the next call. */
  scoreBatch(queries: Uint32Array, scores: Slice<'f32'>): Slice<'f32'> {
    this.#block ??= this.engine.alloc('f32', this.features.blockLength);
    this.scoreInto(queries, this.#block, scores);
    return this.#block;
  }

  /** `scoreBatch` with the features in a block of the caller's, f32[features x nodes x queries.length] at least. */
  scoreInto(queries: Uint32Array, block: Slice<'f32'>, scores: Slice<'f32'>): void {
    this.features.compute(queries, block);
    this.#scorer.score(queries, block, scores);
    if (!this.#arrow) return;
    const size = this.features.nodeCount * queries.length;
    const at = this.features.names.indexOf('embedding');
    this.#arrow.add(queries, block.part(at * size, size), scores);
  }

  /** The fitted weight of each feature (at average degrees), by name. */
  get weights(): Readonly<Record<string, number>> {
    return weightsByName(this.model);
  }

  dispose(): void {
    this.#scorer.dispose();
    this.#arrow?.dispose();
    this.engine.release(this.#block);
    for (const source of this.owned) source.dispose();
  }
}

export const weightsByName = ({ features, linear }: RankModel): Readonly<Record<string, number>> =>
  Object.fromEntries(features.map((name, f) => [name, linear.w[f]]));

/** Everything a ranker's scores depend on beside graph and embedding, in one order: for a hash. */
export function rankerArrays({ model, kept }: RankerParts): (ArrayBufferView | string | undefined)[] {
  const { features, scale, linear, mlp, top, rareBoost, direction } = model;
  const { w, a, b, k } = linear;
  const { svd, text } = kept;
  const matrices = [...Object.values(keptMatrices(kept)), text?.rows.csr];
  return [
    JSON.stringify([features, top, rareBoost, direction]),
    ...[scale, w, a, b, k],
    ...(mlp ? Object.values(mlp.values) : []),
    ...[svd.source, svd.target],
    ...matrices.flatMap((csr) => [csr?.indptr, csr?.indices, csr?.weights]),
  ];
}

/** The features of a graph, what was kept, and an embedding; its sources are the caller's to dispose. */
export function pairFeatures(
  engine: Engine,
  graph: DirectedGraph,
  kept: KeptFeatures,
  embedding: Embedding | undefined,
): PairFeatures {
  const sources = featureSources(engine, graph, kept);
  try {
    if (embedding) {
      const n = graph.nodeCount;
      if (embedding.nodeCount !== n) {
        throw new RangeError(`embedding.nodeCount must be ${n}, got ${embedding.nodeCount}`);
      }
      sources.push(embeddingFeature(engine, embedding));
    }
    return new PairFeatures(engine, graph, sources);
  } catch (error) {
    for (const source of sources) source.dispose();
    throw error;
  }
}
