import type { Engine } from '../../engine/engine.ts';
import { gather } from '../aggregate.ts';
import { release, upload } from '../baselines/adjacency.ts';
import { cosineNeighbours } from '../baselines/knn.ts';
import { permuted, transposeCsr } from '../csr.ts';
import type { DirectedGraph } from '../graph.ts';
import { type FeatureSource, logScaled, startColumns, type WeightedCsr } from './source.ts';

/** Neighbours kept for each node. */
const NEIGHBOURS = 100;

/**
 * Where edges carry weights, with W their square roots: M M^T M and M M of M = So^-1/2 W Si^-1/2 (S the sums of W by row
 * and by column), the weight of the reverse edge, and what sources with lists like the query's lead to.
 */
export function weightedFeatures(engine: Engine, graph: DirectedGraph): FeatureSource {
  const n = graph.nodeCount;
  const root = Float32Array.from(graph.out.weights as Float32Array, (w) => Math.sqrt(w));
  const rows: WeightedCsr = { indptr: graph.out.indptr, indices: graph.out.indices, weights: root };
  const { csr: columns, edge } = transposeCsr(rows, n);
  const transposed = columns as WeightedCsr;
  const left = inverseRootSums(rows);
  const right = inverseRootSums(transposed);
  const scaled = new Float32Array(root.length);
  for (let u = 0; u < n; u++) {
    for (let e = rows.indptr[u]; e < rows.indptr[u + 1]; e++) {
      scaled[e] = left[u] * root[e] * right[rows.indices[e]];
    }
  }
  const alike = cosineNeighbours(rows, transposed, NEIGHBOURS, true);
  const scaledIn = permuted(scaled, edge, new Float32Array(scaled.length));
  const forward = upload(engine, columns, scaledIn);
  const backward = upload(engine, rows, scaled);
  const plain = upload(engine, columns);
  return {
    names: ['wAATA', 'wAA', 'w reverse', 'w knn-s'],
    evidence: [
      { kind: 'walks' },
      {
        kind: 'leads-here',
        left: { csr: rows, weights: scaled },
        right: { csr: columns, weights: scaledIn },
      },
      { kind: 'next-of-answer', ofQuery: true },
      {
        kind: 'leads-here',
        left: { csr: alike, weights: alike.weights },
        right: { csr: columns, weights: transposed.weights },
      },
    ],
    write(queries, [aata, aa, reverse, knn]) {
      const d = queries.length;
      engine.scope(({ alloc }) => {
        const x = alloc('f32', n * d);
        startColumns(x, rows, scaled, queries);
        gather(engine, aa, forward, x, d);
        gather(engine, knn, backward, x, d);
        gather(engine, aata, forward, knn, d);
        startColumns(x, alike, alike.weights, queries);
        gather(engine, knn, plain, x, d);
        startColumns(reverse, transposed, transposed.weights, queries);
        logScaled(engine, aa, aa, n * d, 0.01);
        logScaled(engine, aata, aata, n * d, 0.01);
        logScaled(engine, knn, knn, n * d, 0.05);
      });
    },
    dispose() {
      release(engine, forward, backward, plain);
    },
  };
}

/** 1 / square root of the sum of each row's weights; 0 for an empty row. */
function inverseRootSums({ indptr, weights }: WeightedCsr): Float64Array {
  return Float64Array.from({ length: indptr.length - 1 }, (_, u) => {
    let sum = 0;
    for (let e = indptr[u]; e < indptr[u + 1]; e++) sum += weights[e];
    return sum > 0 ? 1 / Math.sqrt(sum) : 0;
  });
}
