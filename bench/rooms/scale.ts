/**
 * The large graph end to end: `node --import tsx bench/rooms/scale.ts [--mode auto|full|sampled] [--seed 1] [--steps 300]`.
 * Reads amazon-cellphones/edges_full.csv.gz (103k nodes, 590k edges), splits 80/10/10 by seed, trains, and ranks the
 * test edges beside popularity and SVD. Prints seconds, the arena's and the process's peak memory.
 */
import { parseArgs } from 'node:util';
import { popularity } from '../../src/directed-graph/baselines/popularity.ts';
import { svd } from '../../src/directed-graph/baselines/svd.ts';
import { estimateFit } from '../../src/directed-graph/estimate.ts';
import { DirectedGraph } from '../../src/directed-graph/graph.ts';
import { rankPairs } from '../../src/directed-graph/ranking.ts';
import { RelatedProducts } from '../../src/directed-graph/recommender.ts';
import type { Scorer } from '../../src/directed-graph/scorer.ts';
import { splitEdges } from '../../src/directed-graph/split.ts';
import { Engine } from '../../src/engine/engine.ts';
import { IdDictionary, readTable } from '../../src/io/index.ts';
import { openInput } from '../../src/io/node.ts';
import { dataset } from '../../test/helpers/data.ts';

const { values } = parseArgs({
  options: {
    mode: { type: 'string', default: 'auto' },
    seed: { type: 'string', default: '1' },
    fit: { type: 'string', default: '{}' },
  },
});
const folder = dataset('amazon-cellphones');
if (!folder) throw new Error('amazon-cellphones is not on this machine; set FLETCHING_DATA');
const seed = Number(values.seed);
let mark = performance.now();
const lap = (): string => {
  const seconds = ((performance.now() - mark) / 1000).toFixed(1);
  mark = performance.now();
  return `${seconds} s`;
};

const dictionary = new IdDictionary();
const id = { type: 'id', dictionary } as const;
const { columns } = await readTable(await openInput(`${folder}/edges_full.csv.gz`), {
  source: id,
  target: id,
});
const { source, target } = columns;
const graph = DirectedGraph.fromEdges(source.codes, target.codes, { ids: dictionary.ids });
const engine = await Engine.create();
const split = splitEdges(engine, graph, { kind: 'random', seed });
console.log(`${graph.nodeCount} nodes, ${graph.edgeCount} edges read and split in ${lap()}`);

const { training, ...rest } = JSON.parse(values.fit);
const fit = {
  seed,
  validation: split.validation,
  ...rest,
  training: { mode: values.mode as 'auto', ...training },
};
const estimate = estimateFit(split.train, fit);
console.log(
  `estimate: ${estimate.mode}, ${(estimate.bytes / 2 ** 20).toFixed(0)} MiB, ${estimate.seconds.toFixed(0)} s`,
);
const model = await RelatedProducts.fit(split.train, {
  ranker: false,
  engine,
  ...fit,
  onProgress: ({ look, step, elapsedMs }) => {
    if (look?.step !== step) return;
    const at = (elapsedMs / 1000).toFixed(0);
    console.log(
      `  step ${step} at ${at} s: loss ${look.loss.toFixed(3)}, validation HR@10 ${look['hitRate@10'].toFixed(4)}`,
    );
  },
});
console.log(
  `trained (${model.card.mode}) ${model.card.steps} steps in ${lap()}, hash ${(await model.modelHash()).slice(0, 12)}`,
);

const show = (scorer: Scorer) => {
  const ranks = rankPairs(engine, scorer, graph.nodeCount, split.test, split.train.out);
  const rare = ranks.filter((_, i) => split.train.inDegree(split.test.target[i]) <= 5);
  const at10 = (list: Float64Array) => (list.filter((r) => r <= 10).length / list.length).toFixed(4);
  const mrr = ranks.reduce((sum, r) => sum + (r <= 10 ? 1 / r : 0), 0) / ranks.length;
  console.log(
    `${scorer.name.padEnd(12)} HR@10 ${at10(ranks)} MRR@10 ${mrr.toFixed(4)} rare ${at10(rare)} (${lap()})`,
  );
  scorer.dispose();
};
show(model.attach(engine).scorer);
show(popularity(split.train));
show(svd(engine, split.train));
console.log(
  `peak: arena ${(engine.stats().peakBytes / 2 ** 20).toFixed(0)} MiB, process ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`,
);
