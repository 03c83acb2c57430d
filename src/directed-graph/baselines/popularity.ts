import type { DirectedGraph } from '../graph.ts';
import type { Scorer } from '../scorer.ts';
import { degrees } from './adjacency.ts';

/** Every query gets the same answer: the nodes with the most in-edges. */
export function popularity(graph: DirectedGraph): Scorer {
  const inDegree = Float32Array.from(degrees(graph.in));
  return {
    name: 'popularity',
    score(queries, scores) {
      const out = scores.array;
      for (let q = 0; q < queries.length; q++) out.set(inDegree, q * inDegree.length);
    },
    dispose() {},
  };
}
