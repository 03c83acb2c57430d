/**
 * Items that training has never seen, from their features alone:
 *   node --import tsx bench/rooms/cold.ts [set ...] [--seeds 1]
 * Every edge that touches a node of cold_nodes.csv.gz is taken out of training. Source: HR@10 of warm targets for a cold
 * query, among all warm nodes. Target: HR@10 of the cold targets of a warm query, among the cold nodes. The query's other
 * answers are left out of the ranking. Beside ours stand content rivals on the same pairs: k-NN, the lists of the 20 warm
 * nodes most like the cold one, weighed by the cosine, which gives the figures of the sets' READMEs for sources; and for
 * targets, where it does not, the cosines of the cold node to all that the query leads to, added up, which comes within .015
 * of them, and the same with the query itself among them.
 */
import { parseArgs } from 'node:util';
import { nodeFeatures } from '../../src/directed-graph/features.ts';
import { DirectedGraph } from '../../src/directed-graph/graph.ts';
import { RelatedProducts } from '../../src/directed-graph/recommender.ts';
import type { NewItem } from '../../src/directed-graph/serving/answer.ts';
import { featureRow, type ItemFeatures } from '../../src/directed-graph/serving/input-rows.ts';
import type { EncoderWeights } from '../../src/directed-graph/serving/weights.ts';
import { Engine } from '../../src/engine/engine.ts';
import { columns, dataset, texts } from '../../test/helpers/data.ts';

/** HR@10 of the content k-NN by each README: cold source, cold target. */
const README: Record<string, [number, number]> = {
  'cora-ml': [0.476, 0.472],
  wikispeedia: [0.295, 0.449],
  'amazon-cellphones': [0.101, 0.113],
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: 'string', default: '1' } },
});

function load(set: string) {
  const folder = dataset(set);
  if (!folder) return undefined;
  const edges = columns(`${folder}/edges.csv.gz`, ['source', 'target']);
  const n = texts(`${folder}/nodes.csv.gz`, ['id']).id.length;
  const cold = Uint32Array.from(columns(`${folder}/cold_nodes.csv.gz`, ['node']).node);
  const words = columns(`${folder}/features.csv.gz`, ['node', 'feature', 'value']);
  const isCold = new Set(cold);
  const warm = Array.from({ length: n }, (_, u) => u).filter((u) => !isCold.has(u));
  const place = new Map([...warm.entries()].map(([i, u]) => [u, i]));
  const kept = [...edges.source.keys()].filter(
    (i) => place.has(edges.source[i]) && place.has(edges.target[i]),
  );
  const graph = DirectedGraph.fromEdges(
    kept.map((i) => place.get(edges.source[i])!),
    kept.map((i) => place.get(edges.target[i])!),
    { nodeCount: warm.length },
  );
  const rows = [...words.node.keys()].filter((i) => place.has(words.node[i]));
  const features = nodeFeatures(
    rows.map((i) => place.get(words.node[i])!),
    rows.map((i) => words.feature[i]),
    rows.map((i) => words.value[i]),
    warm.length,
  );
  const own = new Map(Array.from(cold, (u) => [u, { feature: [] as number[], value: [] as number[] }]));
  words.node.forEach((u, i) => {
    own.get(u)?.feature.push(words.feature[i]);
    own.get(u)?.value.push(words.value[i]);
  });
  const coldPlace = new Map(Array.from(cold, (u, i) => [u, i]));
  /** For each cold node its warm targets; for each warm node its cold targets, by their place among the cold. */
  const fromCold = Array.from(cold, () => [] as number[]);
  const toCold = new Map<number, number[]>();
  edges.source.forEach((u, i) => {
    const v = edges.target[i];
    if (isCold.has(u) && place.has(v)) fromCold[coldPlace.get(u)!].push(place.get(v)!);
    if (place.has(u) && isCold.has(v)) {
      const w = place.get(u)!;
      toCold.set(w, [...(toCold.get(w) ?? []), coldPlace.get(v)!]);
    }
  });
  return { graph, features, cold: Array.from(cold, (u) => own.get(u)!), fromCold, toCold };
}

/** The cosine of an item's features to those of every warm node. */
function cosines(weights: EncoderWeights, item: ItemFeatures): Float64Array {
  const { rows, columns, csr } = weights.features!.rows;
  const row = featureRow(weights, item)!;
  const value = new Float64Array(columns);
  row.indices.forEach((f, i) => {
    value[f] = row.values[i];
  });
  const all = new Float64Array(rows);
  for (let u = 0; u < rows; u++) {
    for (let e = csr.indptr[u]; e < csr.indptr[u + 1]; e++) all[u] += csr.weights[e] * value[csr.indices[e]];
  }
  return all;
}

/** Share of `wanted` that rank within ten by `scores` when the other wanted ones are left out; ties count half. */
function hits(scores: ArrayLike<number>, wanted: readonly number[]): number {
  const others = new Set(wanted);
  let hit = 0;
  for (const v of wanted) {
    let rank = 1;
    for (let w = 0; w < scores.length; w++) {
      if (w === v || others.has(w)) continue;
      rank += scores[w] > scores[v] ? 1 : scores[w] === scores[v] ? 0.5 : 0;
    }
    if (rank <= 10) hit++;
  }
  return hit;
}

for (const set of positionals.length > 0 ? positionals : Object.keys(README)) {
  const data = load(set);
  if (!data) {
    console.log(`${set}: skipped, not on this machine`);
    continue;
  }
  const { graph, features, cold, fromCold, toCold } = data;
  const n = graph.nodeCount;
  const sources = fromCold.reduce((sum, list) => sum + list.length, 0);
  const targets = [...toCold.values()].reduce((sum, list) => sum + list.length, 0);
  for (const seed of values.seeds.split(',').map(Number)) {
    const engine = await Engine.create();
    const model = await RelatedProducts.fit(graph, { engine, ranker: false, features, seed });
    model.attach(engine);
    model.embedNew({ features: cold[0] });
    const times: number[] = [];
    const items: NewItem[] = cold.map((row) => {
      const start = performance.now();
      const item = model.embedNew({ features: row });
      times.push(performance.now() - start);
      return item;
    });
    times.sort((a, b) => a - b);
    const each = times[times.length >> 1];
    let [source, knnSource, target, knnTarget, listTarget, selfTarget] = [0, 0, 0, 0, 0, 0];
    const near = cold.map((row) => cosines(model.weights!, row));
    const row = new Float64Array(n);
    fromCold.forEach((wanted, i) => {
      if (wanted.length === 0) return;
      row.fill(-Infinity);
      for (const { node, score } of model.recommend(items[i], { k: n, fallback: false })) row[node] = score;
      source += hits(row, wanted);
      row.fill(0);
      for (const { node, cosine } of items[i].like.slice(0, 20)) {
        for (let e = graph.out.indptr[node]; e < graph.out.indptr[node + 1]; e++) {
          row[graph.out.indices[e]] += cosine;
        }
      }
      knnSource += hits(row, wanted);
    });
    for (const [u, wanted] of toCold) {
      target += hits(model.scoreNew(u, items), wanted);
      const counted = items.map(({ like }) =>
        like.slice(0, 20).reduce((sum, { node, cosine }) => sum + (graph.hasEdge(u, node) ? cosine : 0), 0),
      );
      knnTarget += hits(counted, wanted);
      const leads = graph.out.indices.subarray(graph.out.indptr[u], graph.out.indptr[u + 1]);
      const list = near.map((all) => leads.reduce((sum, w) => sum + all[w], 0));
      listTarget += hits(list, wanted);
      selfTarget += hits(
        list.map((sum, i) => sum + near[i][u]),
        wanted,
      );
    }
    const share = (hit: number, of: number) => (hit / of).toFixed(4);
    console.log(
      `${set} seed ${seed}: cold source HR@10 ${share(source, sources)} (content k-NN ${share(knnSource, sources)}, README ${README[set]?.[0]})` +
        `, cold target ${share(target, targets)} (content k-NN ${share(knnTarget, targets)}, of the query's list ${share(listTarget, targets)}` +
        `, with the query ${share(selfTarget, targets)}, README ${README[set]?.[1]})` +
        `; ${items.length} cold nodes, ${each.toFixed(2)} ms each (median)`,
    );
    model.dispose();
    engine.dispose();
  }
}
