import { DataError } from '../check.ts';
import { numberOfText, secondsOfText } from '../io/values.ts';
import type { Args } from './args.ts';
import { UsageError } from './errors.ts';

const PER_DAY = { days: 1, hours: 24, minutes: 1440, seconds: 86_400 } as const;
export type Unit = keyof typeof PER_DAY;
export const UNITS = Object.keys(PER_DAY) as Unit[];

/** Numbers from here on are epoch seconds: 3 March 1973, and 274,000 years when they were days. */
const EPOCH = 1e8;
/** 274 years: a log is not that long, so the numbers have another unit. */
const LONGEST = 1e5;

/**
 * What the times of a log mean. Dates (ISO 8601) and epoch seconds are seconds, any other numbers are in the unit of
 * `--unit`; everything is turned into days.
 */
export class Scale {
  readonly perDay: number;
  /** The same of delays, which are plain numbers beside dates too. */
  readonly delaysPerDay: number;

  constructor(
    readonly dates: boolean,
    readonly unit: Unit,
  ) {
    this.delaysPerDay = PER_DAY[unit];
    this.perDay = dates ? PER_DAY.seconds : this.delaysPerDay;
  }

  /** Column of times to days. */
  days(times: Float64Array): Float64Array {
    return times.map((t) => t / this.perDay);
  }

  /** Days from one column to another, subtracted before they are divided: a window of 30 days stays exactly 30. */
  between(times: Float64Array, later: Float64Array): Float64Array {
    return later.map((t, i) => (t - times[i]) / this.perDay);
  }

  /** A moment of the command line in days. */
  moment(args: Args, name: string): number | undefined {
    const text = args.text(name);
    if (text === undefined) return undefined;
    const number = numberOfText(text);
    const date = Number.isNaN(number) ? secondsOfText(text) : number;
    if (Number.isNaN(date)) {
      throw new UsageError(
        `--${name} must be a number of ${this.unit} or a date, got ${JSON.stringify(text)}`,
      );
    }
    const isDate = Number.isNaN(number) || number >= EPOCH;
    if (isDate !== this.dates) {
      const are = this.dates
        ? 'dates: give a date'
        : `numbers of ${this.unit}: give a number below 1e8, where epoch seconds begin`;
      throw new UsageError(`--${name} is ${text}, but the times of INPUT are ${are}`);
    }
    return date / this.perDay;
  }

  /** A moment as it stood in the file: `2025-03-01`, `2025-03-01 12:30`, `day 20`. */
  shown(days: number): string {
    if (!this.dates) return `${this.unit.slice(0, -1)} ${tidy(days * this.perDay)}`;
    const text = new Date(Math.round(days * 86_400) * 1000).toISOString();
    return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : `${text.slice(0, 10)} ${text.slice(11, 16)}`;
  }
}

/** The scale of a file's times. DataError `mixed-times` or `wrong-unit`, with the line. */
export function scaleOf(
  columns: readonly { name: string; values: Float64Array }[],
  unit: Unit,
  place: { file: string; line: Int32Array },
): Scale {
  let dates = 0;
  let numbers = 0;
  const fail = (code: string, column: string, row: number, message: string): never => {
    throw new DataError(message, { code, column, file: place.file, line: place.line[row] });
  };
  let [low, high] = [Infinity, -Infinity];
  for (const { name, values } of columns) {
    for (let i = 0; i < values.length; i++) {
      if (Number.isNaN(values[i])) continue;
      if (values[i] >= EPOCH) dates++;
      else {
        numbers++;
        low = Math.min(low, values[i]);
        high = Math.max(high, values[i]);
      }
      if (dates > 0 && numbers > 0) {
        fail(
          'mixed-times',
          name,
          i,
          'some times are dates (or epoch seconds), others plain numbers: all must be of one kind',
        );
      }
    }
  }
  if (numbers > 0 && high - low > LONGEST * PER_DAY[unit]) {
    const span = Math.round((high - low) / PER_DAY[unit]).toLocaleString('en-US');
    const { name } = columns[0];
    fail(
      'wrong-unit',
      name,
      0,
      `the times span ${span} days: give --unit, as seconds (dates must be from March 1973 on)`,
    );
  }
  return new Scale(dates > 0, unit);
}

const SUFFIX: Record<string, Unit | 'weeks'> = {
  s: 'seconds',
  min: 'minutes',
  h: 'hours',
  d: 'days',
  w: 'weeks',
};

/** `30d`, `12h`, `90min`, `45s`, `2w`, or a number of the unit, in days. */
export function durationOf(text: string, name: string, unit: Unit): number {
  const [, digits, suffix] = /^(.*?)([a-z]*)$/i.exec(text.trim())!;
  const value = numberOfText(digits);
  const kind = suffix === '' ? unit : SUFFIX[suffix.toLowerCase()];
  if (!(value >= 0) || kind === undefined) {
    throw new UsageError(
      `--${name} must be durations such as 30d, 12h, 90min, 45s or 2w (or a number of ${unit}), got ${JSON.stringify(text)}`,
    );
  }
  return kind === 'weeks' ? 7 * value : value / PER_DAY[kind];
}

/** A duration of the command line in days, above zero. */
export function durationArg(args: Args, name: string, unit: Unit): number | undefined {
  const text = args.text(name);
  if (text === undefined) return undefined;
  const days = durationOf(text, name, unit);
  if (!(days > 0)) throw new UsageError(`--${name} must be above 0, got ${text}`);
  return days;
}

/** Comma-separated durations that rise from above zero. */
export function durationsArg(args: Args, name: string, unit: Unit): number[] | undefined {
  const texts = args.text(name)?.split(',');
  const days = texts?.map((text) => durationOf(text, name, unit));
  if (days?.some((age, k) => !(age > (k === 0 ? 0 : days[k - 1])))) {
    throw new UsageError(`--${name} must rise from above 0, got ${texts}`);
  }
  return days;
}

export const unitArg = (args: Args): Unit => args.word('unit', UNITS) ?? 'days';

/** `45 s`, `12 h`, `1 day`, `30 days` */
export function spanText(days: number): string {
  if (days === Infinity) return 'ever';
  if (days >= 1) return `${tidy(days)} ${tidy(days) === '1' ? 'day' : 'days'}`;
  if (days >= 1 / 24) return `${tidy(days * 24)} h`;
  return days >= 1 / 1440 ? `${tidy(days * 1440)} min` : `${tidy(days * 86_400)} s`;
}

/** At most three digits after the point below 10, one above. */
const tidy = (value: number): string => String(Number(value.toFixed(Math.abs(value) < 10 ? 3 : 1)));
