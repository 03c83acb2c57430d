import { DataError } from '../check.ts';
import type { Engine } from '../engine/engine.ts';
import type { Holdout } from '../uncertainty/holdout.ts';
import type { LabelledTable, Part } from './thresholds-columns.ts';

/** Philox stream of the split by chance. */
const STREAM = 1280;

/** Rows to fit on and rows to judge on, and how they were parted. */
export interface Parts {
  calibration: Holdout & { label: ArrayLike<number> };
  test: Holdout & { label: ArrayLike<number> };
  /** Rows of train, which are left out. */
  left: number;
  /** In words. */
  how: string;
}

/** A number in [0, 1) for each unit by its seed. */
export const drawn = (engine: Engine, units: number, seed: number): Float32Array =>
  engine.scope((scope) => {
    const x = scope.alloc('f32', units);
    engine.kernels.randomUniform(x.ptr, units, seed, STREAM, 0);
    return x.copy();
  });

/** The part of each row by chance: whole groups where there are any. `shares` are cumulated, [train, calibration]. */
export function partsByChance(
  engine: Engine,
  rows: number,
  group: ArrayLike<number> | undefined,
  shares: readonly [number, number],
  seed: number,
): Part[] {
  let units = rows;
  if (group) {
    units = 0;
    for (let i = 0; i < rows; i++) units = Math.max(units, group[i] + 1);
  }
  const place = drawn(engine, units, seed);
  return Array.from({ length: rows }, (_, i) => {
    const at = place[group ? group[i] : i];
    return at < shares[0] ? 'train' : at < shares[1] ? 'calibration' : 'test';
  });
}

/** Parts by `--split-column`, or half and half by chance. */
export function splitParts(engine: Engine, table: LabelledTable, seed: number): Parts {
  const { holdout, rows, file, columns } = table;
  const group = holdout.group as ArrayLike<number> | undefined;
  const part = table.part ?? partsByChance(engine, rows, group, [0, 0.5], seed);
  const index = (wanted: Part) => Uint32Array.from(part.keys()).filter((i) => part[i] === wanted);
  const [calibration, test] = (['calibration', 'test'] as const).map((wanted) => {
    const found = index(wanted);
    if (found.length === 0) {
      throw new DataError(`no row of the ${wanted} part`, { code: 'empty-split', file });
    }
    const taken = takeHoldout(holdout, found);
    bothClasses(taken.label, { file, column: columns.label, of: `of the ${wanted} rows` });
    return taken;
  });
  const chance = group ? `half of the values of ${columns.group}` : 'half of the rows';
  return {
    calibration,
    test,
    left: part.filter((p) => p === 'train').length,
    how: table.part ? 'as the split column says' : `${chance} by chance, seed ${seed}`,
  };
}

/** Refuses labels that are all alike: there is nothing to tell apart. */
export function bothClasses(
  label: ArrayLike<number>,
  { of, ...place }: { file: string; column: string; of: string },
): void {
  const known = Array.from(label);
  const only = known.every((y) => y === 0) ? 0 : known.every((y) => y === 1) ? 1 : undefined;
  if (only === undefined) return;
  throw new DataError(`all ${known.length} labels ${of} are ${only}: there must be rows of both kinds`, {
    code: 'one-class',
    ...place,
  });
}

/** What the room refuses about the rows as a whole (an empty level ...) is told of the file. */
export function ofTable<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new DataError(error.message, { code: 'bad-rows', file }, error);
  }
}

export function takeHoldout(rows: Holdout, index: ArrayLike<number>): Holdout {
  const take = (x: ArrayLike<number>) => Float64Array.from(index, (i) => x[i]);
  return {
    score: take(rows.score),
    label: take(rows.label),
    ...(rows.uncertainty ? { uncertainty: take(rows.uncertainty) } : {}),
    ...(rows.group ? { group: Uint32Array.from(index, (i) => (rows.group as ArrayLike<number>)[i]) } : {}),
  };
}
