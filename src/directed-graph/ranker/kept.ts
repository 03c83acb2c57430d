import { integer, options, real } from '../../check.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Csr } from '../csr.ts';
import type { Embedding } from '../embedding-scorer.ts';
import { idfUnitRows, type NodeFeatures } from '../features.ts';
import type { DirectedGraph } from '../graph.ts';
import type { Steps } from '../steps.ts';
import { degreeFeatures, svdFactors, svdFeatures } from './dense-source.ts';
import { type EaseRows, easeFeatureDefaults, easeFeatures, easeRows } from './ease-source.ts';
import { knnFeatures, type TextRows, textFeatures, textNeighbours } from './neighbour-source.ts';
import type { FeatureSource, WeightedCsr } from './source.ts';
import { walkFeatures } from './walk-source.ts';
import { weightedFeatures } from './weighted-source.ts';

export interface GraphFeatureOptions {
  /** Sparse features of the nodes, weighted by idf inside: words. */
  text?: NodeFeatures;
  /** Ridge of EASE (100) and entries kept of a column (200). */
  easeRidge?: number;
  easeKeep?: number;
  seed?: number;
}

/** What features need beside the graph and would take seconds to compute again: kept in a model's file. */
export interface KeptFeatures {
  readonly ease: EaseRows;
  readonly svd: Embedding;
  readonly text?: TextRows;
}

const defaults: GraphFeatureOptions = {
  text: undefined,
  easeRidge: easeFeatureDefaults.ridge,
  easeKeep: easeFeatureDefaults.keep,
  seed: 0,
};

/** The options with every value checked. */
export function graphFeatureOptions(given: GraphFeatureOptions | undefined, nodeCount: number) {
  const set = options<GraphFeatureOptions>(given, defaults, 'ranker');
  real(set.easeRidge, 'easeRidge', 1e-9);
  integer(set.easeKeep, 'easeKeep', 1);
  integer(set.seed, 'seed', 0, 2 ** 32 - 1);
  if (set.text) {
    if (!set.text.csr?.indptr) throw new TypeError('text must be made by nodeFeatures');
    integer(set.text.rows, 'text.rows', nodeCount, nodeCount);
  }
  return set as Required<Omit<GraphFeatureOptions, 'text'>> & Pick<GraphFeatureOptions, 'text'>;
}

/** Computes what is kept, for a train graph. */
export function* keptFeatures(
  engine: Engine,
  graph: DirectedGraph,
  given?: GraphFeatureOptions,
): Steps<KeptFeatures> {
  const { text, easeRidge, easeKeep, seed } = graphFeatureOptions(given, graph.nodeCount);
  yield { phase: 'counts', step: 0, total: 1 };
  const svd = svdFactors(engine, graph, seed);
  const ease = yield* easeRows(engine, graph, { ridge: easeRidge, keep: easeKeep });
  if (!text) return { svd, ease };
  const rows = idfUnitRows(engine, text);
  return { svd, ease, text: { rows, near: yield* textNeighbours(engine, rows) } };
}

/** All features that a graph (its weights too, if it has them) and what was kept give. */
export function featureSources(engine: Engine, graph: DirectedGraph, kept: KeptFeatures): FeatureSource[] {
  const made: FeatureSource[] = [];
  try {
    made.push(knnFeatures(engine, graph), walkFeatures(engine, graph), svdFeatures(engine, kept.svd));
    const ease = easeFeatures(engine, graph, kept.ease);
    if (ease) made.push(ease);
    if (graph.out.weights) made.push(weightedFeatures(engine, graph));
    if (kept.text) made.push(textFeatures(engine, graph, kept.text));
    made.push(degreeFeatures(engine, graph));
    return made;
  } catch (error) {
    for (const source of made) source.dispose();
    throw error;
  }
}

/** With `more` nodes at the end, of which nothing is known but their text. */
export function keptWithNodes(
  kept: KeptFeatures,
  more: number,
  rows: NodeFeatures | undefined,
): KeptFeatures {
  const { svd, ease, text } = kept;
  const grown = (factor: Float32Array) => {
    const to = new Float32Array(factor.length + more * svd.dim);
    to.set(factor);
    return to;
  };
  return {
    svd: { ...svd, nodeCount: svd.nodeCount + more, source: grown(svd.source), target: grown(svd.target) },
    ease: {
      byTarget: ease.byTarget && withEmptyRows(ease.byTarget, more),
      bySource: ease.bySource && withEmptyRows(ease.bySource, more),
    },
    text: text && {
      rows: rows ?? {
        ...text.rows,
        rows: text.rows.rows + more,
        csr: withEmptyRows(text.rows.csr, more),
      },
      near: withEmptyRows(text.near, more),
    },
  };
}

function withEmptyRows<T extends Csr>(csr: T, more: number): T {
  const indptr = new Uint32Array(csr.indptr.length + more).fill(csr.indices.length);
  indptr.set(csr.indptr);
  return { ...csr, indptr };
}

/** The sparse matrices of `kept` by name: what a file holds, and what is checked when it is read. */
export function keptMatrices({ ease, text }: KeptFeatures): Record<string, WeightedCsr> {
  return {
    ...(ease.byTarget ? { 'ease.target': ease.byTarget } : {}),
    ...(ease.bySource ? { 'ease.source': ease.bySource } : {}),
    ...(text ? { 'text.near': text.near } : {}),
  };
}
