import { integer, options, real } from '../check.ts';
import type { Slice } from '../engine/arena.ts';
import type { Engine } from '../engine/engine.ts';
import { countingSort } from './csr.ts';

export interface BudgetOptions {
  /** The fixed fan-out whose total is matched. */
  fanout?: number;
  /** Least budget of the best-connected nodes. */
  low?: number;
  /** Budget of the least connected nodes; twice the fan-out when absent. */
  high?: number;
  /** Count budgets that neighbours cannot use as spent, because the multi-hop fill spends them. */
  fill?: boolean;
}

export interface Budgets {
  /** u32[degrees], 0 for nodes without neighbours. */
  readonly budgets: Uint32Array;
  /** Exponent of the power law fitted to the degrees: 1 + N / sum ln(d / d_min); Infinity when all are equal. */
  readonly alpha: number;
  readonly low: number;
  readonly high: number;
  /** Sum of min(budget, degree), or of budgets with `fill`: that of the fixed fan-out, exactly. */
  readonly total: number;
}

/**
 * Budgets that fall with a node's degree and cost in total what a fixed fan-out costs:
 * k_u = low + round((high - low) g(d_u)), g(d) = (d / d_min)^-(alpha - 1), the share of nodes at least as connected
 * under a power law fitted by maximum likelihood (Clauset, Shalizi and Newman 2009). `low` is raised, or, when even the
 * given one costs too much, `high` lowered, until the total is right; what rounding leaves goes to the least connected
 * nodes, one each. Pass the degrees of the masked graph.
 */
export function degreeBudgets(engine: Engine, degrees: ArrayLike<number>, given?: BudgetOptions): Budgets {
  const o = options<BudgetOptions>(
    given,
    { fanout: 10, low: 1, high: undefined, fill: false },
    'degreeBudgets',
  );
  const fanout = integer(o.fanout, 'fanout', 1, 2 ** 20);
  const least = integer(o.low, 'low', 0, fanout);
  const most = integer(o.high ?? 2 * fanout, 'high', fanout, 2 ** 20);
  const n = degrees.length;
  let max = 0;
  for (let u = 0; u < n; u++) max = Math.max(max, degrees[u]);
  const nodes = new Uint32Array(max + 1);
  for (let u = 0; u < n; u++) nodes[degrees[u]]++;
  const distinct: number[] = [];
  for (let d = 1; d <= max; d++) if (nodes[d] > 0) distinct.push(d);
  const { logF64, expF64 } = engine.kernels;
  let count = 0;
  let logs = 0;
  for (const d of distinct) {
    count += nodes[d];
    logs += nodes[d] * logF64(d / distinct[0]);
  }
  const alpha = count === 0 || logs === 0 ? Infinity : 1 + count / logs;
  const share = distinct.map((d) => (logs === 0 ? 1 : expF64(-(alpha - 1) * logF64(d / distinct[0]))));
  const spend = (k: number, d: number) => (o.fill ? k : Math.min(k, d));
  const at = (i: number, low: number, high: number) => Math.floor(low + (high - low) * share[i] + 0.5);
  const total = (low: number, high: number) =>
    distinct.reduce((sum, d, i) => sum + nodes[d] * spend(at(i, low, high), d), 0);
  const target = distinct.reduce((sum, d) => sum + nodes[d] * spend(fanout, d), 0);

  // The largest low (or high, with low at its least) whose total is not above the target, by bisection.
  let low: number = least;
  let high: number = most;
  const raise = total(least, most) <= target;
  let under: number = least;
  let over: number = most;
  for (let i = 0; i < 50; i++) {
    const middle = (under + over) / 2;
    if ((raise ? total(middle, most) : total(least, middle)) <= target) under = middle;
    else over = middle;
  }
  if (raise) low = total(most, most) <= target ? most : under;
  else high = under;

  const ofDegree = new Uint32Array(max + 1);
  distinct.forEach((d, i) => {
    ofDegree[d] = at(i, low, high);
  });
  const budgets = new Uint32Array(n);
  for (let u = 0; u < n; u++) budgets[u] = ofDegree[degrees[u]];
  let left = target - total(low, high);
  const order = left > 0 ? countingSort(degrees, undefined, max + 1, n) : [];
  for (let before = -1; left > 0 && before !== left; ) {
    before = left;
    for (const u of order) {
      if (left === 0) break;
      if (degrees[u] === 0 || budgets[u] >= most || spend(budgets[u] + 1, degrees[u]) <= budgets[u]) continue;
      budgets[u]++;
      left--;
    }
  }
  return { budgets, alpha, low, high, total: target - left };
}

/**
 * Weights d^tau of the neighbours for `BlockOptions.weights`: pass in-degrees for the direction `out` (a popular target
 * is likelier) and out-degrees for `in`. tau is 0, .25, .5, .75 or 1: square roots are exact on every machine, powers
 * are not. `add` keeps nodes that are left without edges by a mask above 0.
 */
export function degreeWeights(
  into: Slice<'f32'>,
  degrees: ArrayLike<number>,
  tau: number,
  add = 0,
): Slice<'f32'> {
  const quarters = integer(4 * real(tau, 'tau', 0, 1), '4 tau', 0, 4);
  real(add, 'add', 0);
  if (into.length !== degrees.length) {
    throw new RangeError(`weights must have ${degrees.length} entries, got ${into.length}`);
  }
  const out = into.array;
  for (let v = 0; v < out.length; v++) out[v] = quarterPower(degrees[v] + add, quarters);
  return into;
}

/** x^(quarters / 4) by square roots. */
export function quarterPower(x: number, quarters: number): number {
  const half = Math.sqrt(x);
  if (quarters === 0) return 1;
  if (quarters === 1) return Math.sqrt(half);
  if (quarters === 2) return half;
  return quarters === 3 ? half * Math.sqrt(half) : x;
}
