import type { DelayedFeedbackClassifier } from '../delayed-feedback/classifier.ts';
import { takeRows } from '../delayed-feedback/take-rows.ts';
import type { BadRow, Schema } from '../io/index.ts';
import { readTable } from '../io/index.ts';
import type { FeatureTable } from '../nn/tabular/table.ts';
import type { Args } from './args.ts';
import { apart } from './column-roles.ts';
import { columnList, columnNames, featureSchema, featureTable } from './conversions-features.ts';
import { scaleOf, spanText, unitArg } from './conversions-time.ts';
import { UsageError } from './errors.ts';
import type { Reader } from './reader.ts';

/** Rows to predict, in the order of the file. Ages are days. */
export interface Rows {
  count: number;
  id: readonly string[];
  /** With `--keep` every column as it stands in the file. */
  kept: readonly { name: string; cells: readonly string[] }[];
  features: FeatureTable;
  /** Only when `--at` is given: what was known then. */
  open?: Open;
}

interface Open {
  /** f64: age at that moment, below 0 for rows that come later. */
  age: Float64Array;
  /** f64: age at the conversion, NaN for none. */
  delay: Float64Array;
  /** f64: age at which it became known that it never will, NaN for never. */
  lost: Float64Array;
  /** f64: each row's window. */
  window: Float64Array;
  signals: Readonly<Record<string, Float64Array>>;
}

const TIMES = ['time', 'conversion', 'negative-time', 'window-end'] as const;
/** Of these a row may have none. */
const EVENTS: readonly string[] = ['conversion', 'negative-time'];
const DELAYS = ['conversion-delay', 'window-column'] as const;

/** Reads the features a model needs, and with `--at` what tells how far a row has come. */
export async function readRows(
  reader: Reader,
  path: string,
  model: DelayedFeedbackClassifier,
): Promise<Rows> {
  const { args } = reader.context;
  const asked = args.has('at');
  checkOpen(args, model, asked);
  const names = (kind: string) => model.features.filter((f) => f.kind === kind).map(({ name }) => name);
  const features = { numeric: names('numeric'), categorical: names('categorical'), unknown: [] };
  const signals = columnList(args, 'signals');
  const signalDelays = columnList(args, 'signal-delays');
  const id = args.text('id');
  const empty = Number.NaN;
  const schema: Schema = { ...featureSchema(features) };
  schema.id = { type: 'id', name: id ?? model.card.columns?.id ?? 'id', optional: id === undefined };
  if (asked) {
    for (const name of TIMES) {
      const needed = EVENTS.includes(name) ? { empty } : {};
      if (args.has(name)) schema[name] = { type: 'time', name: args.text(name), ...needed };
    }
    for (const name of DELAYS) {
      const needed = name === 'conversion-delay' ? { empty } : {};
      if (args.has(name)) schema[name] = { type: 'f64', name: args.text(name), ...needed };
    }
    for (const name of signals) schema[`signal ${name}`] = { type: 'time', name, empty };
    for (const name of signalDelays) schema[`signal ${name}`] = { type: 'f64', name, empty };
  }
  const format = args.word('format', ['csv', 'tsv', 'jsonl', 'parquet']);
  const reopen = await reader.replayable(path);
  const all = args.flag('keep') ? await columnNames(await reopen(), reader, path, format) : [];
  for (const name of all) schema[`cell ${name}`] = { type: 'category', name };
  const table = await readTable(await reopen(), schema, reader.options(path, format));
  const { file, rows, line } = table;
  const read = table.columns as Record<string, unknown>;
  const ids = read.id as { codes: Int32Array; ids: string[] } | undefined;
  const result: Rows = {
    count: rows,
    kept: all.map((name) => ({ name, cells: read[`cell ${name}`] as string[] })),
    id: ids
      ? Array.from(ids.codes, (code) => ids.ids[code])
      : Array.from(table.row, (row) => String(row + 1)),
    features: featureTable(features, read, rows, file).features,
  };
  if (!asked) return result;

  const numbers = (key: string) => read[key] as Float64Array | undefined;
  const timed = [...TIMES, ...signals.map((name) => `signal ${name}`)].flatMap((key) => {
    const values = numbers(key);
    return values ? [{ name: args.text(key) ?? key.slice(7), values }] : [];
  });
  const scale = scaleOf(timed, unitArg(args), { file, line });
  const time = numbers('time')!;
  const since = (key: string) => numbers(key) && scale.between(time, numbers(key)!);
  const inDays = (key: string) => numbers(key)?.map((value) => value / scale.delaysPerDay);
  const at = scale.moment(args, 'at')!;
  const never = new Float64Array(rows).fill(Number.NaN);
  const own = since('window-end') ?? inDays('window-column');
  const open = {
    age: scale.days(time).map((t) => at - t),
    delay: since('conversion') ?? inDays('conversion-delay') ?? never,
    lost: since('negative-time') ?? never,
    window: own ?? new Float64Array(rows).fill(model.card.window ?? Infinity),
    signals: Object.fromEntries([
      ...signals.map((name) => [name, since(`signal ${name}`)!] as const),
      ...signalDelays.map((name) => [name, inDays(`signal ${name}`)!] as const),
    ]),
  };
  const kept: number[] = [];
  const bad: BadRow[] = [];
  for (let i = 0; i < rows; i++) {
    const broken = orderBroken(args, open, i);
    if (broken) bad.push({ ...broken, file, line: line[i], row: table.row[i], text: '' });
    else kept.push(i);
  }
  reader.refuse(bad, table.bad.count, path);
  return bad.length > 0 ? takeOpen({ ...result, open }, kept) : { ...result, open };
}

/** The first rule of order in time that a row breaks. */
function orderBroken(
  args: Args,
  { delay, lost, window, signals }: Open,
  i: number,
): Pick<BadRow, 'code' | 'column' | 'reason'> | undefined {
  const column = (...options: string[]) =>
    options.map((name) => args.text(name)).find((name) => name !== undefined);
  if (!(window[i] >= 0)) {
    const reason = 'the window ends before it begins';
    return { code: 'bad-window', column: column('window-end', 'window-column'), reason };
  }
  const before = (days: number) => `is ${spanText(-days)} before the exposure`;
  if (delay[i] < 0) {
    const reason = `the conversion ${before(delay[i])}`;
    return { code: 'conversion-before-exposure', column: column('conversion', 'conversion-delay'), reason };
  }
  if (lost[i] < 0) {
    const reason = `the negative outcome ${before(lost[i])}`;
    return { code: 'negative-before-exposure', column: column('negative-time'), reason };
  }
  for (const [name, ages] of Object.entries(signals)) {
    if (ages[i] < 0) {
      return {
        code: 'signal-before-exposure',
        column: name,
        reason: `the signal ${name} ${before(ages[i])}`,
      };
    }
  }
  return undefined;
}

function takeOpen({ id, features, open, ...rest }: Rows & { open: Open }, kept: readonly number[]): Rows {
  const take = (values: Float64Array) => Float64Array.from(kept, (i) => values[i]);
  const { age, delay, lost, window, signals } = open;
  return {
    count: kept.length,
    kept: rest.kept.map(({ name, cells }) => ({ name, cells: kept.map((i) => cells[i]) })),
    id: kept.map((i) => id[i]),
    features: takeRows(features, kept),
    open: {
      age: take(age),
      delay: take(delay),
      lost: take(lost),
      window: take(window),
      signals: Object.fromEntries(Object.entries(signals).map(([name, ages]) => [name, take(ages)])),
    },
  };
}

/** Options that tell how far a row has come. */
const OPEN_ONLY = [
  'time',
  'conversion',
  'conversion-delay',
  'negative-time',
  'signals',
  'signal-delays',
  'window-column',
  'window-end',
] as const;

function checkOpen(args: Args, { card }: DelayedFeedbackClassifier, asked: boolean): void {
  const only = OPEN_ONLY.find((name) => !asked && args.has(name));
  if (only) throw new UsageError(`--${only} says nothing without --at`);
  if (!asked) return;
  for (const [a, b] of [
    ['conversion', 'conversion-delay'],
    ['window-column', 'window-end'],
  ]) {
    if (args.has(a) && args.has(b)) throw new UsageError(`give --${a} or --${b}, not both`);
  }
  const events = ['conversion', 'conversion-delay', 'signals', 'signal-delays'];
  apart(args, ['time', 'conversion', 'conversion-delay'], ['time', ...events]);
  apart(args, ['signals'], ['signal-delays']);
  if (!args.has('time')) throw new UsageError('--at needs --time COLUMN');
  const given = [...columnList(args, 'signals'), ...columnList(args, 'signal-delays')];
  const unknown = given.find((name) => !card.signals.includes(name));
  if (unknown !== undefined) {
    const known = card.signals.join(', ') || 'none';
    throw new UsageError(
      `the model knows no signal ${JSON.stringify(unknown)}; it was trained with ${known}`,
    );
  }
  if (card.window === undefined && !args.has('window-column') && !args.has('window-end')) {
    throw new UsageError(
      'the rows of this model have windows of their own: give --window-column or --window-end',
    );
  }
  if (card.window !== undefined && (args.has('window-column') || args.has('window-end'))) {
    throw new UsageError(
      'all rows of this model have one window: leave --window-column and --window-end out',
    );
  }
}
