import { flag, integer, oneOf, options, wrongKind } from '../check.ts';
import type { Engine } from '../engine/engine.ts';
import { gini, hitRate, meanReciprocalRank, ndcg, standardError } from '../nn/metrics.ts';
import type { DirectionAreas } from './direction-areas.ts';
import { type EvaluateOptions, evaluateDefaults } from './evaluate-options.ts';
import type { DirectedGraph } from './graph.ts';
import { allAsked, askedPairs, type PairMetrics, pairMetrics } from './pair-metrics.ts';
import { groupBySource, queryNodes, ranksInRow, scoreRows, topOfRow } from './ranking.ts';
import { checkPairs, type Pairs, type Scorer } from './scorer.ts';
import type { Split } from './split.ts';
import { finished, type Steps } from './steps.ts';

/** What an evaluation reads of a split; the parts share one numbering of the nodes. */
export type EvaluationSplit = Pick<Split, 'train' | 'validation' | 'test' | 'known'>;

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
export interface Metrics extends PairMetrics {
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
  /** Share of those answers that are not among the fifth of all nodes with the highest train in-degree. */
  'tailShare@10': number;
  symmetricPairAudit: SymmetricPairs;
  /** Rank of every test edge from 1, in the order of the split, when asked for. */
  ranks?: Float64Array;
}

/** A split as `splitEdges` makes it. */
export function checkSplit<S extends EvaluationSplit>(split: S): S {
  if (split?.train?.out && split.known?.out) return split;
  throw wrongKind(split, 'split', 'a split as splitEdges makes it');
}

/** Measures one scorer on the test edges of a split. Error when it gives a score that is not finite. */
export const evaluate = (...given: Parameters<typeof evaluateSteps>): Metrics =>
  finished(evaluateSteps(...given), given[3]?.signal);

/** The same with a step for each batch of queries. */
export function* evaluateSteps(
  engine: Engine,
  scorer: Scorer,
  split: EvaluationSplit,
  given?: Partial<EvaluateOptions>,
): Steps<Metrics> {
  const { filter, seed, pairs, ranks: keepRanks } = options(given, evaluateDefaults, 'evaluate');
  oneOf(filter, 'filter', ['train', 'all']);
  integer(seed, 'seed', 0, 2 ** 32 - 1);
  flag(pairs, 'pairs');
  flag(keepRanks, 'ranks');
  if (typeof scorer?.score !== 'function') throw wrongKind(scorer, 'scorer', 'a scorer');
  const { train, test, known } = checkSplit(split);
  const n = train.nodeCount;
  integer(known.nodeCount, 'known.nodeCount', n, n);
  checkPairs(split.validation, 'validation', n);
  const edges = integer(checkPairs(test, 'test', n).source.length, 'number of test edges', 1);
  const removed = filter === 'all' ? known.out : train.out;

  const asked = pairs ? askedPairs(engine, split, seed) : undefined;
  const question = asked ? allAsked(asked) : none;
  const answer = new Float32Array(question.source.length);
  const ranks = new Float64Array(edges);
  const appearances = new Uint32Array(n);
  const lists = new Map<number, number[]>();

  const testOf = groupBySource(test.source, n);
  const questionOf = groupBySource(question.source, n);
  const fork = engine.fork();
  try {
    const targets = fork.alloc('u32', edges);
    const counts = fork.alloc('u32', 2 * edges);
    yield* scoreRows(fork, scorer, n, queryNodes(n, testOf, questionOf), (row) => {
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
      ranksInRow(fork, row, removed, targets, counts, mine.length, (i, rank) => {
        ranks[mine[i]] = rank;
      });
      for (const v of topOfRow(row, 10, train.out)) appearances[v]++;
      lists.set(u, topOfRow(row, 10));
    });
  } finally {
    fork.dispose();
  }

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
    'tailShare@10': tailShare(appearances, train),
    symmetricPairAudit: {
      answers: symmetricAnswers(lists),
      train: reciprocity(train),
      known: reciprocity(known),
    },
  };
  if (asked) Object.assign(metrics, pairMetrics(asked, answer, train));
  if (keepRanks) metrics.ranks = ranks;
  return metrics;
}

/** What `evaluateAll` returns: one JSON document. */
export interface Evaluation {
  nodes: number;
  edges: number;
  split: { train: number; validation: number; test: number };
  filter: 'train' | 'all';
  methods: Record<string, Metrics>;
  /** Train out-degree of the source and in-degree of the target of every test edge, beside `ranks`. */
  degrees?: { source: Uint32Array; target: Uint32Array };
  /** How the ranker's ways to tell direction compare, where they were measured. */
  direction?: DirectionAreas;
}

/** Measures scorers one after another, each disposed as soon as it is measured. */
export function* evaluateAllSteps(
  engine: Engine,
  scorers: Iterable<Scorer>,
  split: EvaluationSplit,
  given?: Partial<EvaluateOptions>,
  onMethod?: (name: string, metrics: Metrics) => void,
): Steps<Evaluation> {
  checkSplit(split);
  if (typeof scorers?.[Symbol.iterator] !== 'function')
    throw wrongKind(scorers, 'scorers', 'scorers to go through');
  const methods: Record<string, Metrics> = {};
  for (const scorer of scorers) {
    try {
      methods[scorer.name] = yield* evaluateSteps(engine, scorer, split, given);
    } finally {
      scorer.dispose();
    }
    onMethod?.(scorer.name, methods[scorer.name]);
  }
  const { train, test } = split;
  const degrees = given?.ranks && {
    source: test.source.map((u) => train.outDegree(u)),
    target: test.target.map((v) => train.inDegree(v)),
  };
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
    ...(degrees ? { degrees } : {}),
  };
}

/** The same without ranks and degrees: small, and a plain JSON value. */
export function withoutRanks({ degrees: _, methods, ...rest }: Evaluation): Evaluation {
  const bare = Object.entries(methods).map(([name, { ranks: _, ...metrics }]) => [name, metrics]);
  return { ...rest, methods: Object.fromEntries(bare) };
}

const none: Pairs = { source: new Uint32Array(0), target: new Uint32Array(0) };

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
export function reciprocity(graph: DirectedGraph): number {
  let both = 0;
  for (let u = 0; u < graph.nodeCount; u++) {
    for (let e = graph.out.indptr[u]; e < graph.out.indptr[u + 1]; e++) {
      if (graph.hasEdge(graph.out.indices[e], u)) both++;
    }
  }
  return graph.edgeCount > 0 ? both / graph.edgeCount : 0;
}

/** Share of all appearances that fall outside the fifth of the nodes with the most in-edges; 0 without any. */
export function tailShare(appearances: Uint32Array, train: DirectedGraph): number {
  const byPopularity = Uint32Array.from(appearances.keys()).sort(
    (a, b) => train.inDegree(b) - train.inDegree(a) || a - b,
  );
  const sum = (nodes: Uint32Array) => nodes.reduce((total, v) => total + appearances[v], 0);
  const all = sum(byPopularity);
  return all > 0 ? sum(byPopularity.subarray(Math.ceil(appearances.length / 5))) / all : 0;
}

export function symmetricAnswers(lists: Map<number, number[]>): number {
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
