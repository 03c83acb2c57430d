import type { Engine } from '../engine/engine.ts';
import { EPSILON } from './frontier.ts';
import type { Rows } from './holdout.ts';
import { descending } from './order.ts';

/**
 * Rows by falling value, cut only where the value changes: entry i flags every row of value >= value[i]. A family of
 * nested decisions with one number to choose.
 */
export interface Prefixes {
  /** Distinct values, falling. */
  readonly value: Float32Array;
  readonly rows: Uint32Array;
  /** Sum of weight x label, and of weight x cost. */
  readonly positives: Float64Array;
  readonly weights: Float64Array;
  /** All rows by falling value. */
  readonly order: Uint32Array;
}

export function prefixes(
  engine: Engine,
  value: Float32Array,
  { label, weight, cost }: Pick<Rows, 'label' | 'weight' | 'cost'>,
): Prefixes {
  const order = descending(engine, value);
  const n = order.length;
  let distinct = 0;
  for (let i = 0; i < n; i++) if (i === n - 1 || value[order[i]] !== value[order[i + 1]]) distinct++;
  const out = {
    value: new Float32Array(distinct),
    rows: new Uint32Array(distinct),
    positives: new Float64Array(distinct),
    weights: new Float64Array(distinct),
    order,
  };
  let positives = 0;
  let weights = 0;
  for (let i = 0, at = 0; i < n; i++) {
    const row = order[i];
    const w = weight ? weight[row] : 1;
    positives += w * label[row];
    weights += w * (cost ? cost[row] : 1);
    if (i < n - 1 && value[row] === value[order[i + 1]]) continue;
    out.value[at] = value[row];
    out.rows[at] = i + 1;
    out.positives[at] = positives;
    out.weights[at++] = weights;
  }
  return out;
}

/** What a boundary must reach: exactly one of the two. */
export interface Target {
  precision?: number;
  recall?: number;
}

/**
 * The entry that meets the target: the largest of at least the precision, or the most precise of at least the recall
 * (of `total` positives). -1 when none has the precision: nothing is flagged then.
 */
export function bestPrefix({ positives, weights }: Prefixes, target: Target, total: number): number {
  const { precision, recall } = target;
  let best = -1;
  for (let i = 0; i < positives.length; i++) {
    if (precision !== undefined) {
      if (positives[i] - precision * weights[i] >= -EPSILON * Math.max(1, weights[i])) best = i;
    } else if (positives[i] >= (recall as number) * total - EPSILON * Math.max(1, total)) {
      if (best < 0 || positives[i] * weights[best] > positives[best] * weights[i]) best = i;
    }
  }
  return best;
}

/**
 * The value below which rows are safely negative: the highest cut with at least `share` negatives among the rows under
 * it, never above `limit`. -Infinity when no row is.
 */
export function rejectCut(p: Prefixes, share: number, limit: number): number {
  const last = p.value.length - 1;
  const [rows, positives] = [p.weights[last], p.positives[last]];
  for (let i = 0; i <= last; i++) {
    if (p.value[i] > limit) continue;
    const under = rows - p.weights[i];
    const negatives = under - (positives - p.positives[i]);
    if (under > 0 && negatives - share * under >= -EPSILON * Math.max(1, under)) return p.value[i];
  }
  return -Infinity;
}
