import { instance, integer } from '../../check.ts';
import type { Slice } from '../../engine/arena.ts';
import { degrees } from '../baselines/adjacency.ts';
import type { Pairs, Scorer } from '../scorer.ts';
import { logDegrees } from './dense-source.ts';
import { fitLogit } from './logit.ts';
import { logSumOfRow, type PairFacts, pairFacts } from './pair-pass.ts';
import { Ranker } from './ranker.ts';
import { shiftRow } from './shift.ts';

/** Edges at most that direction is fitted on. */
const EDGES = 2000;

/** Scores of "u leads to v rather than v to u", one for each pair; compare them between a pair and its reverse. */
export interface DirectionScores {
  /** The ranker's own score. */
  readonly raw: Float64Array;
  /** The same plus an offset of the source. */
  readonly offset: Float64Array;
  /** An antisymmetric logit on feature differences: head(u, v) = -head(v, u). */
  readonly head: Float64Array;
  /** The same from log degrees only: the control that every claim about direction must show. */
  readonly degrees: Float64Array;
}

/** Direction beside the ranking, which it leaves as it is: fitted on one-way validation edges against their reverses. */
export class Direction {
  private constructor(
    readonly ranker: Ranker,
    /** Weights of score, log in-degree(u), log out-degree(u), log sum exp of u's scores, and 1. */
    readonly offsetWeights: Float64Array,
    /** Weights on differences of features (each over its deviation), and on degree features only. */
    readonly headWeights: Float64Array,
    readonly degreeWeights: Float64Array,
    private readonly inDegree: Float32Array,
    private readonly outDegree: Float32Array,
  ) {}

  static fit(ranker: Ranker, validation: Pairs): Direction {
    const { engine, features } = instance(ranker, Ranker, 'ranker', 'a Ranker');
    const { graph, names, count } = features;
    const inDegree = logDegrees(engine, degrees(graph.in));
    const outDegree = logDegrees(engine, degrees(graph.out));
    const edges = oneWay(validation, (u, v) => graph.hasEdge(u, v), EDGES);
    const m = integer(edges.source.length, 'number of one-way validation edges', 1);
    const facts = pairFacts(ranker, bothWays(edges));
    const label = Float64Array.from({ length: 2 * m }, (_, i) => (i < m ? 1 : 0));
    const rows = offsetRows(facts, bothWays(edges).source, inDegree, outDegree);
    const offset = fitLogit(engine.kernels, rows, label, 5, 1e-2);
    // The offset is added to the score itself, so the score's weight must stay positive.
    offset[0] = Math.max(offset[0], 1e-3);

    const difference = differences(facts, m, count);
    const deviation = new Float64Array(count);
    for (let f = 0; f < count; f++) {
      let mean = 0;
      let square = 0;
      for (let i = 0; i < m; i++) mean += difference[i * count + f] / m;
      for (let i = 0; i < m; i++) {
        const away = difference[i * count + f] - mean;
        square += (away * away) / m;
      }
      deviation[f] = Math.sqrt(square) + 1e-6;
    }
    const fit = (kept: number[]): Float64Array => {
      const d = kept.length;
      const x = new Float64Array(2 * m * d);
      for (let i = 0; i < m; i++) {
        kept.forEach((f, j) => {
          x[i * d + j] = difference[i * count + f] / deviation[f];
          x[(m + i) * d + j] = -x[i * d + j];
        });
      }
      const w = fitLogit(engine.kernels, x, label, d, 3e-2);
      const all = new Float64Array(count);
      kept.forEach((f, j) => {
        all[f] = w[j] / deviation[f];
      });
      return all;
    };
    const degreeNames = ['in-degree', 'out-degree'];
    const head = fit([...names.keys()]);
    const byDegree = fit([...names.keys()].filter((f) => degreeNames.includes(names[f])));
    return new Direction(ranker, offset, head, byDegree, inDegree, outDegree);
  }

  /** Direction scores of pairs (u, v). */
  score(pairs: Pairs): DirectionScores {
    const both = bothWays(pairs);
    const m = pairs.source.length;
    const { count } = this.ranker.features;
    const facts = pairFacts(this.ranker, both);
    const rows = offsetRows(facts, both.source, this.inDegree, this.outDegree);
    const difference = differences(facts, m, count);
    const weigh = (w: Float64Array, x: Float64Array) =>
      Float64Array.from({ length: m }, (_, i) => {
        let sum = 0;
        for (let f = 0; f < w.length; f++) sum += w[f] * x[i * w.length + f];
        return sum;
      });
    return {
      raw: facts.score.slice(0, m),
      offset: weigh(this.offsetWeights, rows).map((z) => z / this.offsetWeights[0]),
      head: weigh(this.headWeights, difference),
      degrees: weigh(this.degreeWeights, difference),
    };
  }

  /** The ranker with the offset added to every score of a query: the same rankings, comparable between queries. */
  get scorer(): Scorer {
    const { ranker, offsetWeights: w, inDegree, outDegree } = this;
    const { engine, features } = ranker;
    const n = features.nodeCount;
    return {
      name: `${ranker.name} + offset`,
      score(queries: Uint32Array, scores: Slice<'f32'>) {
        ranker.score(queries, scores);
        engine.scope(({ alloc }) => {
          const scratch = alloc('f32', n);
          const order = alloc('u32', n);
          queries.forEach((u, q) => {
            const row = scores.part(q * n, n);
            const sum = logSumOfRow(engine, row, scratch, u, features.graph.out);
            const h = (w[1] * inDegree[u] + w[2] * outDegree[u] + w[3] * sum + w[4]) / w[0];
            shiftRow(engine, row, order, h);
          });
        });
      },
      dispose() {},
    };
  }
}

/** The pairs whose reverse is neither among them nor `known`; at most `limit`, spread evenly. */
export function oneWay(
  { source, target }: Pairs,
  known: (u: number, v: number) => boolean,
  limit = Infinity,
): Pairs {
  const own = new Set(Array.from(source, (u, i) => `${u} ${target[i]}`));
  let at = Array.from(source.keys()).filter(
    (i) => !known(target[i], source[i]) && !own.has(`${target[i]} ${source[i]}`),
  );
  if (at.length > limit)
    at = Array.from({ length: limit }, (_, i) => at[Math.floor((i * at.length) / limit)]);
  return { source: Uint32Array.from(at, (i) => source[i]), target: Uint32Array.from(at, (i) => target[i]) };
}

/** The pairs, then their reverses. */
function bothWays({ source, target }: Pairs): Pairs {
  const joined = (a: Uint32Array, b: Uint32Array) => {
    const all = new Uint32Array(a.length + b.length);
    all.set(a);
    all.set(b, a.length);
    return all;
  };
  return { source: joined(source, target), target: joined(target, source) };
}

function offsetRows(
  { score, logSum }: PairFacts,
  source: Uint32Array,
  inDegree: Float32Array,
  outDegree: Float32Array,
): Float64Array {
  const rows = new Float64Array(score.length * 5);
  source.forEach((u, i) => {
    rows.set([score[i], inDegree[u], outDegree[u], logSum[i], 1], i * 5);
  });
  return rows;
}

/** x(u, v) - x(v, u) of the first m pairs, whose reverses follow them. */
function differences({ x }: PairFacts, m: number, count: number): Float64Array {
  const all = new Float64Array(m * count);
  for (let i = 0; i < m * count; i++) all[i] = x[i] - x[m * count + i];
  return all;
}
