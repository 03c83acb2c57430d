import { decodeConversions, encodeConversions } from '../conversions-model-file.ts';
import type { DelayedFeedbackClassifier } from '../delayed-feedback/classifier.ts';
import type { ConversionEvents } from '../delayed-feedback/events.ts';
import type { ConversionLog } from '../delayed-feedback/log.ts';
import { takeRows } from '../delayed-feedback/take-rows.ts';
import { Engine } from '../index.ts';
import { under } from './args.ts';
import type { Command, Context } from './command.ts';
import { asTrained, withKnown } from './conversions-known.ts';
import { logOptions, ofFile, readLog } from './conversions-log.ts';
import { spanText } from './conversions-time.ts';
import { UsageError } from './errors.ts';
import { checkOutput, readBytes, writeOutput } from './files.ts';
import { counted, seconds } from './output.ts';
import { Reader } from './reader.ts';

const NO_FEATURES = ['numeric', 'categorical', 'ignore', 'observed-until'];

export const conversionsUpdate: Command = {
  name: 'conversions update',
  positionals: ['MODEL', 'INPUT'],
  about: 'Go on learning: what INPUT says of the time since the model stopped',
  options: [
    ...asTrained(logOptions.filter(({ name }) => !NO_FEATURES.includes(name))),
    ...under('Stream', [
      { name: 'until', value: 'TIME', about: 'Until when', default: 'the last time in INPUT' },
    ]),
    ...under('Output', [
      { name: 'out', value: 'MODEL', about: 'Where the new model goes (needed; MODEL is kept)' },
    ]),
  ],
  examples: [
    'fletching conversions update clicks.safetensors clicks-of-june.csv --out clicks-june.safetensors',
  ],
  run,
};

async function run(context: Context): Promise<void> {
  const { out, bar, signal, deaf } = context;
  const [path, file] = context.args.positionals;
  const target = context.args.need('out', 'MODEL');
  await checkOutput(target);
  const start = performance.now();
  const engine = await Engine.create();
  try {
    const model = decodeConversions(engine, await readBytes(path), path);
    const known = withKnown(context, model.card, conversionsUpdate);
    const { args } = known;
    const reader = new Reader(known);
    const input = await reader.reading(() => readLog(reader, file, model.features));
    bar.stop();
    const { log, scale } = input;
    if (!log.id)
      throw new UsageError('--id COLUMN is missing: rows of the model are found again by their id');
    const { window, dates } = model.card;
    if (dates !== undefined && dates !== scale.dates) {
      const [were, are] = dates ? ['dates', 'plain numbers'] : ['plain numbers', 'dates (or epoch seconds)'];
      throw new UsageError(`the model was trained on times that are ${were}; those of ${file} are ${are}`);
    }
    if (window !== undefined && log.window.some((w) => w !== window)) {
      throw new UsageError(`the rows of this model have a window of ${spanText(window)}: give the same`);
    }
    const from = model.clock;
    const until = scale.moment(args, 'until') ?? log.end;
    if (!(until >= from)) {
      throw new UsageError(
        `the model has learned until ${scale.shown(from)} already, and this goes until ${scale.shown(until)}`,
      );
    }
    const events = eventsOf(log, model, until);
    const report = await ofFile(input, async () => deaf(() => model.update(events)));
    await writeOutput(target, encodeConversions(model), signal);
    const { health } = model;
    const { unknown, ...done } = report;
    const { badRows } = reader;
    out.document({
      model: target,
      from,
      ...done,
      unknown: unknown.length,
      health,
      badRows,
      seconds: seconds(start),
    });
    out.line(
      `From ${scale.shown(from)} to ${scale.shown(until)} (${spanText(until - from)}): ` +
        `${counted(done.exposures, 'new row')}, ${counted(done.conversions, 'conversion')}, ` +
        `${counted(done.signals, 'signal')}, ${counted(done.negatives, 'known loss', 'known losses')}.`,
    );
    if (unknown.length > 0) {
      out.line(
        `  ${counted(unknown.length, 'event')} of rows that are not open (final, or never seen here) left out`,
      );
    }
    if (badRows > 0) out.line(`  ${counted(badRows, 'bad row')} left out`);
    for (const note of input.notes) out.line(`Note: ${note}.`);
    if (health.warning) out.line(`Warning: ${health.warning}.`);
    out.line(`Model:   ${target}; ${counted(done.open, 'row')} can still change`);
  } finally {
    engine.dispose();
  }
}

/** What a log says of the time after the model's clock, up to `until`. */
function eventsOf(
  log: ConversionLog,
  { clock, card }: DelayedFeedbackClassifier,
  until: number,
): ConversionEvents {
  const { time, delay, closes, window, signals, signalNames } = log;
  const ids = log.id!;
  const rows = Array.from({ length: log.rows }, (_, i) => i);
  const now = (t: number) => t > clock && t <= until;
  const exposed = rows.filter((i) => now(time[i]));
  const converted = rows.filter((i) => now(time[i] + delay[i]));
  const lost = rows.filter((i) => closes[i] < window[i] && now(time[i] + closes[i]));
  const seen = signalNames.flatMap((signal, s) =>
    rows
      .filter((i) => signals[s][i] < window[i] && now(time[i] + signals[s][i]))
      .map((i) => ({ i, signal, time: time[i] + signals[s][i] })),
  );
  return {
    until,
    exposures: {
      id: exposed.map((i) => ids[i]),
      time: exposed.map((i) => time[i]),
      ...(card.window === undefined ? { window: exposed.map((i) => window[i]) } : {}),
      features: takeRows(log.features, exposed),
    },
    conversions: { id: converted.map((i) => ids[i]), time: converted.map((i) => time[i] + delay[i]) },
    negatives: { id: lost.map((i) => ids[i]), time: lost.map((i) => time[i] + closes[i]) },
    signals: {
      id: seen.map(({ i }) => ids[i]),
      time: seen.map((e) => e.time),
      signal: seen.map((e) => e.signal),
    },
  };
}
