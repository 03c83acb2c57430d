import type { Engine } from '../engine/engine.ts';
import {
  bestAtPositives,
  bestAtPrecision,
  EPSILON,
  frontierTable,
  type Level,
  levelsOf,
} from './frontier.ts';
import type { Grid, GridTable } from './grid.ts';
import { levelRates } from './isotonic.ts';
import { multipleChoice } from './multiple-choice.ts';
import type { LevelRule, NestedRule } from './policy.ts';
import type { Target } from './prefix.ts';

/** For each level how many of its top bins are flagged, and whether that is known to be the best. */
export interface Choice {
  top: Uint32Array;
  exact: boolean;
}

/**
 * The most positives at the precision, or the highest precision at the recall, over all boundaries of the grid: exact.
 * Equal cells go through the table of the dynamic programme, unequal ones through the multiple-choice knapsack.
 */
export function dynamicChoice(engine: Engine, table: GridTable, target: Target): Choice {
  const levels = levelsOf(table);
  const total = table.positives.reduce((sum, p) => sum + p, 0);
  const { precision, recall } = target;
  if (equalCells(table.weights)) {
    const frontier = frontierTable(engine, levels);
    const state =
      precision !== undefined
        ? bestAtPrecision(frontier, precision)
        : bestAtPositives(frontier, (recall as number) * total);
    return { top: frontier.choices(state), exact: true };
  }
  return precision !== undefined
    ? mostPositives(levels, precision)
    : mostPrecise(levels, (recall as number) * total);
}

const equalCells = (weights: Float64Array) => weights[0] > 0 && weights.every((w) => w === weights[0]);

function mostPositives(levels: readonly Level[], precision: number): Choice {
  const found = multipleChoice(
    levels.map(({ positives, weights }) => ({
      gain: positives,
      slack: positives.map((p, c) => p - precision * weights[c]),
    })),
    0,
  );
  return found
    ? { top: found.choices, exact: found.exact }
    : { top: new Uint32Array(levels.length), exact: true };
}

/** Dinkelbach's method: the ratio of the answer to "most positives less ratio x weight" rises to the best ratio. */
function mostPrecise(levels: readonly Level[], positives: number): Choice {
  const sum = (top: Uint32Array, of: keyof Level) => top.reduce((s, c, i) => s + levels[i][of][c], 0);
  let best: Choice = { top: Uint32Array.from(levels, ({ weights }) => weights.length - 1), exact: true };
  for (let round = 0; round < 60; round++) {
    const ratio = sum(best.top, 'positives') / sum(best.top, 'weights');
    const found = multipleChoice(
      levels.map((level) => ({
        gain: level.positives.map((p, c) => p - ratio * level.weights[c]),
        slack: level.positives,
      })),
      positives - EPSILON * Math.max(1, positives),
    );
    if (!found || !(found.gain > 1e-9 * Math.max(1, positives))) break;
    best = { top: found.choices, exact: best.exact && found.exact };
  }
  return best;
}

/** Isotonic rates inside each level, pooled under one cut (MIST). Cells of one rate go together. */
export function isotonicChoice(engine: Engine, table: GridTable, target: Target, least: number): Choice {
  const { levels, bins } = table.grid;
  const rates = levelRates(engine, table, least);
  const cells = Uint32Array.from(rates, (_, i) => i).sort((a, b) => rates[b] - rates[a] || a - b);
  const total = table.positives.reduce((sum, p) => sum + p, 0);
  let [positives, weights, cut, best] = [0, 0, Infinity, -1];
  cells.forEach((cell, i) => {
    positives += table.positives[cell];
    weights += table.weights[cell];
    if (i + 1 < cells.length && rates[cells[i + 1]] === rates[cell]) return;
    if (target.precision !== undefined) {
      if (positives - target.precision * weights >= -EPSILON * Math.max(1, weights)) cut = rates[cell];
    } else if (positives >= (target.recall as number) * total - EPSILON * Math.max(1, total)) {
      if (positives / weights > best) [best, cut] = [positives / weights, rates[cell]];
    }
  });
  const top = Uint32Array.from({ length: levels }, (_, level) => {
    const part = rates.subarray(level * bins, (level + 1) * bins);
    return part.reduce((count, rate) => count + Number(rate >= cut), 0);
  });
  return { top, exact: true };
}

/** The table seen from below: negatives of the lowest bins, for the boundary of the safe "no". */
export function mirrored({ grid, positives, weights }: GridTable): GridTable {
  const { levels, bins } = grid;
  const flip = (x: Float64Array) => x.map((_, i) => x[Math.floor(i / bins) * bins + bins - 1 - (i % bins)]);
  return {
    grid: { ...grid, levels, bins },
    positives: flip(weights.map((w, i) => w - positives[i])),
    weights: flip(weights),
  };
}

/** A policy's rule from the number of top bins flagged, and of bottom bins surely negative, in each level. */
export function gridRule(grid: Grid, top: Uint32Array, bottom?: Uint32Array): LevelRule | NestedRule {
  const { bins } = grid;
  const high = top.map((c) => bins - c);
  // Never above the positive boundary: a row cannot be surely negative and positive.
  const low = bottom ? bottom.map((c, i) => Math.min(c, high[i])) : high;
  if (grid.nesting === 'score-first') {
    return { kind: 'score-first', outer: grid.outer, inner: grid.inner, high, low };
  }
  const edge = (bin: number, level: number) =>
    bin === 0 ? -LARGEST : bin === bins ? Infinity : grid.inner[level * (bins - 1) + bin - 1];
  const thresholds = (first: Uint32Array) => Float32Array.from(first, edge);
  return { kind: 'levels', edges: grid.outer, high: thresholds(high), low: thresholds(low) };
}

/** The least f32: a threshold that every score reaches. */
export const LARGEST = 3.4028234663852886e38;
