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
import { fitOnLists, rankFitOptions } from '../../src/directed-graph/ranker/fit.ts';
import {
  embeddingFeature,
  graphFeatures,
  PairFeatures,
} from '../../src/directed-graph/ranker/pair-features.ts';
import { Ranker } from '../../src/directed-graph/ranker/ranker.ts';
import { RelatedProducts } from '../../src/directed-graph/recommender.ts';
import { finished } from '../../src/directed-graph/steps.ts';
import { Engine } from '../../src/engine/engine.ts';
import { auc } from '../../src/nn/metrics.ts';
import { loadGraph } from './data.ts';
import { type TestResult, testModels } from './rank-test.ts';

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

function show(label: string, results: Record<string, TestResult>): void {
  for (const [name, { hit, mrr, rare }] of Object.entries(results)) {
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
  const add = (name: string, row: number[]) => sums.set(name, [...(sums.get(name) ?? []), row]);
  const keep = (results: Record<string, TestResult>) => {
    for (const [name, { hit, mrr, rare }] of Object.entries(results)) add(name, [hit, mrr, rare]);
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
      const results = testModels(engine, features, room.split.test, { control: { ...model, rareBoost: 0 } });
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
    const results = testModels(engine, features, room.split.test, models);
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
      const areas = Object.fromEntries(names.map((name) => [name, auc(there[name], back[name])]));
      for (const name of names) add(`direction ${name}`, [areas[name]]);
      console.log(
        `  seed ${seed} direction ${names.map((name) => `${name} ${four(areas[name])}`).join(' ')}`,
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
