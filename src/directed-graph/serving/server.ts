import type { Bitset } from '../../nn/bitset.ts';
import type { Query, Recommendation } from './answer.ts';
import { type Choice, choose, poolSize, roomUnderCap } from './choose.ts';
import { EmbeddedAnswers } from './embedded.ts';
import { type AnswerSource, Fallback } from './fallback.ts';
import { barredFor, barredItems, type NodeOf } from './masks.ts';
import type { Serving } from './options.ts';
import { reasonsOf } from './parts.ts';
import { type Asked, type Ranked, RankedAnswers, type Served } from './ranked.ts';

/**
 * From checked options and queries to answers: masks, ranker, vectors or counts, choice, explanation. What it holds ends
 * with the scorer's engine, a fork.
 */
export class Server {
  #fallback: Fallback | undefined;
  readonly #embedded: EmbeddedAnswers;
  #logDegree: Float32Array | undefined;
  #answers: RankedAnswers | undefined;

  constructor(readonly served: Served) {
    this.#embedded = new EmbeddedAnswers(served, this.#degrees);
  }

  get #ranked(): RankedAnswers | undefined {
    if (this.#answers) return this.#answers;
    const ranker = this.served.ranker();
    if (!ranker) return undefined;
    const { dim, source } = this.served.scorer.embedding;
    const embeddingParts = (u: number, v: number) => {
      const query = { nodes: [u], news: [], unknown: [] };
      const vector = source.subarray(u * dim, (u + 1) * dim);
      return this.#embedded.parts({ query, nodes: [u] }, vector, v, 0);
    };
    this.#answers = new RankedAnswers(ranker, this.#degrees, embeddingParts);
    return this.#answers;
  }

  answers(queries: readonly Query[], o: Serving, nodeOf: NodeOf): Recommendation[][] {
    const { graph, distrust, scorer } = this.served;
    const barred = barredItems(graph.nodeCount, o, nodeOf);
    const ranked = o.rank === 'ranker' ? this.#ranked : undefined;
    const answers: Recommendation[][] = [];
    const byRanker: Asked[] = [];
    const byVectors: Asked[] = [];
    queries.forEach((query, place) => {
      const own = barredFor(barred, graph, query.nodes, o.excludeKnown);
      if (o.excludeKnown) for (const { out } of query.news) for (const v of out) own.set(v);
      const asked = { place, query, nodes: query.nodes.filter((u) => this.knows(u)), barred: own };
      if (distrust && o.fallback) answers[place] = this.#counted(query, own, o);
      else if (ranked && this.#ranks(asked)) byRanker.push(asked);
      else if (this.#embedded.vector(asked)) byVectors.push(asked);
      else answers[place] = o.fallback ? this.#counted(query, own, o) : [];
    });
    const { dim, target } = scorer.embedding;
    const choice: Choice = { ...o, vectors: target, d: dim };
    const size = poolSize(choice, graph.nodeCount);
    const keep = (reason: string) => (found: Ranked) => {
      answers[found.asked.place] = this.#chosen(found, size, choice, o, reason);
    };
    ranked?.each(byRanker, o.popularity, o.reasons > 0, keep(MODEL));
    this.#embedded.each(byVectors, size, o.popularity, keep(ranked ? VECTORS : MODEL));
    return answers;
  }

  /** Whether the model learned anything of a node: it has edges, or features, and its source vector is not zero. */
  knows(node: number): boolean {
    const { byFeatures, scorer } = this.served;
    const { dim, source } = scorer.embedding;
    if (!byFeatures && !this.#linked(node)) return false;
    for (let c = node * dim; c < (node + 1) * dim; c++) if (source[c] !== 0) return true;
    return false;
  }

  #linked(node: number): boolean {
    const { graph } = this.served;
    return graph.outDegree(node) > 0 || graph.inDegree(node) > 0;
  }

  /** log(1 + in-degree) of every node, made when popularity is first asked for: it needs the in-adjacency. */
  readonly #degrees = (): Float32Array => {
    const { graph, scorer } = this.served;
    const { logF64 } = scorer.engine.kernels;
    this.#logDegree ??= Float32Array.from({ length: graph.nodeCount }, (_, v) =>
      logF64(1 + graph.inDegree(v)),
    );
    return this.#logDegree;
  };

  /** The ranker weighs evidence of the graph: new items, and those without an edge, are left to the vectors. */
  #ranks({ query, nodes }: Asked): boolean {
    return query.news.length === 0 && nodes.some((u) => this.#linked(u));
  }

  #chosen(ranked: Ranked, first: number, choice: Choice, o: Serving, reason: string): Recommendation[] {
    const { nodeCount } = this.served.graph;
    let size = first;
    let pool = ranked.top(size);
    // Under a cap the best k may not do: four times as many, until there is room for k or nothing is left.
    while (pool.ids.length === size && size < nodeCount && roomUnderCap(pool.ids, choice) < o.k) {
      size = Math.min(nodeCount, 4 * size);
      pool = ranked.top(size);
    }
    let { ids, scores } = pool;
    const { minScore } = o;
    if (minScore !== undefined) {
      const below = scores.findIndex((score) => !(score >= minScore));
      if (below >= 0) [ids, scores] = [ids.slice(0, below), scores.slice(0, below)];
    }
    return choose({ ids, scores }, choice).map((i) => {
      const answer = this.#answer(ranked.asked.query, ids[i], scores[i], 'model', reason);
      if (o.reasons > 0) answer.explanation = reasonsOf(ranked.parts(ids[i]), o.reasons, this.#idOf);
      return answer;
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
}

const MODEL = 'ranked by the model';
const VECTORS = 'ranked by the learned vectors alone';
const NO_EDGES = 'the model learned nothing of this item';
const SAYS = {
  'co-purchase': 'counts of what is bought next',
  category: 'the most bought of its category',
  popular: 'the most bought overall',
} as const;

const unknownText = (unknown: readonly string[]): string =>
  unknown.length > 0 ? `nothing is known of ${unknown.map((id) => JSON.stringify(id)).join(', ')}` : NO_EDGES;
