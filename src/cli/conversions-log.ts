import { DataError } from '../check.ts';
import { ConversionLog, type LogColumns } from '../delayed-feedback/log.ts';
import type { BadRow as BrokenRow } from '../delayed-feedback/log-rows.ts';
import type { BadRow, Schema } from '../io/index.ts';
import { readTable } from '../io/index.ts';
import { type Args, under } from './args.ts';
import { apart } from './column-roles.ts';
import { configOptions } from './config.ts';
import {
  columnList,
  columnNames,
  featureNames,
  featureSchema,
  featureTable,
} from './conversions-features.ts';
import { notesOf } from './conversions-tell.ts';
import { durationArg, type Scale, scaleOf, spanText, UNITS, type Unit, unitArg } from './conversions-time.ts';
import { UsageError } from './errors.ts';
import { csvLine, type Reader, readerOptions } from './reader.ts';

/** Options that say what the columns of an event log are. */
export const logOptions = [
  ...configOptions,
  ...under('Input', [
    { name: 'format', value: 'csv|tsv|jsonl|parquet', about: 'Format of INPUT, when its name does not say' },
  ]),
  ...readerOptions,
  ...under('Columns', [
    { name: 'id', value: 'COLUMN', about: 'Name of each row, no two alike', default: 'id, when it is there' },
    { name: 'time', value: 'COLUMN', about: 'When it was shown, clicked, booked ... (needed)' },
    { name: 'conversion', value: 'COLUMN', about: 'When it converted; empty when it did not' },
    { name: 'conversion-delay', value: 'COLUMN', about: 'The same as the time since --time' },
    { name: 'label', value: 'COLUMN', about: 'Final label, 1 or 0, where it is known; else empty' },
    {
      name: 'negative-time',
      value: 'COLUMN',
      about: 'When it became known that it never will (declined ...)',
    },
    {
      name: 'signals',
      value: 'A,B,...',
      about: 'Times of what comes before a conversion (cart, visit ...), at most 8',
    },
    { name: 'signal-delays', value: 'A,B,...', about: 'The same as times since --time' },
    { name: 'window', value: '30d', about: 'How long after --time a conversion counts (30d, 12h, 90min)' },
    { name: 'window-column', value: 'COLUMN', about: 'The same, a number of each row in --unit' },
    { name: 'window-end', value: 'COLUMN', about: 'The same, as the time when it ends' },
    {
      name: 'unit',
      value: UNITS.join('|'),
      about: 'Unit of delays and of times without a date',
      default: 'days',
    },
    { name: 'numeric', value: 'A,B,...', about: 'Features that are numbers' },
    {
      name: 'categorical',
      value: 'A,B,...',
      about: 'Features that are words or codes',
      default: 'without --numeric as well: every other column',
    },
    { name: 'ignore', value: 'A,B,...', about: 'Columns that are no features' },
    {
      name: 'observed-until',
      value: 'TIME',
      about: 'Until when was watched for conversions',
      default: 'the last time in INPUT',
    },
  ]),
];

/** A log with what the command line knows of it. */
export interface LogInput {
  log: ConversionLog;
  scale: Scale;
  unit: Unit;
  /** Days, when all rows have the one of `--window`. */
  window: number | undefined;
  file: string;
  /** The features are all columns that no option names, their kind taken from their values. */
  found: boolean;
  /** Columns of the file that are neither features nor anything else. */
  unused: string[];
  notes: string[];
}

/** Columns of one value a row by the option that names them. */
const TIMES = ['time', 'conversion', 'negative-time', 'window-end'] as const;
const DELAYS = ['conversion-delay', 'window-column'] as const;

/** With the features of a model that is to go on learning, these are read; else those the options say. */
export async function readLog(
  reader: Reader,
  path: string,
  known?: readonly { name: string; kind: string }[],
): Promise<LogInput> {
  const { args } = reader.context;
  checkColumns(args);
  const unit = unitArg(args);
  const window = durationArg(args, 'window', unit);
  const signals = columnList(args, 'signals');
  const signalDelays = columnList(args, 'signal-delays');
  const format = args.word('format', ['csv', 'tsv', 'jsonl', 'parquet']);
  const open = await reader.replayable(path);
  const names = await columnNames(await open(), reader, path, format);
  const id = args.text('id') ?? (names.includes('id') ? 'id' : undefined);
  const taken = [
    id,
    args.text('label'),
    ...TIMES.map((name) => args.text(name)),
    ...DELAYS.map((name) => args.text(name)),
    ...signals,
    ...signalDelays,
  ].filter((name) => name !== undefined);
  const ofKind = (kind: string) => known!.flatMap((f) => (f.kind === kind ? [f.name] : []));
  const features = known
    ? { numeric: ofKind('numeric'), categorical: ofKind('categorical'), unknown: [] }
    : featureNames(args, names, taken);
  const schema: Schema = { ...featureSchema(features) };
  if (id !== undefined) schema.id = { type: 'id', name: id };
  const empty = Number.NaN;
  if (args.has('label')) schema.label = { type: 'f64', name: args.text('label'), min: 0, max: 1, empty };
  for (const name of TIMES) {
    if (args.has(name))
      schema[name] = { type: 'time', name: args.text(name), empty: name === 'time' ? undefined : empty };
  }
  for (const name of DELAYS) {
    if (args.has(name))
      schema[name] = {
        type: 'f64',
        name: args.text(name),
        empty: name === 'window-column' ? undefined : empty,
      };
  }
  for (const name of signals) schema[`signal ${name}`] = { type: 'time', name, empty };
  for (const name of signalDelays) schema[`signal ${name}`] = { type: 'f64', name, empty };
  // Rows that break a rule among themselves are found after the reading: for --rejects their cells are kept. What a JSON
  // line holds beside texts and numbers is no cell.
  const isJson = (format ?? (/\.(jsonl|ndjson)(\.gz)?$/i.test(path) ? 'jsonl' : 'csv')) === 'jsonl';
  const cells = args.has('rejects') && !isJson ? names.filter((name) => name !== '') : [];
  const kept = Object.fromEntries(cells.map((name) => [`cell ${name}`, { type: 'category', name }] as const));
  const table = await readTable(await open(), { ...schema, ...kept }, reader.options(path, format));
  const { file, line, rows } = table;
  const read = table.columns as Record<string, unknown>;
  const textOf = (row: number) =>
    csvLine(cells.map((name) => (read[`cell ${name}`] as readonly string[])[row])).slice(0, 500);
  const numbers = (key: string) => read[key] as Float64Array | undefined;
  const ids = read.id as { codes: Int32Array; ids: string[] } | undefined;
  const timed = [...TIMES, ...signals.map((name) => `signal ${name}`)].flatMap((key) => {
    const values = numbers(key);
    return values ? [{ name: nameOf(args, key), values }] : [];
  });
  const scale = scaleOf(timed, unit, { file, line });
  const time = numbers('time')!;
  const inDays = (key: string) => numbers(key)?.map((value) => value / scale.delaysPerDay);
  const since = (key: string) => {
    const later = numbers(key);
    return later && scale.between(time, later);
  };
  const negative = numbers('negative-time');
  const { features: rowsOf, left } = featureTable(features, read, rows, file, {
    values: time,
    dates: scale.dates,
  });
  const columns: LogColumns = {
    id: ids && Array.from(ids.codes, (code) => ids.ids[code]),
    time: scale.days(time),
    conversionDelay: since('conversion') ?? inDays('conversion-delay'),
    negative: negative && scale.days(negative),
    label: numbers('label'),
    signalDelays: Object.fromEntries([
      ...signals.map((name) => [name, since(`signal ${name}`)!] as const),
      ...signalDelays.map((name) => [name, inDays(`signal ${name}`)!] as const),
    ]),
    features: rowsOf,
  };
  const log = new ConversionLog(columns, {
    window: window ?? since('window-end') ?? inDays('window-column'),
    end: scale.moment(args, 'observed-until'),
    bad: 'drop',
  });
  reader.refuse(
    log.rejected.map((bad) => ({
      ...placed(bad, { args, file, line: line[bad.row], row: table.row[bad.row] }),
      text: textOf(bad.row),
    })),
    table.bad.count,
    path,
  );
  const { positives, negatives, censored } = log.counts;
  if (!known && positives === 0) {
    throw new DataError('no row converted: there is nothing to learn', { code: 'all-negative', file });
  }
  if (!known && negatives + censored === 0) {
    throw new DataError('every row converted: there is nothing to learn', { code: 'all-positive', file });
  }
  const ignored = columnList(args, 'ignore');
  const used = new Set([...taken, ...ignored, ...Object.values(schema).map(({ name }) => name)]);
  return {
    log,
    scale,
    unit,
    window,
    file,
    found: features.unknown.length > 0,
    unused: names.filter((name) => name !== '' && !used.has(name)),
    notes: notesOf(
      log,
      left,
      ignored.filter((name) => !names.includes(name)),
    ),
  };
}

function checkColumns(args: Args): void {
  args.need('time', 'COLUMN');
  const either = (a: string, b: string) => {
    if (args.has(a) && args.has(b)) throw new UsageError(`give --${a} or --${b}, not both`);
  };
  either('conversion', 'conversion-delay');
  const outcome = ['conversion', 'conversion-delay', 'label'];
  apart(args, ['time', ...outcome], ['time', ...outcome, 'signals', 'signal-delays']);
  apart(args, ['signals'], ['signal-delays']);
  apart(args, [...outcome, 'negative-time', 'signals', 'signal-delays'], ['numeric', 'categorical']);
  either('window', 'window-column');
  either('window', 'window-end');
  either('window-column', 'window-end');
  if (!args.has('conversion') && !args.has('conversion-delay')) {
    throw new UsageError('--conversion COLUMN or --conversion-delay COLUMN is missing');
  }
  const final = ['window', 'window-column', 'window-end', 'negative-time', 'label'];
  if (!final.some((name) => args.has(name))) {
    throw new UsageError(
      'nothing says when a row without a conversion is final: give --window 30d, --window-column, --window-end, --negative-time or --label',
    );
  }
}

/** The column of the file that a part of the log was read from. */
function nameOf(args: Args, key: string): string {
  return key.startsWith('signal ') ? key.slice(7) : (args.text(key) ?? key);
}

/** A row that breaks a rule of the log, with its place in the file. */
function placed(
  bad: BrokenRow,
  { args, file, line, row }: { args: Args; file: string; line: number; row: number },
): Omit<BadRow, 'text'> {
  const options: Record<string, readonly string[]> = {
    conversion: ['conversion', 'conversion-delay'],
    negative: ['negative-time'],
    window: ['window-column', 'window-end'],
  };
  const option = (options[bad.column] ?? [bad.column]).find((name) => args.has(name));
  const column = option === undefined ? bad.column : (args.text(option) ?? bad.column);
  const reason = bad.message.replace(
    / is ([\d.e+-]+) before /,
    (_, days) => ` is ${spanText(Number(days))} before `,
  );
  return { file, line, row, column, code: bad.code, reason };
}

/** What a room refuses about the data as a whole (no history, all positive ...) is told of the file. */
export async function ofFile<T>(
  { file, scale }: Pick<LogInput, 'file' | 'scale'>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DataError) || error.file !== undefined) throw error;
    // Times in the words of the command line: a date where the file has dates.
    const shown = (name: string) => (_: string, time: string) => `${name} ${scale.shown(Number(time))}`;
    const message = error.message
      .replace(/pretrainUntil \((\S+)\)/, shown('--pretrain-until'))
      .replace(/(?<=the log )begins at (\S+)$/, shown('begins at'));
    throw new DataError(message, { code: error.code, file }, error);
  }
}
