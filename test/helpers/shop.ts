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

/**
 * Sixteen families of 5 phones that lead to 8 accessories of their own, some much liked and some little, and now and then
 * to others: enough products with pairs set aside for a ranker. An item without edges is last.
 */
export function familyShop() {
  const families = 16;
  const n = families * 13 + 1;
  let state = 4242;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const source: number[] = [];
  const target: number[] = [];
  const weight: number[] = [];
  const family = (v: number) => Math.floor(v / 13);
  const isPhone = (v: number) => v < n - 1 && v % 13 < 5;
  for (let u = 0; u < n; u++) {
    for (let v = 0; v < n - 1; v++) {
      if (!isPhone(u) || isPhone(v)) continue;
      const liking = 0.15 + 0.1 * ((7 * v) % 8);
      if (next() < (family(u) === family(v) ? liking : 0.01)) {
        source.push(u);
        target.push(v);
        weight.push(1 + Math.floor(4 * next()));
      }
    }
  }
  const kind = (v: number) => (isPhone(v) ? 'phone' : 'accessory');
  const ids = Array.from({ length: n }, (_, v) =>
    v === n - 1 ? 'lonely' : `${kind(v)} ${family(v)}.${v % 13}`,
  );
  const graph = DirectedGraph.fromEdges(source, target, { ids, weight });
  const node = Array.from({ length: n - 1 }, (_, v) => v);
  const features = nodeFeatures(
    [...node, ...node],
    [...node.map((v) => 2 + family(v)), ...node.map((v) => (isPhone(v) ? 0 : 1))],
    undefined,
    n,
  );
  return {
    ids,
    graph,
    features,
    catalogue: { category: ids.map((id) => id.split(' ')[0]) },
    isPhone,
    family,
  };
}
