import { options } from '../check.ts';
import { type FitOptions, fitDefaults } from './fit.ts';
import type { DirectedGraph } from './graph.ts';
import { shippedRankerCost, shippedRankerOptions } from './ranker/ship.ts';
import { checkFit, resolveEncoder, resolveTraining } from './resolve.ts';
import type { TrainingData } from './training-options.ts';
import { trainingBytes } from './training-size.ts';

/** Bytes of the engine's memory and seconds on one core (to within a factor of two) that a fit to the last step takes. */
export function estimateFit(
  graph: DirectedGraph,
  given?: FitOptions,
): { bytes: number; seconds: number; mode: 'full' | 'sampled' } {
  const o = options<FitOptions>(given, fitDefaults, 'estimate');
  checkFit(graph, o);
  const encoder = resolveEncoder(graph, o);
  const training = resolveTraining(o);
  const none = { source: new Uint32Array(0), target: new Uint32Array(0) };
  const data: TrainingData = { graph, validation: none, features: o.features, coView: o.coView };
  const full = trainingBytes(data, encoder, training, 'full');
  const mode =
    training.mode === 'auto' ? (full <= training.memory || o.coView ? 'full' : 'sampled') : training.mode;
  const learning = mode === 'full' ? full : trainingBytes(data, encoder, training, 'sampled');
  const setAside = o.earlyStopping || o.validation !== undefined;
  const ranked = setAside && shippedRankerOptions(o.ranker, graph.nodeCount) !== undefined;
  const ranker = ranked ? shippedRankerCost(graph, o.validation) : { bytes: 0, seconds: 0 };
  const bytes = Math.max(learning, ranker.bytes);
  const { dim, layers, negatives, crossRole } = encoder;
  const batch = Math.min(training.batch, Math.ceil(graph.edgeCount * (encoder.mask || 1)));
  const gathers = (crossRole ? 8 : 4) * layers * graph.edgeCount * dim;
  const products = 6 * batch * negatives * dim + 8 * graph.nodeCount * dim * dim;
  // Measured: 6 G gathered floats and 30 G multiply-adds a second on one core; half more for the rest of a step, 2 ms
  // for its fixed part, and a look at validation every so often.
  const step = 0.002 + 1.5 * (gathers / 6e9 + products / 3e10 + (graph.nodeCount * dim * layers * 30) / 6e9);
  const predicted = Math.max(1, batch);
  const steps =
    training.epochs === undefined
      ? training.steps
      : Math.ceil((training.epochs * graph.edgeCount) / predicted);
  return { bytes, seconds: steps * step + ranker.seconds, mode };
}
