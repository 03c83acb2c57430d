import { instance, integer, options } from '../check.ts';
import { checkEngine } from '../engine/check-engine.ts';
import type { Checkpoint, FitOptions } from './fit.ts';
import { DirectedGraph } from './graph.ts';
import { type EncoderOptions, encoderOptions } from './options.ts';
import { usesFeatures } from './parameter-shapes.ts';
import { checkPairs } from './scorer.ts';
import { bladeTraining, type ResolvedTraining, trainingOptions } from './training-options.ts';

/** What is wrong with the data or the hooks is said before training, not by it. */
export function checkFit(graph: DirectedGraph, o: FitOptions): void {
  const n = instance(graph, DirectedGraph, 'graph', 'a DirectedGraph').nodeCount;
  if (o.engine !== undefined) checkEngine(o.engine);
  if (o.features !== undefined) {
    if (!o.features?.csr?.indptr) throw new TypeError('features must be made by nodeFeatures');
    integer(o.features.rows, 'features.rows', n, n);
  }
  if (o.coView !== undefined) {
    instance(o.coView, DirectedGraph, 'coView', 'a DirectedGraph');
    integer(o.coView.nodeCount, 'coView.nodeCount', n, n);
  }
  if (o.validation !== undefined) checkPairs(o.validation, 'validation', n);
  if (o.signal !== undefined && !(o.signal instanceof AbortSignal)) {
    throw new TypeError('signal must be an AbortSignal');
  }
  const { every, save, resume } = options<Checkpoint>(
    o.checkpoint,
    { every: undefined, save: undefined, resume: undefined },
    'checkpoint',
  );
  if (every !== undefined) integer(every, 'checkpoint.every', 1, 1e7);
  if (resume !== undefined && typeof resume?.key !== 'string') {
    throw new TypeError('checkpoint.resume must be a state that save was given');
  }
  for (const [name, hook] of Object.entries({ onProgress: o.onProgress, 'checkpoint.save': save })) {
    if (hook !== undefined && typeof hook !== 'function') throw new TypeError(`${name} must be a function`);
  }
}

/** `auto` switches settled by what is known of the data. */
export function resolveEncoder(graph: DirectedGraph, o: FitOptions): EncoderOptions {
  const encoder = encoderOptions(
    { ...o.encoder, ...(o.dim === undefined ? {} : { dim: o.dim }) },
    o.preset ?? 'default',
  );
  if (encoder.input === 'auto') encoder.input = o.features ? 'features' : 'learned';
  if ((encoder.input === 'features' || encoder.input === 'features+learned') && !o.features) {
    throw new TypeError(`input ${encoder.input} needs features`);
  }
  if (encoder.dropout === 'auto') {
    let touched = 0;
    for (let u = 0; u < graph.nodeCount; u++) if (graph.outDegree(u) + graph.inDegree(u) > 0) touched++;
    // Small sets overfit: .7 without features, .5 with; from 15 edges a node .3 is enough (ablation on real graphs).
    const dense = graph.edgeCount >= 15 * touched;
    encoder.dropout = dense ? 0.3 : usesFeatures(encoder) ? 0.5 : 0.7;
  }
  return encoder;
}

/** Training options under the preset. Sampling does not reach the second relation, so with it the graph is whole. */
export function resolveTraining({ training, epochs, preset, coView }: FitOptions): ResolvedTraining {
  const base = preset === 'blade' ? { ...bladeTraining, ...(coView ? { mode: 'full' as const } : {}) } : {};
  return trainingOptions({ ...training, ...(epochs === undefined ? {} : { epochs }) }, base);
}
