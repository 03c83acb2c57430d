import type { Engine } from '../../engine/engine.ts';
import { gatherRows } from '../../nn/embedding.ts';
import { gemm } from '../../nn/linear.ts';
import { truncatedSvd } from '../../nn/svd.ts';
import { degrees, normalised, release, sparseOperator, upload } from '../baselines/adjacency.ts';
import type { Embedding } from '../embedding-scorer.ts';
import type { DirectedGraph } from '../graph.ts';
import { type FeatureSource, logScaled } from './source.ts';

/** The score of dual vectors with their bias, and with a second name also log(1 + max(score, 0) / scale). */
export function embeddingFeatures(
  engine: Engine,
  { nodeCount: n, dim, source, target, bias }: Embedding,
  names: readonly string[] = ['embedding'],
  scale = 1,
): FeatureSource {
  // The bias is one more dimension, multiplied by 1.
  const width = dim + (bias ? 1 : 0);
  const wide = (rows: Float32Array, last: (v: number) => number) => {
    const slice = engine.alloc('f32', n * width);
    const to = slice.array;
    for (let v = 0; v < n; v++) {
      to.set(rows.subarray(v * dim, (v + 1) * dim), v * width);
      if (bias) to[v * width + dim] = last(v);
    }
    return slice;
  };
  const from = wide(source, () => 1);
  const to = wide(target, (v) => bias![v]);
  return {
    names,
    evidence: names.map(() => ({ kind: 'match', ofQuery: true })),
    write(queries, [raw, log]) {
      const d = queries.length;
      engine.scope((scope) => {
        const asked = scope.alloc('f32', d * width);
        gatherRows(engine, asked, from, scope.from('u32', queries), d, width);
        gemm(engine, 'NT', raw, to, asked, n, width, d);
      });
      if (log) logScaled(engine, log, raw, n * d, scale);
    },
    dispose() {
      engine.release(from, to);
    },
  };
}

/** Truncated SVD of Do^-1/4 A Di^-1/4, rank 64, the singular values with the sources. */
export function svdFactors(engine: Engine, graph: DirectedGraph, seed: number): Embedding {
  const n = graph.nodeCount;
  const matrix = upload(engine, graph.out, normalised(engine, graph, 0.25).out);
  try {
    const { rank, u, s, v } = truncatedSvd(engine, sparseOperator(engine, matrix, n), { rank: 64, seed });
    for (let i = 0; i < u.length; i++) u[i] *= s[i % rank];
    return { nodeCount: n, dim: rank, source: u, target: v };
  } finally {
    release(engine, matrix);
  }
}

/** The product of the factors, raw and as log(1 + x / .05). */
export const svdFeatures = (engine: Engine, factors: Embedding): FeatureSource =>
  embeddingFeatures(engine, factors, ['svd', 'log svd'], 0.05);

/** log(1 + in-degree) and log(1 + out-degree) of the node: the same for every query. */
export function degreeFeatures(engine: Engine, graph: DirectedGraph): FeatureSource {
  const inDegree = logDegrees(engine, degrees(graph.in));
  const outDegree = logDegrees(engine, degrees(graph.out));
  return {
    names: ['in-degree', 'out-degree'],
    evidence: [{ kind: 'sales' }, { kind: 'sales' }],
    write(queries, out) {
      const d = queries.length;
      [inDegree, outDegree].forEach((degree, i) => {
        const x = out[i].array;
        for (let v = 0; v < degree.length; v++) x.fill(degree[v], v * d, (v + 1) * d);
      });
    },
    dispose() {},
  };
}

/** log(1 + degree), with the engine's own logarithm. */
export function logDegrees(engine: Engine, degree: Float64Array): Float32Array {
  return Float32Array.from(degree, (x) => engine.kernels.logF64(1 + x));
}
