import { instance, object } from '../check.ts';
import { checkEngine } from '../engine/check-engine.ts';
import { Engine } from '../engine/engine.ts';
import { type Evaluation, withoutRanks } from './evaluate.ts';
import { type EvaluateModelOptions, evaluateModelSteps } from './evaluate-model.ts';
import type { FitOptions, ModelCard } from './fit.ts';
import { DirectedGraph } from './graph.ts';
import { RelatedProducts } from './recommender.ts';
import { type Split, type SplitOptions, splitEdges } from './split.ts';
import { paced } from './steps.ts';
import { type Verdict, verdict } from './verdict.ts';

export interface HoldoutOptions extends Omit<FitOptions, 'validation' | 'checkpoint' | 'onProgress'> {
  /** How edges are hidden: 10 % to choose by and 10 % to judge by, at random, when absent. */
  split?: Omit<SplitOptions, 'seed'>;
  filter?: EvaluateModelOptions['filter'];
  methods?: EvaluateModelOptions['methods'];
  onProgress?: (progress: { phase: string; step: number; total: number }) => void;
}

/** What `evaluateHoldout` returns: one JSON document. */
export interface HoldoutEvaluation extends Evaluation {
  verdict: Verdict;
  /** Of the model that was judged. */
  card: ModelCard;
}

/**
 * Judges what `RelatedProducts.fit(graph, options)` gives: hides a part of the edges, fits on the rest with the same
 * options, and measures how well the hidden ones are found, beside the control and every baseline. RangeError when the
 * graph has too few edges to hide some.
 */
export async function evaluateHoldout(
  graph: DirectedGraph,
  given: HoldoutOptions = {},
): Promise<HoldoutEvaluation> {
  instance(graph, DirectedGraph, 'graph', 'a DirectedGraph');
  object(given, 'evaluateHoldout', 'an object of options');
  const { split: how, filter, methods, onProgress, ...fit } = given;
  if (fit.engine !== undefined) checkEngine(fit.engine);
  const { seed = 0, signal, features, coView } = fit;
  const engine = (fit.engine ?? (await Engine.create())).fork();
  try {
    const split = splitEdges(engine, graph, { ...how, seed });
    if (split.test.source.length === 0 || split.train.edgeCount === 0) {
      throw new RangeError(`${graph.edgeCount} edges are too few to hide some and train on the rest`);
    }
    const model = await RelatedProducts.fit(split.train, {
      ...fit,
      engine,
      coView: coView && withoutHidden(coView, split),
      validation: split.validation.source.length > 0 ? split.validation : undefined,
      onProgress,
    });
    const judging = { filter, methods, onProgress, seed, signal, features };
    const found = await paced(evaluateModelSteps(engine, model, split, judging), signal);
    return { ...withoutRanks(found), verdict: verdict(found), card: model.card };
  } finally {
    engine.dispose();
  }
}

/** A second relation without the pairs that are hidden, in either direction: they would give the answers away. */
export function withoutHidden(coView: DirectedGraph, { known, part }: Split): DirectedGraph | undefined {
  const hidden = known.filterEdges(part.map((label) => (label > 0 ? 1 : 0)));
  const keep = new Uint8Array(coView.edgeCount);
  const { indptr, indices } = coView.out;
  for (let u = 0; u < coView.nodeCount; u++) {
    for (let e = indptr[u]; e < indptr[u + 1]; e++) {
      keep[e] = hidden.hasEdge(u, indices[e]) || hidden.hasEdge(indices[e], u) ? 0 : 1;
    }
  }
  const open = coView.filterEdges(keep);
  return open.edgeCount > 0 ? open : undefined;
}
