import { DualEncoder } from './encoder.ts';
import { MessageGraph } from './message.ts';
import { Objective } from './objective.ts';
import type { EncoderOptions } from './options.ts';
import { sampledCapacity } from './propagation.ts';
import type { ResolvedTraining, TrainingData } from './training-options.ts';

/** Distinct nodes that a batch names, at most. */
export const seedNodes = (n: number, batch: number, o: EncoderOptions) =>
  Math.min(n, 2 * batch + (o.loss === 'asymmetric' ? batch * o.negativesPerPositive : o.negatives));

/** Bytes of training in each mode, near enough to choose by. */
export function trainingBytes(
  data: TrainingData,
  options: EncoderOptions,
  training: ResolvedTraining,
  mode: 'full' | 'sampled',
): number {
  const { graph, features, coView } = data;
  const n = graph.nodeCount;
  const batch = Math.min(training.batch, graph.edgeCount);
  const seeds = seedNodes(n, batch, options);
  const capacity =
    mode === 'full'
      ? Array.from({ length: options.layers + 1 }, () => n)
      : sampledCapacity(n, seeds, options.layers, training.sampling);
  const shape = { nodeCount: n, capacity, features, coView: coView !== undefined };
  let bytes = DualEncoder.bytes(options, shape) + Objective.bytes(options, batch);
  bytes += MessageGraph.bytes(n, graph.edgeCount, options.aggregation, options.edgeWeights);
  if (coView) bytes += MessageGraph.bytes(n, coView.edgeCount, options.aggregation, options.edgeWeights);
  if (mode === 'sampled') {
    for (let layer = 0; layer < options.layers; layer++) {
      const fanout = training.sampling.fanout[Math.min(layer, training.sampling.fanout.length - 1)];
      bytes += 40 * Math.min(graph.edgeCount, capacity[layer + 1] * fanout) + 24 * capacity[layer];
    }
  }
  return bytes;
}

/** Whole graph or samples: what was asked, or in `auto` whole when it fits into `memory`. */
export function chooseMode(
  data: TrainingData,
  options: EncoderOptions,
  training: ResolvedTraining,
): 'full' | 'sampled' {
  const sampledFits = options.layers > 0 && !data.coView;
  if (training.mode === 'sampled' && !sampledFits) {
    throw new RangeError('sampled training needs at least one layer and no co-view relation; use mode full');
  }
  if (training.mode !== 'auto') return training.mode;
  return !sampledFits || trainingBytes(data, options, training, 'full') <= training.memory
    ? 'full'
    : 'sampled';
}
