import type { Engine } from '../engine/engine.ts';
import type { Plane, Point, Reliability, ThresholdsContent } from '../report/thresholds/content.ts';
import { frontier } from '../uncertainty/curve.ts';
import { diagnose } from '../uncertainty/diagnose.ts';
import type { Operating } from '../uncertainty/evaluate.ts';
import type { Holdout } from '../uncertainty/holdout.ts';
import type { ThresholdPolicy } from '../uncertainty/policy.ts';

/** Cells of the plane, and the rows that each must have. */
const COLUMNS = 25;
const ROWS = 14;
const FEWEST = 10;
/** Heights at which the boundary is looked up, and steps of score that halve down to a millionth. */
const HEIGHTS = 120;
const HALVINGS = 20;
/** Share of the rows with the highest uncertainty that would stretch the picture. */
const OUTLIERS = 0.01;

export const pointOf = (name: string, o: Operating): Point => ({
  name,
  recall: o.recall,
  recallInterval: o.recallInterval,
  precision: o.precision,
  precisionInterval: o.precisionInterval,
  acts: o.flagged / o.rows,
});

/** What is to be drawn of a policy on labelled rows. */
export function surveyOf(
  engine: Engine,
  policy: ThresholdPolicy,
  test: Holdout,
): Pick<ThresholdsContent, 'plane' | 'curves' | 'reliability' | 'likelihood'> {
  const curve = (name: string, method: 'single' | 'surface') => ({
    name,
    ...frontier(engine, test, { method }),
  });
  const curves = [curve('one threshold on the score', 'single')];
  if (test.uncertainty === undefined) return { curves };
  curves.push(curve('score and uncertainty (surface, out of fold)', 'surface'));
  const { reliability, ece, gain } = diagnose(engine, test, { bins: 12 });
  return {
    curves,
    plane: planeOf(policy, test.score, test.uncertainty, test.label),
    likelihood: gain.surface,
    reliability: reliabilityOf(reliability, ece),
  };
}

function reliabilityOf(bins: ReturnType<typeof diagnose>['reliability'], ece: number): Reliability {
  return {
    score: bins.map(({ meanScore }) => meanScore),
    rate: bins.map(({ rate }) => rate),
    error: bins.map(({ rate, rows }) => Math.sqrt((rate * (1 - rate)) / rows)),
    rows: bins.map(({ rows }) => rows),
    ece,
  };
}

export function planeOf(
  policy: ThresholdPolicy,
  score: ArrayLike<number>,
  uncertainty: ArrayLike<number>,
  label: ArrayLike<number>,
): Plane | undefined {
  const sorted = Float64Array.from(uncertainty).sort();
  const [bottom, top] = [sorted[0], sorted[Math.floor((1 - OUTLIERS) * (sorted.length - 1))]];
  if (!(top > bottom)) return undefined;
  const edges = (from: number, to: number, cells: number) =>
    Float64Array.from({ length: cells + 1 }, (_, i) => from + ((to - from) * i) / cells);
  const [columns, rows] = [edges(0, 1, COLUMNS), edges(bottom, top, ROWS)];
  const counts = new Float64Array(COLUMNS * ROWS);
  const rate = new Float64Array(COLUMNS * ROWS);
  for (let i = 0; i < score.length; i++) {
    if (uncertainty[i] > top) continue;
    const column = Math.min(COLUMNS - 1, Math.floor(score[i] * COLUMNS));
    const row = Math.min(ROWS - 1, Math.floor(((uncertainty[i] - bottom) / (top - bottom)) * ROWS));
    counts[row * COLUMNS + column]++;
    rate[row * COLUMNS + column] += label[i];
  }
  counts.forEach((n, cell) => {
    rate[cell] = n < FEWEST ? Number.NaN : rate[cell] / n;
  });
  const heights = edges(bottom, top, HEIGHTS);
  return {
    score: columns,
    uncertainty: rows,
    rate,
    fewest: FEWEST,
    boundary: { score: heights.map((u) => leastScore(policy, u)), uncertainty: heights },
  };
}

/** The least score in [0, 1] that the policy acts on at an uncertainty; 1 for none. */
function leastScore(policy: ThresholdPolicy, uncertainty: number): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < HALVINGS; step++) {
    const middle = (low + high) / 2;
    if (policy.decide(middle, uncertainty) === 'positive') high = middle;
    else low = middle;
  }
  return high;
}
