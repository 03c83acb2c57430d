import type { Slice } from '../engine/arena.ts';
import type { Engine } from '../engine/engine.ts';

/** A sparse matrix in the arena: `weight` absent means all ones. */
export interface SparseMatrix {
  readonly rows: number;
  /** u32[rows + 1] */
  readonly indptr: Slice<'u32'>;
  /** u32[entries] */
  readonly indices: Slice<'u32'>;
  /** f32[entries] */
  readonly weights?: Slice<'f32'>;
}

/** y[rows x d] = beta y + M x, with x[columns x d]. */
export function gather(
  engine: Engine,
  y: Slice<'f32'>,
  matrix: SparseMatrix,
  x: Slice<'f32'>,
  d: number,
  beta = 0,
): void {
  const { indptr, indices, weights, rows } = matrix;
  engine.kernels.gather(y.ptr, x.ptr, indptr.ptr, indices.ptr, weights?.ptr ?? 0, rows, d, beta);
}

/** dx[columns x d] += M^T dy, with dy[rows x d]: the transpose of `gather` without a transposed matrix. */
export function scatter(
  engine: Engine,
  dx: Slice<'f32'>,
  matrix: SparseMatrix,
  dy: Slice<'f32'>,
  d: number,
): void {
  const { indptr, indices, weights, rows } = matrix;
  engine.kernels.scatter(dx.ptr, dy.ptr, indptr.ptr, indices.ptr, weights?.ptr ?? 0, rows, d, d);
}
