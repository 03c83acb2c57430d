import type { Engine } from '../engine/engine.ts';
import type { GridTable } from './grid.ts';

/**
 * Cumulative choices of one level, from the highest bin down: choice c flags the top c bins, choice 0 none. What is
 * gained is `positives`, what is paid `weights`.
 */
export interface Level {
  positives: Float64Array;
  weights: Float64Array;
}

export function levelsOf({ grid, positives, weights }: GridTable): Level[] {
  const { levels, bins } = grid;
  const running = (x: Float64Array, level: number) => {
    const out = new Float64Array(bins + 1);
    for (let c = 1; c <= bins; c++) out[c] = out[c - 1] + x[level * bins + bins - c];
    return out;
  };
  return Array.from({ length: levels }, (_, i) => ({
    positives: running(positives, i),
    weights: running(weights, i),
  }));
}

/** For every amount of weight flagged, the most positives that a choice of bins in each level can hold. */
export interface FrontierTable {
  /** Exact sums of the best choice at each state, not of its rounded weight. */
  readonly positives: Float64Array;
  readonly weights: Float64Array;
  /** Every cell has the same weight: then each state is the true optimum at its weight (EW-DPMT). */
  readonly exact: boolean;
  /** Choices of the state's best boundary, one for each level. */
  choices(state: number): Uint32Array;
}

/** States of the table when weights are unequal: each level's sum is rounded to a 4,096th of the total. */
const UNITS = 4096;

/**
 * The dynamic programme over levels, R(i, m) = max over c of R(i-1, m - weight(i, c)) + positives(i, c): in one pass the
 * whole frontier, for every precision and every recall. O(levels x bins x states) by the max-plus kernel.
 */
export function frontierTable(engine: Engine, levels: readonly Level[]): FrontierTable {
  const bins = levels[0].weights.length - 1;
  const unit = levels[0].weights[1];
  const exact = unit > 0 && levels.every(({ weights }) => weights.every((w, c) => w === unit * c));
  const total = levels.reduce((sum, { weights }) => sum + weights[bins], 0);
  const step = exact ? unit : total / UNITS;
  const offsets = levels.map(({ weights }) => Uint32Array.from(weights, (w) => Math.round(w / step)));
  const states = 1 + offsets.reduce((sum, offset) => sum + offset[bins], 0);
  const chosen: Float64Array[] = [];
  engine.scope((scope) => {
    let before = scope.alloc('f64', states);
    let out = scope.alloc('f64', states);
    const choice = scope.alloc('f64', states);
    const offset = scope.alloc('u32', bins + 1);
    const gain = scope.alloc('f64', bins + 1);
    let reached = 1;
    for (let i = 0; i < levels.length; i++) {
      offset.set(offsets[i]);
      gain.set(levels[i].positives);
      const next = reached + offsets[i][bins];
      engine.kernels.maxPlus(out.ptr, choice.ptr, before.ptr, offset.ptr, gain.ptr, next, reached, bins + 1);
      chosen.push(choice.array.slice(0, next));
      [before, out, reached] = [out, before, next];
    }
  });
  const choices = (state: number) => {
    const found = new Uint32Array(levels.length);
    for (let i = levels.length - 1, m = state; i >= 0; i--) {
      found[i] = chosen[i][m];
      m -= offsets[i][found[i]];
    }
    return found;
  };
  const positives = new Float64Array(states);
  const weights = new Float64Array(states);
  for (let m = 0; m < states; m++) {
    choices(m).forEach((c, i) => {
      positives[m] += levels[i].positives[c];
      weights[m] += levels[i].weights[c];
    });
  }
  return { positives, weights, exact, choices };
}

/** Slack below which a sum counts as zero: rounding of sums and of bound x weight. */
export const EPSILON = 1e-9;

/** The state with the most positives among those of at least `precision`; of equals, that of least weight. */
export function bestAtPrecision(table: FrontierTable, precision: number): number {
  let best = 0;
  for (let m = 1; m < table.positives.length; m++) {
    const slack = table.positives[m] - precision * table.weights[m];
    if (slack >= -EPSILON * Math.max(1, table.weights[m]) && table.positives[m] > table.positives[best])
      best = m;
  }
  return best;
}

/** The state with the highest precision among those with at least `positives`. */
export function bestAtPositives(table: FrontierTable, positives: number): number {
  let best = -1;
  for (let m = 0; m < table.positives.length; m++) {
    if (!(table.positives[m] >= positives - EPSILON * Math.max(1, positives) && table.weights[m] > 0))
      continue;
    if (
      best < 0 ||
      table.positives[m] * table.weights[best] > table.positives[best] * table.weights[m] * (1 + 1e-15)
    )
      best = m;
  }
  return best;
}
