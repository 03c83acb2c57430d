import { decodeConversions } from '../conversions-model-file.ts';
import type { DelayedFeedbackClassifier } from '../delayed-feedback/classifier.ts';
import { takeRows } from '../delayed-feedback/take-rows.ts';
import { Engine } from '../index.ts';
import { under } from './args.ts';
import type { Command, Context } from './command.ts';
import { configOptions } from './config.ts';
import { type Rows, readRows } from './conversions-rows.ts';
import { UNITS } from './conversions-time.ts';
import { checkOutput, inPieces, readBytes, writeOutput } from './files.ts';
import { count, counted, percent, writePiece } from './output.ts';
import { Reader, readerOptions } from './reader.ts';

export const conversionsPredict: Command = {
  name: 'conversions predict',
  positionals: ['MODEL', 'INPUT'],
  about: 'How likely each row of INPUT converts; with --at, how likely those still open do so later',
  options: [
    ...configOptions,
    ...under('Input', [
      {
        name: 'format',
        value: 'csv|tsv|jsonl|parquet',
        about: 'Format of INPUT, when its name does not say',
      },
    ]),
    ...readerOptions,
    ...under('Columns', [
      { name: 'id', value: 'COLUMN', about: 'Name of each row', default: 'id, or the number of the row' },
    ]),
    ...under('Open rows', [
      { name: 'at', value: 'TIME', about: 'Now: what INPUT says of later is not looked at' },
      { name: 'time', value: 'COLUMN', about: 'When it was shown, clicked, booked ... (with --at)' },
      { name: 'conversion', value: 'COLUMN', about: 'When it converted; empty when it did not' },
      { name: 'conversion-delay', value: 'COLUMN', about: 'The same as the time since --time' },
      { name: 'signals', value: 'A,B,...', about: "Times of the model's signals" },
      { name: 'signal-delays', value: 'A,B,...', about: 'The same as times since --time' },
      {
        name: 'window-column',
        value: 'COLUMN',
        about: "Each row's window, where the model has no single one",
      },
      { name: 'window-end', value: 'COLUMN', about: 'The same, as the time when it ends' },
      {
        name: 'unit',
        value: UNITS.join('|'),
        about: 'Unit of delays and of times without a date',
        default: 'days',
      },
    ]),
    ...under('Output', [
      { name: 'out', value: 'FILE', about: 'Write the CSV here instead of to standard output' },
    ]),
  ],
  examples: [
    'fletching conversions predict clicks.safetensors today.csv --out scores.csv',
    'fletching conversions predict clicks.safetensors clicks.csv --time clicked --conversion bought ' +
      '--signals cart --at 2025-06-01',
  ],
  run,
};

async function run(context: Context): Promise<void> {
  const { args, out, bar, signal } = context;
  const [path, input] = args.positionals;
  const target = args.text('out');
  if (target !== undefined) await checkOutput(target);
  const engine = await Engine.create();
  try {
    const model = decodeConversions(engine, await readBytes(path), path);
    const reader = new Reader(context);
    const rows = await reader.reading(() => readRows(reader, input, model));
    bar.stop();
    const probability = model.predict(rows.features);
    const later = rows.open && laterOf(model, rows);
    const lines = linesOf(rows, probability, later);
    const { badRows } = reader;
    if (out.json) {
      const predictions = rows.id.map((id, i) => ({
        id,
        probability: probability[i],
        ...(later ? { age: rows.open!.age[i], later: Number.isNaN(later[i]) ? null : later[i] } : {}),
      }));
      out.document({ model: path, rows: rows.count, predictions, badRows });
    } else if (target === undefined) {
      for await (const piece of inPieces(lines)) if (!(await writePiece(piece))) break;
    }
    if (target === undefined) return;
    await writeOutput(target, inPieces(out.json ? linesOf(rows, probability, later) : lines), signal);
    const mean = probability.reduce((sum, p) => sum + p, 0) / Math.max(rows.count, 1);
    out.line(
      `${counted(rows.count, 'row')} in ${target}: ${percent(mean, 1)} convert on average, the model says.`,
    );
    if (badRows > 0) out.line(`  ${counted(badRows, 'bad row')} left out`);
    if (later) {
      const open = later.filter((p) => !Number.isNaN(p));
      const sum = open.reduce((total, p) => total + p, 0);
      out.line(
        `  ${count(open.length)} are still open; about ${count(Math.round(sum))} of them will convert.`,
      );
    }
  } finally {
    engine.dispose();
  }
}

/** f32: P(converts after --at) of rows open then; NaN for those converted, closed, or not exposed by then. */
function laterOf(model: DelayedFeedbackClassifier, { open, features, count }: Rows): Float32Array {
  const { age, delay, window, signals } = open!;
  const places = Array.from({ length: count }, (_, i) => i).filter(
    (i) => age[i] >= 0 && !(delay[i] <= age[i] && delay[i] <= window[i]) && window[i] > age[i],
  );
  const of = (values: Float64Array) => Float64Array.from(places, (i) => values[i]);
  const found = model.flipProbability(takeRows(features, places), of(age), {
    signals: Object.fromEntries(Object.entries(signals).map(([name, ages]) => [name, of(ages)])),
    ...(model.card.window === undefined ? { window: of(window) } : {}),
  });
  const later = new Float32Array(count).fill(Number.NaN);
  places.forEach((place, k) => {
    later[place] = found[k];
  });
  return later;
}

/** `id,probability`, with `--at` also `age,later`: days open, and P(converts later), empty where nothing is open. */
function* linesOf(
  { id, open }: Rows,
  probability: Float32Array,
  later: Float32Array | undefined,
): Generator<string> {
  const cell = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  yield later ? 'id,probability,age,later\n' : 'id,probability\n';
  for (let i = 0; i < id.length; i++) {
    const more = later ? `,${open!.age[i].toFixed(3)},${Number.isNaN(later[i]) ? '' : later[i]}` : '';
    yield `${cell(id[i])},${probability[i]}${more}\n`;
  }
}
