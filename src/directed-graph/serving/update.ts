import { integer, notAborted, options, real } from '../../check.ts';
import type { Engine } from '../../engine/engine.ts';
import type { ModelCard, Progress } from '../fit.ts';
import type { DirectedGraph } from '../graph.ts';
import type { EncoderOptions } from '../options.ts';
import { FineTuner } from './fine-tune.ts';
import type { LiveEncoder } from './live.ts';
import { type EncoderWeights, withTable } from './weights.ts';

export interface UpdateOptions {
  /** Fine-tuning steps; 0 only adds the edges. */
  steps?: number;
  /** Step length at the start; it falls in a line to nothing. */
  learningRate?: number;
  /** That of the model when absent. */
  seed?: number;
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

export interface UpdateResult {
  /** Nodes whose vectors were computed again; all others keep their bits. */
  touched: number;
  /** Nodes whose learned rows were trained: the ends of the new edges. */
  tuned: number;
  steps: number;
  /** Mean loss of the new edges when all of them are held out; absent where nothing was trained. */
  loss?: { before: number; after: number };
}

/**
 * Half of training's step length, and 60 steps: on the phones 30 steps of .01 lose what they should gain (HR@10 of touched
 * queries .488, .489 by the edges alone), 60 of .005 gain as much as a new training (.495 and .493).
 */
export const updateDefaults: UpdateOptions = {
  steps: 60,
  learningRate: 0.005,
  seed: undefined,
  signal: undefined,
  onProgress: undefined,
};

/** The options with every value checked. */
export function updateOptions(given: UpdateOptions | undefined, card: ModelCard) {
  const o = options<UpdateOptions>(given, updateDefaults, 'update');
  if (o.signal !== undefined && !(o.signal instanceof AbortSignal)) {
    throw new TypeError('signal must be an AbortSignal');
  }
  if (o.onProgress !== undefined && typeof o.onProgress !== 'function') {
    throw new TypeError('onProgress must be a function');
  }
  return {
    steps: integer(o.steps, 'steps', 0, 1e6),
    learningRate: real(o.learningRate, 'learningRate', 0, 10),
    seed: integer(o.seed ?? card.seed, 'seed', 0, 2 ** 32 - 1),
    signal: o.signal,
    onProgress: o.onProgress,
  };
}

/** What an update makes of a model, to be put in its place at once. */
export interface Updated {
  readonly live: LiveEncoder;
  readonly weights: EncoderWeights;
  readonly encoder: EncoderOptions;
  readonly result: UpdateResult;
}

/**
 * The live encoder over `graph`, which has further edges, with the learned rows of their ends trained for `steps`. Shared
 * maps and scalars stay; biases move along the line that training made of log(1 + in-degree). A model that reads features
 * alone gets a table of rows beside them, which are 0 but where they are trained.
 */
export async function updated(
  engine: Engine,
  before: LiveEncoder,
  graph: DirectedGraph,
  edges: { source: Uint32Array; target: Uint32Array },
  card: ModelCard,
  o: ReturnType<typeof updateOptions>,
): Promise<Updated> {
  const { options, weights: old } = before.states.encoder;
  // An edge from a node to itself is none.
  const kept = edges.source.map((u, i) => (u === edges.target[i] ? 0 : 1));
  const source = edges.source.filter((_, i) => kept[i]);
  const target = edges.target.filter((_, i) => kept[i]);
  notAborted(o.signal);
  if (o.steps === 0 || source.length === 0) {
    const { live, touched } = before.withEdges(graph, edges);
    return {
      live,
      weights: old,
      encoder: options,
      result: { touched: touched.length, tuned: 0, steps: 0 },
    };
  }
  const { encoder, weights } = withTable(options, old, graph.nodeCount);
  const bias = before.biasOver(graph);
  const fork = engine.fork();
  try {
    // Fixed rows are never trained, so only the biases move.
    const steps = encoder.input === 'fixed' ? 0 : o.steps;
    const from = card.steps + (card.updateSteps ?? 0);
    const data = { graph, source, target, encoder, training: card.training, weights, bias };
    const tuner = steps > 0 ? new FineTuner(fork, data, o.seed, from) : undefined;
    const first = tuner?.loss();
    if (tuner) await tune(tuner, o);
    const loss = tuner && { before: first!, after: tuner.loss() };
    const tuned = tuner ? { ...weights, tables: tuner.tables() } : weights;
    const nodes = tuner?.nodes ?? new Uint32Array(0);
    const { live, touched } = before.withEdges(
      graph,
      { source, target },
      { encoder, weights: tuned, nodes, bias },
    );
    const result = { touched: touched.length, tuned: nodes.length, steps, ...(loss ? { loss } : {}) };
    return { live, weights: tuned, encoder, result };
  } finally {
    fork.dispose();
  }
}

async function tune(tuner: FineTuner, o: ReturnType<typeof updateOptions>): Promise<void> {
  const start = performance.now();
  let breath = start;
  for (let step = 1; step <= o.steps; step++) {
    notAborted(o.signal);
    const loss = tuner.next(step, o.learningRate * (1 - (step - 1) / o.steps));
    const now = performance.now();
    const elapsedMs = now - start;
    const etaMs = (elapsedMs / step) * (o.steps - step);
    o.onProgress?.({ phase: 'update', step, total: o.steps, loss, elapsedMs, etaMs });
    if (now - breath > 40) {
      // A macrotask, so that a page can paint and an abort can arrive.
      await new Promise((resolve) => setTimeout(resolve));
      breath = performance.now();
    }
  }
  notAborted(o.signal);
}
