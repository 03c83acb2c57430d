import { instance, integer, notAborted, options } from '../../check.ts';
import type { Engine } from '../../engine/engine.ts';
import type { NodeFeatures } from '../features.ts';
import { DirectedGraph } from '../graph.ts';
import type { Ranker } from '../ranker/ranker.ts';
import { checkPairs, type Pairs, type Scorer } from '../scorer.ts';
import { blend } from './blend.ts';
import { contentCosine } from './content.ts';
import { control } from './control.ts';
import { ease, easeApplies } from './ease.ts';
import { sourceKnn, targetKnn } from './knn.ts';
import { BASELINES, type BaselineName } from './names.ts';
import { popularity } from './popularity.ts';
import { ppr } from './ppr.ts';
import { svd } from './svd.ts';
import { walkMixFitted } from './walk-fit.ts';
import { twoHop, walkMix } from './walks.ts';

export interface BaselinesOptions {
  /** Edges outside `train` that strengths and weights are fitted on. */
  validation: Pairs;
  /** Features of the nodes; without them there is no content baseline, and blend and control do without text. */
  features?: NodeFeatures;
  /** A living ranker over the same train graph: the control reads its features instead of computing them again. */
  ranker?: Ranker;
  /** Which to build. */
  only: readonly BaselineName[];
  seed: number;
  signal?: AbortSignal;
  /** Called before each is built. */
  onProgress?: (progress: { phase: BaselineName; step: number; total: number; elapsedMs: number }) => void;
}

/** The baselines that apply, one by one; options are checked at once, each is built when the iteration comes to it. */
export function baselines(
  engine: Engine,
  train: DirectedGraph,
  given: Partial<BaselinesOptions> & { validation: Pairs },
): Generator<Scorer, void> {
  instance(train, DirectedGraph, 'train', 'a DirectedGraph');
  const none: Pairs = { source: new Uint32Array(0), target: new Uint32Array(0) };
  const { validation, features, ranker, only, seed, signal, onProgress } = options<BaselinesOptions>(
    given,
    {
      validation: none,
      features: undefined,
      ranker: undefined,
      only: BASELINES,
      seed: 0,
      signal: undefined,
      onProgress: undefined,
    },
    'baselines',
  );
  for (const name of only) {
    if (!BASELINES.includes(name)) {
      throw new RangeError(`only must hold ${BASELINES.join(', ')}, got ${JSON.stringify(name)}`);
    }
  }
  if (features) integer(features.rows, 'features.rows', train.nodeCount, train.nodeCount);
  const fits = checkPairs(validation, 'validation', train.nodeCount).source.length > 0;
  const build: Record<BaselineName, (() => Scorer) | false> = {
    popularity: () => popularity(train),
    twoHop: () => twoHop(engine, train),
    walkMix: () => walkMix(engine, train),
    walkMixFitted: fits && (() => walkMixFitted(engine, train, validation, { signal })),
    sourceKnn: () => sourceKnn(train),
    targetKnn: () => targetKnn(train),
    ppr: () => ppr(engine, train, { seed, validation: fits ? validation : undefined }),
    svd: () => svd(engine, train, { seed }),
    ease: fits && easeApplies(train) && (() => ease(engine, train, { validation, signal })),
    contentCosine: features !== undefined && (() => contentCosine(engine, features)),
    blend: fits && (() => blend(engine, train, validation, features, { seed })),
    control: fits && (() => control(engine, train, validation, { features, ranker, fit: { seed, signal } })),
  };
  const names = BASELINES.filter((name) => only.includes(name) && build[name] !== false);
  function* built(): Generator<Scorer, void> {
    const start = performance.now();
    for (const [step, phase] of names.entries()) {
      notAborted(signal);
      onProgress?.({ phase, step, total: names.length, elapsedMs: performance.now() - start });
      yield (build[phase] as () => Scorer)();
    }
  }
  return built();
}
