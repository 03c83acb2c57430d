import { options } from '../check.ts';
import type { Engine } from '../engine/engine.ts';
import { BASELINES, type BaselineName, baselines } from './baselines/index.ts';
import { type DirectionAreas, directionAreas } from './direction-areas.ts';
import { EmbeddingScorer } from './embedding-scorer.ts';
import { type EvaluateOptions, type Evaluation, evaluateAll, evaluateDefaults } from './evaluate.ts';
import type { NodeFeatures } from './features.ts';
import { Ranker } from './ranker/ranker.ts';
import type { RelatedProducts } from './recommender.ts';
import type { Scorer } from './scorer.ts';
import type { Split } from './split.ts';

/** What ships, the embedding inside it, the ranker without the embedding, then the other baselines. */
export const METHODS = [
  'ranker',
  'embedding',
  'control',
  ...BASELINES.filter((name): name is Exclude<BaselineName, 'control'> => name !== 'control'),
] as const;

export type MethodName = (typeof METHODS)[number];

export interface EvaluateModelOptions extends Omit<EvaluateOptions, 'pairs' | 'ranks'> {
  /** Features of the nodes, for the baselines. */
  features?: NodeFeatures;
  /** Which to measure, of those that the data allow. */
  methods: readonly MethodName[];
  onProgress?: (progress: { phase: MethodName; step: number; total: number }) => void;
}

/**
 * Measures a model that was fitted on `split.train` (with `split.validation`) beside the control and every baseline, with
 * the rank of every test edge for `verdict`. Without a model only the rivals are measured.
 */
export function evaluateModel(
  engine: Engine,
  model: RelatedProducts | undefined,
  split: Split,
  given?: Partial<EvaluateModelOptions>,
): Evaluation {
  const { features, methods, onProgress, filter, seed, signal } = options<EvaluateModelOptions>(
    given,
    {
      filter: evaluateDefaults.filter,
      seed: evaluateDefaults.seed,
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
  const { train, validation } = split;
  const wanted = METHODS.filter((name) => methods.includes(name));
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
    const ranker = model && wanted.includes('ranker') ? rankerOf(engine, model, split, features) : undefined;
    try {
      if (ranker) {
        tell('ranker');
        yield lasting(ranker);
        direction = directionAreas(ranker, split);
      }
      if (model && wanted.includes('embedding')) {
        tell('embedding');
        yield new EmbeddingScorer(engine, model.embedding);
      }
      if (wanted.includes('control')) yield* rivals(['control'], ranker);
    } finally {
      ranker?.dispose();
    }
    yield* rivals(BASELINES.filter((name) => name !== 'control' && wanted.includes(name)));
  }
  const found = evaluateAll(engine, scorers(), split, { filter, seed, signal, ranks: true });
  return direction ? { ...found, direction } : found;
}

/** The ranker over the train graph, fitted on the validation edges; undefined without any. */
function rankerOf(
  engine: Engine,
  model: RelatedProducts,
  { train, validation }: Split,
  text: NodeFeatures | undefined,
): Ranker | undefined {
  if (validation.source.length === 0) return undefined;
  const { embedding, card } = model;
  return Ranker.fit(engine, train, validation, { embedding, text, fit: { seed: card.seed } });
}

/** The same scorer, which its evaluation does not dispose. */
function lasting(scorer: Scorer): Scorer {
  return {
    name: 'ranker',
    score: (queries, scores) => scorer.score(queries, scores),
    dispose() {},
  };
}
