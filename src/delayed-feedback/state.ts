import { flag, integer, object, sized } from '../check.ts';
import { checkTabularOptions, leastNumbers } from '../nn/tabular/options.ts';
import type { EncodedRows } from '../nn/tabular/rows.ts';
import { AgeBuckets } from './age-buckets.ts';
import type { DelayCurve } from './delay-curve.ts';
import type { RowId } from './events.ts';
import type { LogCounts } from './log-rows.ts';
import type { RunState } from './method-run.ts';
import { type OpenState, roundUp } from './open-rows.ts';
import { conversionDefaults, type Resolved } from './options.ts';
import type { PosteriorState } from './posterior.ts';
import { checkConversionOptions } from './resolve-options.ts';

export interface ConversionCard {
  kind: 'conversions';
  version: 1;
  /** Every setting, chosen or given. */
  settings: Omit<Resolved, 'signal' | 'onProgress'>;
  signals: readonly string[];
  /** The window of all rows, or undefined where each has its own. */
  window: number | undefined;
  counts: LogCounts;
  /** Whether times are days since 1970, where a command line trained it: days of another origin do not go on from them. */
  dates?: boolean;
  /** The words of the command line that trained it, where one did. */
  command?: readonly string[];
  /** What that command line said of the columns, by option: `{ time: 'clicked', window: '30d' }`. */
  columns?: Readonly<Record<string, string>>;
}

/** Everything of a classifier as plain data: a model file, and the checkpoint of its stream. */
export interface ClassifierState {
  card: ConversionCard;
  pipeline: unknown;
  run: RunState;
  posterior: PosteriorState;
  rows: OpenState;
  ids: RowId[];
  features: EncodedRows;
  now: number;
  curve: DelayCurve;
}

const ARRAYS = {
  place: Uint32Array,
  time: Float64Array,
  window: Float32Array,
  due: Float32Array,
  arrival: Float32Array,
  value: Float32Array,
  bucket: Uint8Array,
  signals: Uint8Array,
  flags: Uint8Array,
} as const;

/** Parts that must be objects before anything in them can be looked at. */
const PARTS = [
  'card',
  'card.settings',
  'card.counts',
  'run',
  'run.nuisances',
  'run.nuisances.models',
  'rows',
  'features',
];
const POSTERIOR = ['', '.model', '.model.model', '.model.model.tensors', '.table'];

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function checkParts(state: ClassifierState): void {
  const at = (path: string) =>
    path
      .split('.')
      .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], state);
  object(state, 'state', "an object, that of a classifier's state()");
  const own = at('card.settings.method') === 'telescoping' ? 'run.posterior' : 'run.model';
  const model = own === 'run.model' ? [own, 'run.model.tensors'] : POSTERIOR.map((part) => own + part);
  for (const path of [...PARTS, ...model, ...POSTERIOR.map((part) => `posterior${part}`)]) {
    if (!isObject(at(path))) throw new TypeError(`state.${path} must be an object`);
  }
  if (!Array.isArray(state.run.health)) throw new TypeError('run.health must be a list');
  if (!Array.isArray(state.ids)) throw new TypeError('ids must be a list');
}

/**
 * Refuses a state that came from outside and that no classifier can have: TypeError, RangeError or DataError naming the
 * part. Tensors of models are checked where they are restored, the pipeline where it is read.
 */
export function checkState(state: ClassifierState): void {
  checkParts(state);
  const { card, rows, ids, features, now } = state;
  if (card?.kind !== 'conversions' || card.version !== 1)
    throw new RangeError('the card is of another kind or version');
  const settings = checkConversionOptions(card.settings);
  for (const name of Object.keys(conversionDefaults)) {
    if (name === 'signal' || name === 'onProgress') continue;
    if (card.settings[name as keyof typeof card.settings] === undefined) {
      throw new RangeError(`the card has no setting ${name}`);
    }
  }
  const buckets = new AgeBuckets(settings.ages!).count;
  if (!(Array.isArray(card.signals) && card.signals.every((name) => typeof name === 'string'))) {
    throw new TypeError('signals must be a list of names');
  }
  integer(card.signals.length, 'the number of signals', 0, 8);
  if (card.dates !== undefined) flag(card.dates, 'dates');
  if (!(card.window === undefined || card.window >= 0))
    throw new RangeError(`window must be 0 or more, got ${card.window}`);
  const { columns = {} } = card;
  if (!(isObject(columns) && Object.values(columns).every((name) => typeof name === 'string')))
    throw new TypeError('columns must be names by option');
  if (!Number.isFinite(now)) throw new RangeError(`the clock must be finite, got ${now}`);

  const n = ids.length;
  if (new Set(ids).size !== n) throw new RangeError('two open rows have one id');
  for (const [name, kind] of Object.entries(ARRAYS)) {
    const values = rows[name as keyof typeof ARRAYS];
    if (!(values instanceof kind)) throw new TypeError(`rows.${name} must be a ${kind.name}`);
    sized(values, `rows.${name}`, n);
  }
  if (!(rows.free instanceof Uint32Array)) throw new TypeError('rows.free must be a Uint32Array');
  const places = new Set([...rows.place, ...rows.free]);
  const used = n + rows.free.length;
  // Each place below `used` once: nothing can be allocated that the file does not pay for.
  if (!(places.size === used && [...places].every((place) => place < used))) {
    throw new RangeError('the places of the open rows are not those of one table');
  }
  integer(features.rows, 'features.rows', n, n);
  integer(features.fields, 'features.fields', 0, 65535);
  integer(features.numbers, 'features.numbers', 0, 65535);
  integer(features.slots, 'features.slots', 1, 2 ** 24);
  sized(features.index, 'features.index', n * features.fields);
  sized(features.values, 'features.values', n * features.numbers);
  if (!features.index.every((slot) => slot < features.slots))
    throw new RangeError('a feature is beyond the table');
  if (!features.values.every((x) => Math.abs(x) <= 1e30)) throw new RangeError('a feature is not finite');
  const { body, width, hidden, bits } = settings;
  const { fields, numbers } = features;
  const heads = body === 'logistic' ? 2 : 1;
  const shape = checkTabularOptions({ body, width, hidden, slots: 1 << bits, heads, fields, numbers });
  const held = Object.values(state.posterior.model.model.tensors).reduce(
    (sum, { length }) => sum + length,
    0,
  );
  // Models are made before their numbers are put in: the file must hold what memory is asked for.
  if (!(held >= leastNumbers(shape))) {
    throw new RangeError(`the posterior holds ${held} numbers, fewer than the settings say`);
  }
  const window = card.window === undefined ? undefined : roundUp(card.window);
  const stages = Math.max(buckets, settings.horizons!.length + 1);
  for (let i = 0; i < n; i++) {
    const fine =
      Number.isFinite(rows.time[i]) &&
      (window === undefined ? rows.window[i] >= 0 : rows.window[i] === window) &&
      rows.due[i] >= 0 &&
      Math.abs(rows.arrival[i]) <= 1e30 &&
      Math.abs(rows.value[i]) <= 1e30 &&
      rows.bucket[i] < stages &&
      rows.signals[i] < 1 << card.signals.length &&
      rows.flags[i] < 16;
    if (!fine) throw new RangeError(`open row ${i} has an impossible state`);
  }
}
