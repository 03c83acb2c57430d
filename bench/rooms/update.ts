/**
 * What `update` gains when edges come after training:
 *   node --import tsx bench/rooms/update.ts [set ...] [--seeds 1,2,3] [--share 0.05] [--no-features] [--update JSON]
 * A share of the training edges (`edges`), or of the items with all their edges (`items`), is kept from training and added
 * afterwards: by `addEdges`, by `update`, or by a new training on everything. HR@10 / MRR@10 of the test edges by the vectors
 * alone, filter train; touched queries are those with new edges out, touched answers those with new edges in.
 */
import { parseArgs } from 'node:util';
import { rowOfEntry } from '../../src/directed-graph/csr.ts';
import { EmbeddingScorer } from '../../src/directed-graph/embedding-scorer.ts';
import type { NodeFeatures } from '../../src/directed-graph/features.ts';
import { DirectedGraph } from '../../src/directed-graph/graph.ts';
import { rankPairs } from '../../src/directed-graph/ranking.ts';
import { RelatedProducts } from '../../src/directed-graph/recommender.ts';
import type { Pairs } from '../../src/directed-graph/scorer.ts';
import { Engine } from '../../src/engine/engine.ts';
import { loadGraph, type RoomData } from './data.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '1,2,3' },
    share: { type: 'string', default: '0.05' },
    'no-features': { type: 'boolean', default: false },
    update: { type: 'string', default: '{}' },
  },
});
const withText = ['cora-ml', 'wikispeedia'];
const WAYS = ['before', 'addEdges', 'update', 'new training'] as const;
type Way = (typeof WAYS)[number];

/** Numbers in [0, 1) by the seed, the same for every way. */
function uniform(engine: Engine, count: number, seed: number): Float64Array {
  return engine.scope((scope) => {
    const bits = scope.alloc('u32', count);
    engine.kernels.randomBits(bits.ptr, count, seed, 1000, 0);
    return Float64Array.from(bits.array, (b) => b / 2 ** 32);
  });
}

/** The set with the nodes that come later moved behind the others. */
function late(room: RoomData, isLate: (u: number) => boolean) {
  const { train, validation, test } = room.split;
  const all = Array.from({ length: train.nodeCount }, (_, u) => u);
  const order = [...all.filter((u) => !isLate(u)), ...all.filter(isLate)];
  const place = new Uint32Array(order.length);
  order.forEach((u, i) => {
    place[u] = i;
  });
  const moved = ({ source, target }: Pairs): Pairs => ({
    source: Uint32Array.from(source, (u) => place[u]),
    target: Uint32Array.from(target, (v) => place[v]),
  });
  const edges = moved({ source: rowOfEntry(train.out), target: train.out.indices });
  const ids = order.map(String);
  return {
    known: all.filter((u) => !isLate(u)).length,
    graph: DirectedGraph.fromEdges(edges.source, edges.target, { ids }),
    validation: moved(validation),
    test: moved(test),
    features: (features: NodeFeatures, count: number): NodeFeatures => {
      const { indptr, indices, weights } = features.csr;
      const rows = order.slice(0, count);
      const starts = new Uint32Array(count + 1);
      rows.forEach((u, i) => {
        starts[i + 1] = starts[i] + indptr[u + 1] - indptr[u];
      });
      const entries = rows.flatMap((u) =>
        Array.from({ length: indptr[u + 1] - indptr[u] }, (_, e) => indptr[u] + e),
      );
      const csr = {
        indptr: starts,
        indices: Uint32Array.from(entries, (e) => indices[e]),
        weights: Float32Array.from(entries, (e) => weights[e]),
      };
      return { rows: count, columns: features.columns, csr };
    },
  };
}

const some = ({ source, target }: Pairs, keep: (u: number, v: number) => boolean): Pairs => {
  const at = Array.from(source.keys()).filter((i) => keep(source[i], target[i]));
  return { source: Uint32Array.from(at, (i) => source[i]), target: Uint32Array.from(at, (i) => target[i]) };
};

for (const set of positionals.length > 0 ? positionals : ['cora-ml', 'wikispeedia', 'amazon-cellphones']) {
  const room = loadGraph(set);
  if (!room) {
    console.log(`${set}: skipped, not on this machine`);
    continue;
  }
  for (const kind of ['edges', 'items'] as const) {
    const sums = new Map<string, number[]>();
    const add = (way: Way, name: string, value: number) => {
      const key = `${way} ${name}`;
      sums.set(key, [...(sums.get(key) ?? []), value]);
    };
    for (const seed of values.seeds.split(',').map(Number)) await round(set, room, kind, seed, add);
    const mean = (way: Way, name: string) => {
      const list = sums.get(`${way} ${name}`) ?? [];
      return list.reduce((a, b) => a + b, 0) / list.length;
    };
    console.log(`${set}, ${kind}: ${(100 * Number(values.share)).toFixed(0)} % come later`);
    for (const way of WAYS) {
      if (!sums.has(`${way} seconds`)) continue;
      const quality = ['touched queries', 'touched answers', 'all'].map(
        (name) => `${name} ${mean(way, `${name} hr`).toFixed(4)}/${mean(way, `${name} mrr`).toFixed(4)}`,
      );
      console.log(`  ${way.padEnd(13)}${quality.join('  ')}  ${mean(way, 'seconds').toFixed(1)} s`);
    }
  }
}

async function round(
  set: string,
  room: RoomData,
  kind: 'edges' | 'items',
  seed: number,
  add: (way: Way, name: string, value: number) => void,
): Promise<void> {
  const engine = await Engine.create();
  const share = Number(values.share);
  const n = room.split.train.nodeCount;
  const draw = uniform(engine, Math.max(n, room.split.train.edgeCount), seed);
  const data = late(room, (u) => kind === 'items' && draw[u] < share);
  const { graph, known, validation, test } = data;
  const pairs = { source: rowOfEntry(graph.out), target: graph.out.indices };
  const isNew = Uint8Array.from(pairs.source, (u, e) =>
    kind === 'items' ? Number(Math.max(u, pairs.target[e]) >= known) : Number(draw[e] < share),
  );
  const at = Array.from(isNew.keys());
  const pick = (want: number): Pairs => {
    const list = at.filter((e) => isNew[e] === want);
    return {
      source: Uint32Array.from(list, (e) => pairs.source[e]),
      target: Uint32Array.from(list, (e) => pairs.target[e]),
    };
  };
  const [old, fresh] = [pick(0), pick(1)];
  const before = DirectedGraph.fromEdges(old.source, old.target, { ids: graph.ids!.slice(0, known) });
  const features = withText.includes(set) && !values['no-features'] ? room.features : undefined;
  const fit = async (of: DirectedGraph, count: number) => {
    const start = performance.now();
    const model = await RelatedProducts.fit(of, {
      engine,
      features: features && data.features(features, count),
      validation: some(validation, (u, v) => Math.max(u, v) < count),
      seed,
      ranker: false,
    });
    return { model: model.attach(engine), seconds: (performance.now() - start) / 1000 };
  };
  const queries = new Set(fresh.source);
  const answers = new Set(fresh.target);
  const judge = (way: Way, model: RelatedProducts, seconds: number) => {
    const scorer = new EmbeddingScorer(engine, model.embedding);
    const asked = some(test, (u, v) => Math.max(u, v) < model.graph.nodeCount);
    const ranks = rankPairs(engine, scorer, model.graph.nodeCount, asked, graph.out);
    scorer.dispose();
    const tell = (name: string, wanted: (u: number, v: number) => boolean) => {
      const total = some(test, wanted).source.length;
      const mine = ranks.filter((rank, i) => rank <= 10 && wanted(asked.source[i], asked.target[i]));
      add(way, `${name} hr`, mine.length / total);
      add(way, `${name} mrr`, mine.reduce((sum, rank) => sum + 1 / rank, 0) / total);
    };
    // Items that come later are asked about for themselves; edges touch the queries they begin at.
    tell('touched queries', (u) => (kind === 'items' ? u >= known : queries.has(u)));
    tell('touched answers', (_, v) => (kind === 'items' ? v >= known : answers.has(v)));
    tell('all', () => true);
    add(way, 'seconds', seconds);
  };
  const first = await fit(before, known);
  if (kind === 'edges') judge('before', first.model, first.seconds);
  const changed = async (way: Way, change: (model: RelatedProducts) => unknown) => {
    const { model } = first;
    const copy = new RelatedProducts(model.graph, model.embedding, model.card, { weights: model.weights });
    copy.attach(engine);
    const start = performance.now();
    if (kind === 'items') copy.addItems(laterItems());
    await change(copy);
    judge(way, copy, (performance.now() - start) / 1000);
    copy.dispose();
  };
  const laterItems = () =>
    graph.ids!.slice(known).map((id) => {
      if (!features) return { id };
      const { indptr, indices, weights } = features.csr;
      const [from, to] = [indptr[Number(id)], indptr[Number(id) + 1]];
      return { id, features: { feature: indices.subarray(from, to), value: weights.subarray(from, to) } };
    });
  await changed('addEdges', (model) => model.addEdges(fresh));
  await changed('update', (model) => model.update(fresh, { ...JSON.parse(values.update) }));
  const whole = await fit(graph, graph.nodeCount);
  judge('new training', whole.model, whole.seconds);
  engine.dispose();
}
