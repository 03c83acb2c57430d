import { notAborted, options, real } from '../../check.ts';
import type { Slice } from '../../engine/arena.ts';
import type { Engine } from '../../engine/engine.ts';
import { invertSpd } from '../../nn/cholesky.ts';
import type { DirectedGraph } from '../graph.ts';
import type { Pairs, Scorer } from '../scorer.ts';
import { validationHitRate } from './validate.ts';

export interface EaseOptions {
  /** Strength of the ridge; when absent, the best on `validation` by hill climbing over `ridges` from their middle. */
  ridge?: number;
  validation?: Pairs;
  ridges: readonly number[];
  signal?: AbortSignal;
}

export const easeDefaults: EaseOptions = {
  ridge: undefined,
  validation: undefined,
  ridges: [1, 10, 50, 100, 300],
  signal: undefined,
};

/** The Gram matrix has one row and one column a node with in-edges; beyond this it takes more than 0.6 GB. */
export const EASE_MAX_TARGETS = 12_000;

export interface Ease extends Scorer {
  readonly ridge: number;
}

/** Whether `ease` accepts the graph: at most `EASE_MAX_TARGETS` nodes with in-edges. */
export function easeApplies(graph: DirectedGraph): boolean {
  return targetsOf(graph).length <= EASE_MAX_TARGETS;
}

/**
 * EASE (Steck 2019) with the sources' lists as baskets: score = A B, B the ridge regression of each column of A on
 * the others, B = I - P / diag(P), P = (A^T A + ridge I)^-1. Closed form; cubic in the nodes with in-edges, to which
 * everything is restricted (other nodes score 0). RangeError above `EASE_MAX_TARGETS` of them.
 */
export function ease(engine: Engine, graph: DirectedGraph, given?: Partial<EaseOptions>): Ease {
  const { ridge, validation, ridges, signal } = options(given, easeDefaults, 'ease');
  const targets = targetsOf(graph);
  if (!(targets.length <= EASE_MAX_TARGETS)) {
    throw new RangeError(
      `ease takes at most ${EASE_MAX_TARGETS} nodes with in-edges, this graph has ${targets.length}`,
    );
  }
  if (ridge !== undefined) return solved(engine, graph, targets, real(ridge, 'ridge', 1e-9), signal);
  if (!validation || ridges.length === 0) throw new TypeError('ease needs a ridge, or validation and ridges');
  const choices = [...ridges].sort((a, b) => a - b);
  choices.forEach((r) => {
    real(r, 'ridges', 1e-9);
  });

  // The hit rate has one peak along the ridge on every set measured, so neighbours are tried while they are better.
  const quality = (scorer: Ease) => validationHitRate(engine, scorer, graph, validation);
  const first = choices.includes(100) ? choices.indexOf(100) : choices.length >> 1;
  let best = solved(engine, graph, targets, choices[first], signal);
  try {
    let highest = quality(best);
    let at = first;
    for (const step of [1, -1]) {
      for (let i = at + step; i >= 0 && i < choices.length; i += step) {
        const other = solved(engine, graph, targets, choices[i], signal);
        let found: number;
        try {
          found = quality(other);
        } catch (error) {
          other.dispose();
          throw error;
        }
        if (!(found > highest)) {
          other.dispose();
          break;
        }
        best.dispose();
        best = other;
        highest = found;
        at = i;
      }
      if (at !== first) break;
    }
    return best;
  } catch (error) {
    best.dispose();
    throw error;
  }
}

/** Nodes with in-edges, rising. */
function targetsOf(graph: DirectedGraph): Uint32Array {
  const nodes = Uint32Array.from({ length: graph.nodeCount }, (_, v) => v);
  return nodes.filter((v) => graph.inDegree(v) > 0);
}

function solved(
  engine: Engine,
  graph: DirectedGraph,
  targets: Uint32Array,
  ridge: number,
  signal?: AbortSignal,
): Ease {
  const m = targets.length;
  const n = graph.nodeCount;
  const column = new Uint32Array(n);
  targets.forEach((v, i) => {
    column[v] = i;
  });
  // Every neighbour of `out` has an in-edge, so the lists carry over to columns of the Gram matrix unchanged.
  const lists = Uint32Array.from(graph.out.indices, (v) => column[v]);
  const b = engine.alloc('f32', m * m);
  try {
    regression(engine, b, graph.out.indptr, lists, m, ridge, signal);
  } catch (error) {
    engine.release(b);
    throw error;
  }
  return {
    name: 'ease',
    ridge,
    score(queries, scores) {
      engine.scope(({ alloc }) => {
        // One gather for the batch: its rows are the queries, its entries their lists, and x the rows of B.
        const indptr = alloc('u32', queries.length + 1);
        let entries = 0;
        queries.forEach((u, q) => {
          entries += graph.outDegree(u);
          indptr.array[q + 1] = entries;
        });
        const indices = alloc('u32', entries);
        queries.forEach((u, q) => {
          const list = lists.subarray(graph.out.indptr[u], graph.out.indptr[u + 1]);
          indices.array.set(list, indptr.array[q]);
        });
        const dense = alloc('f32', queries.length * m);
        engine.kernels.gather(dense.ptr, b.ptr, indptr.ptr, indices.ptr, 0, queries.length, m, 0);
        const out = scores.array;
        const values = dense.array;
        out.fill(0, 0, queries.length * n);
        for (let q = 0; q < queries.length; q++) {
          for (let i = 0; i < m; i++) out[q * n + targets[i]] = values[q * m + i];
        }
      });
    },
    dispose() {
      engine.release(b);
    },
  };
}

/** b[m x m] = I - P / diag(P) by columns, see `precision`. */
function regression(
  engine: Engine,
  b: Slice<'f32'>,
  indptr: Uint32Array,
  lists: Uint32Array,
  m: number,
  ridge: number,
  signal?: AbortSignal,
): void {
  precision(engine, b, indptr, lists, m, ridge, signal);
  const p = b.array;
  const scale = Float64Array.from({ length: m }, (_, j) => -1 / p[j * m + j]);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < m; j++) p[i * m + j] *= scale[j];
    p[i * m + i] = 0;
  }
}

/** p[m x m], zero at the start = the inverse of the lists' co-occurrence counts + ridge I: symmetric. */
function precision(
  engine: Engine,
  p: Slice<'f32'>,
  indptr: Uint32Array,
  lists: Uint32Array,
  m: number,
  ridge: number,
  signal?: AbortSignal,
): void {
  coOccurrence(p, indptr, lists, m, ridge);
  invertSpd(engine, p, m, () => notAborted(signal));
}

/** p[m x m], zero at the start = how many lists hold both i and j, + ridge I. */
export function coOccurrence(
  p: Slice<'f32'>,
  indptr: Uint32Array,
  lists: Uint32Array,
  m: number,
  ridge: number,
): void {
  const gram = p.array;
  for (let u = 0; u + 1 < indptr.length; u++) {
    for (let e = indptr[u]; e < indptr[u + 1]; e++) {
      for (let f = indptr[u]; f < indptr[u + 1]; f++) gram[lists[e] * m + lists[f]]++;
    }
  }
  for (let i = 0; i < m; i++) gram[i * m + i] += ridge;
}
