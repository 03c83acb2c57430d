import type { Slice } from '../../engine/arena.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Bitset } from '../../nn/bitset.ts';
import { type TopK, topK } from '../../nn/topk.ts';
import type { Embedding } from '../embedding-scorer.ts';

/** Items by the cosine of their source vectors: what is bought for the same follow-ups, hence alike or substitutes. */
export class SimilarItems {
  readonly #rows: Slice<'f32'>;

  /** The rows end with `engine`, which should be a fork. */
  constructor(
    readonly engine: Engine,
    readonly embedding: Embedding,
  ) {
    const { nodeCount, dim, source } = embedding;
    this.#rows = engine.alloc('f32', nodeCount * dim);
    const to = this.#rows.array;
    for (let u = 0; u < nodeCount; u++) to.set(unit(source.subarray(u * dim, (u + 1) * dim)), u * dim);
  }

  /** The k items most like a source vector, which need not be a node's. */
  top(vector: Float32Array, k: number, exclude: Bitset): TopK {
    const { nodeCount, dim } = this.embedding;
    return this.engine.scope((scope) =>
      topK(this.engine, {
        queries: scope.from('f32', unit(vector)),
        queryCount: 1,
        items: this.#rows,
        itemCount: nodeCount,
        d: dim,
        k,
        exclude,
      }),
    );
  }
}

/** The row at unit length; a zero row stays zero. */
export function unit(row: Float32Array): Float32Array {
  let square = 0;
  for (const x of row) square += x * x;
  const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
  return row.map((x) => x * scale);
}
