import type { Slice } from '../../engine/arena.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Csr } from '../csr.ts';
import type { ReasonKind } from '../serving/reasons.ts';

/** A sparse matrix with its values, as plain arrays. */
export type WeightedCsr = Csr & { readonly weights: Float32Array };

/** What a feature of a pair rests on, for explanations. */
export interface Evidence {
  readonly kind: ReasonKind;
  /**
   * Where the number is a sum over items between the two, sum_w left[u, w] right[v, w]; without it the number is one
   * reason, of the query's item with `ofQuery`.
   */
  readonly left?: Side;
  readonly right?: Side;
  readonly ofQuery?: boolean;
}

/** Rows of a matrix; its entries are 1 without weights. */
export interface Side {
  readonly csr: Csr;
  readonly weights?: Float32Array;
}

/**
 * One or more numbers for every (query, node) pair, computed a batch at a time in the layout of `gather`: a block
 * f32[nodes x queries], one column a query.
 */
export interface FeatureSource {
  readonly names: readonly string[];
  /** One for each of `names`. */
  readonly evidence: readonly Evidence[];
  /** Fills out[i], f32[nodes x queries.length], for each of `names`. At most MAX_QUERIES queries. */
  write(queries: Uint32Array, out: readonly Slice<'f32'>[]): void;
  dispose(): void;
}

/** y = log(1 + max(x, 0) / scale) of n values: evidence of very different sizes on one scale, and 0 stays 0. */
export function logScaled(engine: Engine, y: Slice<'f32'>, x: Slice<'f32'>, n: number, scale: number): void {
  const from = x.array;
  const to = y.array;
  const inverse = 1 / scale;
  for (let i = 0; i < n; i++) {
    const value = from[i];
    to[i] = value > 0 ? 1 + value * inverse : 1;
  }
  engine.kernels.log(y.ptr, y.ptr, n);
}

/** Writes row u of a sparse matrix into column q of x[nodes x d]; its entries are 1 without weights. */
export function writeColumn(
  x: Float32Array,
  csr: Csr,
  weights: Float32Array | undefined,
  u: number,
  q: number,
  d: number,
): void {
  for (let e = csr.indptr[u]; e < csr.indptr[u + 1]; e++) {
    x[csr.indices[e] * d + q] = weights ? weights[e] : 1;
  }
}

/** x[nodes x d] = rows `queries` of a sparse matrix as columns. */
export function startColumns(
  x: Slice<'f32'>,
  csr: Csr,
  weights: Float32Array | undefined,
  queries: Uint32Array,
): void {
  x.fill(0);
  const array = x.array;
  queries.forEach((u, q) => {
    writeColumn(array, csr, weights, u, q, queries.length);
  });
}
