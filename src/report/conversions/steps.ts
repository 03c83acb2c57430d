import type { ConversionsEvaluation, MethodMeasured } from './evaluation.ts';

/** Points of a line: more steps than this are drawn in groups. */
const POINTS = 40;

export interface Line {
  readonly x: number[];
  readonly y: number[];
}

/** Steps in groups of equal number, and where each group begins, in days from the first step. */
export function groupsOf({ steps }: ConversionsEvaluation): { at: number; from: number; to: number }[] {
  const size = Math.max(1, Math.ceil(steps.length / POINTS));
  return Array.from({ length: Math.ceil(steps.length / size) }, (_, g) => ({
    at: steps[g * size].from - steps[0].from,
    from: g * size,
    to: Math.min(steps.length, (g + 1) * size),
  }));
}

/**
 * A metric by groups of steps, weighted as the metric over all steps is: by rows, predicted over observed by conversions.
 * Groups without a step that has the metric are left out.
 */
export function lineOf(
  evaluation: ConversionsEvaluation,
  { bySteps }: MethodMeasured,
  metric: 'auc' | 'logLoss' | 'pcoc',
): Line {
  const line: Line = { x: [], y: [] };
  const values = bySteps[metric];
  for (const { at, from, to } of groupsOf(evaluation)) {
    let [sum, total] = [0, 0];
    for (let k = from; k < to; k++) {
      const { rows, positives } = evaluation.steps[k];
      const weight = metric === 'pcoc' ? positives : rows;
      if (Number.isNaN(values[k]) || weight === 0) continue;
      sum += weight * values[k];
      total += weight;
    }
    if (total === 0) continue;
    line.x.push(at);
    line.y.push(sum / total);
  }
  return line;
}
