import type { Slice } from '../../engine/arena.ts';
import type { Engine } from '../../engine/engine.ts';
import type { LinearOperator } from '../../nn/svd.ts';
import { gather, type SparseMatrix, scatter } from '../aggregate.ts';
import type { Csr } from '../csr.ts';
import type { DirectedGraph } from '../graph.ts';

/** A CSR copied into the arena, with its own weights, other weights, or (null) all ones. */
export function upload(
  engine: Engine,
  csr: Csr,
  weights: Float32Array | null | undefined = csr.weights,
): SparseMatrix {
  return {
    rows: csr.indptr.length - 1,
    indptr: engine.from('u32', csr.indptr),
    indices: engine.from('u32', csr.indices),
    weights: weights ? engine.from('f32', weights) : undefined,
  };
}

export function release(engine: Engine, ...matrices: (SparseMatrix | undefined)[]): void {
  for (const m of matrices) if (m) engine.release(m.indptr, m.indices, m.weights);
}

/** M and M^T as products with blocks, from one copy of M. */
export function sparseOperator(engine: Engine, matrix: SparseMatrix, columns: number): LinearOperator {
  return {
    rows: matrix.rows,
    columns,
    apply: (y, x, d) => gather(engine, y, matrix, x, d),
    applyTransposed: (x, y, d) => scatter(engine, x.fill(0), matrix, y, d),
  };
}

/** The length of each row: degrees. */
export function degrees(csr: Csr): Float64Array {
  return Float64Array.from({ length: csr.indptr.length - 1 }, (_, u) => csr.indptr[u + 1] - csr.indptr[u]);
}

/** d^-p for each degree, 0 for degree 0. Square roots where they do, else the engine's own exp and log. */
export function inversePower(engine: Engine, degree: Float64Array, p: number): Float64Array {
  const { expF64, logF64 } = engine.kernels;
  return degree.map((d) => {
    if (d === 0) return 0;
    if (p === 0.5) return 1 / Math.sqrt(d);
    if (p === 0.25) return 1 / Math.sqrt(Math.sqrt(d));
    return expF64(-p * logF64(d));
  });
}

/**
 * Weights of N = Do^-p A Di^-p over the 0/1 adjacency A, in the order of `graph.out` and of `graph.in`. Weights of
 * the graph itself are left out.
 */
export function normalised(
  engine: Engine,
  graph: DirectedGraph,
  p: number,
): { out: Float32Array; in: Float32Array } {
  const left = inversePower(engine, degrees(graph.out), p);
  const right = inversePower(engine, degrees(graph.in), p);
  const out = new Float32Array(graph.edgeCount);
  for (let u = 0; u < graph.nodeCount; u++) {
    for (let e = graph.out.indptr[u]; e < graph.out.indptr[u + 1]; e++) {
      out[e] = left[u] * right[graph.out.indices[e]];
    }
  }
  return { out, in: Float32Array.from(graph.inEdge, (e) => out[e]) };
}

/** scores[d x n] = transpose of y[n x d]: from the walks' layout, one column a query, to the scorers'. */
export function rowsFromColumns(
  engine: Engine,
  scores: Slice<'f32'>,
  y: Slice<'f32'>,
  n: number,
  d: number,
): void {
  engine.kernels.transpose(scores.ptr, y.ptr, n, d);
}
