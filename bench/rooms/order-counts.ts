import type { DirectedGraph } from '../../src/directed-graph/graph.ts';
import type { Matrix } from './carts.ts';
import type { Basket } from './next-orders.ts';

const DAY = 86_400;

/** In how many baskets of the last `days` before `until` each item was. */
export function popularity(
  baskets: Iterable<readonly Basket[]>,
  itemCount: number,
  until: number,
  days = Infinity,
): Float64Array {
  const count = new Float64Array(itemCount);
  for (const list of baskets) {
    for (const { time, items } of list) {
      if (time >= until - days * DAY) for (const item of items) count[item]++;
    }
  }
  return count;
}

export interface OrderCounts {
  /** Baskets with each item. */
  baskets: Float64Array;
  /** Baskets with both items; how often v, not bought before, came in the basket after one with u. f32[n x n] */
  together: Matrix;
  next: Matrix;
}

/** Counts with the weight 2^-(age / halfLife), halfLife in days. */
export function orderCounts(
  baskets: Iterable<readonly Basket[]>,
  n: number,
  until: number,
  halfLife = Infinity,
): OrderCounts {
  const counts = {
    baskets: new Float64Array(n),
    together: new Float32Array(n * n),
    next: new Float32Array(n * n),
  };
  for (const list of baskets) {
    const bought = new Set<number>();
    list.forEach(({ time, items }, i) => {
      const weight = 2 ** (-(until - time) / (halfLife * DAY));
      for (const u of items) {
        counts.baskets[u] += weight;
        for (const v of items) if (u !== v) counts.together[u * n + v] += weight;
      }
      const fresh = items.filter((v) => !bought.has(v));
      for (const u of list[i - 1]?.items ?? []) {
        for (const v of fresh) if (u !== v) counts.next[u * n + v] += weight;
      }
      for (const item of items) bought.add(item);
    });
  }
  return counts;
}

/** (count / sqrt(baskets with u x baskets with v))^power; both counts are taken as one more than they are. */
export function cosines(pairs: Matrix, baskets: Float64Array, power = 1): Matrix {
  const n = baskets.length;
  const cosine = new Float32Array(n * n);
  for (let u = 0; u < n; u++) {
    for (let v = 0; v < n; v++) {
      const count = pairs[u * n + v];
      if (count > 0) cosine[u * n + v] = (count / Math.sqrt((baskets[u] + 1) * (baskets[v] + 1))) ** power;
    }
  }
  return cosine;
}

/** The same of a graph's edges, by what it holds itself: (weight / sqrt(weights from u x weights to v))^power. */
export function edgeCosines({ nodeCount: n, out }: DirectedGraph, power = 1): Matrix {
  const from = new Float64Array(n);
  const to = new Float64Array(n);
  const weight = (e: number) => out.weights?.[e] ?? 1;
  const each = (visit: (u: number, v: number, e: number) => void) => {
    for (let u = 0; u < n; u++) {
      for (let e = out.indptr[u]; e < out.indptr[u + 1]; e++) visit(u, out.indices[e], e);
    }
  };
  each((u, v, e) => {
    from[u] += weight(e);
    to[v] += weight(e);
  });
  const cosine = new Float32Array(n * n);
  each((u, v, e) => {
    cosine[u * n + v] = (weight(e) / Math.sqrt(from[u] * to[v])) ** power;
  });
  return cosine;
}
