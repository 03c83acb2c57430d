import { instance, numbers, oneOf, options, real, sized } from '../check.ts';
import { checkTable, type FeatureTable } from '../nn/tabular/table.ts';
import { type BadRow, badRowError, type LogCounts, ruleBroken } from './log-rows.ts';
import { takeRows } from './take-rows.ts';

/** Columns of a log, a value a row. Times share one unit and origin (the figures of this room use days). */
export interface LogColumns {
  /** Names of the rows, each once; their position when absent. */
  id?: readonly (string | number)[];
  /** When the row was exposed: a click, a booking, an application. */
  time: ArrayLike<number>;
  /** When it converted, or how long after the exposure; NaN when it did not, as far as is known. */
  conversion?: ArrayLike<number>;
  conversionDelay?: ArrayLike<number>;
  /** When it became known that it never will, before its window ends; NaN when unknown. */
  negative?: ArrayLike<number>;
  /** Final labels where they are known otherwise: 1, 0, or NaN. */
  label?: ArrayLike<number>;
  /** Pre-conversion signals by name: when each was first seen (or how long after the exposure), NaN for never. */
  signals?: Readonly<Record<string, ArrayLike<number>>>;
  signalDelays?: Readonly<Record<string, ArrayLike<number>>>;
  features: FeatureTable;
}

export interface LogOptions {
  /** How long after its exposure a row may convert: one for all, above 0, or one a row, where 0 means final at once. */
  window: number | ArrayLike<number> | undefined;
  /** The same as a time a row instead of a duration. */
  windowEnd: ArrayLike<number> | undefined;
  /** Until when was observed; the last time in any column when absent. */
  end: number | undefined;
  /** A row that breaks a rule is an error, or is left out and listed in `rejected`. */
  bad: 'throw' | 'drop';
}

const columnDefaults: Partial<LogColumns> = {
  id: undefined,
  time: undefined,
  conversion: undefined,
  conversionDelay: undefined,
  negative: undefined,
  label: undefined,
  signals: undefined,
  signalDelays: undefined,
  features: undefined,
};

const defaults: LogOptions = { window: undefined, windowEnd: undefined, end: undefined, bad: 'throw' };

/** Labels as they were known at one moment, of the rows exposed by then: the first `count` of the log. */
export interface LabelsAt {
  count: number;
  /** u8[count]: 1 where a conversion was known. */
  label: Uint8Array;
  /** u8[count]: 1 where the label can no longer change. */
  final: Uint8Array;
}

/** A row's state after everything that is in the log. */
export const POSITIVE = 1;
export const NEGATIVE = 0;
export const OPEN = 2;

/**
 * Exposures with what became of them and when, sorted by time. Nothing here looks back from the future by itself:
 * `labelsAt` and the streams made from a log show each moment only what had happened by then.
 */
export class ConversionLog {
  readonly rows: number;
  /** f64[rows], rising. */
  readonly time: Float64Array;
  /** f64[rows]: age at conversion, Infinity without one inside the window. */
  readonly delay: Float64Array;
  /** f64[rows]: age at which a row without conversion is final: its window, or the known negative outcome before it. */
  readonly closes: Float64Array;
  /** f64[rows]: age at which the window ends. */
  readonly window: Float64Array;
  /** All rows have the same window. */
  readonly fixedWindow: boolean;
  /** u8[rows]: POSITIVE, NEGATIVE or OPEN at the end of the log. */
  readonly outcome: Uint8Array;
  /**
   * u8[rows]: 1 where the label is final whatever it is: given, or the window over at the end of the log. A row with a
   * window still running is not, even when it has converted: to keep only those would favour the early.
   */
  readonly mature: Uint8Array;
  readonly signalNames: readonly string[];
  /** f64[rows] a signal: age when first seen, Infinity for never. */
  readonly signals: readonly Float64Array[];
  readonly features: FeatureTable;
  /** u32[rows]: each row's place in the columns given. */
  readonly source: Uint32Array;
  readonly id: readonly (string | number)[] | undefined;
  readonly end: number;
  readonly counts: Readonly<LogCounts>;
  readonly rejected: readonly BadRow[];

  /**
   * Checks every row. DataError for the first that breaks a rule (or see `bad`); TypeError and RangeError for unknown
   * columns, columns of another length or not of numbers, two kinds of window, or none and nothing else that makes a
   * label final.
   */
  constructor(columns: LogColumns, given?: Partial<LogOptions>) {
    options<Partial<LogColumns>>(columns ?? null, columnDefaults, 'log columns');
    const set = options(given, defaults, 'log');
    oneOf(set.bad, 'bad', ['throw', 'drop']);
    const read = readColumns(columns, set);
    const { n } = read;
    const rejected: BadRow[] = [];
    const seen = new Set<string | number>();
    const kept: number[] = [];
    for (let i = 0; i < n; i++) {
      let broken = ruleBroken(read.at(i), read.signalNames);
      const id = columns.id?.[i];
      if (!broken && id !== undefined && seen.has(id)) {
        broken = { code: 'duplicate-id', column: 'id', message: 'this id was used by an earlier row' };
      }
      if (id !== undefined) seen.add(id);
      if (!broken) {
        kept.push(i);
        continue;
      }
      const bad = { row: i, ...broken };
      if (set.bad === 'throw') throw badRowError(bad, id);
      rejected.push(bad);
    }
    const outOfOrder = kept.filter((row, k) => k > 0 && columns.time[row] < columns.time[kept[k - 1]]).length;
    // Equal times keep the order of the columns.
    if (outOfOrder > 0) kept.sort((a, b) => columns.time[a] - columns.time[b] || a - b);

    this.rows = kept.length;
    this.rejected = rejected;
    this.signalNames = read.signalNames;
    this.source = Uint32Array.from(kept);
    this.id = columns.id && kept.map((row) => columns.id![row]);
    this.features =
      kept.length === n && outOfOrder === 0 ? columns.features : takeRows(columns.features, kept);
    this.time = new Float64Array(this.rows);
    this.delay = new Float64Array(this.rows).fill(Infinity);
    this.window = new Float64Array(this.rows);
    this.closes = new Float64Array(this.rows);
    this.signals = read.signalNames.map(() => new Float64Array(this.rows).fill(Infinity));
    const label = new Float64Array(this.rows);
    let last = -Infinity;
    let convertedLate = 0;
    let signalsAfterConversion = 0;
    kept.forEach((row, i) => {
      const at = read.at(row);
      this.time[i] = at.time;
      this.window[i] = at.window;
      label[i] = at.label;
      last = Math.max(last, at.time);
      for (const age of [at.delay, at.negative, ...at.signals]) {
        if (Number.isFinite(age)) last = Math.max(last, at.time + age);
      }
      if (at.delay <= at.window) this.delay[i] = at.delay;
      else if (Number.isFinite(at.delay)) convertedLate++;
      // A conversion wins over an earlier "never": the outcome was not final then.
      const never = Number.isFinite(this.delay[i]) || Number.isNaN(at.negative) ? Infinity : at.negative;
      this.closes[i] = Math.min(at.window, never);
      at.signals.forEach((age, s) => {
        if (age < this.delay[i]) this.signals[s][i] = age;
        else if (Number.isFinite(age)) signalsAfterConversion++;
      });
    });
    this.end = set.end === undefined ? last : real(set.end, 'end');
    this.fixedWindow = this.window.every((w) => w === this.window[0]);

    this.outcome = new Uint8Array(this.rows);
    this.mature = new Uint8Array(this.rows);
    const tally = [0, 0, 0];
    for (let i = 0; i < this.rows; i++) {
      const open = Number.isNaN(label[i]) && this.time[i] + this.closes[i] > this.end;
      const state =
        this.time[i] + this.delay[i] <= this.end || label[i] === 1 ? POSITIVE : open ? OPEN : NEGATIVE;
      this.outcome[i] = state;
      const over = this.window[i] === Infinity ? state !== OPEN : this.time[i] + this.window[i] <= this.end;
      this.mature[i] = over || !Number.isNaN(label[i]) ? 1 : 0;
      tally[state]++;
    }
    this.counts = {
      rows: this.rows,
      dropped: rejected.length,
      positives: tally[POSITIVE],
      negatives: tally[NEGATIVE],
      censored: tally[OPEN],
      outOfOrder,
      zeroWindow: this.window.reduce((sum, w) => sum + (w === 0 ? 1 : 0), 0),
      convertedLate,
      signalsAfterConversion,
    };
  }

  /** The number of rows exposed before `time`; they are the first ones. */
  rowsBefore(time: number): number {
    if (!(time >= -Infinity)) throw new RangeError(`time must be a number, got ${time}`);
    let low = 0;
    let high = this.rows;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.time[middle] < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The labels of the rows exposed by `time` as they were known then. */
  labelsAt(time: number): LabelsAt {
    real(time, 'time');
    let count = this.rowsBefore(time);
    while (count < this.rows && this.time[count] === time) count++;
    const label = new Uint8Array(count);
    const final = new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      label[i] = this.time[i] + this.delay[i] <= time ? 1 : 0;
      final[i] = label[i] === 1 || this.time[i] + this.closes[i] <= time ? 1 : 0;
    }
    return { count, label, final };
  }

  /** Bit s is set when signal s was seen by this age. */
  pattern(row: number, age: number): number {
    let bits = 0;
    for (let s = 0; s < this.signals.length; s++) if (this.signals[s][row] <= age) bits |= 1 << s;
    return bits;
  }
}

const OR_NONE = 'a number (NaN where there is none)';

function signalsOf(signals: LogColumns['signals'], name: string): [string, ArrayLike<number>][] {
  if (signals === undefined) return [];
  if (typeof signals !== 'object' || signals === null || typeof signals.length === 'number') {
    throw new TypeError(`${name} must be an object of columns by the name of the signal`);
  }
  return Object.entries(signals);
}

/** A log as the functions that take one ask for it; columns as they are given to make one are none. */
export function checkLog(log: unknown): void {
  instance(log, ConversionLog as { prototype: unknown }, 'log', 'a ConversionLog');
}

/** Checks lengths and kinds; `at` gives a row's times as delays. */
function readColumns(columns: LogColumns, set: LogOptions) {
  const { time, features } = columns;
  const n = time?.length;
  numbers(time, 'time', n);
  const column = (values: ArrayLike<number> | undefined, name: string) =>
    values === undefined ? undefined : numbers(values, name, n, OR_NONE);
  if (columns.id) {
    sized(columns.id, 'id', n);
    for (let i = 0; i < n; i++) {
      const id = columns.id[i];
      if (!(typeof id === 'string' || Number.isFinite(id))) {
        throw new TypeError(`id[${i}] must be text or a finite number, got ${String(id)}`);
      }
    }
  }
  if (columns.conversion && columns.conversionDelay) {
    throw new TypeError('give conversion or conversionDelay, not both');
  }
  if (!(columns.conversion || columns.conversionDelay))
    throw new TypeError('conversion or conversionDelay is missing');
  const conversion = column(columns.conversion, 'conversion');
  const conversionDelay = column(columns.conversionDelay, 'conversionDelay');
  const negative = column(columns.negative, 'negative');
  const label = column(columns.label, 'label');
  checkTable(features, 'features');
  if (!(features.rows === n)) throw new RangeError(`features must have ${n} rows, got ${features.rows}`);
  const window = windowOf(set, n, time);
  if (!window && !negative && !label) {
    throw new TypeError(
      'without window, windowEnd, negative or label no row without a conversion is ever final',
    );
  }
  const absolute = signalsOf(columns.signals, 'signals');
  const relative = signalsOf(columns.signalDelays, 'signalDelays');
  const signals = [...absolute, ...relative].map(([name, values]) =>
    numbers(values, `signal ${name}`, n, OR_NONE),
  );
  const signalNames = [...absolute, ...relative].map(([name]) => name);
  if (!(signalNames.length <= 8)) throw new RangeError(`at most 8 signals, got ${signalNames.length}`);
  if (new Set(signalNames).size < signalNames.length) throw new RangeError('two signals have one name');
  return {
    n,
    signalNames,
    at: (i: number) => ({
      time: time[i],
      delay: conversion ? conversion[i] - time[i] : conversionDelay![i],
      window: window ? window(i) : Infinity,
      negative: negative ? negative[i] - time[i] : Number.NaN,
      label: label ? label[i] : Number.NaN,
      signals: signals.map((values, s) => (s < absolute.length ? values[i] - time[i] : values[i])),
    }),
  };
}

function windowOf(set: LogOptions, n: number, time: ArrayLike<number>): ((i: number) => number) | undefined {
  const { window, windowEnd } = set;
  if (window !== undefined && windowEnd !== undefined)
    throw new TypeError('give window or windowEnd, not both');
  if (windowEnd !== undefined) {
    numbers(windowEnd, 'windowEnd', n);
    return (i) => windowEnd[i] - time[i];
  }
  if (window === undefined) return undefined;
  if (typeof window === 'number') {
    if (!(real(window, 'window', 0) > 0)) {
      throw new RangeError('window must be above 0: with a window of 0 every row is final at once');
    }
    return () => window;
  }
  numbers(window, 'window', n);
  return (i) => window[i];
}
