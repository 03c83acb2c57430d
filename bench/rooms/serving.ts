/**
 * Answers a second and their latency, on the phones graph (10,429 products, 64 numbers; a random graph of 10,000 without it):
 *   node --import tsx bench/rooms/serving.ts [--calls 2000]
 * Training is cut short: the speed of an answer does not depend on its quality. Prints p50 and p99 of single calls under
 * growing demands, of new items and new edges, and recommendAll beside its plain-TypeScript twin, checked to agree.
 */
import { parseArgs } from 'node:util';
import { DirectedGraph } from '../../src/directed-graph/graph.ts';
import { type RecommendOptions, RelatedProducts } from '../../src/directed-graph/recommender.ts';
import { Engine } from '../../src/engine/engine.ts';
import { topK } from '../../test/reference/nn/topk.ts';
import { loadGraph } from './data.ts';

const { values } = parseArgs({ options: { calls: { type: 'string', default: '2000' } } });
const calls = Number(values.calls);
const engine = await Engine.create();

function randomGraph(): DirectedGraph {
  const at = (i: number, n: number) => Math.imul(i + 1, 2654435761) % n;
  const source = Int32Array.from({ length: 180_000 }, (_, i) => Math.abs(at(i, 10_000)));
  const target = source.map((u, i) => Math.abs(at(i * 7 + u, 10_000)));
  return DirectedGraph.fromEdges(source, target, { nodeCount: 10_000 });
}
const graph = loadGraph('amazon-cellphones')?.split.train ?? randomGraph();
const n = graph.nodeCount;
const catalogue = { category: Array.from({ length: n }, (_, v) => `category ${v % 40}`) };
const model = await RelatedProducts.fit(graph, {
  engine,
  earlyStopping: false,
  training: { steps: 3 },
  catalogue,
});
model.attach(engine);
console.log(`${n} items x ${model.embedding.dim}, ${graph.edgeCount} edges, Node ${process.version}`);

/** p50 and p99 of `work` over the calls, in milliseconds, after a tenth of them to warm up. */
function timed(name: string, work: (i: number) => unknown, count = calls): void {
  let kept = 0;
  for (let i = 0; i < count / 10; i++) kept += work(i) ? 1 : 0;
  const times = Float64Array.from({ length: count }, (_, i) => {
    const start = performance.now();
    kept += work((i * 7919) % n) ? 1 : 0;
    return performance.now() - start;
  }).sort();
  if (kept === 0) throw new Error('nothing was answered');
  const at = (share: number) => times[Math.min(count - 1, Math.floor(share * count))].toFixed(3);
  console.log(`${name.padEnd(58)} p50 ${at(0.5)} ms  p99 ${at(0.99)} ms`);
}

const inStock = model.mask(Array.from({ length: n }, (_, v) => v).filter((v) => v % 3 > 0));
const exclude = Array.from({ length: 100 }, (_, i) => i * 37);
const filters: RecommendOptions = { inStock, exclude, excludeKnown: true };
const shaped: RecommendOptions = { ...filters, diversity: 0.3, maxPerCategory: 2, popularity: -0.2 };
timed('recommend, k = 10', (i) => model.recommend(i));
timed('  with filters (stock of two thirds, 100 excluded, new)', (i) => model.recommend(i, filters));
timed('  with filters, diversity, cap and popularity', (i) => model.recommend(i, shaped));
timed('  with filters and explanation', (i) => model.recommend(i, { ...filters, explain: true }));
timed('  with all of them', (i) => model.recommend(i, { ...shaped, explain: true }));
timed('  a cart of five, with all of them', (i) => {
  return model.recommend([i, (i + 1) % n, (i + 2) % n, (i + 3) % n, (i + 4) % n], {
    ...shaped,
    explain: true,
  });
});
timed('similar, k = 10', (i) => model.similar(i));
timed('embedNew from ten edges', (i) => {
  const near = Array.from({ length: 5 }, (_, j) => (i + j * 13) % n);
  return model.embedNew({ out: near, in: near.map((v) => (v + 7) % n) });
});
const changing = new RelatedProducts(graph, model.embedding, model.card, { weights: model.weights });
changing.attach(engine).addEdges({ source: [0], target: [1] });
let touched = 0;
timed(
  'addEdges, one edge',
  (i) => (touched += changing.addEdges({ source: [i], target: [(i * 31 + 5) % n] }).touched),
  10,
);
console.log(`  which embeds ${(touched / 11).toFixed(0)} of ${n} nodes again on average`);
changing.dispose();

const k = 10;
let start = performance.now();
let answered = 0;
const ours: number[] = [];
for await (const { recommendations } of model.recommendAll({ k })) {
  answered++;
  if (answered <= 500) ours.push(...recommendations.map(({ node }) => node));
}
const perSecond = answered / ((performance.now() - start) / 1000);

/** The twin: the same products, lists and answers in plain TypeScript. */
function twin(nodes: number): number[][] {
  const { source, target, bias, dim } = model.embedding;
  const scores = new Float32Array(k);
  const ids = new Uint32Array(k);
  const mask = new Uint32Array(Math.ceil(n / 32));
  return Array.from({ length: nodes }, (_, u) => {
    mask.fill(0);
    mask[u >> 5] |= 1 << (u & 31);
    const query = source.subarray(u * dim, (u + 1) * dim);
    topK(scores, ids, query, target, bias ?? null, mask, undefined, 1, n, dim, k, 0);
    const answers = Array.from(ids, (node, i) => ({
      node,
      id: graph.idOf(node),
      score: scores[i],
      known: graph.hasEdge(u, node),
    }));
    return answers.map(({ node }) => node);
  });
}
start = performance.now();
const plain = twin(500).flat();
const plainPerSecond = 500 / ((performance.now() - start) / 1000);
// Items without edges are answered by counts, which the twin does not have.
const learned = plain.map(
  (_, i) => graph.outDegree(Math.floor(i / k)) + graph.inDegree(Math.floor(i / k)) > 0,
);
const same =
  plain.filter((node, i) => learned[i] && node === ours[i]).length / learned.filter(Boolean).length;
if (same < 0.99) throw new Error(`the twin agrees in ${same} of the places only`);
console.log(
  `recommendAll ${perSecond.toFixed(0)} items/s, plain TypeScript ${plainPerSecond.toFixed(0)} items/s: ` +
    `${(perSecond / plainPerSecond).toFixed(1)} times (the same answers in ${(100 * same).toFixed(1)} % of places)`,
);
model.dispose();
