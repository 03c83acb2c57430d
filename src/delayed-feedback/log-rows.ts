import { DataError } from '../check.ts';

/** A row that breaks a rule: its number in the columns given (from 0), the rule's short name and a sentence. */
export interface BadRow {
  row: number;
  code:
    | 'bad-time'
    | 'bad-window'
    | 'bad-label'
    | 'duplicate-id'
    | 'conversion-before-exposure'
    | 'negative-before-exposure'
    | 'signal-before-exposure'
    | 'positive-without-time'
    | 'negative-with-conversion';
  column: string;
  message: string;
}

/** What was noticed and handled, none of it silently. */
export interface LogCounts {
  /** Rows kept, and rows left out because they break a rule. */
  rows: number;
  dropped: number;
  positives: number;
  negatives: number;
  /** Rows whose label is not final when the log ends: they wait. */
  censored: number;
  /** Rows that stood before an earlier one; all were sorted by time. */
  outOfOrder: number;
  /** Rows with a window of zero: final at once. */
  zeroWindow: number;
  /** Conversions after the window: negatives, as the window says. */
  convertedLate: number;
  /** Signals at or after the conversion: they can tell nothing any more and are left out. */
  signalsAfterConversion: number;
}

/** One row's times as delays from its exposure, NaN where nothing is known. */
export interface RowTimes {
  time: number;
  delay: number;
  window: number;
  negative: number;
  label: number;
  signals: readonly number[];
}

const says = (value: number) => String(value);

/** The first rule a row breaks, or undefined. */
export function ruleBroken(at: RowTimes, names: readonly string[]): Omit<BadRow, 'row'> | undefined {
  const { time, delay, window, negative, label, signals } = at;
  if (!Number.isFinite(time)) {
    return { code: 'bad-time', column: 'time', message: `the time of the exposure is ${says(time)}` };
  }
  if (!(window >= 0)) {
    return {
      code: 'bad-window',
      column: 'window',
      message: `the window must be 0 or more, got ${says(window)}`,
    };
  }
  if (delay < 0) {
    return {
      code: 'conversion-before-exposure',
      column: 'conversion',
      message: `the conversion is ${says(-delay)} before the exposure`,
    };
  }
  if (negative < 0) {
    return {
      code: 'negative-before-exposure',
      column: 'negative',
      message: `the negative outcome is ${says(-negative)} before the exposure`,
    };
  }
  const early = signals.findIndex((s) => s < 0);
  if (early >= 0) {
    return {
      code: 'signal-before-exposure',
      column: names[early],
      message: `the signal ${names[early]} is ${says(-signals[early])} before the exposure`,
    };
  }
  if (!(label === 0 || label === 1 || Number.isNaN(label))) {
    return { code: 'bad-label', column: 'label', message: `a label is 0, 1 or unknown, got ${says(label)}` };
  }
  if (label === 1 && !(delay <= window)) {
    return {
      code: 'positive-without-time',
      column: 'label',
      message: 'the label is 1 but there is no conversion time within the window',
    };
  }
  if (label === 0 && delay <= window) {
    return {
      code: 'negative-with-conversion',
      column: 'label',
      message: 'the label is 0 but there is a conversion within the window',
    };
  }
  return undefined;
}

/** A broken row as an error; `id` names it where there are ids. */
export function badRowError({ row, code, column, message }: BadRow, id?: string | number): DataError {
  const name = id === undefined ? `row ${row}` : `row ${row} (${String(id).slice(0, 60)})`;
  return new DataError(`${name}: ${message}`, { code, column });
}
