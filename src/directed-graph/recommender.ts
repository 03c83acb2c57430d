/// <reference lib="esnext.disposable" preserve="true" />
import { integer, options } from '../check.ts';
import type { Engine } from '../engine/engine.ts';
import { sha256 } from '../hash.ts';
import { Bitset, NONE } from '../nn/topk.ts';
import { type Embedding, EmbeddingScorer } from './embedding-scorer.ts';
import { estimateFit, type FitOptions, fitEmbedding, type ModelCard } from './fit.ts';
import type { DirectedGraph } from './graph.ts';
import { MAX_QUERIES, type Scorer } from './scorer.ts';

export interface RecommendOptions {
  /** Answers at most. */
  k?: number;
  /** Nodes never to answer, beside the query itself. */
  exclude?: Iterable<number | string>;
  /** Also leave out what the graph already knows to follow the query: only new suggestions. */
  excludeKnown?: boolean;
}

export interface Recommendation {
  node: number;
  id: string;
  score: number;
  /** Whether the training graph has this edge. */
  known: boolean;
}

/** A trained model of "who bought U, next buys V": asymmetric by construction. */
export class RelatedProducts {
  #scorer: EmbeddingScorer | undefined;

  constructor(
    readonly graph: DirectedGraph,
    readonly embedding: Embedding,
    readonly card: ModelCard,
  ) {}

  /**
   * Trains a model. TypeError or RangeError for a bad option, before anything is allocated; the signal's reason when
   * aborted (the engine stays usable).
   */
  static async fit(graph: DirectedGraph, given?: FitOptions): Promise<RelatedProducts> {
    const { embedding, card } = await fitEmbedding(graph, given);
    return new RelatedProducts(graph, embedding, card);
  }

  /** Bytes of the engine's memory and seconds on one core (to within a factor of two) that `fit` to the last step takes. */
  static estimate(
    graph: DirectedGraph,
    given?: FitOptions,
  ): { bytes: number; seconds: number; mode: 'full' | 'sampled' } {
    return estimateFit(graph, given);
  }

  /**
   * The k best nodes to follow `query` (an id, or a node's number), best first. RangeError when the id is unknown.
   * Needs an engine: see `attach`.
   */
  recommend(query: string | number, given?: RecommendOptions): Recommendation[] {
    return this.recommendBatch([query], given)[0];
  }

  /** `recommend` for many queries at once, a third of the time of one by one; the answers are the same bits. */
  recommendBatch(
    queries: readonly (string | number)[] | Uint32Array,
    given?: RecommendOptions,
  ): Recommendation[][] {
    const o = options<RecommendOptions>(
      given,
      { k: 10, exclude: undefined, excludeKnown: false },
      'recommend',
    );
    const { graph } = this;
    const scorer = this.#attached();
    const k = Math.min(integer(o.k, 'k', 1, 1e6), graph.nodeCount);
    const nodes = Uint32Array.from(queries as readonly (string | number)[], (query) =>
      this.node(query, 'query'),
    );
    const barred = Bitset.of(
      graph.nodeCount,
      Array.from(o.exclude ?? [], (item) => this.node(item, 'exclude')),
    );
    const answers: Recommendation[][] = [];
    for (let start = 0; start < nodes.length; start += MAX_QUERIES) {
      const some = nodes.subarray(start, start + MAX_QUERIES);
      const sets = Array.from(some, (node) => {
        const set = new Bitset(graph.nodeCount);
        set.words.set(barred.words);
        set.set(node);
        const { indptr, indices } = graph.out;
        if (o.excludeKnown) for (let e = indptr[node]; e < indptr[node + 1]; e++) set.set(indices[e]);
        return set;
      });
      const { ids, scores } = scorer.top(some, k, sets);
      some.forEach((node, q) => {
        const list: Recommendation[] = [];
        for (let i = q * k; i < (q + 1) * k && ids[i] !== NONE; i++) {
          const known = graph.hasEdge(node, ids[i]);
          list.push({ node: ids[i], id: graph.idOf(ids[i]), score: scores[i], known });
        }
        answers.push(list);
      });
    }
    return answers;
  }

  /** The node of an id (text) or a node's own number, checked. */
  node(query: string | number, name = 'node'): number {
    return typeof query === 'string'
      ? this.graph.indexOf(query)
      : integer(query, name, 0, this.graph.nodeCount - 1);
  }

  /** Puts the vectors into an engine, where they stay until `dispose`; returns the model. */
  attach(engine: Engine): this {
    this.dispose();
    this.#scorer = new EmbeddingScorer(engine, this.embedding);
    return this;
  }

  /** The model as a scorer of every node, for evaluation. */
  get scorer(): Scorer {
    return this.#attached();
  }

  /** SHA-256 of the vectors: equal for equal data, options and seed, on every runtime. */
  modelHash(): Promise<string> {
    const { source, target, bias } = this.embedding;
    return sha256([source, target, bias]);
  }

  dispose(): void {
    this.#scorer?.dispose();
    this.#scorer = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #attached(): EmbeddingScorer {
    if (!this.#scorer) throw new Error('call attach(engine) before asking for recommendations');
    return this.#scorer;
  }
}
