import { flag, integer, notAborted, options } from '../check.ts';
import { Engine } from '../engine/engine.ts';
import { sha256 } from '../hash.ts';
import { truncatedSvd } from '../nn/svd.ts';
import { normalised, release, sparseOperator, upload } from './baselines/adjacency.ts';
import type { Embedding } from './embedding-scorer.ts';
import { idfUnitRows, inverseDocumentFrequency, type NodeFeatures } from './features.ts';
import type { DirectedGraph } from './graph.ts';
import type { EncoderOptions, Preset } from './options.ts';
import { usesFeatures } from './parameter-shapes.ts';
import type { TextRows } from './ranker/neighbour-source.ts';
import type { RankerParts } from './ranker/ranker.ts';
import {
  type RankerCard,
  type ShippedRankerOptions,
  shippedRanker,
  shippedRankerOptions,
} from './ranker/ship.ts';
import { checkFit, resolveEncoder, resolveTraining } from './resolve.ts';
import type { Pairs } from './scorer.ts';
import { type Catalogue, categoriesOf } from './serving/catalogue.ts';
import type { EncoderWeights } from './serving/weights.ts';
import { splitEdges } from './split.ts';
import { paced } from './steps.ts';
import { type Look, Trainer, type TrainerState } from './trainer.ts';
import type { ResolvedTraining, TrainingData, TrainingOptions } from './training-options.ts';

/** One shape for every long job. */
export interface Progress {
  phase: string;
  step: number;
  total: number;
  loss?: number;
  /** The last look at the validation edges, in training. */
  look?: Look;
  elapsedMs: number;
  etaMs?: number;
}

export interface Checkpoint {
  /** Steps between two states handed to `save`. */
  every?: number;
  save?: (state: FitState) => void | Promise<void>;
  /** A state that `save` was given, by a run with the same data and options: goes on to the same model, bit for bit. */
  resume?: FitState;
}

/** A trainer's state and what it belongs to. */
export interface FitState extends TrainerState {
  readonly key: string;
}

export interface FitOptions {
  /** The engine to work in; a new one, disposed at the end, when absent. */
  engine?: Engine;
  /** Sparse features of the nodes (words, brand, category); weighted by idf and unit rows inside. */
  features?: NodeFeatures;
  /** A second relation, also viewed: similar items. */
  coView?: DirectedGraph;
  /** Edges for early stopping that are not in the graph; a tenth of the graph's edges when absent. */
  validation?: Pairs;
  preset?: Preset;
  /** Length of the vectors. */
  dim?: number;
  seed?: number;
  /** Passes over the edges at most. */
  epochs?: number;
  /** false trains to the last step. */
  earlyStopping?: boolean;
  encoder?: Partial<EncoderOptions>;
  training?: Partial<TrainingOptions>;
  /** The ranker over counts, walks, text and vectors that answers (default), its options, or false for vectors alone. */
  ranker?: boolean | ShippedRankerOptions;
  /** The category of each node, kept with the model for caps and fallbacks; training does not read it. */
  catalogue?: Catalogue;
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  checkpoint?: Checkpoint;
}

export const fitDefaults: FitOptions = {
  engine: undefined,
  features: undefined,
  coView: undefined,
  validation: undefined,
  preset: 'default',
  dim: undefined,
  seed: 0,
  epochs: undefined,
  earlyStopping: true,
  encoder: undefined,
  training: undefined,
  ranker: true,
  catalogue: undefined,
  signal: undefined,
  onProgress: undefined,
  checkpoint: undefined,
};

/** What a model is and how it came to be; stored beside the tensors. */
export interface ModelCard {
  kind: 'related-products';
  version: 1;
  seed: number;
  preset: Preset;
  mode: 'full' | 'sampled';
  nodes: number;
  edges: number;
  /** SHA-256 of the training data: nodes, edges, weights, times, features, second relation. */
  dataHash: string;
  /** Optimiser steps taken, and the one whose parameters were kept. */
  steps: number;
  bestStep: number;
  /** Quality on the validation edges at that step; absent without them. */
  validation?: { edges: number; 'hitRate@10': number; 'mrr@10': number };
  /** The same quality of counts alone; only looked at below 2,000 edges, where it may be the better. */
  counts?: { 'hitRate@10': number; 'mrr@10': number };
  /** The looks at the validation edges on the way. */
  history?: readonly Look[];
  /** What the caller keeps with the model about its data: the command line, what it read and left out. Not hashed. */
  data?: Record<string, unknown>;
  /** Whether a ranker answers, and how it was found; absent where none was asked for. */
  ranker?: RankerCard;
  /** Nodes and edges added after training. */
  added?: { nodes: number; edges: number };
  /** Fine-tuning steps taken after training, see `update`. */
  updateSteps?: number;
  encoder: EncoderOptions;
  training: ResolvedTraining;
}

/** Edges below which counts are compared with the model, and answer first where they are as good. */
const SMALL = 2000;

/** What a fit ends with. */
export interface Fit {
  readonly embedding: Embedding;
  readonly card: ModelCard;
  readonly weights?: EncoderWeights;
  readonly ranker?: RankerParts;
}

/** `RelatedProducts.fit` without the model around it. */
export async function fitModel(graph: DirectedGraph, given?: FitOptions): Promise<Fit> {
  const o = options<FitOptions>(given, fitDefaults, 'fit');
  checkFit(graph, o);
  const seed = integer(o.seed, 'seed', 0, 2 ** 32 - 1);
  flag(o.earlyStopping, 'earlyStopping');
  const ranker = shippedRankerOptions(o.ranker, graph.nodeCount);
  const engine = o.engine ?? (await Engine.create());
  const { parts, trained, ...fit } = await fitEmbedding(engine, graph, o, seed);
  if (!ranker) return fit;
  const text = ranker.text ?? o.features;
  const train = parts.graph;
  const validation = o.validation ?? parts.validation;
  const direction = fit.card.encoder.directionLoss > 0;
  const data = { train, validation, trained, graph, text, direction, seed };
  const start = performance.now();
  const fork = engine.fork();
  try {
    const steps = shippedRanker(fork, data, ranker);
    const { card, parts: found } = await paced(steps, o.signal, ({ phase, step, total }) => {
      o.onProgress?.({ phase, step, total, elapsedMs: performance.now() - start });
    });
    // The encoder keeps the same rows of text.
    const rows = text === o.features ? fit.weights?.features?.rows : undefined;
    const shared = rows && found?.kept.text ? withText(found, { ...found.kept.text, rows }) : found;
    return { ...fit, card: { ...fit.card, ranker: card }, ranker: shared };
  } finally {
    fork.dispose();
  }
}

const withText = ({ model, kept }: RankerParts, text: TextRows): RankerParts => ({
  model,
  kept: { ...kept, text },
});

async function fitEmbedding(
  whole: Engine,
  graph: DirectedGraph,
  o: FitOptions,
  seed: number,
): Promise<Fit & { parts: TrainingData; trained: Embedding }> {
  const encoder = resolveEncoder(graph, o);
  const training = resolveTraining(o);
  if (o.catalogue !== undefined) categoriesOf(o.catalogue, graph.nodeCount);
  if (graph.edgeCount === 0) throw new RangeError('the graph has no edges to train on');
  // Everything below lives in the fork: an abort or a memory that cannot grow leaves nothing behind.
  const engine = whole.fork();
  try {
    const parts = trainingParts(engine, graph, o);
    const dataHash = await hashData(graph, o.features, o.coView);
    const trainer = new Trainer(engine, parts, encoder, training, seed);
    trainer.encoder.initialize(
      seed,
      encoder.input === 'structural' ? structural(engine, parts.graph, encoder.dim) : undefined,
    );
    const key = JSON.stringify([dataHash, seed, encoder, training]);
    await train(trainer, key, o);
    trainer.restoreBest();
    const trained = trainer.embedding();
    // What served as validation while training is known when the model answers.
    const embedding = parts.graph === graph ? trained : trainer.embedding(graph);
    const best = bestLook(trainer.history);
    // The second relation is not kept, and without it a node cannot be embedded again.
    const weights = o.coView
      ? undefined
      : { ...trainer.weights(), features: keptFeatures(engine, o, encoder) };
    const card: ModelCard = {
      kind: 'related-products',
      version: 1,
      seed,
      preset: o.preset ?? 'default',
      mode: trainer.mode,
      nodes: graph.nodeCount,
      edges: graph.edgeCount,
      dataHash,
      steps: trainer.step,
      bestStep: best?.step ?? trainer.step,
      validation: best && {
        edges: Math.min(parts.validation.source.length, training.validationEdges),
        'hitRate@10': best['hitRate@10'],
        'mrr@10': best['mrr@10'],
      },
      ...(best && graph.edgeCount < SMALL ? { counts: trainer.countsLook() } : {}),
      ...(best ? { history: thinned(trainer.history) } : {}),
      encoder,
      training,
    };
    return { embedding, card, weights, parts, trained };
  } finally {
    engine.dispose();
  }
}

/** Training data proper: a tenth of the edges set aside when no validation edges are given. */
function trainingParts(engine: Engine, graph: DirectedGraph, o: FitOptions): TrainingData {
  const features = o.features && idfUnitRows(engine, o.features);
  const none = { source: new Uint32Array(0), target: new Uint32Array(0) };
  if (!o.earlyStopping) return { graph, validation: none, features, coView: o.coView };
  if (o.validation) return { graph, validation: o.validation, features, coView: o.coView };
  const split = splitEdges(engine, graph, { kind: 'random', seed: o.seed, validation: 0.1, test: 0 });
  return { graph: split.train, validation: split.validation, features, coView: o.coView };
}

/** The weighted features, by which a new item finds items like it, and the weights of their columns. */
function keptFeatures(engine: Engine, { features }: FitOptions, encoder: EncoderOptions) {
  if (!features || !usesFeatures(encoder)) return undefined;
  const idf = Float32Array.from(inverseDocumentFrequency(engine, features));
  return { rows: idfUnitRows(engine, features), idf };
}

/** Truncated SVD of Do^-1/2 A Di^-1/2 as two tables, U S^1/2 and V S^1/2, scaled to a mean square row of 1/4. */
function structural(engine: Engine, graph: DirectedGraph, dim: number) {
  const n = graph.nodeCount;
  const matrix = upload(engine, graph.out, normalised(engine, graph, 0.5).out);
  const { rank, u, s, v } = truncatedSvd(engine, sparseOperator(engine, matrix, n), {
    rank: Math.min(dim, n),
  });
  release(engine, matrix);
  let square = 0;
  for (let i = 0; i < u.length; i++) square += u[i] * u[i] * s[i % rank];
  const half = 0.5 / Math.sqrt(square / n);
  const table = (factor: Float32Array) => {
    const rows = new Float32Array(n * dim);
    for (let i = 0; i < n; i++) {
      for (let c = 0; c < rank; c++) rows[i * dim + c] = factor[i * rank + c] * Math.sqrt(s[c]) * half;
    }
    return rows;
  };
  return { source: table(u), target: table(v) };
}

async function train(trainer: Trainer, key: string, o: FitOptions): Promise<void> {
  const { every = 25, save, resume } = o.checkpoint ?? {};
  if (resume) {
    if (resume.key !== key) throw new RangeError('the checkpoint is of other data or other options');
    trainer.resume(resume);
  }
  const start = performance.now();
  const from = trainer.step;
  let breath = start;
  notAborted(o.signal);
  while (trainer.unfinished) {
    const loss = trainer.next();
    const now = performance.now();
    const elapsedMs = now - start;
    const done = trainer.step - from;
    o.onProgress?.({
      phase: 'train',
      step: trainer.step,
      total: trainer.steps,
      loss,
      look: trainer.history.at(-1),
      elapsedMs,
      etaMs: (elapsedMs / done) * (trainer.steps - trainer.step),
    });
    if (save && trainer.step % every === 0) await save({ ...trainer.state(), key });
    if (now - breath > 40) {
      // A macrotask, so that a page can paint and an abort can arrive.
      await new Promise((resolve) => setTimeout(resolve));
      breath = performance.now();
    }
    notAborted(o.signal);
  }
}

function bestLook(history: readonly Look[]): Look | undefined {
  const score = (look: Look) => look['hitRate@10'] + look['mrr@10'];
  return history.reduce<Look | undefined>(
    (best, look) => (best && score(best) >= score(look) ? best : look),
    undefined,
  );
}

/** At most about 500 looks, the last among them, so that a card stays short however long the training. */
function thinned(history: readonly Look[]): Look[] {
  const step = Math.ceil(history.length / 500);
  return history.filter((_, i) => (history.length - 1 - i) % step === 0);
}

function hashData(graph: DirectedGraph, features?: NodeFeatures, coView?: DirectedGraph): Promise<string> {
  const edges = (g?: DirectedGraph) => [g?.out.indptr, g?.out.indices, g?.out.weights, g?.out.timestamps];
  const ids = graph.ids ? JSON.stringify(graph.ids) : String(graph.nodeCount);
  const sparse = features && [features.csr.indptr, features.csr.indices, features.csr.weights];
  return sha256([ids, ...edges(graph), ...(sparse ?? []), ...edges(coView)]);
}
