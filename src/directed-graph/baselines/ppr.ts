import { integer, options, real } from '../../check.ts';
import type { Engine } from '../../engine/engine.ts';
import { svdDefaults } from '../../nn/svd.ts';
import { gather, type SparseMatrix } from '../aggregate.ts';
import { type Csr, transposeCsr } from '../csr.ts';
import type { DirectedGraph } from '../graph.ts';
import { MAX_QUERIES, type Pairs, type Scorer } from '../scorer.ts';
import { degrees, inversePower, release, rowsFromColumns, upload } from './adjacency.ts';
import { factorised } from './svd.ts';
import { validationHitRate } from './validate.ts';

export interface PprOptions {
  /** Probability of walking on, below 1. */
  alpha: number;
  /** Probabilities below this are dropped. When absent, the best of `thresholds` on `validation`. */
  threshold?: number;
  thresholds: readonly number[];
  validation?: Pairs;
  steps: number;
  rank: number;
  seed: number;
}

export const pprDefaults: PprOptions = {
  alpha: 0.5,
  threshold: undefined,
  thresholds: [1e-4, 1e-3],
  validation: undefined,
  steps: 10,
  rank: 64,
  seed: 0,
};

type Sparse = Csr & { weights: Float32Array };

export interface Ppr extends Scorer {
  readonly threshold: number;
}

/**
 * STRAP (Yin & Wei 2019): truncated SVD of log((PPR(G) + PPR(G^T)^T) / threshold) over the entries at or above the
 * threshold, without the diagonal. Without validation edges the threshold is the first of `thresholds`.
 */
export function ppr(engine: Engine, graph: DirectedGraph, given?: Partial<PprOptions>): Ppr {
  const set = options(given, pprDefaults, 'ppr');
  real(set.alpha, 'alpha', 0, 1 - 1e-9);
  integer(set.steps, 'steps', 1);
  const tried = set.threshold !== undefined ? [set.threshold] : set.thresholds;
  integer(tried.length, 'number of thresholds', 1);
  tried.forEach((threshold) => {
    real(threshold, 'threshold', 1e-12, 1);
  });
  const { validation } = set;
  const choices = validation ? tried : tried.slice(0, 1);
  const n = graph.nodeCount;
  const least = Math.min(...choices);
  const forward = personalised(engine, graph.out, graph.in, n, set, least);
  const backward = transposeCsr(personalised(engine, graph.in, graph.out, n, set, least), n).csr as Sparse;
  let best: Ppr | undefined;
  let highest = -1;
  for (const threshold of choices) {
    const sum = added(forward, backward, threshold);
    logarithms(engine, sum.weights, threshold);
    const matrix = upload(engine, sum);
    let scorer: Ppr;
    try {
      const iterations = 4;
      const { rank, seed } = set;
      const factors = factorised(engine, 'ppr', matrix, { ...svdDefaults, rank, seed, iterations });
      scorer = Object.assign(factors, { threshold });
    } finally {
      release(engine, matrix);
    }
    if (validation === undefined || choices.length === 1) return scorer;
    const found = validationHitRate(engine, scorer, graph, validation);
    if (found > highest) {
      best?.dispose();
      best = scorer;
      highest = found;
    } else scorer.dispose();
  }
  return best as Ppr;
}

/**
 * Rows of personalised PageRank, (1 - alpha) sum_l (alpha P)^l with P = D^-1 A, by `steps` products. What reaches a
 * node without out-edges is dropped there.
 */
function personalised(
  engine: Engine,
  out: Csr,
  into: Csr,
  n: number,
  { alpha, steps }: PprOptions,
  threshold: number,
): Sparse {
  const step = inversePower(engine, degrees(out), 1).map((w) => w * alpha);
  // Row v of P^T lists the sources of v, each with its own 1 / degree.
  const matrix: SparseMatrix = upload(
    engine,
    into,
    Float32Array.from(into.indices, (u) => step[u]),
  );
  const indptr = new Uint32Array(n + 1);
  let indices = new Uint32Array(1 << 16);
  let weights = new Float32Array(1 << 16);
  let entries = 0;
  engine.scope(({ alloc }) => {
    let x = alloc('f32', n * MAX_QUERIES);
    let y = alloc('f32', n * MAX_QUERIES);
    const sum = alloc('f32', n * MAX_QUERIES);
    for (let start = 0; start < n; start += MAX_QUERIES) {
      const d = Math.min(MAX_QUERIES, n - start);
      x.fill(0);
      for (let q = 0; q < d; q++) x.array[(start + q) * d + q] = 1;
      engine.kernels.scale(sum.ptr, x.ptr, n * d, 1 - alpha);
      for (let l = 0; l < steps; l++) {
        gather(engine, y, matrix, x, d);
        [x, y] = [y, x];
        engine.kernels.axpy(sum.ptr, x.ptr, n * d, 1 - alpha);
      }
      rowsFromColumns(engine, y, sum, n, d);
      const rows = y.array;
      for (let q = 0; q < d; q++) {
        for (let v = 0; v < n; v++) {
          const p = rows[q * n + v];
          if (!(p >= threshold)) continue;
          if (entries === indices.length) {
            indices = grown(indices, new Uint32Array(2 * entries));
            weights = grown(weights, new Float32Array(2 * entries));
          }
          indices[entries] = v;
          weights[entries++] = p;
        }
        indptr[start + q + 1] = entries;
      }
    }
  });
  release(engine, matrix);
  return { indptr, indices: indices.slice(0, entries), weights: weights.slice(0, entries) };
}

function grown<T extends Uint32Array | Float32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** a + b over the entries of each that are at or above the threshold, without the diagonal; rows sorted. */
function added(a: Sparse, b: Sparse, threshold: number): Sparse {
  const n = a.indptr.length - 1;
  const indptr = new Uint32Array(n + 1);
  const indices = new Uint32Array(a.indices.length + b.indices.length);
  const weights = new Float32Array(indices.length);
  const kept = (x: number) => (x >= threshold ? x : 0);
  let entries = 0;
  for (let u = 0; u < n; u++) {
    let i = a.indptr[u];
    let j = b.indptr[u];
    while (i < a.indptr[u + 1] || j < b.indptr[u + 1]) {
      const left = i < a.indptr[u + 1] ? a.indices[i] : n;
      const right = j < b.indptr[u + 1] ? b.indices[j] : n;
      const v = Math.min(left, right);
      const weight = (left === v ? kept(a.weights[i++]) : 0) + (right === v ? kept(b.weights[j++]) : 0);
      if (v === u || weight === 0) continue;
      indices[entries] = v;
      weights[entries++] = weight;
    }
    indptr[u + 1] = entries;
  }
  return { indptr, indices: indices.slice(0, entries), weights: weights.slice(0, entries) };
}

/** Each value becomes log(value / threshold), with the engine's own logarithm, a piece at a time. */
function logarithms(engine: Engine, values: Float32Array, threshold: number): void {
  const PIECE = 1 << 16;
  engine.scope(({ alloc }) => {
    const piece = alloc('f32', PIECE);
    for (let start = 0; start < values.length; start += PIECE) {
      const part = values.subarray(start, start + PIECE);
      const x = piece.array;
      for (let i = 0; i < part.length; i++) x[i] = Math.max(part[i] / threshold, 1);
      engine.kernels.log(piece.ptr, piece.ptr, part.length);
      part.set(x.subarray(0, part.length));
    }
  });
}
