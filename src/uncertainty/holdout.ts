import { numbers, sized } from '../check.ts';

/**
 * Labelled rows that the model was not trained on: a scorer's prediction with its labels, `{ ...scorer.predict(table), label }`,
 * or columns of any other model. Numbers are read as f32, so that one decision equals a batch.
 */
export interface Holdout {
  /** Finite; a probability in [0, 1] for the surface, certificates and recalibration. */
  score: ArrayLike<number>;
  /** Finite, larger = less sure, any unit. Without it every row is alike, and one threshold is all there is. */
  uncertainty?: ArrayLike<number>;
  /** 0 or 1, or a fraction between: the chance that a label still open turns out positive. */
  label: ArrayLike<number>;
  /** At least 0: how many rows each one stands for. */
  weight?: ArrayLike<number>;
  /** Above 0: what acting on the row costs. Precision is then positives per unit of cost. */
  cost?: ArrayLike<number>;
  /** Rows of one customer or one batch share a value: intervals and certificates then count groups, not rows. */
  group?: ArrayLike<number | string>;
}

/** A hold-out that has been checked. */
export interface Rows {
  readonly n: number;
  readonly score: Float32Array;
  readonly uncertainty: Float32Array;
  readonly label: Float32Array;
  readonly weight?: Float32Array;
  readonly cost?: Float32Array;
  /** Dense numbers from 0. */
  readonly group?: Uint32Array;
  readonly groups: number;
  readonly hasUncertainty: boolean;
  /** Every label is 0 or 1, and every row counts once and costs 1: what the binomial law needs. */
  readonly binary: boolean;
  /** Sum of weight x label, weight x (1 - label), and weight x cost. */
  readonly positives: number;
  readonly negatives: number;
  readonly total: number;
}

/** Values as f32, each within [min, max]; RangeError with the row that is not. */
export function column(
  values: ArrayLike<number>,
  name: string,
  n: number,
  min = -Number.MAX_VALUE,
  max = Number.MAX_VALUE,
): Float32Array {
  numbers(values, name, n);
  const out = new Float32Array(values);
  for (let i = 0; i < n; i++) {
    const value = values[i];
    if (!(value >= min && value <= max && Number.isFinite(out[i]))) {
      const rule = min === -Number.MAX_VALUE ? 'a finite number (of f32)' : rangeText(min, max);
      throw new RangeError(`${name}[${i}] must be ${rule}, got ${value}`);
    }
  }
  return out;
}

const rangeText = (min: number, max: number) =>
  max === Number.MAX_VALUE
    ? `a finite number of at least ${min}`
    : `from ${min} to ${max}${min === 0 && max === 1 ? ' (a probability)' : ''}`;

/** Dense numbers for group names, in order of appearance. */
function groupCodes(values: ArrayLike<number | string>, n: number): { codes: Uint32Array; count: number } {
  sized(values, 'group', n);
  const known = new Map<number | string, number>();
  const codes = new Uint32Array(n);
  for (let i = 0; i < n; i++) {
    const value = values[i];
    if (!(typeof value === 'string' || Number.isFinite(value))) {
      throw new TypeError(`group[${i}] must be text or a finite number, got ${String(value)}`);
    }
    let code = known.get(value);
    if (code === undefined) known.set(value, (code = known.size));
    codes[i] = code;
  }
  return { codes, count: known.size };
}

const KEYS = ['score', 'uncertainty', 'label', 'weight', 'cost', 'group'];
/** What a spread Prediction brings along, and nothing here reads. */
const UNREAD = ['variance', 'entropy'];

/**
 * The hold-out checked and copied. RangeError with the row for a value against its rule; RangeError when there are no
 * rows or one class only, unless `anyClass` (rows to be judged, not to be learned from).
 */
export function checkHoldout(holdout: Holdout, { probability = false, anyClass = false } = {}): Rows {
  if (typeof holdout !== 'object' || holdout === null) {
    throw new TypeError('holdout must be an object with score and label');
  }
  for (const key of Object.keys(holdout)) {
    if (!KEYS.includes(key) && !UNREAD.includes(key))
      throw new TypeError(`holdout: unknown column ${key}; known are ${KEYS.join(', ')}`);
  }
  const n = holdout.score?.length ?? 0;
  sized(holdout.score, 'score', n);
  if (!(n > 0)) throw new RangeError('holdout must have at least one row');
  const score = probability ? column(holdout.score, 'score', n, 0, 1) : column(holdout.score, 'score', n);
  const label = column(holdout.label, 'label', n, 0, 1);
  const { weight, cost, uncertainty, group } = holdout;
  const w = weight && column(weight, 'weight', n, 0, 1e12);
  const c = cost && column(cost, 'cost', n, 0, 1e12);
  let positives = 0;
  let negatives = 0;
  let total = 0;
  let binary = !weight && !cost;
  for (let i = 0; i < n; i++) {
    if (c && !(c[i] > 0)) throw new RangeError(`cost[${i}] must be above 0, got ${c[i]}`);
    const rows = w ? w[i] : 1;
    positives += rows * label[i];
    negatives += rows * (1 - label[i]);
    total += rows * (c ? c[i] : 1);
    if (label[i] !== 0 && label[i] !== 1) binary = false;
  }
  if (!anyClass && !(positives > 0 && negatives > 0)) {
    const only = positives > 0 ? 'positive' : 'negative';
    throw new RangeError(`label must hold both classes, but all ${n} rows are ${only}`);
  }
  const { codes, count } = group ? groupCodes(group, n) : { codes: undefined, count: n };
  return {
    n,
    score,
    label,
    uncertainty: uncertainty ? column(uncertainty, 'uncertainty', n) : new Float32Array(n),
    weight: w,
    cost: c,
    group: codes,
    groups: count,
    hasUncertainty: uncertainty != null,
    binary,
    positives,
    negatives,
    total,
  };
}

/** The rows at `index`, with the groups' numbers as they were. */
export function subset(rows: Rows, index: Uint32Array): Rows {
  const take = (x: Float32Array) => Float32Array.from(index, (i) => x[i]);
  const part = {
    n: index.length,
    score: take(rows.score),
    uncertainty: take(rows.uncertainty),
    label: take(rows.label),
    weight: rows.weight && take(rows.weight),
    cost: rows.cost && take(rows.cost),
    group: rows.group && Uint32Array.from(index, (i) => (rows.group as Uint32Array)[i]),
  };
  let positives = 0;
  let negatives = 0;
  let total = 0;
  for (let i = 0; i < part.n; i++) {
    const w = part.weight ? part.weight[i] : 1;
    positives += w * part.label[i];
    negatives += w * (1 - part.label[i]);
    total += w * (part.cost ? part.cost[i] : 1);
  }
  return { ...rows, ...part, positives, negatives, total };
}
