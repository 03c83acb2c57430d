import type { Engine } from '../../engine/engine.ts';
import type { Embedding } from '../embedding-scorer.ts';
import type { DirectedGraph } from '../graph.ts';
import type { EncoderOptions } from '../options.ts';
import type { NewItem } from './answer.ts';
import { Explainer } from './explain.ts';
import { featureRow, type ItemFeatures, newInputRow, withRows } from './input-rows.ts';
import { blended, LikeItems } from './like.ts';
import { scaleOf } from './neighbourhood.ts';
import { type RoleRows, RowEncoder } from './rows.ts';
import { joined, NodeStates, picked } from './states.ts';
import type { EncoderWeights } from './weights.ts';

/** What fine-tuning changed: the input rows of `nodes`, and the popularity terms. */
export interface Tuned {
  readonly encoder: EncoderOptions;
  readonly weights: EncoderWeights;
  readonly nodes: Uint32Array;
  readonly bias: Float32Array | undefined;
}

/** A model's encoder brought to life: states of every node, new nodes, new edges. Made on first use, in a fork. */
export class LiveEncoder {
  readonly explainer: Explainer;
  readonly #fork: Engine;
  readonly #like: LikeItems | undefined;
  readonly #bias: (inDegree: number) => number;

  private constructor(
    fork: Engine,
    readonly states: NodeStates,
    readonly embedding: Embedding,
    like?: LikeItems,
  ) {
    this.#fork = fork;
    this.explainer = new Explainer(states);
    this.#like = like;
    this.#bias = biasByDegree(fork, states.graph, embedding);
  }

  /** `engine` is forked; `dispose` gives back what this takes. */
  static of(
    engine: Engine,
    graph: DirectedGraph,
    embedding: Embedding,
    options: EncoderOptions,
    weights: EncoderWeights,
  ): LiveEncoder {
    const fork = engine.fork();
    try {
      const encoder = new RowEncoder(fork, options, weights);
      const states = NodeStates.of(encoder, graph);
      const like = weights.features && new LikeItems(weights.features.rows);
      return new LiveEncoder(fork, states, embedding, like);
    } catch (error) {
      fork.dispose();
      throw error;
    }
  }

  /**
   * Vectors of an item that training has not seen, with its edges from and to known items. The item hears its neighbours,
   * whose own states stay as they are. Without edges on a side, items with like features stand in on that side: see `blended`.
   */
  embedNew(features: ItemFeatures | undefined, out: readonly number[], into: readonly number[]): NewItem {
    const { states } = this;
    const { encoder } = states;
    const { options, weights } = encoder;
    const row = featureRow(weights, features);
    const neighbours = [...new Set([...out, ...into])];
    const place = new Map(neighbours.map((node, i) => [node, i + 1]));
    // Joining a row changes the neighbour's degree by one, as it would in training.
    const joinedScale = (degree: number) => scaleOf(options, degree + 1);
    const side = (list: readonly number[], degree: (node: number) => number) => ({
      indptr: [0, list.length],
      indices: list.map((node) => place.get(node)!),
      weights: list.map(
        (node) =>
          scaleOf(options, list.length) *
          (options.aggregation === 'symmetric' ? joinedScale(degree(node)) : 1),
      ),
    });
    const block = {
      rows: 1,
      columns: neighbours.length + 1,
      out: side(out, (node) => states.graph.inDegree(node)),
      in: side(into, (node) => states.graph.outDegree(node)),
    };
    const ids = Uint32Array.from(neighbours);
    let state: RoleRows = encoder.roles(newInputRow(encoder, row), 1);
    for (let l = 0; l < options.layers; l++) {
      const with_ = (own: Float32Array, all: Float32Array) => {
        const rows = new Float32Array((neighbours.length + 1) * options.dim);
        rows.set(own);
        rows.set(picked(all, ids, options.dim), options.dim);
        return rows;
      };
      const { s, t } = states.stages[l];
      state = encoder.layer(l, block, { s: with_(state.s, s), t: with_(state.t, t) });
    }
    const { source, target } = encoder.vectors(state);
    const like = row && this.#like ? this.#like.of(row) : [];
    const { graph } = states;
    const { embedding } = this;
    return {
      source:
        out.length > 0 ? source : blended(source, embedding.source, like, (w) => graph.outDegree(w) > 0),
      target:
        into.length > 0 ? target : blended(target, embedding.target, like, (w) => graph.inDegree(w) > 0),
      bias: this.#bias(into.length),
      out,
      in: into,
      like,
    };
  }

  /** The encoder over a graph with further edges; only what they touch is computed, and what has been tuned. */
  withEdges(
    graph: DirectedGraph,
    edges: { source: ArrayLike<number>; target: ArrayLike<number> },
    tuned?: Tuned,
  ): { live: LiveEncoder; touched: Uint32Array } {
    const next = tuned && new RowEncoder(this.#fork, tuned.encoder, tuned.weights);
    const { states, touched } = this.states.withEdges(graph, edges, next, tuned?.nodes);
    const { encoder } = states;
    const d = encoder.options.dim;
    const last = states.stages.at(-1)!;
    const rows = encoder.vectors({ s: picked(last.s, touched, d), t: picked(last.t, touched, d) });
    const source = this.embedding.source.slice();
    const target = this.embedding.target.slice();
    touched.forEach((node, i) => {
      source.set(rows.source.subarray(i * d, (i + 1) * d), node * d);
      target.set(rows.target.subarray(i * d, (i + 1) * d), node * d);
    });
    const embedding = { ...this.embedding, source, target, ...(tuned ? { bias: tuned.bias } : {}) };
    return { live: new LiveEncoder(this.#fork, states, embedding, this.#like), touched };
  }

  /** The popularity terms over a graph with further edges: they move along the line of `biasByDegree`. */
  biasOver(graph: DirectedGraph): Float32Array | undefined {
    const before = this.states.graph;
    return this.embedding.bias?.map((bias, v) => {
      const [from, to] = [before.inDegree(v), graph.inDegree(v)];
      return from === to ? bias : bias + this.#bias(to) - this.#bias(from);
    });
  }

  /** The encoder with further items at the end, of which only features are known; `graph` has them without edges. */
  withItems(
    graph: DirectedGraph,
    items: readonly (ItemFeatures | undefined)[],
  ): { live: LiveEncoder; weights: EncoderWeights } {
    const { encoder } = this.states;
    const { dim } = encoder.options;
    const news = items.map((features) => this.embedNew(features, [], []));
    const rows = items.map((features) => featureRow(encoder.weights, features));
    const none = new Float32Array(items.length * dim);
    const grown: EncoderWeights = {
      parameters: encoder.weights.parameters,
      tables: encoder.weights.tables.map((table) => joined(table, none)),
      features: encoder.weights.features && {
        idf: encoder.weights.features.idf,
        rows: withRows(encoder.weights.features.rows, rows),
      },
    };
    const next = new RowEncoder(this.#fork, encoder.options, grown, encoder);
    const bases = rows.map((row) => newInputRow(next, row));
    const columns = bases[0].map((_, i) => flat(bases.map((base) => base[i])));
    const states = this.states.withNodes(next, graph, columns, items.length);
    const { source, target, bias } = this.embedding;
    const embedding: Embedding = {
      nodeCount: graph.nodeCount,
      dim,
      source: joined(source, flat(news.map((item) => item.source))),
      target: joined(target, flat(news.map((item) => item.target))),
      bias:
        bias &&
        joined(
          bias,
          Float32Array.from(news, (item) => item.bias),
        ),
    };
    const like = grown.features && new LikeItems(grown.features.rows);
    return { live: new LiveEncoder(this.#fork, states, embedding, like), weights: grown };
  }

  /** The vectors of every node from the states, by one whole pass: what `withEdges` must equal. */
  static embedAll(
    engine: Engine,
    graph: DirectedGraph,
    options: EncoderOptions,
    weights: EncoderWeights,
  ): { source: Float32Array; target: Float32Array } {
    const fork = engine.fork();
    try {
      const encoder = new RowEncoder(fork, options, weights);
      const states = NodeStates.of(encoder, graph);
      return encoder.vectors(states.stages.at(-1)!);
    } finally {
      fork.dispose();
    }
  }

  dispose(): void {
    this.#fork.dispose();
  }
}

function flat(rows: readonly Float32Array[]): Float32Array {
  return rows.reduce(joined, new Float32Array(0));
}

/** The learned popularity term as a line in log(1 + in-degree), by least squares: what a new item starts with. */
function biasByDegree(
  engine: Engine,
  graph: DirectedGraph,
  { bias, nodeCount: n }: Embedding,
): (degree: number) => number {
  if (!bias || n === 0) return () => 0;
  const { logF64 } = engine.kernels;
  let [sx, sy, sxx, sxy] = [0, 0, 0, 0];
  for (let v = 0; v < n; v++) {
    const x = logF64(1 + graph.inDegree(v));
    [sx, sy, sxx, sxy] = [sx + x, sy + bias[v], sxx + x * x, sxy + x * bias[v]];
  }
  const spread = n * sxx - sx * sx;
  const slope = spread > 0 ? (n * sxy - sx * sy) / spread : 0;
  const start = (sy - slope * sx) / n;
  return (degree) => start + slope * logF64(1 + degree);
}
