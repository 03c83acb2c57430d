import { integer } from '../check.ts';
import type { DirectedGraph } from './graph.ts';

/** For each edge in `graph.out`, the position of the edge that goes back, or -1. */
export function reverseEdges(graph: DirectedGraph): Int32Array {
  const reverse = new Int32Array(graph.edgeCount).fill(-1);
  const { out, in: into, inEdge } = graph;
  for (let u = 0; u < graph.nodeCount; u++) {
    let i = into.indptr[u];
    for (let e = out.indptr[u]; e < out.indptr[u + 1]; e++) {
      while (i < into.indptr[u + 1] && into.indices[i] < out.indices[e]) i++;
      if (i < into.indptr[u + 1] && into.indices[i] === out.indices[e]) reverse[e] = inEdge[i];
    }
  }
  return reverse;
}

/**
 * The bitset that hides edges (positions in `graph.out`) together with the edges that go back: what a training edge
 * must not see of itself. Pass `reverse` (of `reverseEdges`) and `into` to spare their making at every step.
 */
export function maskWithReverse(
  graph: DirectedGraph,
  edges: ArrayLike<number>,
  reverse = reverseEdges(graph),
  into = new Uint32Array(Math.ceil(graph.edgeCount / 32)),
): Uint32Array {
  into.fill(0);
  for (let i = 0; i < edges.length; i++) {
    const e = integer(edges[i], 'edge', 0, graph.edgeCount - 1);
    into[e >>> 5] |= 1 << (e & 31);
    const back = reverse[e];
    if (back >= 0) into[back >>> 5] |= 1 << (back & 31);
  }
  return into;
}
