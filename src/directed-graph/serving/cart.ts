import type { Slice } from '../../engine/arena.ts';
import type { Engine } from '../../engine/engine.ts';

/**
 * How the ranker's answers to the items of a cart are joined. Its scores of different queries have different levels, so
 * they are log-probabilities first, log P(v | u) over all v. `mean`: their mean, the items' evidence multiplied, what
 * suits all of them first. `mixture`: log of the mean probability, what suits one of them very well first.
 */
export type CartRule = 'mean' | 'mixture';

/** The first row of rows f32[items x n] becomes the cart's scores, by log-probabilities of each item. */
export function joinRows(engine: Engine, rows: Slice<'f32'>, items: number, n: number, rule: CartRule): void {
  if (items === 1) return;
  const x = rows.array;
  const most = new Float32Array(n).fill(rule === 'mean' ? 0 : -Infinity);
  if (rule === 'mixture') {
    for (let i = 0; i < items; i++) for (let v = 0; v < n; v++) most[v] = Math.max(most[v], x[i * n + v]);
    for (let i = 0; i < items; i++) for (let v = 0; v < n; v++) x[i * n + v] -= most[v];
    engine.kernels.exp(rows.ptr, rows.ptr, items * n);
  }
  for (let v = 0; v < n; v++) {
    let sum = 0;
    for (let i = 0; i < items; i++) sum += x[i * n + v];
    x[v] = sum / items;
  }
  if (rule === 'mean') return;
  engine.kernels.log(rows.ptr, rows.ptr, n);
  for (let v = 0; v < n; v++) x[v] += most[v];
}

/** How much each item of the cart counts in an answer's score, from its log-probabilities there; they add up to 1. */
export function cartShares(engine: Engine, logs: readonly number[], rule: CartRule): number[] {
  if (rule === 'mean') return logs.map(() => 1 / logs.length);
  const most = logs.reduce((a, b) => Math.max(a, b), -Infinity);
  const odds = logs.map((x) => engine.kernels.expF64(x - most));
  const total = odds.reduce((a, b) => a + b, 0);
  return odds.map((x) => x / total);
}
