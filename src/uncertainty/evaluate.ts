import { wrongKind } from '../check.ts';
import type { Engine } from '../engine/engine.ts';
import { wilson } from './binomial.ts';
import { checkHoldout, type Holdout, type Rows } from './holdout.ts';
import type { ThresholdPolicy } from './policy.ts';

/** What a decision does on labelled rows. Counts are sums of weights; intervals are at 95 %. */
export interface Operating {
  rows: number;
  positives: number;
  /** Weight (x cost) and positives of what was flagged. */
  flagged: number;
  truePositives: number;
  /** NaN when nothing was flagged. */
  precision: number;
  recall: number;
  /** Wilson's for independent 0/1 rows; otherwise linearised, with whole groups as the units. */
  precisionInterval: [number, number];
  recallInterval: [number, number];
  /** Rows answered with "abstain"; only from a policy with that answer. */
  abstained?: number;
}

const Z = 1.959964;

/** sqrt of the sum over groups (or rows) of the squared sums of `residual`. */
export function clusteredNorm(rows: Rows, residual: (row: number) => number): number {
  let squares = 0;
  if (rows.group === undefined) {
    for (let i = 0; i < rows.n; i++) {
      const d = residual(i);
      squares += d * d;
    }
  } else {
    const sums = new Float64Array(rows.groups);
    for (let i = 0; i < rows.n; i++) sums[rows.group[i]] += residual(i);
    for (const d of sums) squares += d * d;
  }
  return Math.sqrt(squares);
}

/** Precision and recall of flagging the rows where `flagged` holds. */
export function operating(rows: Rows, flagged: (row: number) => boolean): Operating {
  let weight = 0;
  let truePositives = 0;
  for (let i = 0; i < rows.n; i++) {
    if (!flagged(i)) continue;
    const w = rows.weight ? rows.weight[i] : 1;
    weight += w * (rows.cost ? rows.cost[i] : 1);
    truePositives += w * rows.label[i];
  }
  const precision = weight > 0 ? truePositives / weight : Number.NaN;
  const recall = rows.positives > 0 ? truePositives / rows.positives : Number.NaN;
  const base = { rows: rows.n, positives: rows.positives, flagged: weight, truePositives, precision, recall };
  if (rows.binary && !rows.group) {
    return {
      ...base,
      precisionInterval: wilson(truePositives, weight, Z),
      recallInterval: wilson(truePositives, rows.positives, Z),
    };
  }
  const w = (i: number) => (rows.weight ? rows.weight[i] : 1);
  const hit = (i: number) => Number(flagged(i));
  const byRow = clusteredNorm(
    rows,
    (i) => w(i) * hit(i) * (rows.label[i] - precision * (rows.cost ? rows.cost[i] : 1)),
  );
  const byPositive = clusteredNorm(rows, (i) => w(i) * rows.label[i] * (hit(i) - recall));
  return {
    ...base,
    precisionInterval: around(precision, byRow / weight),
    recallInterval: around(recall, byPositive / rows.positives),
  };
}

const around = (share: number, error: number): [number, number] =>
  Number.isFinite(error) ? [Math.max(0, share - Z * error), Math.min(1, share + Z * error)] : [0, 1];

/** Precision and recall of a policy on labelled rows, with 95 % intervals that respect `group`. */
export function evaluatePolicy(engine: Engine, policy: ThresholdPolicy, holdout: Holdout): Operating {
  const rows = checkHoldout(holdout, { anyClass: true });
  const answers = decideRows(engine, policy, rows);
  const result = operating(rows, (i) => answers[i] === 1);
  if (policy.uncertaintyAbove < Infinity || answers.includes(2)) {
    result.abstained = answers.reduce((sum, a) => sum + Number(a === 2), 0);
  }
  return result;
}

export function decideRows(engine: Engine, policy: ThresholdPolicy, rows: Rows): Uint8Array {
  if (typeof policy?.decideBatch !== 'function') throw wrongKind(policy, 'policy', 'a ThresholdPolicy');
  if (policy.usesUncertainty && !rows.hasUncertainty) {
    throw new TypeError(
      'holdout must have uncertainty: this policy has a threshold for each uncertainty level',
    );
  }
  return policy.decideBatch(engine, rows.score, rows.uncertainty);
}

/** Recall of `policy` less recall of `base` on the same rows, with its paired 95 % interval. */
export function recallGain(
  engine: Engine,
  policy: ThresholdPolicy,
  base: ThresholdPolicy,
  holdout: Holdout,
): { gain: number; interval: [number, number] } {
  const rows = checkHoldout(holdout, { anyClass: true });
  if (!(rows.positives > 0)) throw new RangeError('label must hold a positive: recall is a share of them');
  const [a, b] = [policy, base].map((p) => decideRows(engine, p, rows));
  const ahead = (i: number) => Number(a[i] === 1) - Number(b[i] === 1);
  const positive = (i: number) => (rows.weight ? rows.weight[i] : 1) * rows.label[i];
  let gain = 0;
  for (let i = 0; i < rows.n; i++) gain += (positive(i) * ahead(i)) / rows.positives;
  const error = clusteredNorm(rows, (i) => positive(i) * (ahead(i) - gain)) / rows.positives;
  return { gain, interval: [gain - Z * error, gain + Z * error] };
}
