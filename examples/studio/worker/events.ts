import { featureSchema, featureTable } from '../../../src/cli/conversions-features.ts';
import { leaks } from '../../../src/cli/conversions-leaks.ts';
import { durationOf, scaleOf, spanText } from '../../../src/cli/conversions-time.ts';
import { verdict } from '../../../src/cli/conversions-verdict.ts';
import {
  ConversionLog,
  type ConversionMethod,
  categoricalColumn,
  delayCurve,
  Engine,
  evaluateMethods,
  type LogColumns,
  methodText,
  numericColumn,
} from '../../../src/index.ts';
import { readTable, type Schema } from '../../../src/io/index.ts';
import { percent } from '../../../src/report/format.ts';
import { signalNames, simulateExposures, simulateShop } from '../../../src/simulate/index.ts';
import type { Compared, EventsInput, EventsRead, FileSource } from '../jobs.ts';
import { columnsOf } from '../roles.ts';
import { count, counted, inputOf, Rejects, rowsFact, seldom } from './input.ts';
import type { Run } from './main.ts';

/** Customers of the simulated shop: 22,000 exposures, of which a method learns in about a second. */
const CUSTOMERS = 1500;
const DAY = 86_400;

let kept: ConversionLog | undefined;

/** Reads an event log and keeps it. */
export async function readEvents(input: EventsInput, run: Run): Promise<EventsRead> {
  const { source, unit } = input;
  const rejects = new Rejects();
  const simulation = source.from === 'simulation';
  const window = simulation ? 30 : windowOf(input);
  const { log, title, days } = simulation
    ? await simulated(source.seed, window)
    : await rejects.during(() => readFile(source, unit, window, rejects, run));
  kept = log;
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
    window,
    facts: [
      rowsFact(rows),
      ['Days', count(Math.round(days))],
      [`Converted within ${spanText(window)}`, `${count(positives)} (${percent(positives / rows, 1)})`],
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
      ...telling,
    ].filter(Boolean),
    bad: rejects.summary,
    curve: delayCurve(log),
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
    return { log, title: `simulated events (seed ${seed})`, days: x.options.days ?? 0 };
  } finally {
    engine.dispose();
  }
}

async function readFile(
  source: FileSource,
  unit: EventsInput['unit'],
  window: number,
  rejects: Rejects,
  run: Run,
) {
  const { file, roles } = source;
  const one = (role: string) => columnsOf(roles, role)[0] as string | undefined;
  const signals = columnsOf(roles, 'signal');
  const features = { numeric: [], categorical: [], unknown: columnsOf(roles, 'feature') };
  if (features.unknown.length === 0) throw new RangeError(`${file.name}: no column is left to learn from`);
  const [id, empty] = [one('id'), Number.NaN];
  const schema: Schema = {
    ...featureSchema(features),
    ...(id === undefined ? {} : { id: { type: 'id', name: id } }),
    time: { type: 'time', name: one('time') },
    conversion: { type: 'time', name: one('conversion'), empty },
    ...Object.fromEntries(signals.map((name) => [`signal ${name}`, { type: 'time', name, empty } as const])),
  };
  const { columns, line, row, rows } = await readTable(inputOf(file), schema, rejects.options(source, run));
  const read = columns as Record<string, unknown>;
  const numbers = (key: string) => read[key] as Float64Array;
  const named = [one('time')!, one('conversion')!, ...signals];
  const keys = ['time', 'conversion', ...signals.map((name) => `signal ${name}`)];
  const scale = scaleOf(
    keys.map((key, i) => ({ name: named[i], values: numbers(key) })),
    unit,
    { file: file.name, line },
  );
  const time = numbers('time');
  const ids = read.id as { codes: Int32Array; ids: string[] } | undefined;
  const log = new ConversionLog(
    {
      id: ids && Array.from(ids.codes, (code) => ids.ids[code]),
      time: scale.days(time),
      conversionDelay: scale.between(time, numbers('conversion')),
      signalDelays: Object.fromEntries(
        signals.map((name) => [name, scale.between(time, numbers(`signal ${name}`))]),
      ),
      features: featureTable(features, read, rows, file.name),
    },
    { window, bad: 'drop' },
  );
  for (const { row: i, code, column, message } of log.rejected) {
    rejects.add({
      file: file.name,
      line: line[i],
      row: row[i],
      column: one(column) ?? column,
      code,
      reason: message,
      text: '',
    });
  }
  return { log, title: file.name, days: log.end - (log.time[0] ?? log.end) };
}

/** Only rows whose label is final can be judged: the first third of them is the history, the last is where the stream ends. */
function judgedBounds(log: ConversionLog): { pretrainUntil: number; until: number } {
  const final = log.time.filter((_, i) => log.mature[i] === 1);
  const [from, last] = [final[Math.floor(final.length / 3)], final[final.length - 1]];
  if (!(last > from)) throw new RangeError('too few rows have a final label yet: nothing can be judged');
  // The end is exclusive.
  return { pretrainUntil: from, until: last + 1e-9 * Math.max(1, Math.abs(last)) };
}

/** Replays the log with each method: every step is predicted before it is learned from. */
export async function compare(methods: readonly string[], { signal, tell }: Run): Promise<Compared> {
  if (!kept) throw new Error('no event log has been read yet');
  const often = seldom(tell);
  const engine = await Engine.create();
  try {
    const found = await evaluateMethods(engine, kept, {
      methods: methods as readonly ConversionMethod[],
      ...judgedBounds(kept),
      resamples: 500,
      signal,
      onProgress: ({ phase, step, total, etaMs }) => {
        const stage = phase === 'history' ? 'Learning the history' : 'Replaying the stream';
        const steps = total / methods.length;
        const method =
          phase === 'stream' ? methods[Math.min(methods.length - 1, Math.floor((step - 1) / steps))] : '';
        often({ stage, step, total, etaMs, detail: method });
      },
    });
    const ranked = Object.entries(found.methods).sort(([, a], [, b]) => a.logLoss - b.logLoss);
    return {
      lines: verdict(ranked as Parameters<typeof verdict>[0], found),
      rows: found.rows,
      days: found.steps.map(({ to }) => to - found.steps[0].from),
      methods: ranked.map(([name, m]) => ({
        name,
        words: methodText[name as ConversionMethod],
        logLoss: m.logLoss,
        auc: m.auc,
        pcoc: m.pcoc,
        gap: m.riLogLoss,
        gapInterval: m.ci.riLogLoss,
        bySteps: m.bySteps.logLoss,
      })),
    };
  } finally {
    engine.dispose();
  }
}
