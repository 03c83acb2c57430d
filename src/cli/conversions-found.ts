import { numberOfText, secondsOfNumber, secondsOfText } from '../io/values.ts';
import { type CategoricalColumn, type FeatureColumn, numericColumn } from '../nn/tabular/table.ts';

/** A column that no option names and that is no feature all the same. */
export interface LeftOut {
  name: string;
  why: string;
}

/** When the rows were: as the file has it, dates in epoch seconds. */
export interface RowTimes {
  values: Float64Array;
  dates: boolean;
}

/** A column of numbers has more different values than a model has buckets for them. */
const FEWEST_NUMBERS = 20;
const YEAR = 365 * 86_400;
/** Numbers from 2001 to 2038 in epoch seconds, where no column says when the rows were. */
const EPOCH: readonly [number, number] = [1e9, 2 ** 31];

/**
 * A column as it stands in the file, as a feature of the kind that its values are of. Left out are those that would only
 * teach by heart, or what came later: a different word in every row, numbers of the rows, and times (what happened at a
 * time is a signal, and mostly later than the row).
 */
export function foundFeature(column: CategoricalColumn, time: RowTimes | undefined): FeatureColumn | LeftOut {
  const { name, levels, codes } = column;
  const blank = levels.map((level) => level.trim() === '');
  const every = (is: (level: string, i: number) => boolean) =>
    !blank.every(Boolean) && levels.every((level, i) => blank[i] || is(level, i));
  if (every((level) => !Number.isNaN(secondsOfText(level)))) return { name, why: 'holds dates' };
  const numbers = levels.map((level, i) => (blank[i] ? Number.NaN : numberOfText(level)));
  const alike = levels.length === codes.length && codes.length > FEWEST_NUMBERS;
  if (!every((_, i) => !Number.isNaN(numbers[i]))) {
    return alike ? { name, why: 'differs in every row' } : column;
  }
  if (numbers.length <= FEWEST_NUMBERS) return column;
  const values = Float64Array.from(codes, (code) => numbers[code]);
  if (alike && countsRows(values)) return { name, why: 'numbers the rows' };
  if (areTimes(values, time)) return { name, why: 'holds times' };
  return numericColumn(name, values);
}

/** Whole numbers that only rise, or only fall. */
function countsRows(values: Float64Array): boolean {
  const sign = Math.sign(values[1] - values[0]);
  return values.every((v, i) => Number.isInteger(v) && (i === 0 || Math.sign(v - values[i - 1]) === sign));
}

function areTimes(values: Float64Array, time: RowTimes | undefined): boolean {
  const given = values.filter((v) => !Number.isNaN(v));
  if (time === undefined || time.dates) {
    const [first, last] = time ? ends(time.values) : EPOCH;
    const near = time ? 10 * YEAR : 0;
    return given.every((v) => {
      const seconds = secondsOfNumber(v);
      return v >= EPOCH[0] / 10 && seconds >= first - near && seconds <= last + near;
    });
  }
  // Plain numbers may be anything: times only where some rows have none and the others none before their own.
  const [first, last] = ends(time.values);
  return (
    given.length < values.length &&
    values.every((v, i) => Number.isNaN(v) || (v >= time.values[i] && v <= 2 * last - first))
  );
}

const ends = (values: Float64Array): [number, number] =>
  values.reduce(([low, high], v) => [Math.min(low, v), Math.max(high, v)], [Infinity, -Infinity]);
