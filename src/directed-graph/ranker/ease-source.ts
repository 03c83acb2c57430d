import { notAborted } from '../../check.ts';
import type { Engine } from '../../engine/engine.ts';
import { topKRow } from '../../nn/topk.ts';
import { gather } from '../aggregate.ts';
import { release, upload } from '../baselines/adjacency.ts';
import { EASE_MAX_TARGETS, precision } from '../baselines/ease.ts';
import type { Csr } from '../csr.ts';
import type { DirectedGraph } from '../graph.ts';
import { type FeatureSource, logScaled, startColumns } from './source.ts';

export interface EaseFeatureOptions {
  /** Strength of the ridge. */
  ridge: number;
  /** Entries kept of each column of the regression, the largest in size. */
  keep: number;
  signal?: AbortSignal;
}

export const easeFeatureDefaults: EaseFeatureOptions = { ridge: 100, keep: 200, signal: undefined };

const SCALE = 0.02;

/**
 * EASE from both sides, each raw and as log(1 + x / .02): A ~ A B with the sources' lists as baskets, and A ~ B^T A with
 * the targets' lists as baskets. A side with more than 12,000 nodes is left out; undefined when both are.
 */
export function easeFeatures(
  engine: Engine,
  graph: DirectedGraph,
  given: EaseFeatureOptions,
): FeatureSource | undefined {
  const n = graph.nodeCount;
  const byTarget = regressionColumns(engine, graph.out, n, given);
  const bySource = regressionColumns(engine, graph.in, n, given);
  if (!byTarget && !bySource) return undefined;
  const names: string[] = [];
  if (byTarget) names.push('ease', 'log ease');
  if (bySource) names.push('ease-s', 'log ease-s');
  const across = byTarget && upload(engine, byTarget);
  const forward = upload(engine, graph.in, null);
  return {
    names,
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
export function regressionColumns(
  engine: Engine,
  baskets: Csr,
  n: number,
  { ridge, keep, signal }: EaseFeatureOptions,
): (Csr & { readonly weights: Float32Array }) | undefined {
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
  engine.scope(({ alloc }) => {
    const inverse = alloc('f32', m * m);
    const size = alloc('f32', m);
    precision(engine, inverse, baskets.indptr, lists, m, ridge, signal);
    const p = inverse.array;
    let v = 0;
    for (let j = 0; j < m; j++) {
      notAborted(signal);
      // P is symmetric: its column j is its row j.
      const row = p.subarray(j * m, (j + 1) * m);
      const sizes = size.array;
      for (let i = 0; i < m; i++) sizes[i] = Math.abs(row[i]);
      sizes[j] = 0;
      const { ids, scores } = topKRow(engine, size, Math.min(keep, m));
      for (; v < nodes[j]; v++) indptr[v + 1] = indices.length;
      for (const i of ids.filter((_, at) => scores[at] > 0).sort()) {
        indices.push(nodes[i]);
        weights.push(-row[i] / row[j]);
      }
      indptr[++v] = indices.length;
    }
    for (; v < n; v++) indptr[v + 1] = indices.length;
  });
  return { indptr, indices: Uint32Array.from(indices), weights: Float32Array.from(weights) };
}
