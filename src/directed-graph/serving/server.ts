import type { Slice } from '../../engine/arena.ts';
import { type Bitset, NONE } from '../../nn/topk.ts';
import type { EmbeddingScorer } from '../embedding-scorer.ts';
import type { DirectedGraph } from '../graph.ts';
import { MAX_QUERIES } from '../scorer.ts';
import type { NewItem, Query, Recommendation } from './answer.ts';
import { type Choice, choose, poolSize, roomUnderCap } from './choose.ts';
import type { Explainer } from './explain.ts';
import { type AnswerSource, Fallback } from './fallback.ts';
import { leadsTo, lift } from './lift.ts';
import { barredFor, barredItems, type NodeOf } from './masks.ts';
import type { Serving } from './options.ts';
import { type Part, reasonsOf } from './reasons.ts';

/** What a server answers from. */
export interface Served {
  readonly graph: DirectedGraph;
  readonly scorer: EmbeddingScorer;
  /** Whether an item without edges has a learned vector: the encoder reads features. */
  readonly byFeatures: boolean;
  /** Why counts answer before the model, or undefined: counts foretold the hidden pairs better. */
  readonly distrust: string | undefined;
  /** Made when the first explanation is asked for; undefined where the file holds no encoder. */
  readonly explainer: () => Explainer | undefined;
}

/** A query that the model can answer: the vector that stands for its items, and the items it stands for. */
interface Asked {
  readonly place: number;
  readonly query: Query;
  readonly nodes: number[];
  readonly vector: Float32Array;
  readonly barred: Bitset;
}

/**
 * From checked options and queries to answers: masks, model or counts, choice, explanation. What it holds ends with the
 * scorer's engine, a fork.
 */
export class Server {
  #fallback: Fallback | undefined;
  readonly #logDegree: Float32Array;
  #offset: { popularity: number; slice: Slice<'f32'> } | undefined;

  constructor(readonly served: Served) {
    const { graph, scorer } = served;
    const { logF64 } = scorer.engine.kernels;
    this.#logDegree = Float32Array.from({ length: graph.nodeCount }, (_, v) => logF64(1 + graph.inDegree(v)));
  }

  answers(queries: readonly Query[], o: Serving, nodeOf: NodeOf): Recommendation[][] {
    const { graph, distrust } = this.served;
    const barred = barredItems(graph.nodeCount, o, nodeOf);
    const answers: Recommendation[][] = [];
    const asked: Asked[] = [];
    queries.forEach((query, place) => {
      const own = barredFor(barred, graph, query.nodes, o.excludeKnown);
      if (o.excludeKnown) for (const { out } of query.news) for (const v of out) own.set(v);
      const nodes = query.nodes.filter((u) => this.knows(u));
      const vector = distrust && o.fallback ? undefined : this.#vector(nodes, query.news);
      if (vector) asked.push({ place, query, nodes, vector, barred: own });
      else answers[place] = o.fallback ? this.#counted(query, own, o) : [];
    });
    const batches: Asked[][] = [];
    // A query with a new item has an offset of its own; the others share one search.
    const plain = asked.filter(({ query }) => query.news.length === 0);
    for (let at = 0; at < plain.length; at += MAX_QUERIES) batches.push(plain.slice(at, at + MAX_QUERIES));
    for (const one of asked) if (one.query.news.length > 0) batches.push([one]);
    for (const some of batches) {
      this.#modelled(some, o).forEach((list, i) => {
        answers[some[i].place] = list;
      });
    }
    return answers;
  }

  /** Whether the model learned anything of a node: it has edges, or features, and its source vector is not zero. */
  knows(node: number): boolean {
    const { graph, byFeatures, scorer } = this.served;
    const { dim, source } = scorer.embedding;
    if (!byFeatures && graph.outDegree(node) + graph.inDegree(node) === 0) return false;
    for (let c = node * dim; c < (node + 1) * dim; c++) if (source[c] !== 0) return true;
    return false;
  }

  /**
   * The mean of the items' source vectors. By linearity its score is the mean of the items' scores, which share one
   * scale, the learned temperature: the cart's odds are the geometric mean of the items' odds, the popularity term
   * counted once. One item keeps its own bits, and a cart costs one search.
   */
  #vector(nodes: readonly number[], news: readonly NewItem[]): Float32Array | undefined {
    const { dim, source } = this.served.scorer.embedding;
    const rows = [
      ...nodes.map((u) => source.subarray(u * dim, (u + 1) * dim)),
      ...news.map((item) => item.source).filter((row) => row.some((x) => x !== 0)),
    ];
    if (rows.length <= 1) return rows[0];
    const mean = new Float32Array(dim);
    for (const row of rows) for (let c = 0; c < dim; c++) mean[c] += row[c] / rows.length;
    return mean;
  }

  #modelled(asked: readonly Asked[], o: Serving): Recommendation[][] {
    const { scorer } = this.served;
    const { dim, nodeCount, target } = scorer.embedding;
    const choice: Choice = { ...o, vectors: target, d: dim };
    const vectors = new Float32Array(asked.length * dim);
    asked.forEach(({ vector }, q) => void vectors.set(vector, q * dim));
    const lifted = asked[0].query.news.length > 0 ? this.#lifted(asked[0]) : undefined;
    const offset = this.#popularity(o.popularity, lifted);
    const size = poolSize(choice, nodeCount);
    const top = scorer.topOf(
      vectors,
      size,
      asked.map(({ barred }) => barred),
      offset,
    );
    return asked.map((one, q) => {
      let ids = listed(top.ids, q * size, size);
      let scores = top.scores;
      let from = q * size;
      // Under a cap the best k may not do: four times as many, until there is room for k or nothing is left.
      for (let more = size; ids.length === more && more < nodeCount && roomUnderCap(ids, choice) < o.k; ) {
        more = Math.min(nodeCount, 4 * more);
        const wider = scorer.topOf(one.vector, more, [one.barred], offset);
        [ids, scores, from] = [listed(wider.ids, 0, more), wider.scores, 0];
      }
      let kept = ids.length;
      if (o.minScore !== undefined) while (kept > 0 && !(scores[from + kept - 1] >= o.minScore)) kept--;
      const pool = { ids: ids.slice(0, kept), scores: Array.from(scores.subarray(from, from + kept)) };
      return choose(pool, choice).map((i) => {
        const answer = this.#answer(one.query, pool.ids[i], pool.scores[i], 'model', MODEL);
        if (o.reasons > 0) {
          answer.explanation = reasonsOf(this.#parts(one, pool.ids[i], o.popularity), o.reasons, this.#idOf);
        }
        return answer;
      });
    });
  }

  #counted(query: Query, barred: Bitset, o: Serving): Recommendation[] {
    const { distrust, graph } = this.served;
    this.#fallback ??= new Fallback(graph);
    const fallback = this.#fallback;
    const nodes = [...query.nodes, ...query.news.flatMap((item) => item.like.map(({ node }) => node))];
    const known = nodes.length > 0;
    const why = distrust ?? (known ? NO_EDGES : unknownText(query.unknown));
    return fallback.answers(nodes, o.k, barred, o.categories, o.perCategory).map((counted) => {
      const answer = this.#answer(
        query,
        counted.node,
        counted.score,
        counted.source,
        `${why}: ${SAYS[counted.source]}`,
      );
      if (o.reasons > 0) {
        answer.explanation = reasonsOf(fallback.parts(nodes, counted), o.reasons, this.#idOf);
      }
      return answer;
    });
  }

  readonly #idOf = (node: number): string => this.served.graph.idOf(node);

  #answer(query: Query, node: number, score: number, source: AnswerSource, reason: string): Recommendation {
    const { graph } = this.served;
    const known =
      query.nodes.some((u) => graph.hasEdge(u, node)) || query.news.some(({ out }) => out.includes(node));
    return { node, id: graph.idOf(node), score, known, source, reason };
  }

  /** The score of one answer as parts that add up to it. */
  #parts({ query, nodes, vector }: Asked, v: number, popularity: number): Part[] {
    const { graph, scorer } = this.served;
    const { dim: d, source, target, bias } = scorer.embedding;
    const parts: Part[] = [];
    const row = target.subarray(v * d, (v + 1) * d);
    const term = (bias ? bias[v] : 0) + popularity * this.#logDegree[v];
    if (bias || popularity !== 0) parts.push({ kind: 'popularity', value: term });
    const explainer = this.served.explainer();
    const news = query.news.filter((item) => item.source.some((x) => x !== 0));
    const share = 1 / (nodes.length + news.length);
    const match = (of: Float32Array, node?: number) => {
      let value = 0;
      for (let c = 0; c < d; c++) value += of[c] * row[c] * share;
      return { kind: 'match' as const, node, value };
    };
    if (!explainer) {
      for (const u of nodes) parts.push(match(source.subarray(u * d, (u + 1) * d), u));
      return parts;
    }
    const { scale } = explainer.states.encoder;
    const half = 0.5 * scale * share;
    for (const u of nodes) explainer.add(parts, 's', explainer.view(u), row, half, v);
    // A new item's vector is not taken apart: its half goes to the items it is like, by how alike they are.
    for (const item of news) {
      const { value } = match(item.source);
      const near = [...item.like, ...item.out.map((node) => ({ node, cosine: 1 }))];
      const total = near.reduce((sum, { cosine }) => sum + cosine, 0);
      if (total === 0) parts.push({ kind: 'query', value: value / 2 });
      for (const { node, cosine } of near) {
        parts.push({ kind: 'like-query', node, value: ((value / 2) * cosine) / total });
      }
      const evidence = item.out.length === 0 ? item.like.filter(({ node }) => graph.hasEdge(node, v)) : [];
      const sum = evidence.reduce((all, { cosine }) => all + cosine, 0);
      for (const { node, cosine } of evidence) {
        const value = (share * lift(scorer.engine, sum, 'source') * cosine) / sum;
        parts.push({ kind: 'leads-here', node, value });
      }
    }
    // A node's direct edge counts from both its ends; with several items in the cart it is named from the answer's end.
    explainer.add(parts, 't', explainer.view(v), vector, 0.5, undefined);
    return joinDirect(parts, new Set(nodes));
  }

  /** What counts of like items add for the cart's new items, by answer. */
  #lifted({ query, nodes }: Asked): Map<number, number> {
    const { graph, scorer } = this.served;
    const lifts = new Map<number, number>();
    const share = 1 / (nodes.length + query.news.length);
    for (const item of query.news) {
      for (const [v, evidence] of leadsTo(graph, item)) {
        lifts.set(v, (lifts.get(v) ?? 0) + share * lift(scorer.engine, evidence, 'source'));
      }
    }
    return lifts;
  }

  /** The popularity knob as an offset of every score, kept until another value is asked for; and a query's own lifts. */
  #popularity(popularity: number, lifts?: Map<number, number>): Slice<'f32'> | undefined {
    if (popularity === 0 && !lifts) return undefined;
    if (this.#offset?.popularity !== popularity || lifts) {
      const slice = this.#offset?.slice ?? this.served.scorer.engine.alloc('f32', this.#logDegree.length);
      const to = slice.array;
      for (let v = 0; v < to.length; v++) to[v] = popularity * this.#logDegree[v];
      for (const [v, value] of lifts ?? []) to[v] += value;
      // NaN is no popularity: with lifts the slice is of this query alone.
      this.#offset = { popularity: lifts ? Number.NaN : popularity, slice };
    }
    return this.#offset.slice;
  }
}

const MODEL = 'ranked by the model';
const NO_EDGES = 'the model learned nothing of this item';
const SAYS = {
  'co-purchase': 'counts of what is bought next',
  category: 'the most bought of its category',
  popular: 'the most bought overall',
} as const;

const unknownText = (unknown: readonly string[]): string =>
  unknown.length > 0 ? `nothing is known of ${unknown.map((id) => JSON.stringify(id)).join(', ')}` : NO_EDGES;

function listed(ids: Uint32Array, from: number, count: number): number[] {
  const list: number[] = [];
  for (let i = from; i < from + count && ids[i] !== NONE; i++) list.push(ids[i]);
  return list;
}

/** An in-neighbour of the answer that was asked about is the direct edge. */
function joinDirect(parts: Part[], nodes: ReadonlySet<number>): Part[] {
  return parts.map((part) =>
    part.kind === 'leads-here' && nodes.has(part.node!) ? { ...part, kind: 'next' } : part,
  );
}
