import type { Engine } from '../../engine/engine.ts';
import type { NodeFeatures } from '../features.ts';
import type { DirectedGraph } from '../graph.ts';
import { fitRankModel } from '../ranker/fit.ts';
import type { RankFitOptions } from '../ranker/fit-options.ts';
import { fitRanker } from '../ranker/fit-ranker.ts';
import { PairFeatures } from '../ranker/pair-features.ts';
import { Ranker } from '../ranker/ranker.ts';
import type { Pairs } from '../scorer.ts';

export interface ControlOptions {
  /** Features of the nodes: words, brand, category. */
  features?: NodeFeatures;
  /** A living ranker over the same train graph. Its features are read, and its dial for rare targets is used. */
  ranker?: Ranker;
  fit?: Partial<RankFitOptions>;
}

/**
 * The rival that must always be shown beside a learned embedding: the same ranker without it, the same other features and
 * the same fit on validation edges. What a ranker wins over it is what the embedding adds.
 */
export function control(
  engine: Engine,
  train: DirectedGraph,
  validation: Pairs,
  { features, ranker, fit }: ControlOptions = {},
): Ranker {
  const name = 'control';
  if (!ranker) return fitRanker(engine, train, validation, { text: features, name, fit });
  const sources = ranker.features.sources.filter((source) => !source.names.includes('embedding'));
  const counts = new PairFeatures(engine, train, sources);
  const { rareBoost } = ranker.model;
  const { model, report } = fitRankModel(engine, counts, validation, { ...fit, rareBoost });
  return new Ranker(engine, counts, model, name, [], report);
}
