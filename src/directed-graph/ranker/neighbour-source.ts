import type { Slice } from '../../engine/arena.ts';
import type { Engine } from '../../engine/engine.ts';
import { topKRow } from '../../nn/topk.ts';
import { gather, type SparseMatrix } from '../aggregate.ts';
import { normalised, release, rowsFromColumns, upload } from '../baselines/adjacency.ts';
import { cosineNeighbours } from '../baselines/knn.ts';
import { transposeCsr } from '../csr.ts';
import type { NodeFeatures } from '../features.ts';
import type { DirectedGraph } from '../graph.ts';
import { MAX_QUERIES } from '../scorer.ts';
import type { Steps } from '../steps.ts';
import { type FeatureSource, logScaled, startColumns, type WeightedCsr } from './source.ts';

/** Neighbours kept for each node: by lists, and by text. */
const BY_LISTS = 100;
const BY_TEXT = 30;
/** Scale of the logarithm of a sum of cosines. */
const SCALE = 0.05;

/** What sources with lists like the query's lead to, and what is reached like the query's targets; cosine, top 100. */
export function knnFeatures(engine: Engine, graph: DirectedGraph): FeatureSource {
  const n = graph.nodeCount;
  const sources = cosineNeighbours(graph.out, graph.in, BY_LISTS);
  const targets = transposeCsr(cosineNeighbours(graph.in, graph.out, BY_LISTS), n).csr;
  const forward = upload(engine, graph.in, null);
  const across = upload(engine, targets);
  return {
    names: ['knn-s', 'knn-t'],
    evidence: [
      { kind: 'leads-here', left: { csr: sources, weights: sources.weights }, right: { csr: graph.in } },
      { kind: 'next-of-query', left: { csr: graph.out }, right: { csr: targets, weights: targets.weights } },
    ],
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

/** The nodes' text: rows of unit length, and each node's 30 nearest by cosine. */
export interface TextRows {
  readonly rows: NodeFeatures;
  readonly near: WeightedCsr;
}

/** Text cosine; what the query's 30 nearest by text lead to; and the 30 nearest by text of what it leads to. */
export function textFeatures(engine: Engine, graph: DirectedGraph, { rows, near }: TextRows): FeatureSource {
  const n = graph.nodeCount;
  const weights = normalised(engine, graph, 0.5);
  const words = upload(engine, rows.csr);
  const reached = transposeCsr(near, n).csr;
  const across = upload(engine, reached);
  const forward = upload(engine, graph.in, null);
  return {
    names: ['text', 'text.A', 'A.text'],
    evidence: [
      { kind: 'words', ofQuery: true },
      { kind: 'like-leads-here', left: { csr: near, weights: near.weights }, right: { csr: graph.in } },
      {
        kind: 'like-next',
        left: { csr: graph.out, weights: weights.out },
        right: { csr: reached, weights: reached.weights },
      },
    ],
    write(queries, [text, before, after]) {
      const d = queries.length;
      cosines(engine, rows, words, queries, text);
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

/** out[nodes x queries] = the cosine of every node's row with the queries' rows. */
function cosines(
  engine: Engine,
  { columns, csr }: NodeFeatures,
  words: SparseMatrix,
  queries: Uint32Array,
  out: Slice<'f32'>,
): void {
  const d = queries.length;
  engine.scope(({ alloc }) => {
    const x = alloc('f32', columns * d);
    startColumns(x, csr, csr.weights, queries);
    gather(engine, out, words, x, d);
  });
}

/** The 30 largest positive cosines of every node with the others. `rows` are of unit length. */
export function* textNeighbours(engine: Engine, rows: NodeFeatures): Steps<WeightedCsr> {
  const n = rows.rows;
  const indptr = new Uint32Array(n + 1);
  const indices: number[] = [];
  const weights: number[] = [];
  const words = upload(engine, rows.csr);
  const block = engine.alloc('f32', n * MAX_QUERIES);
  const turned = engine.alloc('f32', n * MAX_QUERIES);
  try {
    for (let start = 0; start < n; start += MAX_QUERIES) {
      yield { phase: 'counts', step: start, total: n };
      const d = Math.min(MAX_QUERIES, n - start);
      const queries = Uint32Array.from({ length: d }, (_, q) => start + q);
      cosines(engine, rows, words, queries, block.part(0, n * d));
      rowsFromColumns(engine, turned, block, n, d);
      for (let q = 0; q < d; q++) {
        const row = turned.part(q * n, n);
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
  } finally {
    release(engine, words);
    engine.release(block, turned);
  }
  return { indptr, indices: Uint32Array.from(indices), weights: Float32Array.from(weights) };
}
