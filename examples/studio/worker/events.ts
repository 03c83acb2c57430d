import { DataError } from '../../../src/check.ts';
import { featureSchema, featureTable, leftText } from '../../../src/cli/conversions-features.ts';
import { leaks } from '../../../src/cli/conversions-leaks.ts';
import { durationOf, scaleOf, spanText } from '../../../src/cli/conversions-time.ts';
import {
  ConversionLog,
  categoricalColumn,
  delayCurve,
  Engine,
  type LogColumns,
  numericColumn,
} from '../../../src/index.ts';
import { readTable, type Schema } from '../../../src/io/index.ts';
import { count, counted, percent } from '../../../src/report/format.ts';
import { signalNames, simulateExposures, simulateShop } from '../../../src/simulate/index.ts';
import type { EventsInput, EventsRead, FileSource } from '../jobs.ts';
import { columnsOf } from '../roles.ts';
import { inputOf, Rejects } from './input.ts';
import type { Run } from './main.ts';

/** Customers of the simulated shop: 22,000 exposures, of which a method learns in about a second. */
const CUSTOMERS = 1500;
const DAY = 86_400;
/** Roles that are moments, and roles without which a row says nothing. */
const TIMES = ['time', 'conversion', 'signal'];
const FILLED = ['time', 'window'];

let kept: ConversionLog | undefined;

export function currentLog(): ConversionLog {
  if (!kept) throw new Error('no event log has been read yet');
  return kept;
}

/** Reads an event log and keeps it. */
export async function readEvents(input: EventsInput, run: Run): Promise<EventsRead> {
  const { source, unit } = input;
  const rejects = new Rejects();
  const simulation = source.from === 'simulation';
  const window = simulation ? 30 : windowOf(input);
  const { log, title, days, left } = simulation
    ? await simulated(source.seed, window)
    : await rejects.during(() => readFile(source, unit, window, rejects, run));
  kept = log;
  const own = log.fixedWindow ? log.window[0] : undefined;
  const { rows, positives, negatives, censored, convertedLate, outOfOrder, signalsAfterConversion } =
    log.counts;
  if (positives === 0) throw new RangeError(`${title}: no row converted, so there is nothing to learn`);
  if (negatives + censored === 0)
    throw new RangeError(`${title}: every row converted, so there is nothing to learn`);
  const kinds = log.features.columns.map(({ kind }) => kind);
  const telling = leaks(log).map(
    ({ name }) =>
      `the column ${name} alone tells which rows convert: leave it out if it is known only afterwards`,
  );
  return {
    title,
    window: own,
    facts: [
      ['Rows read', count(rows)],
      ['Days', count(Math.round(days))],
      [
        own === undefined ? 'Converted within their windows' : `Converted within ${spanText(own)}`,
        `${count(positives)} (${percent(positives / rows, 1)})`,
      ],
      ['Can still convert', count(censored)],
      ['Features', `${count(kinds.length)} columns`],
      ['Signals before a conversion', log.signalNames.join(', ') || 'none'],
    ],
    notes: [
      convertedLate > 0
        ? `${counted(convertedLate, 'conversion')} came after the window and count as none`
        : '',
      outOfOrder > 0 ? `${counted(outOfOrder, 'row')} came before an earlier time: all were sorted` : '',
      signalsAfterConversion > 0
        ? `${counted(signalsAfterConversion, 'signal')} not before the conversion left out: they tell nothing then`
        : '',
      left.length > 0 ? `left out of the features: ${leftText(left)}` : '',
      ...telling,
    ].filter(Boolean),
    bad: rejects.summary,
    curve: await delayCurve(log),
  };
}

function windowOf({ window, unit }: EventsInput): number {
  try {
    const days = durationOf(window, 'window', unit);
    if (days > 0) return days;
  } catch {
    // Said below in the words of the page.
  }
  throw new RangeError(`The window must be a time such as 30d, 12h or 90min, got ${JSON.stringify(window)}`);
}

async function simulated(seed: number, window: number) {
  const engine = await Engine.create();
  try {
    const { items, ...shop } = simulateShop(engine, { seed, customers: CUSTOMERS });
    const x = simulateExposures(engine, { items, ...shop }, { window });
    const words = (of: readonly string[]) => Array.from(x.item, (item) => of[item]);
    const columns: LogColumns = {
      time: x.time.map((second) => second / DAY),
      conversionDelay: x.delay,
      signalDelays: Object.fromEntries(signalNames.map((name, i) => [name, x.signals[i]])),
      features: {
        rows: x.time.length,
        columns: [
          numericColumn(
            'price',
            Array.from(x.item, (item) => items.price[item]),
          ),
          numericColumn('activity', x.activity),
          numericColumn('taste', x.taste),
          numericColumn('favourite', x.favourite),
          categoricalColumn('category', words(items.category)),
          categoricalColumn('brand', words(items.brand)),
        ],
      },
    };
    const log = new ConversionLog(columns, { window });
    return { log, title: `simulated events (seed ${seed})`, days: x.options.days ?? 0, left: [] };
  } finally {
    engine.dispose();
  }
}

/** `scaleOf` for people at a page, who have no options of a command line. */
function scaleIn(...[columns, unit, place]: Parameters<typeof scaleOf>): ReturnType<typeof scaleOf> {
  try {
    return scaleOf(columns, unit, place);
  } catch (error) {
    if (!(error instanceof DataError && error.code === 'wrong-unit')) throw error;
    const message = `the times span more than 274 years: choose another unit than ${unit}`;
    throw new DataError(message, { code: error.code, file: place.file }, error);
  }
}

/** A log of a file. Times become days since its first, delays days; a window of its own may stand in each row. */
async function readFile(
  source: FileSource,
  unit: EventsInput['unit'],
  window: number,
  rejects: Rejects,
  run: Run,
) {
  const { file, roles } = source;
  const one = (role: string) => columnsOf(roles, role)[0] as string | undefined;
  const features = { numeric: [], categorical: [], unknown: columnsOf(roles, 'feature') };
  if (features.unknown.length === 0) throw new RangeError(`${file.name}: no column is left to learn from`);
  const empty = Number.NaN;
  const schema: Schema = { ...featureSchema(features) };
  if (one('id') !== undefined) schema.id = { type: 'id', name: one('id') };
  for (const role of ['time', 'conversion', 'signal', 'delay', 'signalDelay', 'window']) {
    const type = TIMES.includes(role) ? 'time' : 'f64';
    for (const name of columnsOf(roles, role)) {
      schema[`${role} ${name}`] = { type, name, empty: FILLED.includes(role) ? undefined : empty };
    }
  }
  const { columns, line, row, rows } = await readTable(inputOf(file), schema, rejects.options(source, run));
  const read = columns as Record<string, unknown>;
  const named = (role: string) =>
    columnsOf(roles, role).map((name) => ({ name, values: read[`${role} ${name}`] as Float64Array }));
  const timed = TIMES.flatMap(named);
  const scale = scaleIn(timed, unit, { file: file.name, line });
  const [time] = named('time');
  const since = (role: string) =>
    named(role).map(({ name, values }) => [name, scale.between(time.values, values)] as const);
  const inDays = (role: string) =>
    named(role).map(({ name, values }) => [name, values.map((v) => v / scale.delaysPerDay)] as const);
  const ids = read.id as { codes: Int32Array; ids: string[] } | undefined;
  const [conversion] = [...since('conversion'), ...inDays('delay')];
  const [own] = inDays('window');
  const found = featureTable(features, read, rows, file.name, { values: time.values, dates: scale.dates });
  const log = new ConversionLog(
    {
      id: ids && Array.from(ids.codes, (code) => ids.ids[code]),
      time: scale.days(time.values),
      conversionDelay: conversion[1],
      signalDelays: Object.fromEntries([...since('signal'), ...inDays('signalDelay')]),
      features: found.features,
    },
    { window: own?.[1] ?? window, bad: 'drop' },
  );
  for (const { row: i, code, column, message } of log.rejected) {
    const place = { file: file.name, line: line[i], row: row[i], column: one(column) ?? column };
    rejects.add({ ...place, code, reason: message, text: '' });
  }
  return { log, title: file.name, days: log.end - (log.time[0] ?? log.end), left: found.left };
}
