import { options, real } from '../../check.ts';
import type { Engine } from '../../engine/engine.ts';
import { gather } from '../aggregate.ts';
import type { DirectedGraph } from '../graph.ts';
import type { Scorer } from '../scorer.ts';
import { degrees, normalised, release, rowsFromColumns, upload } from './adjacency.ts';

/** Weights >= 0 of the short walks from the query, on N = Do^-p A Di^-p. */
export interface WalkOptions {
  name: string;
  /** N N^T N: what those who share my targets lead to. */
  coTarget: number;
  /** N N: two steps forward. */
  twoHop: number;
  /** N^T N: what else my sources lead to. */
  coSource: number;
  /** N^T: nodes that lead to the query, the reverse edge on the normalised matrix. */
  reverse: number;
  /** 1 for a node that leads to the query, the reverse edge as it is. */
  reverseEdge: number;
  /** in-degree / largest in-degree: breaks ties, and answers queries without edges. */
  popularity: number;
  /** p, 0 to 1. */
  exponent: number;
}

export const walkDefaults: WalkOptions = {
  name: 'walkMix',
  coTarget: 1,
  twoHop: 0.2,
  coSource: 0.1,
  reverse: 0.02,
  reverseEdge: 0,
  popularity: 1e-3,
  exponent: 0.5,
};

/**
 * Sum of short walks: score(u, .) = e_u (coTarget N N^T N + twoHop N N + coSource N^T N +
 * reverse N^T) + reverseEdge + popularity. The first step is written from the query's own list, the others are one gather each over the whole batch.
 */
export function walkMix(engine: Engine, graph: DirectedGraph, given?: Partial<WalkOptions>): Scorer {
  const set = options(given, walkDefaults, 'walkMix');
  for (const key of ['coTarget', 'twoHop', 'coSource', 'reverse', 'reverseEdge', 'popularity'] as const) {
    real(set[key], key, 0);
  }
  real(set.exponent, 'exponent', 0, 1);
  const n = graph.nodeCount;
  const weights = normalised(engine, graph, set.exponent);
  const inDegree = degrees(graph.in);
  const most = Math.max(
    1,
    inDegree.reduce((a, b) => Math.max(a, b), 0),
  );
  const start = Float32Array.from(inDegree, (d) => (d / most) * set.popularity);
  const forward = upload(engine, graph.in, weights.in);
  const backward = set.coTarget > 0 ? upload(engine, graph.out, weights.out) : undefined;

  return {
    name: set.name,
    score(queries, scores) {
      const d = queries.length;
      engine.scope(({ alloc }) => {
        const middle = alloc('f32', n * d);
        const end = alloc('f32', n * d);
        const first = backward && alloc('f32', n * d);
        const m = middle.array;
        const f = first?.array;
        queries.forEach((u, q) => {
          for (let e = graph.out.indptr[u]; e < graph.out.indptr[u + 1]; e++) {
            const at = graph.out.indices[e] * d + q;
            m[at] += set.twoHop * weights.out[e];
            if (f) f[at] = set.coTarget * weights.out[e];
          }
          for (let e = graph.in.indptr[u]; e < graph.in.indptr[u + 1]; e++) {
            m[graph.in.indices[e] * d + q] += set.coSource * weights.in[e];
          }
        });
        if (backward && first) gather(engine, middle, backward, first, d, 1);
        gather(engine, end, forward, middle, d);
        rowsFromColumns(engine, scores, end, n, d);
      });
      const out = scores.array;
      queries.forEach((u, q) => {
        const row = out.subarray(q * n, (q + 1) * n);
        if (set.popularity > 0) for (let v = 0; v < n; v++) row[v] += start[v];
        for (let e = graph.in.indptr[u]; e < graph.in.indptr[u + 1]; e++) {
          row[graph.in.indices[e]] += set.reverse * weights.in[e] + set.reverseEdge;
        }
      });
    },
    dispose() {
      release(engine, forward, backward);
    },
  };
}

/** Two steps forward, N N, with popularity breaking ties. */
export function twoHop(engine: Engine, graph: DirectedGraph, given?: Partial<WalkOptions>): Scorer {
  return walkMix(engine, graph, {
    name: 'twoHop',
    coTarget: 0,
    twoHop: 1,
    coSource: 0,
    reverse: 0,
    ...given,
  });
}
