import type { Engine } from '../../engine/engine.ts';
import { spdSteps } from '../../nn/cholesky.ts';
import { topKRow } from '../../nn/topk.ts';
import { gather } from '../aggregate.ts';
import { release, upload } from '../baselines/adjacency.ts';
import { coOccurrence, EASE_MAX_TARGETS } from '../baselines/ease.ts';
import type { Csr } from '../csr.ts';
import type { DirectedGraph } from '../graph.ts';
import type { Steps } from '../steps.ts';
import { type FeatureSource, logScaled, startColumns, type WeightedCsr } from './source.ts';

export interface EaseFeatureOptions {
  /** Strength of the ridge. */
  ridge: number;
  /** Entries kept of each column of the regression, the largest in size. */
  keep: number;
}

export const easeFeatureDefaults: EaseFeatureOptions = { ridge: 100, keep: 200 };

const SCALE = 0.02;

/** Regression columns from both sides: A ~ A B with the sources' lists as baskets, A ~ B^T A with the targets'. */
export interface EaseRows {
  readonly byTarget?: WeightedCsr;
  readonly bySource?: WeightedCsr;
}

/** A side with more than 12,000 nodes is left out. Cubic in the nodes of a side: 20 s for 9,000. */
export function* easeRows(engine: Engine, graph: DirectedGraph, set: EaseFeatureOptions): Steps<EaseRows> {
  const byTarget = yield* regressionColumns(engine, graph.out, graph.nodeCount, set);
  const bySource = yield* regressionColumns(engine, graph.in, graph.nodeCount, set);
  return { byTarget, bySource };
}

/** EASE from each side that there is, raw and as log(1 + x / .02); undefined without any. */
export function easeFeatures(
  engine: Engine,
  graph: DirectedGraph,
  { byTarget, bySource }: EaseRows,
): FeatureSource | undefined {
  const n = graph.nodeCount;
  if (!byTarget && !bySource) return undefined;
  const names: string[] = [];
  if (byTarget) names.push('ease', 'log ease');
  if (bySource) names.push('ease-s', 'log ease-s');
  const across = byTarget && upload(engine, byTarget);
  const forward = upload(engine, graph.in, null);
  const plain = { csr: graph.in };
  return {
    names,
    evidence: names.map((name) =>
      name.endsWith('-s')
        ? { kind: 'leads-here', left: { csr: bySource!, weights: bySource!.weights }, right: plain }
        : {
            kind: 'next-of-query',
            left: { csr: graph.out },
            right: { csr: byTarget!, weights: byTarget!.weights },
          },
    ),
    write(queries, out) {
      const d = queries.length;
      const rest = [...out];
      engine.scope(({ alloc }) => {
        const x = alloc('f32', n * d);
        if (across) {
          startColumns(x, graph.out, undefined, queries);
          const [raw, log] = rest.splice(0, 2);
          gather(engine, raw, across, x, d);
          logScaled(engine, log, raw, n * d, SCALE);
        }
        if (bySource) {
          startColumns(x, bySource, bySource.weights, queries);
          const [raw, log] = rest;
          gather(engine, raw, forward, x, d);
          logScaled(engine, log, raw, n * d, SCALE);
        }
      });
    },
    dispose() {
      release(engine, across, forward);
    },
  };
}

/**
 * Row v lists the entries B[w, v] of column v that are largest in size, B = I - P / diag(P), P = (baskets^T baskets +
 * ridge I)^-1. Undefined when more than 12,000 nodes are in baskets.
 */
export function* regressionColumns(
  engine: Engine,
  baskets: Csr,
  n: number,
  { ridge, keep }: EaseFeatureOptions,
): Steps<WeightedCsr | undefined> {
  const item = new Int32Array(n).fill(-1);
  for (const v of baskets.indices) item[v] = 0;
  const nodes = Uint32Array.from(item.keys()).filter((v) => item[v] === 0);
  const m = nodes.length;
  if (m > EASE_MAX_TARGETS) return undefined;
  nodes.forEach((v, i) => {
    item[v] = i;
  });
  const lists = new Uint32Array(baskets.indices.length);
  for (let e = 0; e < lists.length; e++) lists[e] = item[baskets.indices[e]];
  const indptr = new Uint32Array(n + 1);
  const indices: number[] = [];
  const weights: number[] = [];
  const inverse = engine.alloc('f32', m * m);
  const size = engine.alloc('f32', m);
  try {
    coOccurrence(inverse, baskets.indptr, lists, m, ridge);
    for (const step of spdSteps(engine, inverse, m)) yield { phase: 'counts', step, total: m };
    let v = 0;
    for (let j = 0; j < m; j++) {
      if (j % 256 === 0) yield { phase: 'counts', step: m, total: m };
      // P is symmetric: its column j is its row j. The view is taken anew, others may have grown the memory.
      const row = inverse.array.subarray(j * m, (j + 1) * m);
      const sizes = size.array;
      for (let i = 0; i < m; i++) sizes[i] = Math.abs(row[i]);
      sizes[j] = 0;
      const { ids, scores } = topKRow(engine, size, Math.min(keep, m));
      const p = inverse.array.subarray(j * m, (j + 1) * m);
      for (; v < nodes[j]; v++) indptr[v + 1] = indices.length;
      for (const i of ids.filter((_, at) => scores[at] > 0).sort()) {
        indices.push(nodes[i]);
        weights.push(-p[i] / p[j]);
      }
      indptr[++v] = indices.length;
    }
    for (; v < n; v++) indptr[v + 1] = indices.length;
  } finally {
    engine.release(inverse, size);
  }
  return { indptr, indices: Uint32Array.from(indices), weights: Float32Array.from(weights) };
}
