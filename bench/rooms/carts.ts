import type { NextOrder } from './next-orders.ts';

/** Scores of every item for every item, f32[n x n], one row a query. */
export type Matrix = Float32Array;

/** How the rows of a cart become one row. `logSum` f64[n]: log sum exp of each row of `scores` without the item itself. */
export type CartRule = (cart: readonly number[], scores: Matrix, logSum: Float64Array) => Float64Array;

const rowsOf = (scores: Matrix): number => Math.round(Math.sqrt(scores.length));

/**
 * The mean of scores. The mean of log-softmax orders items just so: what normalises a row is the same for every item of
 * it, so it moves all of the cart's scores alike.
 */
export const mean: CartRule = (cart, scores) => {
  const n = rowsOf(scores);
  const z = new Float64Array(n);
  for (const u of cart) for (let v = 0; v < n; v++) z[v] += scores[u * n + v] / cart.length;
  return z;
};

/** log of the mean softmax: somebody in the cart leads there. */
export const mixture: CartRule = (cart, scores, logSum) => {
  const n = rowsOf(scores);
  const z = new Float64Array(n);
  for (const u of cart) for (let v = 0; v < n; v++) z[v] += Math.exp(scores[u * n + v] - logSum[u]);
  return z.map((x) => Math.log(x / cart.length));
};

/** The largest log-softmax. */
export const maximum: CartRule = (cart, scores, logSum) => {
  const n = rowsOf(scores);
  const z = new Float64Array(n).fill(-Infinity);
  for (const u of cart) for (let v = 0; v < n; v++) z[v] = Math.max(z[v], scores[u * n + v] - logSum[u]);
  return z;
};

export function logSums(scores: Matrix): Float64Array {
  const n = rowsOf(scores);
  return Float64Array.from({ length: n }, (_, u) => {
    let most = -Infinity;
    for (let v = 0; v < n; v++) if (v !== u) most = Math.max(most, scores[u * n + v]);
    let sum = 0;
    for (let v = 0; v < n; v++) if (v !== u) sum += Math.exp(scores[u * n + v] - most);
    return most + Math.log(sum);
  });
}

/** recall@20 and hit@20 of each query, items already bought taken out; of equals the lower number first. */
export function judgeCarts(
  queries: readonly NextOrder[],
  scoresOf: (query: NextOrder) => ArrayLike<number>,
): { recall: Float64Array; hit: Float64Array } {
  const recall = new Float64Array(queries.length);
  const hit = new Float64Array(queries.length);
  queries.forEach((query, i) => {
    const z = Float64Array.from(scoresOf(query));
    if (z.some(Number.isNaN)) throw new Error('a cart was given a score that is not a number');
    for (const v of query.bought) z[v] = -Infinity;
    let found = 0;
    for (const v of query.truth) {
      let above = 0;
      for (let w = 0; w < z.length && above < 20; w++) if (z[w] > z[v] || (z[w] === z[v] && w < v)) above++;
      if (above < 20) found++;
    }
    recall[i] = found / query.truth.length;
    hit[i] = found > 0 ? 1 : 0;
  });
  return { recall, hit };
}

/** Mean and its standard error. */
export function meanAndError(values: Float64Array): { mean: number; error: number } {
  const average = values.reduce((sum, x) => sum + x, 0) / values.length;
  const square = values.reduce((sum, x) => sum + (x - average) ** 2, 0) / values.length;
  return { mean: average, error: Math.sqrt(square / values.length) };
}
