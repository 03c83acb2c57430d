import { flag, integer, notAborted, oneOf, options } from '../check.ts';
import type { Engine } from '../engine/engine.ts';
import {
  auc,
  fitThresholds,
  gini,
  hitRate,
  meanReciprocalRank,
  ndcg,
  pairedShare,
  standardError,
  strengths,
  threeClassAccuracy,
} from '../nn/metrics.ts';
import type { DirectedGraph } from './graph.ts';
import { groupBySource, queryNodes, ranksInRow, scoreRows, topOfRow } from './ranking.ts';
import { checkPairs, type Pairs, type Scorer } from './scorer.ts';
import type { Split } from './split.ts';

/** What an evaluation reads of a split; the parts share one numbering of the nodes. */
export type EvaluationSplit = Pick<Split, 'train' | 'validation' | 'test' | 'known'>;

export interface EvaluateOptions {
  /**
   * What is taken out of each ranking beside the query itself: its `train` neighbours (validation edges stay in), or
   * `all` its other known targets.
   */
  filter: 'train' | 'all';
  /** Seed of the random non-edges; they are the same for every scorer. */
  seed: number;
  /** Measure existence, direction and the three classes. Without them only the sources of test edges are scored. */
  pairs: boolean;
  signal?: AbortSignal;
}

export const evaluateDefaults: EvaluateOptions = { filter: 'train', seed: 0, pairs: true, signal: undefined };

/** Metrics of the test edges whose query (or target) has a train degree in `range`. */
export interface Bucket {
  range: string;
  edges: number;
  'hitRate@10': number;
  'mrr@10': number;
}

export interface SymmetricPairs {
  /** Share of the top-10 answers A -> B (only the query taken out, B a query too) with A among the answers to B. */
  answers: number;
  /** Share of the edges whose reverse is an edge, in the train graph and among all known edges. */
  train: number;
  known: number;
}

/** Everything measured of one scorer. Shares and areas are in [0, 1]; one that has no data is absent. */
export interface Metrics {
  /** Test edges, and distinct sources among them. */
  edges: number;
  queries: number;
  'hitRate@5': number;
  'hitRate@10': number;
  'hitRate@20': number;
  /** Standard error of hitRate@10 over test edges. */
  'hitRate@10Error': number;
  mrr: number;
  'mrr@5': number;
  'mrr@10': number;
  'mrr@20': number;
  'ndcg@5': number;
  'ndcg@10': number;
  'ndcg@20': number;
  byOutDegree: Bucket[];
  byInDegree: Bucket[];
  /** Share of all nodes in the top 10 of some query (its train neighbours taken out), and Gini of how often. */
  'coverage@10': number;
  'gini@10': number;
  symmetricPairAudit: SymmetricPairs;
  /** Test edges against as many random non-edges. */
  existenceAuc?: number;
  /** One-way test edges against the same edges reversed, all scores in one pool. */
  directionAuc?: number;
  /** The same, each edge compared with its own reverse only. */
  directionPaired?: number;
  /** The same two over the pairs whose ends have train in-degrees within a factor 2, and how many those are. */
  directionAucMatched?: number;
  directionPairedMatched?: number;
  directionMatchedEdges?: number;
  /**
   * Forward, backward or none, for balanced unordered pairs, by two thresholds fitted on validation; see
   * `threeClassAccuracy`. Guessing gives 1/3.
   */
  threeClassAccuracy?: number;
}

/** Measures one scorer on the test edges of a split. Error when it gives a score that is not finite. */
export function evaluate(
  engine: Engine,
  scorer: Scorer,
  split: EvaluationSplit,
  given?: Partial<EvaluateOptions>,
): Metrics {
  const { filter, seed, pairs, signal } = options(given, evaluateDefaults, 'evaluate');
  oneOf(filter, 'filter', ['train', 'all']);
  integer(seed, 'seed', 0, 2 ** 32 - 1);
  flag(pairs, 'pairs');
  const { train, test, known } = split;
  const n = train.nodeCount;
  integer(known.nodeCount, 'known.nodeCount', n, n);
  checkPairs(split.validation, 'validation', n);
  const edges = integer(checkPairs(test, 'test', n).source.length, 'number of test edges', 1);
  const removed = filter === 'all' ? known.out : train.out;

  const asked = pairs ? askedPairs(engine, split, seed) : undefined;
  const question = asked ? concatenated(Object.values(asked)) : none;
  const answer = new Float32Array(question.source.length);
  const ranks = new Float64Array(edges);
  const appearances = new Uint32Array(n);
  const lists = new Map<number, number[]>();

  const testOf = groupBySource(test.source, n);
  const questionOf = groupBySource(question.source, n);
  engine.scope(({ alloc }) => {
    const targets = alloc('u32', edges);
    const counts = alloc('u32', 2 * edges);
    scoreRows(engine, scorer, n, queryNodes(n, testOf, questionOf), (row) => {
      notAborted(signal);
      const u = row.node;
      for (let i = questionOf.indptr[u]; i < questionOf.indptr[u + 1]; i++) {
        answer[questionOf.order[i]] = row.scores[question.target[questionOf.order[i]]];
      }
      const mine = testOf.order.subarray(testOf.indptr[u], testOf.indptr[u + 1]);
      if (mine.length === 0) return;
      const list = targets.array;
      mine.forEach((at, i) => {
        list[i] = test.target[at];
      });
      ranksInRow(engine, row, removed, targets, counts, mine.length, (i, rank) => {
        ranks[mine[i]] = rank;
      });
      for (const v of topOfRow(row, 10, train.out)) appearances[v]++;
      lists.set(u, topOfRow(row, 10));
    });
  });

  const hit = hitRate(ranks, 10);
  const metrics: Metrics = {
    edges,
    queries: lists.size,
    'hitRate@5': hitRate(ranks, 5),
    'hitRate@10': hit,
    'hitRate@20': hitRate(ranks, 20),
    'hitRate@10Error': standardError(hit, edges),
    mrr: meanReciprocalRank(ranks),
    'mrr@5': meanReciprocalRank(ranks, 5),
    'mrr@10': meanReciprocalRank(ranks, 10),
    'mrr@20': meanReciprocalRank(ranks, 20),
    'ndcg@5': ndcg(ranks, 5),
    'ndcg@10': ndcg(ranks, 10),
    'ndcg@20': ndcg(ranks, 20),
    byOutDegree: byDegree(ranks, test.source, (u) => train.outDegree(u)),
    byInDegree: byDegree(ranks, test.target, (v) => train.inDegree(v)),
    'coverage@10': appearances.reduce((seen, count) => seen + (count > 0 ? 1 : 0), 0) / n,
    'gini@10': gini(appearances),
    symmetricPairAudit: {
      answers: symmetricAnswers(lists),
      train: reciprocity(train),
      known: reciprocity(known),
    },
  };
  if (asked) Object.assign(metrics, pairMetrics(asked, answer, train));
  return metrics;
}

/** What `evaluateAll` returns: one JSON document. */
export interface Evaluation {
  nodes: number;
  edges: number;
  split: { train: number; validation: number; test: number };
  filter: 'train' | 'all';
  methods: Record<string, Metrics>;
}

/**
 * Measures scorers one after another, each disposed as soon as it is measured; `onMethod` hears of each result. The
 * iterable may build them lazily (as `baselines` does), so that only one holds memory at a time.
 */
export function evaluateAll(
  engine: Engine,
  scorers: Iterable<Scorer>,
  split: EvaluationSplit,
  given?: Partial<EvaluateOptions>,
  onMethod?: (name: string, metrics: Metrics) => void,
): Evaluation {
  const methods: Record<string, Metrics> = {};
  for (const scorer of scorers) {
    try {
      methods[scorer.name] = evaluate(engine, scorer, split, given);
    } finally {
      scorer.dispose();
    }
    onMethod?.(scorer.name, methods[scorer.name]);
  }
  return {
    nodes: split.train.nodeCount,
    edges: split.known.edgeCount,
    split: {
      train: split.train.edgeCount,
      validation: split.validation.source.length,
      test: split.test.source.length,
    },
    filter: given?.filter ?? evaluateDefaults.filter,
    methods,
  };
}

const none: Pairs = { source: new Uint32Array(0), target: new Uint32Array(0) };
const reversed = ({ source, target }: Pairs): Pairs => ({ source: target, target: source });

function concatenated(parts: Pairs[]): Pairs {
  const length = parts.reduce((sum, { source }) => sum + source.length, 0);
  const all = { source: new Uint32Array(length), target: new Uint32Array(length) };
  let at = 0;
  for (const { source, target } of parts) {
    all.source.set(source, at);
    all.target.set(target, at);
    at += source.length;
  }
  return all;
}

/** The pairs whose scores the existence, direction and three-class metrics need, by purpose and in this order. */
type Asked = Record<
  | 'edge'
  | 'nonEdge'
  | 'oneWay'
  | 'oneWayBack'
  | 'none'
  | 'noneBack'
  | 'fitOneWay'
  | 'fitOneWayBack'
  | 'fitNone'
  | 'fitNoneBack',
  Pairs
>;

/** Pairs of each kind that the two thresholds of the three-class test are fitted on. */
const FIT_PAIRS = 2000;

function askedPairs(engine: Engine, { test, validation, known }: EvaluationSplit, seed: number): Asked {
  const oneWay = oneWayOf(test, known);
  const fitOneWay = oneWayOf(validation, known, FIT_PAIRS);
  const nothing = nonEdges(engine, known, oneWay.source.length, seed, 1);
  const fitNothing = nonEdges(engine, known, fitOneWay.source.length, seed, 2);
  return {
    edge: test,
    nonEdge: nonEdges(engine, known, test.source.length, seed, 0),
    oneWay,
    oneWayBack: reversed(oneWay),
    none: nothing,
    noneBack: reversed(nothing),
    fitOneWay,
    fitOneWayBack: reversed(fitOneWay),
    fitNone: fitNothing,
    fitNoneBack: reversed(fitNothing),
  };
}

/** The pairs whose reverse is not a known edge; at most `limit`, spread evenly. */
function oneWayOf({ source, target }: Pairs, known: DirectedGraph, limit = Infinity): Pairs {
  let at = Array.from(source.keys()).filter((i) => !known.hasEdge(target[i], source[i]));
  if (at.length > limit)
    at = Array.from({ length: limit }, (_, i) => at[Math.floor((i * at.length) / limit)]);
  return { source: Uint32Array.from(at, (i) => source[i]), target: Uint32Array.from(at, (i) => target[i]) };
}

/**
 * Random pairs u != v that are not a known edge; those of stream 0 may have a known reverse, others may not. Fewer
 * than `count` come back when the graph is nearly complete.
 */
function nonEdges(engine: Engine, known: DirectedGraph, count: number, seed: number, stream: number): Pairs {
  const n = known.nodeCount;
  const source: number[] = [];
  const target: number[] = [];
  for (let step = 0; n > 1 && step < 20 && source.length < count; step++) {
    const draws = engine.scope(({ alloc }) => {
      const out = alloc('u32', 2 * count);
      engine.kernels.randomIntegers(out.ptr, 2 * count, n, seed, STREAM + stream, step);
      return out.copy();
    });
    for (let i = 0; i < count && source.length < count; i++) {
      const u = draws[2 * i];
      const v = draws[2 * i + 1];
      if (u === v || known.hasEdge(u, v) || (stream > 0 && known.hasEdge(v, u))) continue;
      source.push(u);
      target.push(v);
    }
  }
  return { source: Uint32Array.from(source), target: Uint32Array.from(target) };
}

const STREAM = 0xe7a1;

function pairMetrics(asked: Asked, answer: Float32Array, train: DirectedGraph): Partial<Metrics> {
  const scores = {} as Record<keyof Asked, Float32Array>;
  let at = 0;
  for (const [name, { source }] of Object.entries(asked) as [keyof Asked, Pairs][]) {
    scores[name] = answer.subarray(at, (at += source.length));
  }
  const result: Partial<Metrics> = {};
  if (scores.nonEdge.length > 0) result.existenceAuc = auc(scores.edge, scores.nonEdge);
  if (scores.oneWay.length === 0) return result;
  result.directionAuc = auc(scores.oneWay, scores.oneWayBack);
  result.directionPaired = pairedShare(scores.oneWay, scores.oneWayBack);
  const { source, target } = asked.oneWay;
  const matched = Array.from(source.keys()).filter((i) => {
    const a = train.inDegree(source[i]);
    const b = train.inDegree(target[i]);
    return a <= 2 * b && b <= 2 * a;
  });
  result.directionMatchedEdges = matched.length;
  if (matched.length > 0) {
    const forward = matched.map((i) => scores.oneWay[i]);
    const backward = matched.map((i) => scores.oneWayBack[i]);
    result.directionAucMatched = auc(forward, backward);
    result.directionPairedMatched = pairedShare(forward, backward);
  }
  if (scores.none.length > 0 && scores.fitOneWay.length > 0 && scores.fitNone.length > 0) {
    const thresholds = fitThresholds(
      strengths(scores.fitOneWay, scores.fitOneWayBack),
      strengths(scores.fitNone, scores.fitNoneBack),
    );
    result.threeClassAccuracy = threeClassAccuracy(
      strengths(scores.oneWay, scores.oneWayBack),
      strengths(scores.none, scores.noneBack),
      thresholds,
    );
  }
  return result;
}

const BUCKETS: [low: number, high: number][] = [
  [0, 0],
  [1, 2],
  [3, 5],
  [6, 10],
  [11, 20],
  [21, 50],
  [51, Infinity],
];

function byDegree(ranks: Float64Array, node: Uint32Array, degree: (node: number) => number): Bucket[] {
  return BUCKETS.map(([low, high]) => {
    const mine = ranks.filter((_, i) => degree(node[i]) >= low && degree(node[i]) <= high);
    return {
      range: high === Infinity ? `>${low - 1}` : low === high ? `${low}` : `${low}-${high}`,
      edges: mine.length,
      'hitRate@10': hitRate(mine, 10),
      'mrr@10': meanReciprocalRank(mine, 10),
    };
  }).filter(({ edges }) => edges > 0);
}

/** Share of the edges whose reverse is an edge too; 0 without edges. */
function reciprocity(graph: DirectedGraph): number {
  let both = 0;
  for (let u = 0; u < graph.nodeCount; u++) {
    for (let e = graph.out.indptr[u]; e < graph.out.indptr[u + 1]; e++) {
      if (graph.hasEdge(graph.out.indices[e], u)) both++;
    }
  }
  return graph.edgeCount > 0 ? both / graph.edgeCount : 0;
}

function symmetricAnswers(lists: Map<number, number[]>): number {
  let answers = 0;
  let both = 0;
  for (const [u, list] of lists) {
    for (const v of list) {
      const back = lists.get(v);
      if (back === undefined) continue;
      answers++;
      if (back.includes(u)) both++;
    }
  }
  return answers > 0 ? both / answers : 0;
}
