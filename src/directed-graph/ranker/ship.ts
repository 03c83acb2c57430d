import { options, real } from '../../check.ts';
import type { Engine } from '../../engine/engine.ts';
import { EASE_MAX_TARGETS } from '../baselines/ease.ts';
import type { Embedding } from '../embedding-scorer.ts';
import type { NodeFeatures } from '../features.ts';
import type { DirectedGraph } from '../graph.ts';
import type { Pairs } from '../scorer.ts';
import { Fallback } from '../serving/fallback.ts';
import type { Steps } from '../steps.ts';
import { arrowTerm } from './arrow.ts';
import { type CandidateLists, candidateLists } from './candidates.ts';
import { easeFeatureDefaults } from './ease-source.ts';
import { type Fitted, fitOnLists, rankFitOptions } from './fit.ts';
import type { RankFitOptions } from './fit-options.ts';
import type { Judgement } from './judge.ts';
import { graphFeatureOptions, type KeptFeatures, keptFeatures } from './kept.ts';
import { type Quality, sumOf } from './quality.ts';
import { pairFeatures, type RankerParts, weightsByName } from './ranker.ts';

/** How the ranker of a model is fitted. */
export interface ShippedRankerOptions {
  /** Features of the nodes for the ranker; those of the model when absent. */
  text?: NodeFeatures;
  /** Ridge of EASE (100) and entries kept of a column (200). */
  easeRidge?: number;
  easeKeep?: number;
  /** Added to the score of products that at most 5 others lead to; the largest that costs little when absent. */
  rareBoost?: number;
  fit?: Partial<Omit<RankFitOptions, 'seed' | 'signal' | 'onProgress' | 'rareBoost'>>;
}

/** How a model's ranker was found; stored in the card. */
export interface RankerCard {
  /** Whether it answers. */
  used: boolean;
  /** Why it does not. */
  why?: string;
  /** Queries set aside; each was judged by a fit that had not seen it. */
  queries: number;
  heldOut?: {
    ranker: Quality;
    embedding: Quality;
    counts: Quality;
    /** The ranker's linear part, and the same without the embedding: what the embedding adds. */
    linear: Quality;
    withoutEmbedding: Quality;
  };
  /** Strengths chosen: of the ridge, of the network (0 for none), of the boost for rare targets, of EASE. */
  ridge?: number;
  steps?: number;
  rareBoost?: number;
  easeRidge?: number;
  /** The weight of each feature, by its deviation. */
  weights?: Readonly<Record<string, number>>;
}

/** Queries with validation edges below which nothing is fitted: 25 weights would follow the noise of so few. */
const FEWEST = 50;

/** What a ranker is fitted on and what it will answer from. */
export interface ShippedData {
  /** Without the validation edges; the embedding is of this graph. */
  readonly train: DirectedGraph;
  readonly validation: Pairs;
  readonly trained: Embedding;
  /** The graph of the model; `train` itself, or with the validation edges. */
  readonly graph: DirectedGraph;
  readonly text?: NodeFeatures;
  /** Whether the embedding was trained with a direction loss, which answers then respect. */
  readonly direction: boolean;
  readonly seed: number;
}

const defaults: ShippedRankerOptions = {
  text: undefined,
  easeRidge: easeFeatureDefaults.ridge,
  easeKeep: easeFeatureDefaults.keep,
  rareBoost: undefined,
  fit: undefined,
};

/** The options with every value checked; undefined for `false`. */
export function shippedRankerOptions(given: boolean | ShippedRankerOptions | undefined, nodeCount: number) {
  if (given === false) return undefined;
  const set = options<ShippedRankerOptions>(given === true ? undefined : given, defaults, 'ranker');
  const { text, easeRidge, easeKeep, rareBoost } = set;
  graphFeatureOptions({ text, easeRidge, easeKeep }, nodeCount);
  if (rareBoost !== undefined) real(rareBoost, 'rareBoost', 0, 100);
  return { ...set, fit: rankFitOptions({ ...set.fit, rareBoost }) };
}

/** Fits a ranker and says how good it is; no parts where it should not answer. */
export function* shippedRanker(
  engine: Engine,
  data: ShippedData,
  set: NonNullable<ReturnType<typeof shippedRankerOptions>>,
): Steps<{ parts?: RankerParts; card: RankerCard }> {
  const { train, validation, graph, seed } = data;
  const queries = new Set(validation.source).size;
  if (queries < FEWEST) {
    const why = `${queries} products with pairs set aside are too few to fit it, ${FEWEST} are needed`;
    return { card: { used: false, why, queries } };
  }
  const how = { text: data.text, easeRidge: set.easeRidge, easeKeep: set.easeKeep, seed };
  const kept = yield* keptFeatures(engine, train, how);
  const { fitted, without } = yield* fittedOn(engine, data, kept, { ...set.fit, seed });
  const { model, report } = fitted;
  const { shipped, linear, rivals, ridge, steps } = report;
  const heldOut = {
    ranker: quality(shipped),
    embedding: quality(rivals.embedding),
    counts: quality(rivals.counts),
    linear: quality(linear),
    withoutEmbedding: quality(without),
  };
  const why = whyNot(heldOut);
  const card: RankerCard = {
    used: why === undefined,
    ...(why ? { why } : {}),
    queries: report.queries,
    heldOut,
    ridge,
    steps,
    rareBoost: model.rareBoost,
    easeRidge: set.easeRidge,
    weights: weightsByName(model),
  };
  if (why) return { card };
  return { parts: { model, kept: graph === train ? kept : yield* keptFeatures(engine, graph, how) }, card };
}

function* fittedOn(
  engine: Engine,
  { train, validation, trained, direction }: ShippedData,
  kept: KeptFeatures,
  set: RankFitOptions,
): Steps<{ fitted: Fitted; without: Judgement }> {
  const features = pairFeatures(engine, train, kept, trained);
  try {
    const lists = yield* candidateLists(engine, features, validation, set);
    try {
      const at = features.names.indexOf('embedding');
      const rivals = { embedding: column(lists, at), counts: countScores(train, lists) };
      const arrows = direction ? arrowTerms(engine, trained, lists) : undefined;
      const fitted = yield* fitOnLists(engine, lists, features.names, set, rivals, arrows);
      const x = lists.x.array;
      for (let r = 0; r < lists.target.length; r++) x[r * lists.width + at] = 0;
      const linear = { ...set, ridges: [fitted.report.ridge], mlp: false };
      const { report } = yield* fitOnLists(engine, lists, features.names, linear);
      return { fitted, without: report.linear };
    } finally {
      engine.release(lists.x);
    }
  } finally {
    for (const source of features.sources) source.dispose();
  }
}

function arrowTerms(engine: Engine, trained: Embedding, { queries, indptr, target }: CandidateLists) {
  const terms = new Float32Array(target.length);
  queries.forEach((u, i) => {
    for (let r = indptr[i]; r < indptr[i + 1]; r++) terms[r] = arrowTerm(engine, trained, u, target[r]);
  });
  return terms;
}

function column({ x, width, target }: CandidateLists, at: number): Float32Array {
  const values = x.array;
  return Float32Array.from(target, (_, r) => values[r * width + at]);
}

/** What follows each query by counts alone, everything else by popularity behind it. */
function countScores(train: DirectedGraph, { queries, indptr, target }: CandidateLists): Float32Array {
  const fallback = new Fallback(train);
  const scores = new Float32Array(target.length);
  queries.forEach((u, i) => {
    const next = fallback.coPurchase([u]);
    for (let r = indptr[i]; r < indptr[i + 1]; r++) {
      scores[r] = next.get(target[r]) ?? fallback.popularity(target[r]) - 1;
    }
  });
  return scores;
}

function quality({ 'hitRate@10': hit, 'mrr@10': mrr, rare }: Judgement): Quality {
  return { 'hitRate@10': hit, 'mrr@10': mrr, ...(Number.isNaN(rare) ? {} : { rare }) };
}

/** Why something simpler should answer: it foretold the pairs set aside as well. */
function whyNot({ ranker, embedding, counts }: NonNullable<RankerCard['heldOut']>): string | undefined {
  if (sumOf(counts) >= sumOf(ranker)) return 'counts alone foretold the pairs set aside as well';
  if (sumOf(embedding) >= sumOf(ranker))
    return 'the learned vectors alone foretold the pairs set aside as well';
  return undefined;
}

/** Nodes of each side that EASE inverts; 0 for a side that is too large. */
function easeSizes(graph: DirectedGraph): number[] {
  return [graph.in, graph.out].map(({ indptr }) => {
    let m = 0;
    for (let u = 0; u < graph.nodeCount; u++) if (indptr[u + 1] > indptr[u]) m++;
    return m <= EASE_MAX_TARGETS ? m : 0;
  });
}

/** What a fit takes: the larger of one side of EASE, and of a block of features with its lists; time on one core. */
export function shippedRankerCost(
  graph: DirectedGraph,
  validation: Pairs | undefined,
): { bytes: number; seconds: number } {
  const n = graph.nodeCount;
  const sizes = easeSizes(graph);
  const block = Math.min(4e8, 4 * 28 * 64 * n) + 10 * 4 * 64 * n;
  const lists = 4 * 31 * 350 * Math.min(4000, n);
  const bytes = Math.max(...sizes.map((m) => 4 * m * m), block, 2 * lists);
  const sources = validation ? new Set(validation.source).size : Math.min(n, graph.edgeCount / 10);
  // Measured: 2.9e-11 s a cube of an inverse, once more for the whole graph if the edges were its own; 20 ms a query.
  const inverses = sizes.reduce((sum, m) => sum + m * m * m, 0) * (validation ? 1 : 2);
  const seconds = sources < FEWEST ? 0 : 2.9e-11 * inverses + 0.02 * Math.min(4000, sources);
  return { bytes, seconds };
}
