/**
 * Answers a second and their latency, on the phones graph (10,429 products, 64 numbers; a random graph of 10,000 without it):
 *   node --import tsx bench/rooms/serving.ts [--calls 500]
 * Training and fit are cut short: the speed of an answer does not depend on its quality. Prints the size of the file and
 * the time to attach it, p50 and p99 of single calls under growing demands by the ranker and by the vectors, of new items
 * and new edges, and recommendAll beside plain-TypeScript twins of the same rankings, checked to agree.
 */
import { parseArgs } from 'node:util';
import { DirectedGraph } from '../../src/directed-graph/graph.ts';
import { type RecommendOptions, RelatedProducts } from '../../src/directed-graph/recommender.ts';
import { splitEdges } from '../../src/directed-graph/split.ts';
import { Engine } from '../../src/engine/engine.ts';
import { decodeModel, encodeModel } from '../../src/model-file.ts';
import { plainRanking } from '../../test/reference/directed-graph/ranking.ts';
import { loadGraph } from './data.ts';

const { values } = parseArgs({ options: { calls: { type: 'string', default: '500' } } });
const calls = Number(values.calls);
const engine = await Engine.create();

function randomGraph(): DirectedGraph {
  const at = (i: number, n: number) => Math.imul(i + 1, 2654435761) % n;
  const source = Int32Array.from({ length: 180_000 }, (_, i) => Math.abs(at(i, 10_000)));
  const target = source.map((u, i) => Math.abs(at(i * 7 + u, 10_000)));
  return DirectedGraph.fromEdges(source, target, { nodeCount: 10_000 });
}
const split =
  loadGraph('amazon-cellphones')?.split ?? splitEdges(engine, randomGraph(), { validation: 0.1, test: 0 });
const graph = split.train;
const n = graph.nodeCount;
const catalogue = { category: Array.from({ length: n }, (_, v) => `category ${v % 40}`) };
const fitted = await RelatedProducts.fit(graph, {
  engine,
  validation: split.validation,
  training: { steps: 3 },
  ranker: { fit: { queries: 300, fewSteps: [20], ridges: [10] } },
  catalogue,
});
if (!fitted.ranker) throw new Error(`the ranker does not answer: ${fitted.card.ranker?.why}`);
const bytes = encodeModel(fitted);
const model = decodeModel(bytes);
console.log(`${n} items x ${model.embedding.dim}, ${graph.edgeCount} edges, Node ${process.version}`);
/** Seconds of the processor: those of the clock are longer where others work. */
const cpu = () => process.cpuUsage().user / 1e6;
let began = cpu();
model.attach(engine);
console.log(`file ${(bytes.length / 1e6).toFixed(1)} MB, attached in ${(cpu() - began).toFixed(2)} s`);

/** p50 and p99 of `work` over the calls, in milliseconds, after a tenth of them to warm up. */
function timed(name: string, work: (i: number) => unknown, count = calls): void {
  let kept = 0;
  for (let i = 0; i < count / 10; i++) kept += work(i) ? 1 : 0;
  const before = cpu();
  const times = Float64Array.from({ length: count }, (_, i) => {
    const start = performance.now();
    kept += work((i * 7919) % n) ? 1 : 0;
    return performance.now() - start;
  }).sort();
  if (kept === 0) throw new Error('nothing was answered');
  const at = (share: number) => times[Math.min(count - 1, Math.floor(share * count))].toFixed(3);
  const own = ((1000 * (cpu() - before)) / count).toFixed(2);
  console.log(`${name.padEnd(58)} p50 ${at(0.5)} ms  p99 ${at(0.99)} ms  processor ${own} ms`);
}

const inStock = model.mask(Array.from({ length: n }, (_, v) => v).filter((v) => v % 3 > 0));
const exclude = Array.from({ length: 100 }, (_, i) => i * 37);
for (const rank of ['ranker', 'embedding'] as const) {
  const filters: RecommendOptions = { rank, inStock, exclude, excludeKnown: true };
  const shaped: RecommendOptions = { ...filters, diversity: 0.3, maxPerCategory: 2, popularity: -0.2 };
  const all = { ...shaped, explain: true };
  timed(`recommend by the ${rank}, k = 10`, (i) => model.recommend(i, { rank }));
  timed('  with filters (stock of two thirds, 100 excluded, new)', (i) => model.recommend(i, filters));
  timed('  with filters, diversity, cap and popularity', (i) => model.recommend(i, shaped));
  timed('  with filters and explanation', (i) => model.recommend(i, { ...filters, explain: true }));
  timed('  with all of them', (i) => model.recommend(i, all));
  timed('  a cart of five, with all of them', (i) =>
    model.recommend([i, (i + 1) % n, (i + 2) % n, (i + 3) % n, (i + 4) % n], all),
  );
}
timed('similar, k = 10', (i) => model.similar(i));
timed('embedNew from ten edges', (i) => {
  const near = Array.from({ length: 5 }, (_, j) => (i + j * 13) % n);
  return model.embedNew({ out: near, in: near.map((v) => (v + 7) % n) });
});
const changing = new RelatedProducts(graph, model.embedding, model.card, {
  weights: model.weights,
  ranker: model.ranker,
});
changing.attach(engine).addEdges({ source: [0], target: [1] });
let touched = 0;
timed(
  'addEdges, one edge',
  (i) => (touched += changing.addEdges({ source: [i], target: [(i * 31 + 5) % n] }).touched),
  10,
);
timed(
  'the first answer after addEdges',
  (i) => {
    changing.addEdges({ source: [i], target: [(i * 17 + 3) % n] });
    return changing.recommend(i);
  },
  10,
);
console.log(`  which embeds ${(touched / 11).toFixed(0)} of ${n} nodes again on average`);
changing.dispose();

const k = 10;
/** The best k of a row of scores without the query, as answers. */
function bestOf(scores: ArrayLike<number>, u: number): number[] {
  const best: number[] = [];
  for (let v = 0; v < n; v++) {
    if (v === u || !(best.length < k || scores[v] > scores[best[k - 1]])) continue;
    let at = best.length < k ? best.push(v) - 1 : k - 1;
    for (; at > 0 && scores[best[at - 1]] < scores[v]; at--) best[at] = best[at - 1];
    best[at] = v;
  }
  const answers = best.map((node) => ({ node, id: graph.idOf(node), known: graph.hasEdge(u, node) }));
  return answers.map(({ node }) => node);
}
const { source, target, bias, dim } = model.embedding;
const plainVectors = (u: number): Float64Array =>
  Float64Array.from({ length: n }, (_, v) => {
    let sum = bias ? bias[v] : 0;
    for (let c = 0; c < dim; c++) sum += source[u * dim + c] * target[v * dim + c];
    return sum;
  });
const twins = {
  ranker: plainRanking(graph, model.embedding, model.ranker!),
  embedding: plainVectors,
};
for (const [rank, scores, count] of [
  ['ranker', twins.ranker, 60],
  ['embedding', twins.embedding, 500],
] as const) {
  // Items without edges are answered by counts, which the twins do not have.
  const asked = Uint32Array.from({ length: n }, (_, u) => u).filter(
    (u) => graph.outDegree(u) + graph.inDegree(u) > 0,
  );
  began = cpu();
  let answered = 0;
  const ours: number[] = [];
  for (let from = 0; from < (rank === 'ranker' ? 2048 : n); from += 256) {
    for (const list of model.recommendBatch(asked.slice(from, from + 256), { k, rank })) {
      if (answered++ < count) ours.push(...list.map(({ node }) => node));
    }
  }
  const perSecond = answered / (cpu() - began);
  began = cpu();
  const plain = Array.from(asked.subarray(0, count), (u) => bestOf(scores(u), u)).flat();
  const plainPerSecond = count / (cpu() - began);
  const same = plain.filter((node, i) => node === ours[i]).length / plain.length;
  if (same < 0.98) throw new Error(`the twin of the ${rank} agrees in ${same} of the places only`);
  console.log(
    `recommendAll by the ${rank} ${perSecond.toFixed(0)} items/s, plain TypeScript ${plainPerSecond.toFixed(1)}: ` +
      `${(perSecond / plainPerSecond).toFixed(1)} times (the same in ${(100 * same).toFixed(1)} % of places)`,
  );
}
model.dispose();
