import type { Engine } from '../../engine/engine.ts';
import { topKRow } from '../../nn/topk.ts';
import { gather } from '../aggregate.ts';
import { normalised, release, rowsFromColumns, upload } from '../baselines/adjacency.ts';
import { cosineNeighbours } from '../baselines/knn.ts';
import { type Csr, transposeCsr } from '../csr.ts';
import { idfUnitRows, type NodeFeatures } from '../features.ts';
import type { DirectedGraph } from '../graph.ts';
import { MAX_QUERIES } from '../scorer.ts';
import { type FeatureSource, logScaled, startColumns } from './source.ts';

/** Neighbours kept for each node: by lists, and by text. */
const BY_LISTS = 100;
const BY_TEXT = 30;
/** Scale of the logarithm of a sum of cosines. */
const SCALE = 0.05;

type Weighted = Csr & { readonly weights: Float32Array };

/** What sources with lists like the query's lead to, and what is reached like the query's targets; cosine, top 100. */
export function knnFeatures(engine: Engine, graph: DirectedGraph): FeatureSource {
  const n = graph.nodeCount;
  const sources = cosineNeighbours(graph.out, graph.in, BY_LISTS);
  const targets = transposeCsr(cosineNeighbours(graph.in, graph.out, BY_LISTS), n).csr;
  const forward = upload(engine, graph.in, null);
  const across = upload(engine, targets);
  return {
    names: ['knn-s', 'knn-t'],
    write(queries, [bySource, byTarget]) {
      const d = queries.length;
      engine.scope(({ alloc }) => {
        const x = alloc('f32', n * d);
        startColumns(x, sources, sources.weights, queries);
        gather(engine, bySource, forward, x, d);
        startColumns(x, graph.out, undefined, queries);
        gather(engine, byTarget, across, x, d);
        for (const walk of [bySource, byTarget]) logScaled(engine, walk, walk, n * d, SCALE);
      });
    },
    dispose() {
      release(engine, forward, across);
    },
  };
}

/** Text cosine; what the query's 30 nearest by text lead to; and the 30 nearest by text of what it leads to. */
export function textFeatures(engine: Engine, graph: DirectedGraph, features: NodeFeatures): FeatureSource {
  const n = graph.nodeCount;
  const { columns, csr } = idfUnitRows(engine, features);
  const weights = normalised(engine, graph, 0.5);
  const words = upload(engine, csr);
  const cosine: FeatureSource['write'] = (queries, [out]) => {
    const d = queries.length;
    engine.scope(({ alloc }) => {
      const x = alloc('f32', columns * d);
      startColumns(x, csr, csr.weights, queries);
      gather(engine, out, words, x, d);
    });
  };
  const near = nearest(engine, n, cosine);
  const across = upload(engine, transposeCsr(near, n).csr);
  const forward = upload(engine, graph.in, null);
  return {
    names: ['text', 'text.A', 'A.text'],
    write(queries, [text, before, after]) {
      const d = queries.length;
      cosine(queries, [text]);
      engine.scope(({ alloc }) => {
        const x = alloc('f32', n * d);
        startColumns(x, near, near.weights, queries);
        gather(engine, before, forward, x, d);
        startColumns(x, graph.out, weights.out, queries);
        gather(engine, after, across, x, d);
        for (const walk of [before, after]) logScaled(engine, walk, walk, n * d, SCALE);
      });
    },
    dispose() {
      release(engine, words, across, forward);
    },
  };
}

/** The 30 largest positive cosines of every node with the others. */
function nearest(engine: Engine, n: number, cosine: FeatureSource['write']): Weighted {
  const indptr = new Uint32Array(n + 1);
  const indices: number[] = [];
  const weights: number[] = [];
  engine.scope(({ alloc }) => {
    const block = alloc('f32', n * MAX_QUERIES);
    const rows = alloc('f32', n * MAX_QUERIES);
    for (let start = 0; start < n; start += MAX_QUERIES) {
      const d = Math.min(MAX_QUERIES, n - start);
      cosine(
        Uint32Array.from({ length: d }, (_, q) => start + q),
        [block.part(0, n * d)],
      );
      rowsFromColumns(engine, rows, block, n, d);
      for (let q = 0; q < d; q++) {
        const row = rows.part(q * n, n);
        row.array[start + q] = 0;
        const { ids, scores } = topKRow(engine, row, Math.min(BY_TEXT, n));
        const kept = Array.from(ids.keys()).filter((i) => scores[i] > 0);
        for (const i of kept.sort((a, b) => ids[a] - ids[b])) {
          indices.push(ids[i]);
          weights.push(scores[i]);
        }
        indptr[start + q + 1] = indices.length;
      }
    }
  });
  return { indptr, indices: Uint32Array.from(indices), weights: Float32Array.from(weights) };
}
