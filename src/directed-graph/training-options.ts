import { integer, oneOf, options, real, sized } from '../check.ts';
import type { NodeFeatures } from './features.ts';
import type { DirectedGraph } from './graph.ts';
import { type SamplingOptions, samplingDefaults } from './sampling-options.ts';
import type { Pairs } from './scorer.ts';

/** What a model is trained on. */
export interface TrainingData {
  readonly graph: DirectedGraph;
  /** Edges that are not in `graph`, for early stopping; none trains to the last step. */
  readonly validation: Pairs;
  readonly features?: NodeFeatures;
  readonly coView?: DirectedGraph;
}

/** How a model is trained; what is trained is in `EncoderOptions`. */
export const trainingDefaults = {
  /** Optimiser steps at most. */
  steps: 300,
  /** Passes over the training edges at most, instead of `steps` (an edge counts when it is predicted). */
  epochs: undefined as number | undefined,
  /** Edges predicted in a step at most. */
  batch: 4096,
  /** Adam's step length, and its decoupled decay. */
  learningRate: 0.01,
  weightDecay: 0,
  /** Steps between two looks at the validation edges, and how many looks without gain end the training. */
  evaluateEvery: 25,
  patience: 4,
  /** Validation edges ranked at a look, at most. */
  validationEdges: 1500,
  /** Propagate over the whole graph, over sampled neighbourhoods, or whole when it fits into `memory`. */
  mode: 'auto' as 'auto' | 'full' | 'sampled',
  /** Bytes that training over the whole graph may take in `auto`. */
  memory: 1.5e9,
  sampling: samplingDefaults,
};
export type TrainingOptions = Omit<typeof trainingDefaults, 'sampling'> & {
  sampling: Partial<SamplingOptions>;
};
export type ResolvedTraining = typeof trainingDefaults;

/**
 * How the published recipe trains: batches of 1,024 over sampled neighbourhoods, 20 neighbours nearest the input and 10
 * further out, number and chance by degree, short lists filled from walks. Its step length of 1e-4 needs far more steps
 * than a small graph gives; ours is kept.
 */
export const bladeTraining: Partial<TrainingOptions> = {
  mode: 'sampled',
  batch: 1024,
  sampling: { fanout: [20, 10, 10], budget: 'degree-adaptive', degreePower: 1, fill: 'alternating' },
};

export function trainingOptions(
  given?: Partial<TrainingOptions>,
  preset: Partial<TrainingOptions> = {},
): ResolvedTraining {
  const o = options<TrainingOptions>(given, { ...trainingDefaults, ...preset }, 'training');
  integer(o.steps, 'steps', 1, 1e7);
  if (o.epochs !== undefined) real(o.epochs, 'epochs', 1e-3, 1e6);
  integer(o.batch, 'batch', 1, 1 << 20);
  real(o.learningRate, 'learningRate', 0, 10);
  real(o.weightDecay, 'weightDecay', 0, 1);
  integer(o.evaluateEvery, 'evaluateEvery', 1, 1e7);
  integer(o.patience, 'patience', 1, 1e7);
  integer(o.validationEdges, 'validationEdges', 1, 1e9);
  oneOf(o.mode, 'mode', ['auto', 'full', 'sampled']);
  real(o.memory, 'memory', 1, 4.2e9);
  const base = { ...samplingDefaults, ...preset.sampling };
  const sampling = options<SamplingOptions>(
    o.sampling === preset.sampling ? {} : o.sampling,
    base,
    'sampling',
  );
  sized(sampling.fanout, 'fanout', sampling.fanout?.length);
  if (sampling.fanout.length === 0) throw new RangeError('fanout must have at least one entry');
  sampling.fanout.forEach((k, i) => void integer(k, `fanout[${i}]`, 1, 10_000));
  oneOf(sampling.budget, 'budget', ['fixed', 'degree-adaptive']);
  oneOf(sampling.fill, 'fill', ['none', 'alternating', 'forward']);
  if (![0, 0.25, 0.5, 0.75, 1].includes(sampling.degreePower)) {
    throw new RangeError(`degreePower must be 0, .25, .5, .75 or 1, got ${sampling.degreePower}`);
  }
  integer(sampling.walks, 'walks', 1, 65_535);
  return { ...o, sampling };
}
