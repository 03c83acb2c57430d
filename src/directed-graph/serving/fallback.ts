import type { Bitset } from '../../nn/bitset.ts';
import type { DirectedGraph } from '../graph.ts';
import type { Scorer } from '../scorer.ts';
import type { Categories } from './catalogue.ts';
import type { Part } from './parts.ts';

/** Where an answer comes from. */
export type AnswerSource = 'model' | 'co-purchase' | 'category' | 'popular';

/** What a chain of counts answers, best first within each source. */
export interface Counted {
  readonly node: number;
  readonly score: number;
  readonly source: Exclude<AnswerSource, 'model'>;
}

/** How much an edge reached over another item counts beside a direct one. */
const TWO_STEPS = 0.2;

/**
 * Answers by counts alone, for items and shops of which the model knows too little: what was bought next after the
 * query's items, directly and over one item between; then what is bought most in their categories; then overall.
 * Scores of different sources are not comparable: the order is by source first.
 */
export class Fallback {
  readonly #inWeight: Float64Array;
  readonly #order: Uint32Array;

  constructor(readonly graph: DirectedGraph) {
    const { indptr, weights } = graph.in;
    const n = graph.nodeCount;
    this.#inWeight = new Float64Array(n);
    for (let v = 0; v < n; v++) {
      for (let e = indptr[v]; e < indptr[v + 1]; e++) this.#inWeight[v] += weights ? weights[e] : 1;
    }
    const rank = this.#inWeight;
    this.#order = Uint32Array.from({ length: n }, (_, v) => v).sort((a, b) => rank[b] - rank[a] || a - b);
  }

  /** Chances of what follows `nodes`, by counts: P(v|u) + .2 sum_w P(w|u) P(v|w), the mean over u. */
  coPurchase(nodes: readonly number[]): Map<number, number> {
    const score = new Map<number, number>();
    for (const u of nodes) {
      this.#paths(u, (_, v, chance) => {
        score.set(v, (score.get(v) ?? 0) + chance / nodes.length);
      });
    }
    return score;
  }

  /** How much a node is bought, 1 for the most bought. */
  popularity(node: number): number {
    return this.#inWeight[node] / (this.#inWeight[this.#order[0]] || 1);
  }

  /** The counts as a scorer: what follows each query, everything else by popularity behind it. */
  get scorer(): Scorer {
    const n = this.graph.nodeCount;
    return {
      name: 'counts',
      score: (queries, scores) => {
        const to = scores.array;
        queries.forEach((u, q) => {
          for (let v = 0; v < n; v++) to[q * n + v] = this.popularity(v) - 1;
          for (const [v, score] of this.coPurchase([u])) to[q * n + v] = score;
        });
      },
      dispose() {},
    };
  }

  /** At most k answers that are not in `barred`. */
  answers(
    nodes: readonly number[],
    k: number,
    barred: Bitset,
    categories: Categories | undefined,
    perCategory: number,
  ): Counted[] {
    const answers: Counted[] = [];
    const given = new Set<number>();
    const filled = new Map<number, number>();
    const offer = (node: number, score: number, source: Counted['source']) => {
      if (answers.length >= k || barred.has(node) || given.has(node)) return;
      const category = categories ? categories.of[node] : -1;
      const count = filled.get(category) ?? 0;
      if (category >= 0 && count >= perCategory) return;
      filled.set(category, count + 1);
      given.add(node);
      answers.push({ node, score, source });
    };
    const next = [...this.coPurchase(nodes)].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
    for (const [node, score] of next) offer(node, score, 'co-purchase');
    if (categories) {
      const wanted = new Set(nodes.map((u) => categories.of[u]).filter((category) => category >= 0));
      if (wanted.size > 0) {
        for (const v of this.#order) {
          if (wanted.has(categories.of[v])) offer(v, this.popularity(v), 'category');
        }
      }
    }
    for (let i = 0; i < this.#order.length && answers.length < k; i++) {
      offer(this.#order[i], this.popularity(this.#order[i]), 'popular');
    }
    return answers;
  }

  /** What an answer's score is made of. */
  parts(nodes: readonly number[], { node: v, score, source }: Counted): Part[] {
    if (source !== 'co-purchase') {
      return [{ kind: source === 'category' ? 'category' : 'popularity', value: score }];
    }
    const parts: Part[] = [];
    for (const u of nodes) {
      this.#paths(u, (w, end, chance) => {
        if (end !== v) return;
        const value = chance / nodes.length;
        parts.push(
          w === undefined ? { kind: 'next', node: u, value } : { kind: 'leads-here', node: w, value },
        );
      });
    }
    return parts;
  }

  #paths(u: number, visit: (between: number | undefined, v: number, chance: number) => void): void {
    this.#steps(u, (w, first) => {
      visit(undefined, w, first);
      this.#steps(w, (v, second) => visit(w, v, TWO_STEPS * first * second));
    });
  }

  #steps(u: number, visit: (v: number, chance: number) => void): void {
    const { indptr, indices, weights } = this.graph.out;
    const [from, to] = [indptr[u], indptr[u + 1]];
    let total = weights ? 0 : to - from;
    if (weights) for (let e = from; e < to; e++) total += weights[e];
    for (let e = from; e < to; e++) visit(indices[e], (weights ? weights[e] : 1) / total);
  }
}
