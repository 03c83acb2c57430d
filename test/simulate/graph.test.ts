import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DirectedGraph } from '../../src/directed-graph/graph.ts';
import { Engine } from '../../src/engine/engine.ts';
import { type Shop, simulateShop } from '../../src/simulate/shop.ts';
import { staples } from '../../src/simulate/staples.ts';

const engine = await Engine.create();

const graphOf = ({ orders, items }: Shop) => DirectedGraph.fromOrders(orders, { ids: items.id });

function edgesOf(graph: DirectedGraph): [source: number, target: number][] {
  const edges: [number, number][] = [];
  for (let u = 0; u < graph.nodeCount; u++) {
    for (let e = graph.out.indptr[u]; e < graph.out.indptr[u + 1]; e++) edges.push([u, graph.out.indices[e]]);
  }
  return edges;
}

/** Share of phones with an edge to a case of their own, and of own cases with an edge back. */
function phonesAndCases({ truth, items }: Shop, graph: DirectedGraph): { led: number; back: number } {
  const phones = items.category.filter((category) => category === 'phone').length;
  const led = new Set<number>();
  let pairs = 0;
  let back = 0;
  truth.source.forEach((u, i) => {
    const v = truth.target[i];
    if (truth.kind[i] !== 'accessory' || items.category[v] !== 'phone case') return;
    pairs++;
    if (graph.hasEdge(u, v)) led.add(u);
    if (graph.hasEdge(v, u)) back++;
  });
  return { led: led.size / phones, back: back / pairs };
}

test('the graph of the orders shows phone -> case and never case -> phone', () => {
  for (const options of [{}, { seed: 2 }, { seed: 3 }, { seed: 4 }, { products: 60 }, { products: 2000 }]) {
    const shop = simulateShop(engine, options);
    const { led, back } = phonesAndCases(shop, graphOf(shop));
    assert.ok(led >= 0.98, `${JSON.stringify(options)}: ${led} of the phones lead to a case`);
    assert.ok(back < 0.01, `${JSON.stringify(options)}: ${back} of the cases lead to their phone`);
  }
});

test('staples are led to by many, some edges are mutual, and some are noise', () => {
  const shop = simulateShop(engine);
  const graph = graphOf(shop);
  const names = new Set(staples.map(({ category }) => category));
  const inDegree = shop.items.category.map((category, v) => ({
    degree: graph.inDegree(v),
    staple: names.has(category),
  }));
  const mean = (staple: boolean) => {
    const group = inDegree.filter((node) => node.staple === staple);
    return group.reduce((sum, node) => sum + node.degree, 0) / group.length;
  };
  assert.ok(mean(true) > 2 * mean(false), `${mean(true)} in-edges a staple, ${mean(false)} others`);
  const edges = edgesOf(graph);
  const mutual = edges.filter(([u, v]) => graph.hasEdge(v, u)).length / edges.length;
  assert.ok(mutual > 0.1 && mutual < 0.4, `reciprocity ${mutual}`);
});

test('a tenth of the edges held out is predictable from the rest, and not trivially', () => {
  const edges = edgesOf(graphOf(simulateShop(engine)));
  const n = 400;
  const held = (i: number) => i % 10 === 3;
  const out = Array.from({ length: n }, () => new Set<number>());
  const into = Array.from({ length: n }, () => new Set<number>());
  edges.forEach(([u, v], i) => {
    if (held(i)) return;
    out[u].add(v);
    into[v].add(u);
  });
  let hits = 0;
  let count = 0;
  edges.forEach(([u, v], i) => {
    if (!held(i)) return;
    // A.At.A: the targets of the sources that share targets with u, by cosine.
    const shared = new Float64Array(n);
    for (const target of out[u]) for (const other of into[target]) if (other !== u) shared[other]++;
    const score = new Float64Array(n);
    shared.forEach((common, w) => {
      for (const x of out[w]) score[x] += common / Math.sqrt(out[u].size * out[w].size);
    });
    let rank = 1;
    for (let x = 0; x < n; x++) {
      if (x === u || x === v || out[u].has(x)) continue;
      rank += score[x] > score[v] ? 1 : score[x] === score[v] ? 0.5 : 0;
    }
    count++;
    if (rank <= 10) hits++;
  });
  assert.ok(hits / count > 0.2 && hits / count < 0.7, `HR@10 ${hits / count} of ${count}`);
});

test.run();
