import { nodeFeatures } from '../../src/directed-graph/features.ts';
import { DirectedGraph } from '../../src/directed-graph/graph.ts';

export const PHONES = 8;

/** Eight phones, each leading to three cases of its own and to a charger that all share; then an item without edges. */
export function phoneShop() {
  const ids = [
    ...Array.from({ length: PHONES }, (_, i) => `phone ${i}`),
    ...Array.from({ length: 3 * PHONES }, (_, i) => `case ${i}`),
    'charger',
    'lonely',
  ];
  const source: number[] = [];
  const target: number[] = [];
  for (let p = 0; p < PHONES; p++) {
    for (let c = 0; c < 3; c++) {
      source.push(p);
      target.push(PHONES + 3 * p + c);
    }
    source.push(p);
    target.push(4 * PHONES);
  }
  const graph = DirectedGraph.fromEdges(source, target, { ids });
  const category = ids.map((id) => (id === 'lonely' ? 'charger' : id.split(' ')[0]));
  const family = (v: number) => (v < PHONES ? v : Math.floor((v - PHONES) / 3));
  const node = Array.from({ length: 4 * PHONES }, (_, v) => v);
  const features = nodeFeatures(node, node.map(family), undefined, ids.length);
  return { ids, graph, catalogue: { category }, features, family };
}

/** A random graph of n nodes in which node n - 1 has no edges; a deterministic mixture of hubs and leaves. */
export function randomGraph(n: number, edges: number, weighted = false): DirectedGraph {
  let state = 12345;
  const next = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const source = Uint32Array.from({ length: edges }, () => next(n - 1));
  const target = Uint32Array.from({ length: edges }, () => next(1 + next(n - 1)));
  const weight = weighted ? Float32Array.from(source, () => 1 + next(5)) : undefined;
  return DirectedGraph.fromEdges(source, target, { nodeCount: n, weight });
}
