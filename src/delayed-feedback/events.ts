import { DataError, numbers, object, options, real, sized } from '../check.ts';
import { checkTable, type FeatureTable } from '../nn/tabular/table.ts';
import { EVENT } from './clock.ts';

export type RowId = string | number;

/** What happened since the last update. Times are in the unit of the log. */
export interface ConversionEvents {
  /** The clock after this update: nothing after it is known. */
  until: number;
  exposures?: {
    id: readonly RowId[];
    time: ArrayLike<number>;
    /** One for all or one a row; that of the log when its rows share one. */
    window?: number | ArrayLike<number>;
    features: FeatureTable;
  };
  conversions?: { id: readonly RowId[]; time: ArrayLike<number> };
  /** Rows that are known never to convert. */
  negatives?: { id: readonly RowId[]; time: ArrayLike<number> };
  signals?: { id: readonly RowId[]; time: ArrayLike<number>; signal: readonly string[] };
}

/** One event of an update; `index` is its place among the exposures. */
export interface Told {
  time: number;
  kind: number;
  id: RowId;
  index: number;
  signal: number;
}

/** What an update did. */
export interface UpdateReport {
  /** Numbers of events of each kind that were learned from. */
  exposures: number;
  conversions: number;
  negatives: number;
  signals: number;
  /** Events of rows that are not open: never exposed here, or final already. They change nothing. */
  unknown: RowId[];
  /** Events that happened before the last update's end: they are taken as happening now. */
  late: number;
  /** Number of rows that are open now. */
  open: number;
  /** Time up to which events have been learned: `until`. */
  clock: number;
}

const keysOf = (...keys: string[]): object => Object.fromEntries(keys.map((key) => [key, undefined]));
const shape = (keys: object) => `an object { ${Object.keys(keys).join(', ')} }`;
/** What each part may hold: a misspelled one would be lost in silence. */
const PARTS = {
  exposures: keysOf('id', 'time', 'window', 'features'),
  conversions: keysOf('id', 'time'),
  negatives: keysOf('id', 'time'),
  signals: keysOf('id', 'time', 'signal'),
} as const;

function checkParts(events: ConversionEvents): void {
  const known = keysOf('until', ...Object.keys(PARTS));
  options<object>(object(events, 'events', shape(known)), known, 'events');
  for (const [name, keys] of Object.entries(PARTS)) {
    const part = events[name as keyof typeof PARTS];
    if (part === undefined) continue;
    options<object>(object<object>(part, name, shape(keys)), keys, name);
    sized(part.id, `${name}.id`, part.id?.length);
    for (let i = 0; i < part.id.length; i++) {
      const id = part.id[i];
      if (!(typeof id === 'string' || Number.isFinite(id))) {
        throw new TypeError(`${name}.id[${i}] must be text or a finite number, got ${String(id)}`);
      }
    }
    numbers(part.time, `${name}.time`, part.id.length);
  }
}

/**
 * The events in order of time, checked as a whole before any is used. TypeError and RangeError name field and rule;
 * DataError `duplicate-id` for a row exposed twice, `bad-time` for a time that is no number or after `until`.
 */
export function orderedEvents(events: ConversionEvents, signalNames: readonly string[]): Told[] {
  checkParts(events);
  const { until, exposures, conversions, negatives, signals } = events;
  real(until, 'until');
  const told: Told[] = [];
  const add = (
    name: string,
    kind: number,
    list: { id: readonly RowId[]; time: ArrayLike<number> } | undefined,
    signal: (i: number) => number = () => 0,
  ) => {
    if (!list) return;
    for (let i = 0; i < list.id.length; i++) {
      const time = list.time[i];
      if (!(time <= until && time > -Infinity)) {
        throw new DataError(`${name}: the time of ${String(list.id[i])} is ${time}, not up to ${until}`, {
          code: 'bad-time',
          column: `${name}.time`,
        });
      }
      told.push({ time, kind, id: list.id[i], index: i, signal: signal(i) });
    }
  };
  if (exposures) {
    checkTable(exposures.features, 'exposures.features');
    if (!(exposures.features.rows === exposures.id.length)) {
      throw new RangeError(
        `exposures.features must have ${exposures.id.length} rows, got ${exposures.features.rows}`,
      );
    }
    const seen = new Set<RowId>();
    for (const id of exposures.id) {
      if (seen.has(id)) {
        throw new DataError(`${String(id)} is exposed twice`, {
          code: 'duplicate-id',
          column: 'exposures.id',
        });
      }
      seen.add(id);
    }
  }
  add('exposures', EVENT.exposure, exposures);
  add('conversions', EVENT.conversion, conversions);
  add('negatives', EVENT.negative, negatives);
  if (signals) {
    sized(signals.signal, 'signals.signal', signals.id.length);
    add('signals', EVENT.signal, signals, (i) => {
      const at = signalNames.indexOf(signals.signal[i]);
      if (at < 0) {
        throw new RangeError(
          `signals.signal[${i}] must be one of ${signalNames.join(', ') || '(none)'}, got ${signals.signal[i]}`,
        );
      }
      return at;
    });
  }
  return told.sort((a, b) => a.time - b.time || a.kind - b.kind || a.index - b.index);
}
