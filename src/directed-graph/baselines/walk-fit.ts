import { notAborted } from '../../check.ts';
import type { Engine } from '../../engine/engine.ts';
import type { DirectedGraph } from '../graph.ts';
import type { Pairs, Scorer } from '../scorer.ts';
import { pairsOfSources, validationHitRate } from './validate.ts';
import { type WalkOptions, walkDefaults, walkMix } from './walks.ts';

/** Exponent and reverse edge depend on each other, so they are tried together first ... */
const EXPONENTS = [0.3, 0.35, 0.4, 0.45, 0.5];
const REVERSES: Partial<WalkOptions>[] = [
  { reverse: 0.02, reverseEdge: 0 },
  { reverse: 0.1, reverseEdge: 0 },
  { reverse: 0, reverseEdge: 0.02 },
  { reverse: 0, reverseEdge: 0.05 },
  { reverse: 0, reverseEdge: 0.1 },
];

/** ... then one setting at a time. */
const CHOICES = {
  twoHop: [0, 0.2, 0.5, 1],
  coSource: [0, 0.1, 0.3],
  exponent: EXPONENTS,
  reverseEdge: [0, 0.02, 0.05, 0.1, 0.2],
  reverse: [0, 0.02, 0.1, 0.3],
} as const satisfies Partial<Record<keyof WalkOptions, readonly number[]>>;

/** Sources of validation edges that a setting is judged on. */
const QUERIES = 1000;

export interface FittedWalk extends Scorer {
  readonly settings: WalkOptions;
}

/**
 * The walk mix with its exponent and weights chosen by hitRate@10 on validation edges. An exponent below 1/2 lets hubs through more; it is worth more than any of the weights.
 */
export function walkMixFitted(
  engine: Engine,
  train: DirectedGraph,
  validation: Pairs,
  given?: { signal?: AbortSignal },
): FittedWalk {
  const sample = pairsOfSources(validation, QUERIES);
  const tried = new Map<string, number>();
  const quality = (settings: WalkOptions): number => {
    const key = JSON.stringify(settings);
    let found = tried.get(key);
    if (found === undefined) {
      notAborted(given?.signal);
      const scorer = walkMix(engine, train, settings);
      try {
        found = validationHitRate(engine, scorer, train, sample);
      } finally {
        scorer.dispose();
      }
      tried.set(key, found);
    }
    return found;
  };
  let best: WalkOptions = { ...walkDefaults, name: 'walkMixFitted' };
  const consider = (change: Partial<WalkOptions>) => {
    const other = { ...best, ...change };
    if (quality(other) > quality(best)) best = other;
  };
  for (const exponent of EXPONENTS) for (const reverse of REVERSES) consider({ exponent, ...reverse });
  for (const [name, values] of Object.entries(CHOICES)) {
    for (const value of values) consider({ [name]: value });
  }
  return { ...walkMix(engine, train, best), settings: best };
}
