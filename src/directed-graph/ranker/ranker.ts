import { integer, options, real } from '../../check.ts';
import type { Slice } from '../../engine/arena.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Embedding } from '../embedding-scorer.ts';
import type { DirectedGraph } from '../graph.ts';
import type { Pairs, Scorer } from '../scorer.ts';
import { easeFeatureDefaults } from './ease-source.ts';
import { fitRankModel, type RankFitOptions, type RankModel, type RankReport, rankFitOptions } from './fit.ts';
import { ModelScorer } from './model-scorer.ts';
import { embeddingFeature, type GraphFeatureOptions, graphFeatures, PairFeatures } from './pair-features.ts';
import type { FeatureSource } from './source.ts';

export interface RankerOptions extends Omit<GraphFeatureOptions, 'seed' | 'signal'> {
  /** A trained embedding as one more feature; without it the ranker is the control. */
  embedding?: Embedding;
  name?: string;
  fit?: Partial<RankFitOptions>;
}

const rankerDefaults: RankerOptions = {
  embedding: undefined,
  name: 'ranker',
  fit: undefined,
  text: undefined,
  easeRidge: easeFeatureDefaults.ridge,
  easeKeep: easeFeatureDefaults.keep,
};

/**
 * One ranker over all pair features of a train graph, fitted on validation edges (section 1.12): linear with degree
 * interactions for every node, a small network for the best 300.
 */
export class Ranker implements Scorer {
  readonly #scorer: ModelScorer;
  readonly #block: Slice<'f32'>;

  /** A fitted model over its features; `owned` sources are disposed with it. */
  constructor(
    readonly engine: Engine,
    readonly features: PairFeatures,
    readonly model: RankModel,
    readonly name = 'ranker',
    private readonly owned: readonly FeatureSource[] = [],
    readonly report?: RankReport,
  ) {
    this.#scorer = new ModelScorer(engine, features, model);
    this.#block = engine.alloc('f32', features.blockLength);
  }

  /** Computes the features of `train` and fits on `validation`, edges that `train` does not have. */
  static fit(engine: Engine, train: DirectedGraph, validation: Pairs, given?: RankerOptions): Ranker {
    const o = options<RankerOptions>(given, rankerDefaults, 'Ranker.fit');
    const { embedding, name, text } = o;
    const fit = rankFitOptions(o.fit);
    const easeRidge = real(o.easeRidge, 'easeRidge', 1e-9);
    const easeKeep = integer(o.easeKeep, 'easeKeep', 1);
    integer(validation.source.length, 'number of validation edges', 1);
    const n = train.nodeCount;
    if (embedding) integer(embedding.nodeCount, 'embedding.nodeCount', n, n);
    if (text) integer(text.rows, 'text.rows', n, n);
    const { seed, signal } = fit;
    const sources = graphFeatures(engine, train, { text, easeRidge, easeKeep, seed, signal });
    try {
      if (embedding) sources.push(embeddingFeature(engine, embedding));
      const features = new PairFeatures(engine, train, sources);
      const { model, report } = fitRankModel(engine, features, validation, fit);
      return new Ranker(engine, features, model, name, sources, report);
    } catch (error) {
      for (const source of sources) source.dispose();
      throw error;
    }
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
    this.features.compute(queries, this.#block);
    this.#scorer.score(queries, this.#block, scores);
    return this.#block;
  }

  /** The fitted weight of each feature (at average degrees), by name. */
  get weights(): Readonly<Record<string, number>> {
    const { features, linear } = this.model;
    return Object.fromEntries(features.map((name, f) => [name, linear.w[f]]));
  }

  dispose(): void {
    this.#scorer.dispose();
    this.engine.release(this.#block);
    for (const source of this.owned) source.dispose();
  }
}
