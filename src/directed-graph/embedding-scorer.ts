import { instance, integer, object, sized } from '../check.ts';
import type { Slice } from '../engine/arena.ts';
import type { Engine } from '../engine/engine.ts';
import type { Bitset } from '../nn/bitset.ts';
import { gatherRows } from '../nn/embedding.ts';
import { gemm } from '../nn/linear.ts';
import { type TopK, topK } from '../nn/topk.ts';
import { MAX_NODES } from './csr.ts';
import { MAX_QUERIES, type Scorer } from './scorer.ts';

/** Dual vectors as plain arrays: score(u, v) = <source[u], target[v]> + bias[v]. */
export interface Embedding {
  readonly nodeCount: number;
  readonly dim: number;
  /** f32[nodes x dim], the temperature already multiplied in */
  readonly source: Float32Array;
  /** f32[nodes x dim] */
  readonly target: Float32Array;
  /** f32[nodes] */
  readonly bias?: Float32Array;
}

/** An embedding that came from outside: TypeError or RangeError for arrays that are not as long as its counts say. */
export function checkEmbedding(embedding: Embedding): void {
  const { nodeCount, dim, source, target, bias } = object(embedding, 'embedding', 'an embedding');
  const n = integer(nodeCount, 'embedding.nodeCount', 0, MAX_NODES);
  const length = n * integer(dim, 'embedding.dim', 1, 2 ** 16);
  const floats = (values: Float32Array, name: string, size: number) =>
    sized(instance(values, Float32Array, `embedding.${name}`, 'a Float32Array'), `embedding.${name}`, size);
  floats(source, 'source', length);
  floats(target, 'target', length);
  if (bias !== undefined) floats(bias, 'bias', n);
}

/** The embedding as a scorer: one product of a batch of sources with all targets, the bias as one more dimension. */
export class EmbeddingScorer implements Scorer {
  readonly name: string;
  /** A fork: what the scorer holds ends with it, also when there was not room for all. */
  readonly engine: Engine;
  readonly #width: number;
  readonly #source: Slice<'f32'>;
  readonly #target: Slice<'f32'>;
  readonly #query: Slice<'f32'>;
  readonly #index: Slice<'u32'>;

  constructor(
    engine: Engine,
    readonly embedding: Embedding,
    name = 'embedding',
  ) {
    this.engine = engine.fork();
    const { dim, source, target, bias } = embedding;
    this.name = name;
    this.#width = dim + (bias ? 1 : 0);
    try {
      this.#source = this.#widened(source, () => 1);
      this.#target = this.#widened(target, (i) => bias![i]);
      this.#query = this.engine.alloc('f32', MAX_QUERIES * this.#width);
      this.#index = this.engine.alloc('u32', MAX_QUERIES);
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  score(queries: Uint32Array, scores: Slice<'f32'>): void {
    const { engine } = this;
    this.#index.set(queries);
    gatherRows(engine, this.#query, this.#source, this.#index, queries.length, this.#width);
    const n = this.embedding.nodeCount;
    gemm(engine, 'NT', scores, this.#query, this.#target, queries.length, this.#width, n);
  }

  /** The k best nodes of each query without those in `exclude` (one set for all, or one a query), exactly. */
  top(queries: Uint32Array, k: number, exclude?: Bitset | readonly Bitset[]): TopK {
    const { engine } = this;
    this.#index.set(queries);
    gatherRows(engine, this.#query, this.#source, this.#index, queries.length, this.#width);
    return topK(engine, {
      queries: this.#query,
      queryCount: queries.length,
      items: this.#target,
      itemCount: this.embedding.nodeCount,
      d: this.#width,
      k,
      exclude,
    });
  }

  /**
   * The same for source vectors that need not be a node's, f32[count x dim] with count at most `MAX_QUERIES`; `offset`
   * f32[nodes] is added to every score.
   */
  topOf(vectors: Float32Array, k: number, exclude?: Bitset | readonly Bitset[], offset?: Slice<'f32'>): TopK {
    const { dim, nodeCount } = this.embedding;
    const count = vectors.length / dim;
    const width = this.#width;
    const query = this.#query.array;
    for (let q = 0; q < count; q++) {
      query.set(vectors.subarray(q * dim, (q + 1) * dim), q * width);
      if (width > dim) query[q * width + dim] = 1;
    }
    return topK(this.engine, {
      queries: this.#query,
      queryCount: count,
      items: this.#target,
      itemCount: nodeCount,
      d: width,
      k,
      bias: offset,
      exclude,
    });
  }

  /** Rows with one number more where there is a bias. */
  #widened(rows: Float32Array, last: (i: number) => number): Slice<'f32'> {
    const { nodeCount: n, dim, bias } = this.embedding;
    const width = this.#width;
    const slice = this.engine.alloc('f32', n * width);
    const to = slice.array;
    to.set(rows.subarray(0, n * dim), n * (width - dim));
    if (!bias) return slice;
    // All rows stand at the end and move forward one by one: a third of the time of a subarray for each.
    for (let i = 0; i < n; i++) {
      to.copyWithin(i * width, n + i * dim, n + (i + 1) * dim);
      to[i * width + dim] = last(i);
    }
    return slice;
  }

  dispose(): void {
    this.engine.dispose();
  }
}
