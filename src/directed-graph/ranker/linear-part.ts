import type { Engine } from '../../engine/engine.ts';
import { gemm, gemmScratch } from '../../nn/linear.ts';
import type { CandidateLists } from './candidates.ts';
import { lbfgs, type Objective } from './lbfgs.ts';
import { listwise } from './listwise.ts';
import { BUCKETS, DEGREE_COLUMNS } from './pair-features.ts';

/**
 * score(u, v) = w . x + l_v (a . x) + l_u (b . x) + k[bucket of v], with l the standardised log in-degree of v and
 * out-degree of u. Without interactions a, b and k are 0.
 */
export interface LinearWeights {
  readonly w: Float32Array;
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly k: Float32Array;
}

export interface LinearOptions {
  interactions: boolean;
  ridge: number;
  iterations: number;
  /** Where the ridge pulls to, and the search starts; 0 when absent. */
  centre?: LinearWeights;
}

/** The largest list, in rows. */
export const longest = ({ indptr, queries }: CandidateLists): number =>
  queries.reduce((most, _, i) => Math.max(most, indptr[i + 1] - indptr[i]), 0);

/**
 * The weights with the least listwise loss (a positive) + ridge (|w|^2 + 2 |a|^2 + 2 |b|^2 + |k|^2) / positives, each
 * less the centre's, on the lists `chosen`, by L-BFGS.
 */
export function fitLinear(
  engine: Engine,
  lists: CandidateLists,
  chosen: ArrayLike<number>,
  options: LinearOptions,
): LinearWeights {
  return withObjective(engine, lists, chosen, options, (objective, size) => {
    const start = options.centre ? packed(options.centre) : new Float64Array(size);
    const { x } = lbfgs(objective, start, { iterations: options.iterations });
    return unpacked(x, lists.width - DEGREE_COLUMNS);
  });
}

export function unpacked(x: Float64Array, count: number): LinearWeights {
  const part = (i: number) => Float32Array.from(x.subarray(i * count, (i + 1) * count));
  return { w: part(0), a: part(1), b: part(2), k: Float32Array.from(x.subarray(3 * count)) };
}

const packed = ({ w, a, b, k }: LinearWeights) =>
  Float64Array.from([w, a, b, k].flatMap((part) => [...part]));

/** Lends the objective over [w, a, b, k] and its size, with the memory it works in. */
export function withObjective<R>(
  engine: Engine,
  lists: CandidateLists,
  chosen: ArrayLike<number>,
  { interactions, ridge, centre }: Omit<LinearOptions, 'iterations'>,
  body: (objective: Objective, size: number) => R,
): R {
  const { x, indptr, positives, offset, bucket, width } = lists;
  const count = width - DEGREE_COLUMNS;
  const size = 3 * count + BUCKETS;
  const origin = centre && packed(centre);
  let edges = 0;
  for (let i = 0; i < chosen.length; i++) edges += positives[chosen[i]];
  const share = 1 / Math.max(1, edges);
  return engine.scope(({ alloc }) => {
    const rows = longest(lists);
    const weights = alloc('f32', width * 4);
    const product = alloc('f32', rows * 4);
    const z = alloc('f32', rows);
    const back = alloc('f32', width * 4);
    const scratch = alloc(
      'f32',
      Math.max(gemmScratch(engine, rows, width, 4), gemmScratch(engine, width, rows, 4)),
    );
    const objective: Objective = (theta, gradient) => {
      const columns = weights.array.fill(0);
      for (let f = 0; f < count; f++) {
        for (let j = 0; j < 3; j++) columns[f * 4 + j] = theta[j * count + f];
      }
      gradient.fill(0);
      let loss = 0;
      for (let c = 0; c < chosen.length; c++) {
        const i = chosen[c];
        const first = indptr[i];
        const m = indptr[i + 1] - first;
        if (positives[i] === 0) continue;
        const list = x.part(first * width, m * width);
        gemm(engine, 'NN', product, list, weights, m, width, 4, 0, scratch);
        const values = list.array;
        const p = product.array;
        const logit = z.array;
        const lu = interactions ? values[count + 1] : 0;
        for (let r = 0; r < m; r++) {
          const lv = interactions ? values[r * width + count] : 0;
          const k = interactions ? theta[3 * count + bucket[first + r]] : 0;
          logit[r] = p[r * 4] + lv * p[r * 4 + 1] + lu * p[r * 4 + 2] + k;
        }
        loss += listwise(engine, z, offset.subarray(first, first + m), positives[i], share);
        for (let r = 0; r < m; r++) {
          const dz = logit[r];
          const lv = interactions ? values[r * width + count] : 0;
          p[r * 4] = dz;
          p[r * 4 + 1] = dz * lv;
          p[r * 4 + 2] = dz * lu;
          p[r * 4 + 3] = 0;
          if (interactions) gradient[3 * count + bucket[first + r]] += dz;
        }
        gemm(engine, 'TN', back, list, product, width, m, 4, 0, scratch);
        const g = back.array;
        for (let f = 0; f < count; f++) {
          for (let j = 0; j < 3; j++) gradient[j * count + f] += g[f * 4 + j];
        }
      }
      loss *= share;
      for (let i = 0; i < size; i++) {
        const strength = ridge * share * (i >= count && i < 3 * count ? 2 : 1);
        const away = theta[i] - (origin?.[i] ?? 0);
        loss += strength * away * away;
        gradient[i] += 2 * strength * away;
      }
      return loss;
    };
    return body(objective, size);
  });
}

/** Scores of every row of the lists `chosen`, written at the rows' own places of `out` f32[rows]. */
export function linearScores(
  engine: Engine,
  lists: CandidateLists,
  chosen: ArrayLike<number>,
  { w, a, b, k }: LinearWeights,
  out: Float32Array,
): void {
  const { x, indptr, bucket, width } = lists;
  const count = w.length;
  engine.scope(({ alloc, from }) => {
    const packed = new Float32Array(width * 4);
    for (let f = 0; f < count; f++) packed.set([w[f], a[f], b[f]], f * 4);
    const weights = from('f32', packed);
    const product = alloc('f32', longest(lists) * 4);
    for (let c = 0; c < chosen.length; c++) {
      const first = indptr[chosen[c]];
      const m = indptr[chosen[c] + 1] - first;
      const list = x.part(first * width, m * width);
      gemm(engine, 'NN', product, list, weights, m, width, 4);
      const values = list.array;
      const p = product.array;
      for (let r = 0; r < m; r++) {
        const lv = values[r * width + count];
        const lu = values[r * width + count + 1];
        out[first + r] = p[r * 4] + lv * p[r * 4 + 1] + lu * p[r * 4 + 2] + k[bucket[first + r]];
      }
    }
  });
}
