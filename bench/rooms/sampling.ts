/**
 * Degree-adaptive against uniform sampling in training, at equal sampled edges; inference over every neighbour:
 *   node --import tsx bench/rooms/sampling.ts [set ...] [--seeds 1,2,3] [--fanout 5] [--only NAME,...]
 * A set is a folder of the data, `cora-ml:plain` without its text, or `edges_full` (the 590k-edge list, split by seed).
 * Prints HR@10 overall, for queries in the lowest quartile of out-degree, and for targets of in-degree <= 5.
 */
import { parseArgs } from 'node:util';
import { rankPairs } from '../../src/directed-graph/ranking.ts';
import { RelatedProducts } from '../../src/directed-graph/recommender.ts';
import type { SamplingOptions } from '../../src/directed-graph/sampling-options.ts';
import { splitEdges } from '../../src/directed-graph/split.ts';
import { Engine } from '../../src/engine/engine.ts';
import { columns, dataset } from '../../test/helpers/data.ts';
import { loadGraph, type RoomData } from './data.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '1,2,3' },
    fanout: { type: 'string', default: '5' },
    only: { type: 'string' },
  },
});
const methods: Record<string, Partial<SamplingOptions>> = {
  uniform: {},
  'uniform + fill': { fill: 'alternating' },
  adaptive: { budget: 'degree-adaptive' },
  'adaptive + fill': { budget: 'degree-adaptive', fill: 'alternating' },
  'degree^.5': { degreePower: 0.5 },
  'adaptive, degree^.5': { budget: 'degree-adaptive', degreePower: 0.5 },
};
const names = values.only ? values.only.split(',') : Object.keys(methods);
const sets =
  positionals.length > 0 ? positionals : ['cora-ml', 'cora-ml:plain', 'wikispeedia', 'amazon-cellphones'];

function load(set: string, seed: number, engine: Engine): RoomData | undefined {
  if (set !== 'edges_full') return loadGraph(set.split(':')[0]);
  const folder = dataset('amazon-cellphones');
  if (!folder) return undefined;
  return {
    split: splitEdges(engine, columns(`${folder}/edges_full.csv.gz`, ['source', 'target']), { seed }),
  };
}

for (const set of sets) {
  const table = new Map<string, number[][]>();
  for (const seed of values.seeds.split(',').map(Number)) {
    const engine = await Engine.create();
    const room = load(set, seed, engine);
    if (!room) {
      console.log(`${set}: skipped, not on this machine`);
      break;
    }
    const { train, validation, test } = room.split;
    const out = Float64Array.from(test.source, (u) => train.outDegree(u));
    const quartile = out.slice().sort()[out.length >> 2];
    for (const name of names) {
      const started = performance.now();
      const model = await RelatedProducts.fit(train, {
        ranker: false,
        engine,
        validation,
        seed,
        features: /^(cora-ml|wikispeedia)$/.test(set) ? room.features : undefined,
        training: { mode: 'sampled', sampling: { fanout: [Number(values.fanout)], ...methods[name] } },
      });
      model.attach(engine);
      const ranks = rankPairs(engine, model.scorer, train.nodeCount, test, train.out);
      model.dispose();
      const share = (keep: (i: number) => boolean) => {
        const some = ranks.filter((_, i) => keep(i));
        return some.filter((r) => r <= 10).length / some.length;
      };
      const row = [
        share(() => true),
        share((i) => out[i] <= quartile),
        share((i) => train.inDegree(test.target[i]) <= 5),
        (performance.now() - started) / 1000,
      ];
      table.set(name, [...(table.get(name) ?? []), row]);
      console.log(`${set} seed ${seed} ${name.padEnd(20)} ${row.map((x) => x.toFixed(4)).join(' ')}`);
    }
    engine.dispose();
  }
  console.log(`${set}, means:       HR@10  low out  rare in  seconds`);
  for (const [name, rows] of table) {
    const mean = rows[0].map((_, c) => rows.reduce((sum, r) => sum + r[c], 0) / rows.length);
    console.log(`  ${name.padEnd(20)} ${mean.map((x) => x.toFixed(3).padStart(7)).join('  ')}`);
  }
}
