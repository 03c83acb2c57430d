import { integer, oneOf, options } from '../check.ts';
import type { Engine } from '../engine/engine.ts';
import { FOLDS, folds, outOfFold } from './folds.ts';
import { frontierTable, levelsOf } from './frontier.ts';
import { countGrid, fitGrid } from './grid.ts';
import { type GridOptions, gridDefaults } from './grid-options.ts';
import { checkHoldout, type Holdout } from './holdout.ts';
import { prefixes } from './prefix.ts';

export interface CurveOptions extends GridOptions {
  /** Kind of boundary whose curve it is; the options of the grid are for 'dynamic' alone. */
  method: 'single' | 'surface' | 'dynamic';
  /** Points at most, 2 to 100,000, evenly over the recall. */
  points: number;
  /** Of the folds of 'surface', 0 to 2^32 - 1. */
  seed: number;
}

export const curveDefaults: CurveOptions = { ...gridDefaults, method: 'surface', points: 200, seed: 1 };

/** Operating points by rising recall. */
export interface Curve {
  recall: Float64Array;
  precision: Float64Array;
}

/**
 * The precision-recall curve of a method on labelled rows: 'single' by score, 'surface' by out-of-fold values, 'dynamic' from
 * one table of the dynamic programme (the points that no other point beats; exact for cells of equal weight).
 */
export function frontier(engine: Engine, holdout: Holdout, given?: Partial<CurveOptions>): Curve {
  const o = options<CurveOptions>(given, curveDefaults, 'frontier');
  oneOf(o.method, 'method', ['single', 'surface', 'dynamic']);
  integer(o.points, 'points', 2, 100_000);
  integer(o.seed, 'seed', 0, 2 ** 32 - 1);
  const rows = checkHoldout(holdout, { probability: o.method === 'surface' });
  let positives: Float64Array;
  let weights: Float64Array;
  if (o.method === 'dynamic') {
    const { levels, bins, nesting, edges, tail } = o;
    const table = countGrid(engine, fitGrid(engine, rows, { levels, bins, nesting, edges, tail }), rows);
    ({ positives, weights } = frontierTable(engine, levelsOf(table)));
  } else {
    const value =
      o.method === 'single' ? rows.score : outOfFold(engine, rows, folds(engine, rows, FOLDS, o.seed), true);
    ({ positives, weights } = prefixes(engine, value, rows));
  }
  return thin(positives, weights, rows.positives, o);
}

/** For each of `points` steps of recall, the most precise of the points that reach it; for 'dynamic' none beaten. */
function thin(
  positives: Float64Array,
  weights: Float64Array,
  total: number,
  { points, method }: CurveOptions,
): Curve {
  const at = Array.from(positives, (_, i) => i).filter((i) => weights[i] > 0 && positives[i] > 0);
  at.sort((a, b) => positives[a] - positives[b] || weights[b] - weights[a]);
  const precision = (i: number) => positives[i] / weights[i];
  let kept = at;
  if (method === 'dynamic') {
    let most = -1;
    kept = at
      .reverse()
      .filter((i) => precision(i) > most && (most = precision(i)) > 0)
      .reverse();
  }
  const chosen: number[] = [];
  for (const i of kept) {
    const step = Math.floor((positives[i] / total) * points);
    const last = chosen.at(-1);
    if (last !== undefined && Math.floor((positives[last] / total) * points) === step) chosen.pop();
    chosen.push(i);
  }
  return {
    recall: Float64Array.from(chosen, (i) => positives[i] / total),
    precision: Float64Array.from(chosen, precision),
  };
}
