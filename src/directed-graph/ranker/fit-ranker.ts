import { instance, options } from '../../check.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Embedding } from '../embedding-scorer.ts';
import { DirectedGraph } from '../graph.ts';
import type { Pairs } from '../scorer.ts';
import { finished } from '../steps.ts';
import { fitRankModel, rankFitOptions } from './fit.ts';
import type { RankFitOptions } from './fit-options.ts';
import { type GraphFeatureOptions, graphFeatureOptions, keptFeatures } from './kept.ts';
import { pairFeatures, Ranker } from './ranker.ts';

export interface RankerOptions extends Omit<GraphFeatureOptions, 'seed'> {
  /** A trained embedding as one more feature; without it the ranker is the control. */
  embedding?: Embedding;
  name?: string;
  fit?: Partial<RankFitOptions>;
}

const rankerDefaults: RankerOptions = {
  embedding: undefined,
  name: 'ranker',
  fit: undefined,
  text: undefined,
  easeRidge: undefined,
  easeKeep: undefined,
};

/** Features of `train`, and a ranker fitted on `validation`, which disposes the features with itself. */
export function fitRanker(
  engine: Engine,
  train: DirectedGraph,
  validation: Pairs,
  given?: RankerOptions,
): Ranker {
  instance(train, DirectedGraph, 'train', 'a DirectedGraph');
  const { embedding, name, fit, ...rest } = options<RankerOptions>(given, rankerDefaults, 'fitRanker');
  const set = rankFitOptions(fit);
  const { seed, signal, onProgress } = set;
  const how = graphFeatureOptions({ ...rest, seed }, train.nodeCount);
  if (validation.source.length === 0) throw new RangeError('number of validation edges must be at least 1');
  const kept = finished(keptFeatures(engine, train, how), signal, onProgress);
  const features = pairFeatures(engine, train, kept, embedding);
  try {
    const { model, report } = fitRankModel(engine, features, validation, set);
    return new Ranker(engine, features, model, name, features.sources, report);
  } catch (error) {
    for (const source of features.sources) source.dispose();
    throw error;
  }
}
