import type { Engine } from '../../engine/engine.ts';
import type { DirectedGraph } from '../graph.ts';
import type { NewItem } from './answer.ts';

/** Evidence of 1 / 20 counts log 2 times the weight. Tried at .02 to 1 and .5 to 4 with seed 1 of bench/rooms/cold.ts. */
const LEAST = 0.05;
const WEIGHT = { source: 2, target: 4 } as const;

/**
 * What counts add to a new item's score while it has no edges: a log(1 + 20 x), x the summed cosines of those of its like
 * items w for which the graph has the edge in question; a = 2 where the item is asked about, 4 where it is an answer.
 * Vectors alone blur what few items share.
 */
export function lift(engine: Engine, evidence: number, as: 'source' | 'target'): number {
  return evidence > 0 ? WEIGHT[as] * engine.kernels.logF64(1 + evidence / LEAST) : 0;
}

/** The summed cosines of the like items that lead to each node. */
export function leadsTo(graph: DirectedGraph, { like, out }: NewItem): Map<number, number> {
  const evidence = new Map<number, number>();
  if (out.length > 0) return evidence;
  const { indptr, indices } = graph.out;
  for (const { node, cosine } of like) {
    for (let e = indptr[node]; e < indptr[node + 1]; e++) {
      evidence.set(indices[e], (evidence.get(indices[e]) ?? 0) + cosine);
    }
  }
  return evidence;
}

/** The summed cosines of the like items that `source` leads to. */
export function ledFrom(graph: DirectedGraph, source: number, item: NewItem): number {
  if (item.in.length > 0) return 0;
  return item.like.reduce((sum, { node, cosine }) => (graph.hasEdge(source, node) ? sum + cosine : sum), 0);
}
