/// <reference lib="esnext.disposable" preserve="true" />
import { integer, list, options } from '../check.ts';
import { checkEngine } from '../engine/check-engine.ts';
import type { Engine } from '../engine/engine.ts';
import { sha256 } from '../hash.ts';
import type { Bitset } from '../nn/bitset.ts';
import { NONE } from '../nn/topk.ts';
import { type Embedding, EmbeddingScorer } from './embedding-scorer.ts';
import type { FitOptions, ModelCard } from './fit.ts';
import type { DirectedGraph } from './graph.ts';
import { checkParts, type ModelParts } from './model-parts.ts';
import { usesFeatures } from './parameter-shapes.ts';
import { keptWithNodes } from './ranker/kept.ts';
import { Ranker, type RankerParts, rankerArrays } from './ranker/ranker.ts';
import type { Scorer } from './scorer.ts';
import type { NewItem, Recommendation } from './serving/answer.ts';
import { type Catalogue, categoriesOf } from './serving/catalogue.ts';
import { type AddedItem, addedItems, type NewEdges, withEdges, withNodes } from './serving/grow.ts';
import type { ItemFeatures } from './serving/input-rows.ts';
import { ledFrom, lift } from './serving/lift.ts';
import { LiveEncoder } from './serving/live.ts';
import { barredFor, barredItems, type ItemSet, itemSet, type MaskOptions } from './serving/masks.ts';
import { type RecommendOptions, servingOptions } from './serving/options.ts';
import { type Item, isList, newItem, queryOf } from './serving/query.ts';
import { type ItemAnswers, type RecommendAllOptions, recommendAll } from './serving/recommend-all.ts';
import { Server } from './serving/server.ts';
import { SimilarItems } from './serving/similar.ts';
import { distrust } from './serving/trust.ts';
import type { UpdateOptions, UpdateResult } from './serving/update.ts';
import type { EncoderWeights } from './serving/weights.ts';

export type { ItemAnswers, RecommendAllOptions, Recommendation, RecommendOptions };

export interface SimilarOptions extends MaskOptions {
  /** Answers at most. */
  k?: number;
}

/** What is attached to an engine. */
interface Attached {
  readonly engine: Engine;
  readonly scorer: EmbeddingScorer;
  /** Made when it is first asked for, in the scorer's engine, and ends with it. */
  readonly ranker: () => Ranker | undefined;
  readonly server: Server;
  similar?: SimilarItems;
  live?: LiveEncoder;
}

/**
 * A trained model of "who bought U, next buys V": asymmetric by construction. What trains is imported when it is first
 * asked for, so that a page or a worker that only answers loads half as much.
 */
export class RelatedProducts {
  #graph: DirectedGraph;
  #embedding: Embedding;
  #card: ModelCard;
  #weights: EncoderWeights | undefined;
  #ranker: RankerParts | undefined;
  #catalogue: Catalogue | undefined;
  #attached: Attached | undefined;

  constructor(graph: DirectedGraph, embedding: Embedding, card: ModelCard, parts: ModelParts = {}) {
    this.#graph = graph;
    this.#embedding = embedding;
    this.#card = card;
    this.#weights = parts.weights;
    this.#ranker = parts.ranker;
    this.catalogue = parts.catalogue;
  }

  /**
   * Trains a model. TypeError or RangeError for a bad option, before anything is allocated; the signal's reason when
   * aborted (the engine stays usable).
   */
  static async fit(graph: DirectedGraph, given?: FitOptions): Promise<RelatedProducts> {
    const { fitModel } = await import('./fit.ts');
    const { embedding, card, weights, ranker } = await fitModel(graph, given);
    return new RelatedProducts(graph, embedding, card, { weights, ranker, catalogue: given?.catalogue });
  }

  /**
   * A model from its parts, such as those of another one: without weights, ranker and catalogue it answers by its vectors
   * alone, and its file is smaller. TypeError or RangeError for vectors or a card that are not those of the graph.
   */
  static from(
    graph: DirectedGraph,
    embedding: Embedding,
    card: ModelCard,
    parts?: ModelParts,
  ): RelatedProducts {
    checkParts(graph, embedding, card);
    return new RelatedProducts(graph, embedding, card, parts);
  }

  get graph(): DirectedGraph {
    return this.#graph;
  }

  get embedding(): Embedding {
    return this.#embedding;
  }

  get card(): ModelCard {
    return this.#card;
  }

  get weights(): EncoderWeights | undefined {
    return this.#weights;
  }

  /** The fitted ranker; absent when the vectors answer alone, and then the card says why. */
  get ranker(): RankerParts | undefined {
    return this.#ranker;
  }

  /** The category of each item, for caps and fallbacks; may be set at any time, and is kept in the model's file. */
  get catalogue(): Catalogue | undefined {
    return this.#catalogue;
  }

  set catalogue(catalogue: Catalogue | undefined) {
    if (catalogue !== undefined) categoriesOf(catalogue, this.#graph.nodeCount);
    this.#catalogue = catalogue;
  }

  /**
   * The k best items to follow an item, or a cart of several (each counts once), best first; they are never among them.
   * Ids that nothing is known of, and items without edges and features, are answered by counts: each answer says its
   * `source` and the `reason`. Needs an engine: see `attach`.
   */
  recommend(query: Item | readonly Item[], given?: RecommendOptions): Recommendation[] {
    return this.recommendBatch([query], given)[0];
  }

  /** `recommend` for many queries at once, a third of the time of one by one; the answers are the same bits. */
  recommendBatch(queries: Iterable<Item | readonly Item[]>, given?: RecommendOptions): Recommendation[][] {
    const o = servingOptions(given, this.#graph.nodeCount, this.#catalogue);
    const { server } = this.#here();
    const find = (id: string) => this.#graph.findId(id);
    const asked = list<Item | readonly Item[]>(queries, 'queries').map((query) =>
      queryOf(query, this.#embedding, this.#nodeOf, find, o.fallback),
    );
    return server.answers(asked, o, this.#nodeOf);
  }

  /**
   * The answers for every item, in order, a batch at a time; the event loop gets a turn every 40 ms. The signal's
   * reason when aborted.
   */
  async *recommendAll(given: RecommendAllOptions = {}): AsyncGenerator<ItemAnswers, void, undefined> {
    const { signal, onProgress, ...rest } = given;
    const { k } = servingOptions(rest, this.#graph.nodeCount, this.#catalogue);
    const batch = (nodes: Uint32Array) => this.recommendBatch(nodes, rest);
    yield* recommendAll(this.#graph, k, batch, { signal, onProgress });
  }

  /**
   * The k items most like one, by the cosine of their source vectors: what leads to the same follow-ups. None for an item
   * of which the model learned nothing. TypeError for a list: ask one item at a time.
   */
  similar(item: Item, given?: SimilarOptions): { node: number; id: string; score: number }[] {
    const o = options<SimilarOptions>(
      given,
      { k: 10, exclude: undefined, allow: undefined, inStock: undefined },
      'similar',
    );
    const graph = this.#graph;
    const k = Math.min(integer(o.k, 'k', 1, 1e6), graph.nodeCount);
    const here = this.#here();
    const { dim, source } = this.#embedding;
    if (isList(item)) throw new TypeError('item must be one item, got a list');
    const { nodes, news } = queryOf(item, this.#embedding, this.#nodeOf, () => 0, false);
    if (nodes.length > 0 && !here.server.knows(nodes[0])) return [];
    const vector = news[0]?.source ?? source.subarray(nodes[0] * dim, (nodes[0] + 1) * dim);
    const barred = barredFor(barredItems(graph.nodeCount, o, this.#nodeOf), graph, nodes, false);
    for (let u = 0; u < graph.nodeCount; u++) if (!here.server.knows(u)) barred.set(u);
    here.similar ??= new SimilarItems(here.scorer.engine, this.#embedding);
    const { ids, scores } = here.similar.top(vector, k, barred);
    const answers = Array.from(ids, (node, i) => ({ node, score: scores[i] }));
    return answers
      .filter(({ node }) => node !== NONE)
      .map(({ node, score }) => ({ node, id: graph.idOf(node), score }));
  }

  /** A set of items for `exclude`, `allow` and `inStock`, made once for many calls. */
  mask(items: ItemSet): Bitset {
    return itemSet(this.#graph.nodeCount, items, 'items', this.#nodeOf);
  }

  /**
   * Vectors of an item that training has not seen, from its features, a few edges, or both, without training: ask
   * `recommend` with it. TypeError for features where the model has none, RangeError for an unknown neighbour.
   */
  embedNew(given: {
    features?: ItemFeatures;
    out?: Iterable<number | string>;
    in?: Iterable<number | string>;
  }): NewItem {
    const o = options<typeof given>(given, { features: undefined, out: [], in: [] }, 'embedNew');
    const nodes = (items: Iterable<number | string>, name: string) => [
      ...new Set(list(items, name).map((item) => this.#nodeOf(item, name))),
    ];
    const [out, into] = [nodes(o.out!, 'out'), nodes(o.in!, 'in')];
    if (o.features === undefined && out.length + into.length === 0) {
      throw new TypeError('embedNew must be given features, out or in: nothing else tells what the item is');
    }
    return this.#alive().embedNew(o.features, out, into);
  }

  /**
   * Scores of new items as answers to an item, comparable with those of `recommend`: <s, t> + bias, and while a new item has
   * no in-edges, the counts of the items it is like.
   */
  scoreNew(query: string | number, items: readonly NewItem[]): Float64Array {
    const u = this.node(query, 'query');
    const { engine } = this.#here();
    const { dim, source } = this.#embedding;
    return Float64Array.from(list(items, 'items'), (given, i) => {
      const item = newItem(given, `items[${i}]`, this.#embedding);
      let score = item.bias + lift(engine, ledFrom(this.#graph, u, item), 'target');
      for (let c = 0; c < dim; c++) score += source[u * dim + c] * item.target[c];
      return score;
    });
  }

  /**
   * Adds items without edges, answered by their features until they have some (`addEdges`). RangeError for an id that is
   * there. The card counts what was added.
   */
  addItems(given: Iterable<AddedItem>): void {
    const items = addedItems(given);
    if (items.length === 0) return;
    const graph = withNodes(
      this.#graph,
      items.map(({ id }) => id),
    );
    const { live, weights } = this.#alive().withItems(
      graph,
      items.map(({ features }) => features),
    );
    const named = items.some(({ category }) => category);
    const old = this.#catalogue?.category ?? (named ? Array(this.#graph.nodeCount).fill('') : undefined);
    const grown = old && { category: [...old, ...items.map(({ category }) => category ?? '')] };
    if (grown) categoriesOf(grown, graph.nodeCount);
    // Text that the ranker shares with the encoder grows with it.
    const ranker = this.#ranker;
    const shared = ranker?.kept.text && ranker.kept.text.rows === this.#weights?.features?.rows;
    const rows = shared ? weights.features?.rows : undefined;
    this.#ranker = ranker && { ...ranker, kept: keptWithNodes(ranker.kept, items.length, rows) };
    this.#weights = weights;
    this.#replace(graph, live);
    this.#catalogue = grown;
  }

  /**
   * Adds edges between known items and embeds again what they touch, as many hops as the encoder has layers: to 1e-5 what a
   * whole pass over the new graph gives. The parameters stay. Returns how many nodes were embedded again.
   */
  addEdges(edges: NewEdges): { touched: number } {
    const before = this.#alive();
    const { graph, source, target } = withEdges(this.#graph, edges, this.#nodeOf);
    const { live, touched } = before.withEdges(graph, { source, target });
    this.#replace(graph, live);
    return { touched: touched.length };
  }

  /**
   * Adds edges as `addEdges` does and then trains the learned rows of their ends, in a part of the time of `fit`. The
   * signal's reason when aborted, an Error when something else changed the model meanwhile; it then is as it was, or as the
   * other change left it.
   */
  async update(edges: NewEdges, given?: UpdateOptions): Promise<UpdateResult> {
    const before = this.#alive();
    const { updated, updateOptions } = await import('./serving/update.ts');
    const card = this.#card;
    const o = updateOptions(given, card);
    const { graph, source, target } = withEdges(this.#graph, edges, this.#nodeOf);
    const { engine } = this.#here();
    const { live, weights, encoder, result } = await updated(
      engine,
      before,
      graph,
      { source, target },
      card,
      o,
    );
    if (this.#attached?.live !== before) throw new Error('the model was changed while it was being updated');
    this.#weights = weights;
    const updateSteps = (card.updateSteps ?? 0) + result.steps;
    this.#card = { ...card, encoder, ...(updateSteps > 0 ? { updateSteps } : {}) };
    this.#replace(graph, live);
    return result;
  }

  /** The node of an id (text) or a node's own number, checked. */
  node(query: string | number, name = 'node'): number {
    return typeof query === 'string'
      ? this.#graph.indexOf(query)
      : integer(query, name, 0, this.#graph.nodeCount - 1);
  }

  /** Puts the vectors into an engine, where they stay until `dispose`; returns the model. */
  attach(engine: Engine): this {
    checkEngine(engine);
    this.dispose();
    this.#attach(engine);
    try {
      this.#here().ranker();
    } catch (error) {
      this.dispose();
      throw error;
    }
    return this;
  }

  /** What answers, the ranker or else the vectors, as a scorer of every node, for evaluation. */
  get scorer(): Scorer {
    const { ranker, scorer } = this.#here();
    return ranker() ?? scorer;
  }

  /** SHA-256 of vectors and ranker: equal for equal data, options and seed, on every runtime. */
  modelHash(): Promise<string> {
    const { source, target, bias } = this.#embedding;
    return sha256([source, target, bias, ...(this.#ranker ? rankerArrays(this.#ranker) : [])]);
  }

  dispose(): void {
    this.#attached?.live?.dispose();
    this.#detach();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  readonly #nodeOf = (item: number | string, name: string): number => this.node(item, name);

  #attach(engine: Engine, live?: LiveEncoder): void {
    const scorer = new EmbeddingScorer(engine, this.#embedding);
    const parts = this.#ranker;
    let made: Ranker | undefined;
    const ranker = () => {
      made ??= parts && Ranker.of(scorer.engine, this.#graph, this.#embedding, parts);
      return made;
    };
    const server = new Server({
      graph: this.#graph,
      scorer,
      ranker,
      byFeatures: usesFeatures(this.#card.encoder),
      distrust: distrust(this.#card),
      explainer: () => (this.#weights ? this.#alive().explainer : undefined),
    });
    this.#attached = { engine, scorer, ranker, server, live };
  }

  #detach(): void {
    this.#attached?.scorer.dispose();
    this.#attached = undefined;
  }

  /** Another graph and its vectors in place of these, in the same engine. */
  #replace(graph: DirectedGraph, live: LiveEncoder): void {
    const { engine } = this.#here();
    const { nodeCount: nodes, edgeCount: edges } = graph;
    const { added = { nodes: 0, edges: 0 } } = this.#card;
    this.#card = {
      ...this.#card,
      nodes,
      edges,
      added: {
        nodes: added.nodes + nodes - this.#graph.nodeCount,
        edges: added.edges + edges - this.#graph.edgeCount,
      },
    };
    this.#graph = graph;
    this.#embedding = live.embedding;
    this.#detach();
    this.#attach(engine, live);
  }

  #here(): Attached {
    if (!this.#attached) throw new Error('call attach(engine) before asking for recommendations');
    return this.#attached;
  }

  #alive(): LiveEncoder {
    const here = this.#here();
    if (!this.#weights) {
      throw new Error('this model holds no encoder (trained with a second relation, or by an older version)');
    }
    const { encoder } = this.#card;
    here.live ??= LiveEncoder.of(here.engine, this.#graph, this.#embedding, encoder, this.#weights);
    return here.live;
  }
}
