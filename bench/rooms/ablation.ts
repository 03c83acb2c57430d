/**
 * What carries the ranker, and what goes beyond its recipe:
 *   node --import tsx bench/rooms/ablation.ts [set ...] [--seed 1] [--only features,ridge,shared] [--cache FOLDER]
 * features: all, without the embedding, a smaller set. ridge: EASE at several strengths. shared: linear weights fitted on
 * the other sets, as they are and as the centre of the ridge of a fit on few validation edges, against a fit from scratch
 * (three draws of the edges). HR@10 / MRR@10 / HR@10 of rare targets on the test edges (filter train), and the loss on
 * held-out validation queries. --cache keeps trained embeddings as model files.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Embedding } from '../../src/directed-graph/embedding-scorer.ts';
import { type CandidateLists, candidateLists } from '../../src/directed-graph/ranker/candidates.ts';
import { fitOnLists, type RankModel, rankFitOptions } from '../../src/directed-graph/ranker/fit.ts';
import { fitLinear, type LinearWeights } from '../../src/directed-graph/ranker/linear-part.ts';
import { embeddingFeature, graphFeatures } from '../../src/directed-graph/ranker/pair-features.ts';
import type { FeatureSource } from '../../src/directed-graph/ranker/source.ts';
import { RelatedProducts } from '../../src/directed-graph/recommender.ts';
import { finished } from '../../src/directed-graph/steps.ts';
import { Engine } from '../../src/engine/engine.ts';
import { decodeModel, encodeModel } from '../../src/model-file.ts';
import { loadGraph, type RoomData } from './data.ts';
import { fitNear, pooled, someOf, withPositives } from './rank-lists.ts';
import { featuresOf, type TestResult, testModels } from './rank-test.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: 'features,ridge,shared' },
    cache: { type: 'string' },
  },
});
const SETS = ['cora-ml', 'wikispeedia', 'amazon-cellphones', 'online-retail'];
/** Sets whose features are text; brand and category rows of the phones set help the ranker, not the embedding. */
const EMBED_TEXT = ['cora-ml', 'wikispeedia'];
/** Suggested by removing one feature at a time. */
const SMALL = [
  ...['embedding', 'ease', 'log ease', 'ease-s', 'log ease-s', 'reverse', 'text', 'text.A', 'A.text'],
  ...['knn-s', 'AATA', 'in-degree', 'out-degree'],
];
const EASE_RIDGES = [30, 100, 300];
/** Validation edges of a shop that has few. */
const FEW = [10, 25, 50, 200, 1000];
const DRAWS = [1, 2, 3];
/** Positives of each other set in the shared fit, so that none of them drowns the rest. */
const POSITIVES = 800;

const seed = Number(values.seed);
const fit = rankFitOptions({ seed, rareBoost: 0, queries: 2000, priorQueries: 0 });
const engine = await Engine.create();

const four = (x: number) => x.toFixed(4).replace(/^0/, '');
function show(set: string, name: string, results: TestResult[], more = ''): void {
  const mean = (key: 'hit' | 'mrr' | 'rare') =>
    four(results.reduce((sum, result) => sum + result[key], 0) / results.length);
  console.log(`${set} ${name.padEnd(36)} ${mean('hit')} ${mean('mrr')} rare ${mean('rare')} ${more}`);
}

async function embeddingOf(set: string, { split, features }: RoomData): Promise<Embedding> {
  const path = values.cache && `${values.cache}/emb-${set}-${seed}.safetensors`;
  if (path && existsSync(path)) return decodeModel(readFileSync(path)).embedding;
  const model = await RelatedProducts.fit(split.train, {
    engine,
    features: EMBED_TEXT.includes(set) ? features : undefined,
    validation: split.validation,
    seed,
  });
  if (path) {
    mkdirSync(values.cache as string, { recursive: true });
    writeFileSync(path, encodeModel(model));
  }
  return model.embedding;
}

/** The features of a set's train graph, the embedding last. Without edge weights: not every shop has them. */
async function sourcesOf(set: string, room: RoomData, easeRidge?: number): Promise<FeatureSource[]> {
  const text = room.features ?? room.text;
  const sources = graphFeatures(engine, room.split.train, { text, easeRidge });
  return [...sources, embeddingFeature(engine, await embeddingOf(set, room))];
}

/** Fits on the validation edges with the features `names` and tests; the linear part and the whole. */
function fitAndTest(
  set: string,
  name: string,
  room: RoomData,
  sources: FeatureSource[],
  names?: string[],
): void {
  const { train, validation, test } = room.split;
  const features = featuresOf(engine, train, sources, names);
  const lists = finished(candidateLists(engine, features, validation, fit));
  const { model, report } = finished(fitOnLists(engine, lists, features.names, fit));
  engine.release(lists.x);
  const { linear, whole } = testModels(engine, features, test, {
    linear: { ...model, mlp: undefined },
    whole: model,
  });
  const loss = (report.mlp ?? report.linear).loss.toFixed(3);
  show(
    set,
    `${name}, linear`,
    [linear],
    `(${features.count} features, held-out loss ${report.linear.loss.toFixed(3)})`,
  );
  show(set, name, [whole], `(held-out loss ${loss})`);
}

/** Lists of a set for the shared fit: `POSITIVES` of its validation edges. */
async function sharedLists(set: string, room: RoomData): Promise<CandidateLists> {
  const sources = await sourcesOf(set, room);
  const features = featuresOf(engine, room.split.train, sources);
  const lists = finished(candidateLists(engine, features, room.split.validation, fit));
  for (const source of sources) source.dispose();
  const some = withPositives(engine, lists, someOf(lists, POSITIVES, 0));
  engine.release(lists.x);
  return some;
}

async function shared(set: string, room: RoomData, sources: FeatureSource[]): Promise<void> {
  const others: CandidateLists[] = [];
  for (const other of SETS) {
    const data = other === set ? undefined : loadGraph(other);
    if (data) others.push(await sharedLists(other, data));
  }
  const pool = pooled(engine, others);
  const every = Array.from(pool.queries.keys());
  const prior = fitLinear(engine, pool, every, { interactions: false, ridge: 10, iterations: 60 });
  engine.release(pool.x, ...others.map(({ x }) => x));

  const { train, validation, test } = room.split;
  const features = featuresOf(engine, train, sources);
  const lists = finished(candidateLists(engine, features, validation, fit));
  const { names } = features;
  const models: Record<string, RankModel> = {};
  const add = (name: string, { scale }: CandidateLists, linear: LinearWeights) => {
    models[name] = { features: names, scale, linear, top: fit.top, rareBoost: 0, direction: false };
  };
  add('0 edges: weights of the other sets', lists, prior);
  for (const count of FEW) {
    for (const draw of DRAWS) {
      const some = withPositives(engine, lists, someOf(lists, count, draw));
      const own = finished(fitOnLists(engine, some, names, fit)).model;
      models[`${count} edges: own, linear #${draw}`] = { ...own, mlp: undefined };
      models[`${count} edges: own #${draw}`] = own;
      const near = fitNear(engine, some, prior, fit.priorRidges);
      add(`${count} edges: near the others' #${draw}`, some, near.linear);
      engine.release(some.x);
    }
  }
  const own = finished(fitOnLists(engine, lists, names, fit)).model;
  models['all edges: own, linear'] = { ...own, mlp: undefined };
  models['all edges: own'] = own;
  add("all edges: near the others'", lists, fitNear(engine, lists, prior, fit.priorRidges).linear);
  engine.release(lists.x);
  const results = testModels(engine, features, test, models);
  const labels = new Set(Object.keys(models).map((name) => name.replace(/ #\d$/, '')));
  for (const name of labels) {
    const draws = Object.keys(results).filter((key) => key.replace(/ #\d$/, '') === name);
    show(
      set,
      name,
      draws.map((key) => results[key]),
    );
  }
}

for (const set of positionals.length > 0 ? positionals : SETS) {
  const room = loadGraph(set);
  if (!room) {
    console.log(`${set}: skipped, not on this machine`);
    continue;
  }
  const sources = await sourcesOf(set, room);
  const names = sources.flatMap((source) => source.names);
  if (values.only.includes('features')) {
    fitAndTest(set, 'all features', room, sources);
    const without = names.filter((name) => name !== 'embedding');
    fitAndTest(set, 'without the embedding', room, sources, without);
    fitAndTest(set, 'smaller set', room, sources, SMALL);
  }
  if (values.only.includes('ridge')) {
    for (const ridge of EASE_RIDGES) {
      const some = await sourcesOf(set, room, ridge);
      fitAndTest(set, `EASE ridge ${ridge}`, room, some);
      for (const source of some) source.dispose();
    }
  }
  if (values.only.includes('shared')) await shared(set, room, sources);
  for (const source of sources) source.dispose();
}
