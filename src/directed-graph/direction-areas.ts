import { auc } from '../nn/metrics.ts';
import { Direction, type DirectionScores, oneWay } from './ranker/direction.ts';
import type { Ranker } from './ranker/ranker.ts';
import type { Split } from './split.ts';

/** One-way test edges at most that direction is judged on. */
const EDGES = 3000;

/** Direction AUC, each over the same one-way test edges against their reverses; 1/2 is guessing. */
export interface DirectionAreas extends Record<keyof DirectionScores, number> {
  edges: number;
}

/**
 * How well a ranker tells "u leads to v" from "v leads to u": by its score, with an offset of the source, by the
 * antisymmetric head, and (the control) by log degrees alone. Fitted on one-way validation edges (`Direction`).
 * Undefined where either part has no one-way edges.
 */
export function directionAreas(
  ranker: Ranker,
  { train, validation, test, known }: Pick<Split, 'train' | 'validation' | 'test' | 'known'>,
): DirectionAreas | undefined {
  const forward = oneWay(test, (u, v) => known.hasEdge(u, v), EDGES);
  const fitted = oneWay(validation, (u, v) => train.hasEdge(u, v), 1);
  if (forward.source.length === 0 || fitted.source.length === 0) return undefined;
  const direction = Direction.fit(ranker, validation);
  const there = direction.score(forward);
  const back = direction.score({ source: forward.target, target: forward.source });
  const area = (by: keyof DirectionScores) => auc(there[by], back[by]);
  return {
    edges: forward.source.length,
    raw: area('raw'),
    offset: area('offset'),
    head: area('head'),
    degrees: area('degrees'),
  };
}
