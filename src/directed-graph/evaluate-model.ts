import { instance, options } from '../check.ts';
import type { Engine } from '../engine/engine.ts';
import { baselines } from './baselines/index.ts';
import { BASELINES, type BaselineName } from './baselines/names.ts';
import { type DirectionAreas, directionAreas } from './direction-areas.ts';
import { EmbeddingScorer } from './embedding-scorer.ts';
import { checkSplit, type Evaluation, evaluateAllSteps } from './evaluate.ts';
import { type EvaluateOptions, evaluateDefaults } from './evaluate-options.ts';
import type { NodeFeatures } from './features.ts';
import { METHODS, type MethodName } from './methods.ts';
import { Ranker } from './ranker/ranker.ts';
import { RelatedProducts } from './recommender.ts';
import type { Scorer } from './scorer.ts';
import type { Split } from './split.ts';
import { finished, type Steps } from './steps.ts';

/**
 * Beyond this many nodes the ranker and the control are measured only when they are asked for by name: each ranks every
 * node for every query, 5 minutes at 20,000 nodes, and it grows with their square.
 */
export const RANKED_NODES = 20_000;

export interface EvaluateModelOptions extends Omit<EvaluateOptions, 'pairs' | 'ranks'> {
  /** Features of the nodes, for the baselines. */
  features?: NodeFeatures;
  /** Which to measure, of those that the data allow; all when absent (see `RANKED_NODES`). */
  methods: readonly MethodName[];
  onProgress?: (progress: { phase: MethodName; step: number; total: number }) => void;
}

/** A model on `split.train` beside the control and every baseline; the public function is in src/directed-graph.ts. */
export const evaluateModel = (...given: Parameters<typeof evaluateModelSteps>): Evaluation =>
  finished(evaluateModelSteps(...given), given[3]?.signal);

export function* evaluateModelSteps(
  engine: Engine,
  model: RelatedProducts | undefined,
  split: Split,
  given?: Partial<EvaluateModelOptions>,
): Steps<Evaluation> {
  if (model !== undefined) instance(model, RelatedProducts, 'model', 'a model of RelatedProducts');
  const { features, methods, onProgress, filter, seed, signal } = options<EvaluateModelOptions>(
    given,
    {
      filter: evaluateDefaults.filter,
      seed: model?.card.seed ?? evaluateDefaults.seed,
      signal: undefined,
      features: undefined,
      methods: METHODS,
      onProgress: undefined,
    },
    'evaluateModel',
  );
  for (const name of methods) {
    if (!METHODS.includes(name)) {
      throw new RangeError(`methods must hold ${METHODS.join(', ')}, got ${JSON.stringify(name)}`);
    }
  }
  const { train, validation } = checkSplit(split);
  const large = given?.methods === undefined && train.nodeCount > RANKED_NODES;
  const wanted = METHODS.filter(
    (name) => methods.includes(name) && !(large && (name === 'ranker' || name === 'control')),
  );
  const tell = (phase: MethodName) => {
    onProgress?.({ phase, step: wanted.indexOf(phase), total: wanted.length });
  };
  let direction: DirectionAreas | undefined;
  function* scorers(): Generator<Scorer> {
    const rivals = (only: readonly BaselineName[], ranker?: Ranker) =>
      baselines(engine, train, {
        validation,
        features,
        ranker,
        only,
        seed,
        signal,
        onProgress: ({ phase }) => tell(phase),
      });
    const asked = (name: MethodName) => (wanted.includes(name) ? model : undefined);
    const vectors = (name: MethodName) => {
      tell(name);
      return new EmbeddingScorer(engine, model!.embedding, name);
    };
    const parts = asked('ranker')?.ranker;
    const ranker = parts && Ranker.of(engine, train, model!.embedding, parts);
    try {
      if (ranker) {
        tell('ranker');
        yield lasting(ranker);
        direction = directionAreas(ranker, split);
      } else if (asked('ranker')) yield vectors('ranker');
      if (asked('embedding')) yield vectors('embedding');
      if (wanted.includes('control')) yield* rivals(['control'], ranker);
    } finally {
      ranker?.dispose();
    }
    yield* rivals(BASELINES.filter((name) => name !== 'control' && wanted.includes(name)));
  }
  const found = yield* evaluateAllSteps(engine, scorers(), split, { filter, seed, signal, ranks: true });
  return direction ? { ...found, direction } : found;
}

/** The same scorer, which its evaluation does not dispose. */
function lasting(scorer: Scorer): Scorer {
  return { name: scorer.name, score: (queries, scores) => scorer.score(queries, scores), dispose() {} };
}
