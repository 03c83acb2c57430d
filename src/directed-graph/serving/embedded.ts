import type { Slice } from '../../engine/arena.ts';
import { NONE, type TopK } from '../../nn/topk.ts';
import type { EmbeddingScorer } from '../embedding-scorer.ts';
import type { DirectedGraph } from '../graph.ts';
import { MAX_QUERIES } from '../scorer.ts';
import type { NewItem } from './answer.ts';
import type { Pool } from './choose.ts';
import type { Explainer } from './explain.ts';
import { leadsTo, lift } from './lift.ts';
import type { Part } from './parts.ts';
import type { Asked, Ranked, Served } from './ranked.ts';

/** Answers by the learned vectors: one search for a batch, new items each for themselves. */
export class EmbeddedAnswers {
  readonly #scorer: EmbeddingScorer;
  readonly #graph: DirectedGraph;
  #offset: { popularity: number; slice: Slice<'f32'> } | undefined;

  constructor(
    readonly served: Served,
    readonly logDegree: () => Float32Array,
  ) {
    this.#scorer = served.scorer;
    this.#graph = served.graph;
  }

  /** Shows each query's ranking; `size` is how many of each are wanted at first. */
  each(asked: readonly Asked[], size: number, popularity: number, visit: (ranked: Ranked) => void): void {
    // A query with a new item has an offset of its own; the others share one search.
    const plain = asked.filter(({ query }) => query.news.length === 0);
    const batches: Asked[][] = [];
    for (let at = 0; at < plain.length; at += MAX_QUERIES) batches.push(plain.slice(at, at + MAX_QUERIES));
    for (const one of asked) if (one.query.news.length > 0) batches.push([one]);
    for (const batch of batches) this.#batch(batch, size, popularity, visit);
  }

  #batch(asked: readonly Asked[], size: number, popularity: number, visit: (ranked: Ranked) => void): void {
    const { dim } = this.#scorer.embedding;
    const vectors = new Float32Array(asked.length * dim);
    asked.forEach((one, q) => void vectors.set(this.vector(one)!, q * dim));
    const lifted = asked[0].query.news.length > 0 ? this.#lifted(asked[0]) : undefined;
    const offset = this.#popularity(popularity, lifted);
    const barred = asked.map((one) => one.barred);
    const first = this.#scorer.topOf(vectors, size, barred, offset);
    asked.forEach((one, q) => {
      const vector = vectors.subarray(q * dim, (q + 1) * dim);
      visit({
        asked: one,
        top: (wanted) =>
          wanted === size
            ? pooled(first, q * size, size)
            : pooled(this.#scorer.topOf(vector, wanted, [one.barred], offset), 0, wanted),
        parts: (v) => this.parts(one, vector, v, popularity),
      });
    });
  }

  /**
   * The mean of the items' source vectors. By linearity its score is the mean of the items' scores, which share one
   * scale, the learned temperature: the cart's odds are the geometric mean of the items' odds, the popularity term
   * counted once. One item keeps its own bits, and a cart costs one search. Undefined when nothing is known of any.
   */
  vector({ nodes, query }: Pick<Asked, 'nodes' | 'query'>): Float32Array | undefined {
    const { dim, source } = this.#scorer.embedding;
    const rows = [
      ...nodes.map((u) => source.subarray(u * dim, (u + 1) * dim)),
      ...query.news.filter(isKnown).map((item) => item.source),
    ];
    if (rows.length <= 1) return rows[0];
    const mean = new Float32Array(dim);
    for (const row of rows) for (let c = 0; c < dim; c++) mean[c] += row[c] / rows.length;
    return mean;
  }

  /** The score of one answer as parts that add up to it. */
  parts(
    { query, nodes }: Pick<Asked, 'nodes' | 'query'>,
    vector: Float32Array,
    v: number,
    popularity: number,
  ): Part[] {
    const graph = this.#graph;
    const scorer = this.#scorer;
    const { dim: d, source, target, bias } = scorer.embedding;
    const parts: Part[] = [];
    const row = target.subarray(v * d, (v + 1) * d);
    const term = (bias ? bias[v] : 0) + (popularity === 0 ? 0 : popularity * this.logDegree()[v]);
    if (bias || popularity !== 0) parts.push({ kind: 'popularity', value: term });
    const explainer: Explainer | undefined = this.served.explainer();
    const news = query.news.filter(isKnown);
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
    const lifts = new Map<number, number>();
    const share = 1 / (nodes.length + query.news.length);
    for (const item of query.news) {
      for (const [v, evidence] of leadsTo(this.#graph, item)) {
        lifts.set(v, (lifts.get(v) ?? 0) + share * lift(this.#scorer.engine, evidence, 'source'));
      }
    }
    return lifts;
  }

  /** The popularity knob as an offset of every score, kept until another value is asked for; and a query's own lifts. */
  #popularity(popularity: number, lifts?: Map<number, number>): Slice<'f32'> | undefined {
    if (popularity === 0 && !lifts) return undefined;
    if (this.#offset?.popularity !== popularity || lifts) {
      const logDegree = this.logDegree();
      const slice = this.#offset?.slice ?? this.#scorer.engine.alloc('f32', logDegree.length);
      const to = slice.array;
      for (let v = 0; v < to.length; v++) to[v] = popularity * logDegree[v];
      for (const [v, value] of lifts ?? []) to[v] += value;
      // NaN is no popularity: with lifts the slice is of this query alone.
      this.#offset = { popularity: lifts ? Number.NaN : popularity, slice };
    }
    return this.#offset.slice;
  }
}

const isKnown = (item: NewItem): boolean => item.source.some((x) => x !== 0);

/** The places of one query up to the first that no item takes. */
function pooled({ ids, scores }: TopK, from: number, size: number): Pool {
  let end = from;
  while (end < from + size && ids[end] !== NONE) end++;
  return { ids: Array.from(ids.subarray(from, end)), scores: Array.from(scores.subarray(from, end)) };
}

/** An in-neighbour of the answer that was asked about is the direct edge. */
function joinDirect(parts: Part[], nodes: ReadonlySet<number>): Part[] {
  return parts.map((part) =>
    part.kind === 'leads-here' && nodes.has(part.node!) ? { ...part, kind: 'next' } : part,
  );
}
