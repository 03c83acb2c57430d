import { integer, options } from '../check.ts';
import type { Slice } from '../engine/arena.ts';
import type { Engine } from '../engine/engine.ts';

/** A matrix known only by its products with blocks of vectors. Blocks are row-major in the engine's arena. */
export interface LinearOperator {
  readonly rows: number;
  readonly columns: number;
  /** y[rows x d] = M x, with x[columns x d]; overwrites y. */
  apply(y: Slice<'f32'>, x: Slice<'f32'>, d: number): void;
  /** x[columns x d] = M^T y, with y[rows x d]; overwrites x. */
  applyTransposed(x: Slice<'f32'>, y: Slice<'f32'>, d: number): void;
}

export interface SvdOptions {
  /** Singular triplets wanted; fewer come back when the matrix is smaller. */
  rank: number;
  /** Rounds of subspace iteration. */
  iterations: number;
  /** Extra vectors carried along, which sharpen the last of the wanted ones. */
  oversampling: number;
  seed: number;
}

export const svdDefaults: SvdOptions = { rank: 64, iterations: 6, oversampling: 16, seed: 0 };

/** M ~ u diag(s) v^T: u f32[rows x rank], s f64[rank] falling, v f32[columns x rank], row-major. */
export interface Svd {
  rank: number;
  u: Float32Array;
  s: Float64Array;
  v: Float32Array;
}

/**
 * The largest singular triplets by randomised subspace iteration (Halko, Martinsson & Tropp 2011, algorithm 4.4).
 * Signs are arbitrary but the same at every run.
 */
export function truncatedSvd(engine: Engine, operator: LinearOperator, given?: Partial<SvdOptions>): Svd {
  const { rank, iterations, oversampling, seed } = options(given, svdDefaults, 'truncatedSvd');
  const { rows, columns } = operator;
  integer(rank, 'rank', 1);
  integer(iterations, 'iterations', 0);
  integer(oversampling, 'oversampling', 0);
  const wanted = Math.min(rank, rows, columns);
  const d = Math.min(wanted + oversampling, rows, columns);
  if (d === 0) {
    return { rank: 0, u: new Float32Array(0), s: new Float64Array(0), v: new Float32Array(0) };
  }
  return engine.scope(({ alloc }) => {
    const q = alloc('f32', rows * d);
    const p = alloc('f32', columns * d);
    const columnwise = alloc('f32', Math.max(rows, columns) * d);
    engine.kernels.randomNormal(p.ptr, columns * d, 1, seed, STREAM, 0);
    operator.apply(q, p, d);
    orthonormalise(engine, q, columnwise, rows, d);
    for (let i = 0; i < iterations; i++) {
      operator.applyTransposed(p, q, d);
      orthonormalise(engine, p, columnwise, columns, d);
      operator.apply(q, p, d);
      orthonormalise(engine, q, columnwise, rows, d);
    }
    // M ~ q (q^T M), and (q^T M)^T = p r with orthonormal p and a small r, so M ~ q (r^T) p^T.
    operator.applyTransposed(p, q, d);
    const r = orthonormalise(engine, p, columnwise, columns, d);
    const small = jacobiSvd(transposed(r, d), d);
    return {
      rank: wanted,
      u: times(q.array, small.u, rows, d, wanted),
      s: small.s.slice(0, wanted),
      v: times(p.array, small.v, columns, d, wanted),
    };
  });
}

const STREAM = 0x5d5;

/**
 * Replaces x[n x d] by an orthonormal basis of its columns and returns r f64[d x d], upper triangular, with old x =
 * new x r. Gram-Schmidt run twice ("twice is enough"), which unlike a Cholesky QR survives a matrix of low rank: a
 * column that depends on those before it becomes zero.
 */
function orthonormalise(
  engine: Engine,
  x: Slice<'f32'>,
  work: Slice<'f32'>,
  n: number,
  d: number,
): Float64Array {
  const { transpose, dot, axpy, scale } = engine.kernels;
  const r = new Float64Array(d * d);
  transpose(work.ptr, x.ptr, n, d);
  const column = (j: number) => work.ptr + 4 * n * j;
  for (let j = 0; j < d; j++) {
    const before = Math.sqrt(dot(column(j), column(j), n));
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < j; i++) {
        const along = dot(column(i), column(j), n);
        axpy(column(j), column(i), n, -along);
        r[i * d + j] += along;
      }
    }
    const length = Math.sqrt(dot(column(j), column(j), n));
    // What is left of a dependent column is rounding: 1e-5 is about a hundred f32 units.
    const kept = length > 1e-5 * before;
    scale(column(j), column(j), n, kept ? 1 / length : 0);
    r[j * d + j] = kept ? length : 0;
  }
  transpose(x.ptr, work.ptr, d, n);
  return r;
}

/**
 * Singular values and vectors of a square a f64[d x d] by one-sided Jacobi rotations (Hestenes 1958), which keeps the
 * small values accurate. a = u diag(s) v^T, columns by falling s, row-major.
 */
export function jacobiSvd(a: Float64Array, d: number): { u: Float64Array; s: Float64Array; v: Float64Array } {
  // Rows of `w` are the columns of a, rows of `t` those of v: rotations then run along memory.
  const w = transposed(a, d);
  const t = new Float64Array(d * d);
  for (let i = 0; i < d; i++) t[i * d + i] = 1;
  for (let sweep = 0, rotated = true; rotated && sweep < 60; sweep++) {
    rotated = false;
    for (let i = 0; i < d; i++) {
      for (let j = i + 1; j < d; j++) {
        let ii = 0;
        let jj = 0;
        let ij = 0;
        for (let k = 0; k < d; k++) {
          ii += w[i * d + k] * w[i * d + k];
          jj += w[j * d + k] * w[j * d + k];
          ij += w[i * d + k] * w[j * d + k];
        }
        if (!(Math.abs(ij) > 1e-14 * Math.sqrt(ii * jj))) continue;
        rotated = true;
        const zeta = (jj - ii) / (2 * ij);
        const tangent = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
        const cosine = 1 / Math.sqrt(1 + tangent * tangent);
        rotate(w, i, j, d, cosine, cosine * tangent);
        rotate(t, i, j, d, cosine, cosine * tangent);
      }
    }
  }
  const length = new Float64Array(d);
  for (let i = 0; i < d; i++) {
    let square = 0;
    for (let k = 0; k < d; k++) square += w[i * d + k] * w[i * d + k];
    length[i] = Math.sqrt(square);
  }
  const order = Array.from(length.keys()).sort((i, j) => length[j] - length[i] || i - j);
  const u = new Float64Array(d * d);
  const v = new Float64Array(d * d);
  order.forEach((from, to) => {
    for (let k = 0; k < d; k++) {
      u[k * d + to] = length[from] > 0 ? w[from * d + k] / length[from] : 0;
      v[k * d + to] = t[from * d + k];
    }
  });
  return { u, s: Float64Array.from(order, (i) => length[i]), v };
}

function rotate(m: Float64Array, i: number, j: number, d: number, cosine: number, sine: number): void {
  for (let k = 0; k < d; k++) {
    const x = m[i * d + k];
    const y = m[j * d + k];
    m[i * d + k] = cosine * x - sine * y;
    m[j * d + k] = sine * x + cosine * y;
  }
}

function transposed(a: Float64Array, d: number): Float64Array {
  const out = new Float64Array(d * d);
  for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) out[j * d + i] = a[i * d + j];
  return out;
}

/** The first `kept` columns of x[n x d] m[d x d]. */
function times(x: Float32Array, m: Float64Array, n: number, d: number, kept: number): Float32Array {
  const out = new Float32Array(n * kept);
  const row = new Float64Array(kept);
  for (let i = 0; i < n; i++) {
    row.fill(0);
    for (let k = 0; k < d; k++) {
      const value = x[i * d + k];
      for (let j = 0; j < kept; j++) row[j] += value * m[k * d + j];
    }
    out.set(row, i * kept);
  }
  return out;
}
