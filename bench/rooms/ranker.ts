/**
 * Quality and seconds of the ranker on the real sets:
 *   node --import tsx bench/rooms/ranker.ts [set ...] [--seeds 1,2,3] [--fit JSON] [--ridge N] [--keep N]
 *       [--no-weights] [--no-control] [--no-ranker] [--no-direction]
 * HR@10 / MRR@10 on the test edges (filter train) of the plain logit, + degree interactions, + MLP, + the rare dial; of
 * the control, the same ranker without the embedding; rare targets (train in-degree <= 5); direction AUC of one-way test
 * edges: raw, with the source's offset, of the antisymmetric head, and of log degrees only.
 */
import { parseArgs } from 'node:util';
import { type CandidateLists, candidateLists } from '../../src/directed-graph/ranker/candidates.ts';
import { Direction, oneWay } from '../../src/directed-graph/ranker/direction.ts';
import { fitOnLists, type RankModel, rankFitOptions } from '../../src/directed-graph/ranker/fit.ts';
import { ModelScorer } from '../../src/directed-graph/ranker/model-scorer.ts';
import {
  embeddingFeature,
  graphFeatures,
  PairFeatures,
} from '../../src/directed-graph/ranker/pair-features.ts';
import { Ranker } from '../../src/directed-graph/ranker/ranker.ts';
import { groupBySource, queryNodes, ranksInRow } from '../../src/directed-graph/ranking.ts';
import { RelatedProducts } from '../../src/directed-graph/recommender.ts';
import { finished } from '../../src/directed-graph/steps.ts';
import { Engine } from '../../src/engine/engine.ts';
import { auc, hitRate, meanReciprocalRank } from '../../src/nn/metrics.ts';
import { loadGraph } from './data.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '1,2,3' },
    fit: { type: 'string', default: '{}' },
    ridge: { type: 'string', default: '100' },
    keep: { type: 'string', default: '200' },
    'no-weights': { type: 'boolean', default: false },
    'no-control': { type: 'boolean', default: false },
    'no-ranker': { type: 'boolean', default: false },
    'no-direction': { type: 'boolean', default: false },
  },
});
/** Sets whose features are text; brand and category rows of the phones set help the ranker, not the embedding. */
const EMBED_TEXT = ['cora-ml', 'wikispeedia'];
const given = JSON.parse(values.fit);
const four = (x: number) => x.toFixed(4).replace(/^0/, '');
const engine = await Engine.create();

/** Seconds since the last call. */
let last = performance.now();
const lap = (): string => {
  const now = performance.now();
  const seconds = ((now - last) / 1000).toFixed(1);
  last = now;
  return `${seconds} s`;
};

type Room = NonNullable<ReturnType<typeof loadGraph>>;

/** Ranks of the test edges by each model, the features of each batch computed once. */
function rankAll(features: PairFeatures, { split }: Room, models: Record<string, RankModel>) {
  const { train, test } = split;
  const n = train.nodeCount;
  const grouped = groupBySource(test.source, n);
  const nodes = queryNodes(n, grouped);
  const scorers = Object.entries(models).map(([name, model]) => ({
    name,
    scorer: new ModelScorer(engine, features, model),
    ranks: new Float64Array(test.source.length),
  }));
  engine.scope(({ alloc }) => {
    const block = alloc('f32', features.blockLength);
    const scores = alloc('f32', n * features.batch);
    const targets = alloc('u32', test.source.length);
    const counts = alloc('u32', 2 * test.source.length);
    for (let start = 0; start < nodes.length; start += features.batch) {
      const batch = nodes.slice(start, start + features.batch);
      features.compute(batch, block);
      for (const { scorer, ranks } of scorers) {
        scorer.score(batch, block, scores);
        batch.forEach((node, q) => {
          const row = scores.part(q * n, n);
          const mine = grouped.order.subarray(grouped.indptr[node], grouped.indptr[node + 1]);
          targets.array.set(mine.map((at) => test.target[at]));
          const shown = { node, scores: row.array, ptr: row.ptr };
          ranksInRow(engine, shown, train.out, targets, counts, mine.length, (i, rank) => {
            ranks[mine[i]] = rank;
          });
        });
      }
    }
  });
  const results: Record<string, number[]> = {};
  for (const { name, scorer, ranks } of scorers) {
    scorer.dispose();
    const rare = ranks.filter((_, i) => train.inDegree(test.target[i]) <= 5);
    results[name] = [hitRate(ranks, 10), meanReciprocalRank(ranks, 10), hitRate(rare, 10)];
  }
  return results;
}

function show(label: string, results: Record<string, number[]>): void {
  for (const [name, [hit, mrr, rare]] of Object.entries(results)) {
    console.log(`  ${label} ${name.padEnd(14)} HR@10 ${four(hit)} MRR@10 ${four(mrr)} rare ${four(rare)}`);
  }
}

for (const set of positionals.length > 0
  ? positionals
  : ['cora-ml', 'wikispeedia', 'amazon-cellphones', 'online-retail']) {
  const room = loadGraph(set);
  if (!room) {
    console.log(`${set}: skipped, not on this machine`);
    continue;
  }
  const { train, validation, test, known } = room.split;
  lap();
  const base = graphFeatures(engine, values['no-weights'] ? train : (room.weighted ?? train), {
    text: room.features ?? room.text,
    easeRidge: Number(values.ridge),
    easeKeep: Number(values.keep),
  });
  console.log(
    `${set}: ${train.nodeCount} nodes, ${train.edgeCount} train edges; features prepared in ${lap()}`,
  );
  const sums = new Map<string, number[][]>();
  const keep = (results: Record<string, number[]>) => {
    for (const [name, row] of Object.entries(results)) sums.set(name, [...(sums.get(name) ?? []), row]);
  };
  for (const seed of values.seeds.split(',').map(Number)) {
    const settings = rankFitOptions({ ...given, seed });
    const lists = (features: PairFeatures) =>
      finished(candidateLists(engine, features, validation, settings));
    const fitted = (of: CandidateLists, names: readonly string[], set = settings) =>
      finished(fitOnLists(engine, of, names, set));
    if (!values['no-control']) {
      lap();
      const features = new PairFeatures(engine, train, base);
      const some = lists(features);
      const { model } = fitted(some, features.names);
      engine.release(some.x);
      const time = lap();
      const results = rankAll(features, room, { control: { ...model, rareBoost: 0 } });
      keep(results);
      show(`seed ${seed}`, results);
      console.log(`    control: lists and fit ${time}, test ranks ${lap()}`);
    }
    if (values['no-ranker']) continue;
    const embedded = await RelatedProducts.fit(train, {
      engine,
      features: EMBED_TEXT.includes(set) ? room.features : undefined,
      ranker: false,
      validation,
      seed,
    });
    const times = [`embedding ${lap()}`];
    const extra = embeddingFeature(engine, embedded.embedding);
    const features = new PairFeatures(engine, train, [...base, extra]);
    const some = lists(features);
    times.push(`lists ${lap()} (${some.queries.length} queries, ${some.target.length} rows)`);
    const plain = fitted(some, features.names, { ...settings, interactions: false, mlp: false });
    times.push(`plain ${lap()}`);
    const { model, report } = fitted(some, features.names);
    times.push(`fit ${lap()}`);
    engine.release(some.x);
    const models = {
      plain: { ...plain.model, rareBoost: 0 },
      '+interactions': { ...model, mlp: undefined, rareBoost: 0 },
      '+mlp': { ...model, rareBoost: 0 },
      '+rare dial': model,
    };
    const results = rankAll(features, room, models);
    keep(results);
    times.push(`test ranks x4 ${lap()}`);
    show(`seed ${seed}`, results);
    console.log(
      `    ridge ${report.ridge}, ${report.steps} steps, rare boost ${model.rareBoost}, held out: ` +
        `loss ${report.linear.loss.toFixed(4)} -> ${report.mlp?.loss.toFixed(4)}, ` +
        report.rare.map((r) => `${r.boost}: ${four(r['hitRate@10'])}/${four(r.rare)}`).join(' '),
    );
    if (!values['no-direction']) {
      const ranker = new Ranker(engine, features, { ...model, rareBoost: 0 });
      const direction = Direction.fit(ranker, validation);
      const forward = oneWay(test, (u, v) => known.hasEdge(u, v), 3000);
      const there = direction.score(forward);
      const back = direction.score({ source: forward.target, target: forward.source });
      const names = ['raw', 'offset', 'head', 'degrees'] as const;
      const areas = Object.fromEntries(names.map((name) => [name, [auc(there[name], back[name])]]));
      keep(Object.fromEntries(names.map((name) => [`direction ${name}`, areas[name]])));
      console.log(
        `  seed ${seed} direction ${names.map((name) => `${name} ${four(areas[name][0])}`).join(' ')}`,
      );
      times.push(`direction ${lap()}`);
      ranker.dispose();
    }
    console.log(`    ${times.join(', ')}; arena peak ${(engine.stats().peakBytes / 2 ** 20).toFixed(0)} MiB`);
    extra.dispose();
  }
  for (const [name, rows] of sums) {
    const mean = rows[0].map((_, i) => rows.reduce((sum, row) => sum + row[i], 0) / rows.length);
    console.log(`${set} mean ${name.padEnd(18)} ${mean.map(four).join(' ')}`);
  }
  for (const source of base) source.dispose();
}
