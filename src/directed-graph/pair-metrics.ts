import type { Engine } from '../engine/engine.ts';
import { auc, fitThresholds, pairedShare, strengths, threeClassAccuracy } from '../nn/metrics.ts';
import type { DirectedGraph } from './graph.ts';
import type { Pairs } from './scorer.ts';
import type { Split } from './split.ts';

/** What scores of single pairs tell, beside ranks. Each is absent without data. */
export interface PairMetrics {
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

const reversed = ({ source, target }: Pairs): Pairs => ({ source: target, target: source });

/** The pairs whose scores the existence, direction and three-class metrics need, by purpose and in this order. */
export type Asked = Record<
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

export function askedPairs(
  engine: Engine,
  { test, validation, known }: Pick<Split, 'test' | 'validation' | 'known'>,
  seed: number,
): Asked {
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

/** Every pair to score, in the order of the purposes. */
export function allAsked(asked: Asked): Pairs {
  const parts = Object.values(asked);
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

/** Existence, direction and the three classes from the scores of `allAsked`, in its order. */
export function pairMetrics(asked: Asked, answer: Float32Array, train: DirectedGraph): PairMetrics {
  const scores = {} as Record<keyof Asked, Float32Array>;
  let at = 0;
  for (const [name, { source }] of Object.entries(asked) as [keyof Asked, Pairs][]) {
    scores[name] = answer.subarray(at, (at += source.length));
  }
  const result: PairMetrics = {};
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
