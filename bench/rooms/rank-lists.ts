import type { CandidateLists } from '../../src/directed-graph/ranker/candidates.ts';
import { type Judgement, judge } from '../../src/directed-graph/ranker/judge.ts';
import { fitLinear, type LinearWeights, linearScores } from '../../src/directed-graph/ranker/linear-part.ts';
import { DEGREE_COLUMNS } from '../../src/directed-graph/ranker/pair-features.ts';
import type { Engine } from '../../src/engine/engine.ts';

/**
 * The lists of the positives that `keep` says (by number, over all lists), as of a shop that has no other validation edges:
 * the rest are not candidates at all. Features are divided by their deviation over the rows that are left; `scale` says by
 * what in all. The caller releases `x`.
 */
export function withPositives(
  engine: Engine,
  lists: CandidateLists,
  keep: (positive: number) => boolean,
): CandidateLists {
  const { indptr, positives, width } = lists;
  const count = width - DEGREE_COLUMNS;
  const rows: number[] = [];
  const queries: number[] = [];
  const kept: number[] = [];
  const ends: number[] = [0];
  let positive = 0;
  for (let i = 0; i < lists.queries.length; i++) {
    const mine: number[] = [];
    for (let p = 0; p < positives[i]; p++) if (keep(positive++)) mine.push(indptr[i] + p);
    if (mine.length === 0) continue;
    rows.push(...mine);
    for (let r = indptr[i] + positives[i]; r < indptr[i + 1]; r++) rows.push(r);
    queries.push(lists.queries[i]);
    kept.push(mine.length);
    ends.push(rows.length);
  }
  const x = engine.alloc('f32', rows.length * width);
  const [from, to] = [lists.x.array, x.array];
  rows.forEach((row, r) => void to.set(from.subarray(row * width, (row + 1) * width), r * width));
  const scale = lists.scale.slice();
  for (let f = 0; f < count; f++) {
    let mean = 0;
    for (let r = 0; r < rows.length; r++) mean += to[r * width + f] / rows.length;
    let square = 0;
    for (let r = 0; r < rows.length; r++) square += (to[r * width + f] - mean) ** 2 / rows.length;
    const factor = square > 1e-10 ? 1 / Math.sqrt(square) : 0;
    for (let r = 0; r < rows.length; r++) to[r * width + f] *= factor;
    scale[f] *= factor;
  }
  return {
    queries: Uint32Array.from(queries),
    indptr: Uint32Array.from(ends),
    positives: Uint32Array.from(kept),
    target: Uint32Array.from(rows, (r) => lists.target[r]),
    bucket: Uint8Array.from(rows, (r) => lists.bucket[r]),
    offset: Float32Array.from(rows, (r) => lists.offset[r]),
    x,
    width,
    scale,
  };
}

/** A choice of `count` positives among all of the lists; each `draw` chooses others. */
export function someOf(
  { positives }: CandidateLists,
  count: number,
  draw: number,
): (positive: number) => boolean {
  const total = positives.reduce((sum, p) => sum + p, 0);
  const key = (i: number) => {
    let x = Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(draw + 7, 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
    x = Math.imul(x ^ (x >>> 12), 0x297a2d39);
    return (x ^ (x >>> 15)) >>> 0;
  };
  const order = Array.from({ length: total }, (_, i) => i).sort((a, b) => key(a) - key(b));
  const chosen = new Set(order.slice(0, count));
  return (positive) => chosen.has(positive);
}

/** Lists of several shops as one; each keeps its own scale, so that of the result says nothing. */
export function pooled(engine: Engine, all: readonly CandidateLists[]): CandidateLists {
  const width = all[0].width;
  const rows = all.reduce((sum, { target }) => sum + target.length, 0);
  const x = engine.alloc('f32', rows * width);
  const indptr = [0];
  let at = 0;
  for (const lists of all) {
    x.array.set(lists.x.array, at * width);
    for (let i = 1; i < lists.indptr.length; i++) indptr.push(at + lists.indptr[i]);
    at += lists.target.length;
  }
  const joined = <T extends Uint8Array | Uint32Array | Float32Array>(
    make: (values: number[]) => T,
    pick: (lists: CandidateLists) => T,
  ) => make(all.flatMap((lists) => Array.from(pick(lists))));
  return {
    queries: joined(
      (v) => Uint32Array.from(v),
      (l) => l.queries,
    ),
    indptr: Uint32Array.from(indptr),
    positives: joined(
      (v) => Uint32Array.from(v),
      (l) => l.positives,
    ),
    target: joined(
      (v) => Uint32Array.from(v),
      (l) => l.target,
    ),
    bucket: joined(
      (v) => Uint8Array.from(v),
      (l) => l.bucket,
    ),
    offset: joined(
      (v) => Float32Array.from(v),
      (l) => l.offset,
    ),
    x,
    width,
    scale: new Float32Array(width - DEGREE_COLUMNS).fill(1),
  };
}

/**
 * A linear part with ridge |theta - centre|^2, the strength chosen by five-fold cross-validation over queries; without a
 * centre the ridge pulls to 0.
 */
export function fitNear(
  engine: Engine,
  lists: CandidateLists,
  centre: LinearWeights | undefined,
  ridges: readonly number[],
): { linear: LinearWeights; ridge: number; judged: Judgement } {
  const every = Array.from(lists.queries.keys());
  const settings = (ridge: number) => ({ interactions: true, ridge, iterations: 60, centre });
  let best: { ridge: number; judged: Judgement } | undefined;
  for (const ridge of ridges) {
    const scores = new Float32Array(lists.target.length);
    for (let fold = 0; fold < 5; fold++) {
      const seen = every.filter((i) => i % 5 !== fold);
      const unseen = every.filter((i) => i % 5 === fold);
      linearScores(engine, lists, unseen, fitLinear(engine, lists, seen, settings(ridge)), scores);
    }
    const judged = judge(engine, lists, every, scores);
    if (!best || judged.loss < best.judged.loss) best = { ridge, judged };
  }
  const { ridge, judged } = best!;
  return { linear: fitLinear(engine, lists, every, settings(ridge)), ridge, judged };
}
