import { integer, options, real } from '../../check.ts';
import type { Csr } from '../csr.ts';
import type { DirectedGraph } from '../graph.ts';
import type { Scorer } from '../scorer.ts';

export interface KnnOptions {
  name: string;
  /** Most similar nodes kept for each node. */
  neighbours: number;
  /** Added to a node that leads to the query. */
  reverse: number;
}

export const knnDefaults: KnnOptions = { name: '', neighbours: 50, reverse: 0.3 };

/** Nodes with lists like the query's vote with their own lists: score = C[u] A, C the cosine of rows of A. */
export function sourceKnn(graph: DirectedGraph, given?: Partial<KnnOptions>): Scorer {
  const set = checked(given, 'sourceKnn');
  const alike = cosineNeighbours(graph.out, graph.in, set.neighbours);
  return twoSteps(set, graph, alike, unweighted(graph.out));
}

/** Nodes reached by the same sources as the query's targets: score = A[u] C, C the cosine of columns of A. */
export function targetKnn(graph: DirectedGraph, given?: Partial<KnnOptions>): Scorer {
  const set = checked(given, 'targetKnn');
  const alike = cosineNeighbours(graph.in, graph.out, set.neighbours);
  return twoSteps(set, graph, unweighted(graph.out), alike);
}

/** 1 for a node that leads to the query. */
export function reverseEdge(graph: DirectedGraph): Scorer {
  const none: Csr = { indptr: new Uint32Array(graph.nodeCount + 1), indices: new Uint32Array(0) };
  return twoSteps({ name: 'reverse', neighbours: 0, reverse: 1 }, graph, none, none);
}

const unweighted = ({ indptr, indices }: Csr): Csr => ({ indptr, indices });

function checked(given: Partial<KnnOptions> | undefined, name: string): KnnOptions {
  const set = options(given, { ...knnDefaults, name }, name);
  integer(set.neighbours, 'neighbours', 1);
  real(set.reverse, 'reverse', 0);
  return set;
}

/** score(u, .) = row u of (first x second), and `reverse` on the nodes that lead to u. Plain loops: rows are short. */
function twoSteps({ name, reverse }: KnnOptions, graph: DirectedGraph, first: Csr, second: Csr): Scorer {
  const n = graph.nodeCount;
  return {
    name,
    score(queries, scores) {
      const out = scores.array;
      out.fill(0, 0, queries.length * n);
      queries.forEach((u, q) => {
        const at = q * n;
        for (let e = first.indptr[u]; e < first.indptr[u + 1]; e++) {
          const w = first.indices[e];
          const weight = first.weights ? first.weights[e] : 1;
          for (let f = second.indptr[w]; f < second.indptr[w + 1]; f++) {
            out[at + second.indices[f]] += second.weights ? weight * second.weights[f] : weight;
          }
        }
        if (reverse > 0) {
          for (let e = graph.in.indptr[u]; e < graph.in.indptr[u + 1]; e++) {
            out[at + graph.in.indices[e]] += reverse;
          }
        }
      });
    },
    dispose() {},
  };
}

/**
 * For each row the k most similar other rows by cosine, <row, other> / (|row| |other|), as a CSR with the cosines as
 * weights. Of equal cosines the lower index is kept. `transposed` is the same matrix by columns; the values count only
 * when both are given as `weighted`, else every entry is 1.
 */
export function cosineNeighbours(
  rows: Csr,
  transposed: Csr,
  k: number,
  weighted = false,
): Csr & { weights: Float32Array } {
  const n = rows.indptr.length - 1;
  const value = weighted ? rows.weights : undefined;
  const other = weighted ? transposed.weights : undefined;
  const square = Float64Array.from({ length: n }, (_, u) => {
    let sum = 0;
    for (let e = rows.indptr[u]; e < rows.indptr[u + 1]; e++) sum += value ? value[e] * value[e] : 1;
    return sum;
  });
  const shared = new Float64Array(n);
  const indptr = new Uint32Array(n + 1);
  const indices: number[] = [];
  const weights: number[] = [];
  for (let u = 0; u < n; u++) {
    const touched: number[] = [];
    for (let e = rows.indptr[u]; e < rows.indptr[u + 1]; e++) {
      const c = rows.indices[e];
      for (let f = transposed.indptr[c]; f < transposed.indptr[c + 1]; f++) {
        const w = transposed.indices[f];
        if (w === u) continue;
        if (shared[w] === 0) touched.push(w);
        shared[w] += (value ? value[e] : 1) * (other ? other[f] : 1);
      }
    }
    for (const w of touched) shared[w] /= Math.sqrt(square[u] * square[w]);
    let kept = touched;
    if (kept.length > k) kept = largest(touched, shared, k);
    for (const w of kept.sort((a, b) => a - b)) {
      indices.push(w);
      weights.push(shared[w]);
    }
    for (const w of touched) shared[w] = 0;
    indptr[u + 1] = indices.length;
  }
  return { indptr, indices: Uint32Array.from(indices), weights: Float32Array.from(weights) };
}

/** The k of `nodes` of largest value; of equals the lower. Selection, as sorting 2,000 to keep 100 is most of the work. */
function largest(nodes: readonly number[], value: Float64Array, k: number): number[] {
  if (k === 0) return [];
  const values = Float64Array.from(nodes, (w) => value[w]);
  // Hoare's quickselect for the k-th largest.
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const pivot = values[(low + high) >> 1];
    let [i, j] = [low, high];
    while (i <= j) {
      while (values[i] > pivot) i++;
      while (values[j] < pivot) j--;
      if (i > j) break;
      const x = values[i];
      values[i++] = values[j];
      values[j--] = x;
    }
    if (k - 1 <= j) high = j;
    else if (k - 1 >= i) low = i;
    else break;
  }
  const least = values[k - 1];
  const above = nodes.filter((w) => value[w] > least);
  const equal = nodes.filter((w) => value[w] === least).sort((a, b) => a - b);
  return [...above, ...equal.slice(0, k - above.length)];
}
