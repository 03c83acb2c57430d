/**
 * node --import tsx bench/rooms/baselines.ts [SET...] [--only=popularity,svd,...]: hitRate@10 and MRR@10 of every
 * baseline but the control (filter `train`) beside the Python reference's published values and the differences. Data are read from
 * the folder FLETCHING_DATA (default ../shared/data); a set that is absent is named and skipped.
 */
import { baselines } from '../../src/directed-graph/baselines/index.ts';
import { BASELINES, type BaselineName } from '../../src/directed-graph/baselines/names.ts';
import { walkMix } from '../../src/directed-graph/baselines/walks.ts';
import { evaluate } from '../../src/directed-graph/evaluate.ts';
import type { Scorer } from '../../src/directed-graph/scorer.ts';
import { Engine } from '../../src/engine/engine.ts';
import { loadGraph } from './data.ts';

type Published = Partial<Record<string, [hitRate: number, mrr: number]>>;

/** The reference's walk mix adds the reverse edge as 0/1 on cora-ml and on the normalised matrix on amazon-cellphones. */
const RAW = 'walkMix, reverse 0/1';

/** algorithms/directed-graph.md, table 1.11; STRAP's settings and its control's, here `blend`, were tuned: +-.03. */
const TABLE: Record<string, Published> = {
  'cora-ml': {
    popularity: [0.109, 0.052],
    svd: [0.342, 0.175],
    ppr: [0.343, 0.156],
    [RAW]: [0.483, 0.244],
    ease: [0.416, 0.225],
    contentCosine: [0.201, 0.093],
    blend: [0.546, 0.3],
  },
  wikispeedia: {
    popularity: [0.085, 0.035],
    svd: [0.244, 0.103],
    ppr: [0.233, 0.099],
    sourceKnn: [0.247, 0.105],
    ease: [0.265, 0.113],
    contentCosine: [0.119, 0.052],
    blend: [0.311, 0.134],
  },
  'amazon-cellphones': {
    popularity: [0.032, 0.013],
    svd: [0.353, 0.145],
    ppr: [0.337, 0.139],
    sourceKnn: [0.459, 0.192],
    walkMix: [0.479, 0.196],
    ease: [0.489, 0.205],
    contentCosine: [0.02, 0.006],
    blend: [0.522, 0.224],
  },
  'online-retail': {
    popularity: [0.013, 0.004],
    svd: [0.112, 0.041],
    ppr: [0.1, 0.033],
    sourceKnn: [0.105, 0.04],
    ease: [0.123, 0.046],
    blend: [0.118, 0.042],
  },
};

const words = process.argv.slice(2);
const wanted = words.filter((word) => !word.startsWith('--'));
const listed = words.find((word) => word.startsWith('--only='))?.slice('--only='.length);
/** The control takes minutes and is measured beside the ranker, by bench:ranker. */
const cheap = BASELINES.filter((name) => name !== 'control');
const only = listed ? (listed.split(',') as BaselineName[]) : cheap;

const three = (x: number) => x.toFixed(3).replace(/^(-?)0/, '$1');
const signed = (x: number) => (x >= 0 ? `+${three(x)}` : three(x));
const line = (...cells: string[]) =>
  console.log(cells.map((cell, i) => (i < 2 ? cell.padEnd(20) : cell.padStart(11))).join(''));

const engine = await Engine.create();
line(
  'set',
  'method',
  'HR@10',
  'MRR@10',
  'table',
  '',
  'HR diff',
  'MRR diff',
  'rare HR@10',
  'direction',
  'build s',
  'eval s',
);
for (const set of wanted.length > 0 ? wanted : Object.keys(TABLE)) {
  const data = loadGraph(set);
  if (data === undefined) {
    console.log(`${set}: skipped, not in the data folder`);
    continue;
  }
  const { split, features } = data;
  function* scorers(): Generator<Scorer> {
    if (only.includes('walkMix')) {
      yield walkMix(engine, split.train, { name: RAW, reverse: 0, reverseEdge: 0.02 });
    }
    yield* baselines(engine, split.train, { validation: split.validation, features, only });
  }
  let start = performance.now();
  for (const scorer of scorers()) {
    const built = performance.now();
    const m = evaluate(engine, scorer, split);
    const done = performance.now();
    scorer.dispose();
    const rare = m.byInDegree.filter(({ range }) => ['0', '1-2', '3-5'].includes(range));
    const edges = rare.reduce((sum, b) => sum + b.edges, 0);
    const published = TABLE[set]?.[scorer.name];
    line(
      set,
      scorer.name,
      three(m['hitRate@10']),
      three(m['mrr@10']),
      ...(published
        ? [
            ...published.map(three),
            signed(m['hitRate@10'] - published[0]),
            signed(m['mrr@10'] - published[1]),
          ]
        : ['', '', '', '']),
      three(rare.reduce((sum, b) => sum + b['hitRate@10'] * b.edges, 0) / edges),
      three(m.directionAuc ?? Number.NaN),
      ((built - start) / 1000).toFixed(1),
      ((done - built) / 1000).toFixed(1),
    );
    start = performance.now();
  }
}
