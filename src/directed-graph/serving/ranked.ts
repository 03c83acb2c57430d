import type { Slice } from '../../engine/arena.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Bitset } from '../../nn/bitset.ts';
import { NONE, topKRow } from '../../nn/topk.ts';
import type { EmbeddingScorer } from '../embedding-scorer.ts';
import type { DirectedGraph } from '../graph.ts';
import { arrowTerm } from '../ranker/arrow.ts';
import { between, linearTerms, type Term } from '../ranker/evidence.ts';
import { logSumOfRow } from '../ranker/pair-pass.ts';
import type { Ranker } from '../ranker/ranker.ts';
import type { Query } from './answer.ts';
import { type BackOff, backOff } from './back-off.ts';
import { type CartRule, cartShares, joinRows } from './cart.ts';
import type { Pool } from './choose.ts';
import type { Explainer } from './explain.ts';
import type { Part } from './parts.ts';

/** What a server answers from. */
export interface Served {
  readonly graph: DirectedGraph;
  readonly scorer: EmbeddingScorer;
  /** Made when the first answer needs it; undefined for a model that answers by its vectors alone. */
  readonly ranker: () => Ranker | undefined;
  /** Whether an item without edges has a learned vector: the encoder reads features. */
  readonly byFeatures: boolean;
  /** Why counts answer before the model, or undefined: counts foretold the hidden pairs better. */
  readonly distrust: string | undefined;
  /** Made when the first explanation is asked for; undefined where the file holds no encoder. */
  readonly explainer: () => Explainer | undefined;
}

/** A query that the model can answer, and the known items it stands for. */
export interface Asked {
  readonly place: number;
  readonly query: Query;
  readonly nodes: readonly number[];
  readonly barred: Bitset;
}

/** One query's ranking, while it is there. */
export interface Ranked {
  readonly asked: Asked;
  /** The best that are not barred, best first; fewer than `size` when no more are left. */
  top(size: number): Pool;
  /** The score of one answer as parts that add up to it. */
  parts(v: number): Part[];
}

/** What a term that is the embedding's score is made of. */
export type EmbeddingParts = (u: number, v: number) => Part[];

/** One item of a cart: log sum exp of its scores and, where reasons are asked for, its log-probabilities. */
interface Column {
  readonly node: number;
  readonly level: number;
  readonly counts: BackOff;
  readonly logs: Float32Array | undefined;
}

/** The value of a feature for one item of the cart and an answer. */
type ValueOf = (feature: number, v: number) => number;

/** Answers by the ranker: features of every pair of a batch, log-probabilities, carts joined by their rule. */
export class RankedAnswers {
  constructor(
    readonly ranker: Ranker,
    readonly logDegree: () => Float32Array,
    readonly embeddingParts: EmbeddingParts,
    readonly rule: CartRule = 'mean',
  ) {}

  /** Shows each query's ranking, which is only valid during the call; `explained` keeps what reasons need. */
  each(
    asked: readonly Asked[],
    popularity: number,
    explained: boolean,
    visit: (ranked: Ranked) => void,
  ): void {
    const { batch } = this.ranker.features;
    let group: Asked[] = [];
    let columns = 0;
    for (const one of asked) {
      if (group.length > 0 && columns + one.nodes.length > batch) {
        this.#group(group, popularity, explained, visit);
        [group, columns] = [[], 0];
      }
      group.push(one);
      columns += one.nodes.length;
    }
    if (group.length > 0) this.#group(group, popularity, explained, visit);
  }

  #group(
    group: readonly Asked[],
    popularity: number,
    explained: boolean,
    visit: (ranked: Ranked) => void,
  ): void {
    const { engine, features } = this.ranker;
    const { nodeCount: n, batch, count } = features;
    const nodes = Uint32Array.from(group.flatMap((one) => one.nodes));
    const width = Math.min(batch, nodes.length);
    engine.scope(({ alloc }) => {
      const block = alloc('f32', count * n * width);
      const rows = alloc('f32', nodes.length * n);
      const scratch = alloc('f32', n);
      for (let from = 0; from < nodes.length; from += width) {
        const some = nodes.slice(from, from + width);
        this.ranker.scoreInto(some, block, rows.part(from * n, some.length * n));
      }
      // A cart of more items than one block holds is explained item by item, each computed again.
      const valuesOf = (column: number): ValueOf => {
        if (nodes.length <= width) return (f, v) => block.array[(f * n + v) * width + column];
        features.compute(nodes.slice(column, column + 1), block);
        return (f, v) => block.array[f * n + v];
      };
      let from = 0;
      for (const one of group) {
        const start = from;
        from += one.nodes.length;
        const own = rows.part(start * n, one.nodes.length * n);
        const columns = one.nodes.map((node, i): Column => {
          const row = own.part(i * n, n);
          const level = this.#normalise(row, scratch, node);
          const counts = backOff(engine, features.graph, node, row.array);
          return { node, level, counts, logs: explained ? (row.copy() as Float32Array) : undefined };
        });
        joinRows(engine, own, columns.length, n, this.rule);
        const first = own.part(0, n);
        const z = first.array;
        if (popularity !== 0) {
          const logDegree = this.logDegree();
          for (let v = 0; v < n; v++) z[v] += popularity * logDegree[v];
        }
        visit({
          asked: one,
          top: (size) => pooled(engine, first, size, one.barred),
          parts: (v) => this.#parts(columns, v, popularity, (i) => valuesOf(start + i)),
        });
      }
    });
  }

  /** Scores become log-odds beside all nodes that do not follow u; returns log sum exp of the scores of those. */
  #normalise(row: Slice<'f32'>, scratch: Slice<'f32'>, u: number): number {
    const { engine } = this.ranker;
    if (engine.kernels.allFinite(row.ptr, row.length) !== 1) {
      throw new RangeError(`the ranker gives item ${u} a score that is not finite: the model is damaged`);
    }
    const level = logSumOfRow(engine, row, scratch, u, this.ranker.features.graph.out);
    const z = row.array;
    for (let v = 0; v < z.length; v++) z[v] -= level;
    return level;
  }

  #parts(
    columns: readonly Column[],
    v: number,
    popularity: number,
    valuesOf: (i: number) => ValueOf,
  ): Part[] {
    const { engine } = this.ranker;
    const logs = columns.map((column) => column.logs![v]);
    const shares = cartShares(engine, logs, this.rule);
    const parts: Part[] = [];
    if (popularity !== 0) parts.push({ kind: 'popularity', value: popularity * this.logDegree()[v] });
    for (const [i, column] of columns.entries()) {
      this.#addColumn(parts, column, v, logs[i], shares[i], valuesOf(i));
    }
    if (this.rule === 'mixture' && columns.length > 1) {
      // log mean exp(l) = sum r l - sum r log r - log items, r the shares.
      const { logF64 } = engine.kernels;
      const spread = shares.reduce((sum, r) => sum - (r > 0 ? r * logF64(r) : 0), -logF64(columns.length));
      parts.push({ kind: 'cart', value: spread });
    }
    return parts;
  }

  /** `by` times one item's log-probability of v. */
  #addColumn(
    parts: Part[],
    { node: u, level, counts }: Column,
    v: number,
    log: number,
    by: number,
    value: ValueOf,
  ): void {
    const { engine, features, model } = this.ranker;
    const { expF64, logF64 } = engine.kernels;
    const follower = counts.followers.get(v);
    const odds = follower?.odds ?? log - counts.level;
    // A known pair's score is the log of a sum: the ranker's part and the counts' are weighed by what each gives.
    const r = follower?.share ?? 1;
    const ranked = by * r;
    const { terms, sales, rare } = linearTerms(features, model, u, v, (f) => value(f, v));
    let linear = sales + rare;
    for (const term of terms) {
      linear += term.value;
      this.#addTerm(parts, u, v, { ...term, value: ranked * term.value });
    }
    parts.push({ kind: 'sales', value: ranked * sales });
    if (rare !== 0) parts.push({ kind: 'rare', value: ranked * rare });
    const arrow = model.direction ? arrowTerm(engine, this.ranker.embedding!, u, v) : 0;
    if (arrow !== 0) parts.push({ kind: 'direction', node: u, value: ranked * arrow });
    parts.push({ kind: 'network', value: ranked * (odds + level - arrow - linear) });
    if (!follower) {
      parts.push({ kind: 'others', value: by * (counts.level - level) });
      return;
    }
    // log p = odds - softplus(odds); counts are told beside 1 / nodes, what an item has without any evidence.
    const softplus = Math.max(0, odds) + logF64(1 + expF64(-Math.abs(odds)));
    const uniform = logF64(features.nodeCount);
    const entropy = -(r > 0 ? r * logF64(r) : 0) - (r < 1 ? (1 - r) * logF64(1 - r) : 0);
    parts.push({ kind: 'next', node: u, value: by * ((1 - r) * (follower.counted + uniform) + entropy) });
    const others = r * (counts.level - level - softplus) - (1 - r) * uniform;
    parts.push({ kind: 'others', value: by * others });
  }

  /** A term by the items it rests on, the embedding's by its own reasons, another as one part. */
  #addTerm(parts: Part[], u: number, v: number, { name, evidence, value }: Term): void {
    if (name === 'embedding') {
      const inner = this.embeddingParts(u, v);
      const total = inner.reduce((sum, part) => sum + part.value, 0);
      // They add up to the score but for rounding.
      if (Math.abs(total) > 1e-6) {
        for (const part of inner) parts.push({ ...part, value: (value * part.value) / total });
        return;
      }
    }
    const { kind, ofQuery } = evidence;
    const found = between(evidence, u, v, value);
    for (const { node, value: share } of found) parts.push({ kind, node, value: share });
    if (found.length === 0) parts.push({ kind, node: ofQuery ? u : undefined, value });
  }
}

function pooled(engine: Engine, row: Slice<'f32'>, size: number, barred: Bitset): Pool {
  const { ids, scores } = topKRow(engine, row, size, barred);
  const left = ids.indexOf(NONE);
  const end = left < 0 ? size : left;
  return { ids: Array.from(ids.subarray(0, end)), scores: Array.from(scores.subarray(0, end)) };
}
