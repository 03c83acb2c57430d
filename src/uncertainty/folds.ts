import type { Engine } from '../engine/engine.ts';
import type { Rows } from './holdout.ts';
import { STREAM } from './streams.ts';
import { fitSurface, surfaceLogOdds } from './surface.ts';

/** Row numbers with and without fold k. */
export interface Fold {
  inside: Uint32Array;
  outside: Uint32Array;
}

/** `count` random folds of the rows; rows of one group share a fold. */
export function folds(engine: Engine, rows: Rows, count: number, seed: number): Fold[] {
  const units = rows.group ? rows.groups : rows.n;
  const fold = engine.scope((scope) => {
    const drawn = scope.alloc('u32', units);
    engine.kernels.randomIntegers(drawn.ptr, units, count, seed, STREAM.folds, 0);
    return drawn.copy();
  });
  const of = (i: number) => fold[rows.group ? rows.group[i] : i];
  const all = Uint32Array.from({ length: rows.n }, (_, i) => i);
  return Array.from({ length: count }, (_, k) => ({
    inside: all.filter((i) => of(i) === k),
    outside: all.filter((i) => of(i) !== k),
  }));
}

/** The columns that a fit looks at, at these rows. */
export function take(
  rows: Rows,
  index: Uint32Array,
): Pick<Rows, 'n' | 'score' | 'uncertainty' | 'label' | 'weight'> {
  const pick = (x: Float32Array) => Float32Array.from(index, (i) => x[i]);
  return {
    n: index.length,
    score: pick(rows.score),
    uncertainty: pick(rows.uncertainty),
    label: pick(rows.label),
    weight: rows.weight && pick(rows.weight),
  };
}

export const FOLDS = 5;

/** Each row's log-odds by the surface fitted without its fold. */
export function outOfFold(
  engine: Engine,
  rows: Rows,
  parts: readonly Fold[],
  useUncertainty: boolean,
): Float32Array {
  const out = new Float32Array(rows.n);
  for (const { inside, outside } of parts) {
    if (inside.length === 0 || outside.length === 0) continue;
    const surface = fitSurface(engine, take(rows, outside), useUncertainty);
    const { score, uncertainty } = take(rows, inside);
    const values = surfaceLogOdds(engine, surface, score, uncertainty);
    inside.forEach((row, i) => {
      out[row] = values[i];
    });
  }
  return out;
}
