import { DataError } from '../check.ts';
import { decodeConversions } from '../conversions-model-file.ts';
import type { DelayedFeedbackClassifier } from '../delayed-feedback/classifier.ts';
import { takeRows } from '../delayed-feedback/take-rows.ts';
import { Engine } from '../index.ts';
import { under } from './args.ts';
import type { Command, Context } from './command.ts';
import { configOptions } from './config.ts';
import { asTrained, withKnown } from './conversions-known.ts';
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
    ]),
    ...asTrained(
      under('Open rows', [
        { name: 'time', value: 'COLUMN', about: 'When it was shown, clicked, booked ... (with --at)' },
        { name: 'conversion', value: 'COLUMN', about: 'When it converted; empty when it did not' },
        { name: 'conversion-delay', value: 'COLUMN', about: 'The same as the time since --time' },
        {
          name: 'negative-time',
          value: 'COLUMN',
          about: 'When it became known that it never will (declined ...)',
        },
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
        },
      ]),
    ),
    ...under('Output', [
      { name: 'out', value: 'FILE', about: 'Write the CSV here instead of to standard output' },
      { name: 'keep', about: 'Write every column of INPUT before the answers, instead of the id' },
    ]),
  ],
  examples: [
    'fletching conversions predict clicks.safetensors today.csv --out scores.csv',
    'fletching conversions predict clicks.safetensors clicks.csv --at 2025-06-01',
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
    const reader = new Reader(args.has('at') ? withKnown(context, model.card, conversionsPredict) : context);
    const rows = await reader.reading(() => readRows(reader, input, model));
    bar.stop();
    const probability = model.predict(rows.features);
    const open = rows.open && openOf(model, rows);
    const taken = answersOf(open).find((name) => rows.kept.some((column) => column.name === name));
    if (taken !== undefined) {
      const place = { code: 'duplicate-column', file: input, column: taken };
      throw new DataError(`there is a column ${taken} already: rename it, or leave --keep out`, place);
    }
    const lines = linesOf(rows, probability, open);
    const { badRows } = reader;
    if (out.json) {
      const predictions = rows.id.map((id, i) => ({
        id,
        probability: probability[i],
        ...(open && told(open, i)),
      }));
      out.document({ model: path, rows: rows.count, predictions, badRows });
    } else if (target === undefined) {
      for await (const piece of inPieces(lines)) if (!(await writePiece(piece))) break;
    }
    if (target === undefined) return;
    await writeOutput(target, inPieces(out.json ? linesOf(rows, probability, open) : lines), signal);
    const mean = probability.reduce((sum, p) => sum + p, 0) / Math.max(rows.count, 1);
    out.line(
      `${counted(rows.count, 'row')} in ${target}: ${percent(mean, 1)} convert on average, the model says.`,
    );
    if (badRows > 0) out.line(`  ${counted(badRows, 'bad row')} left out`);
    if (open) {
      const of = (state: State) => open.state.filter((one) => one === state).length;
      const sum = open.label.reduce((total, p, i) => total + (open.state[i] === 'open' ? p : 0), 0);
      out.line(
        `  ${count(of('open'))} are still open; about ${count(Math.round(sum))} of them will convert. ` +
          `${count(of('converted'))} have converted, ${count(of('closed'))} are closed without` +
          `${of('future') > 0 ? `, ${count(of('future'))} come later than --at` : ''}.`,
      );
    }
  } finally {
    engine.dispose();
  }
}

/** `closed`: its window is over, or it is known that it never will. `future`: it was not shown by then. */
type State = 'open' | 'converted' | 'closed' | 'future';

/** What is known of each row at `--at`. */
interface Open {
  age: Float64Array;
  state: State[];
  /** f32: 1 for converted, 0 for closed, P(converts later) for open, NaN for rows of the future. */
  label: Float32Array;
}

function openOf(model: DelayedFeedbackClassifier, { open, features, count }: Rows): Open {
  const { age, delay, lost, window, signals } = open!;
  const state = Array.from({ length: count }, (_, i): State => {
    if (age[i] < 0) return 'future';
    if (delay[i] <= age[i] && delay[i] <= window[i]) return 'converted';
    return window[i] > age[i] && !(lost[i] <= age[i]) ? 'open' : 'closed';
  });
  const places = Array.from(state.keys()).filter((i) => state[i] === 'open');
  const of = (values: Float64Array) => Float64Array.from(places, (i) => values[i]);
  const found = model.flipProbability(takeRows(features, places), of(age), {
    signals: Object.fromEntries(Object.entries(signals).map(([name, ages]) => [name, of(ages)])),
    ...(model.card.window === undefined ? { window: of(window) } : {}),
  });
  const known = { converted: 1, closed: 0, open: Number.NaN, future: Number.NaN };
  const label = Float32Array.from(state, (one) => known[one]);
  places.forEach((place, k) => {
    label[place] = found[k];
  });
  return { age, state, label };
}

/** What a row is told of with `--at`: null where there is nothing to say. */
function told({ age, state, label }: Open, i: number) {
  const [shown, isOpen] = [state[i] !== 'future', state[i] === 'open'];
  return {
    age: shown ? age[i] : null,
    later: isOpen ? label[i] : null,
    state: state[i],
    label: shown ? label[i] : null,
  };
}

/**
 * `id,probability`, with `--at` also `age,later,state,label`: days since it was shown; P(converts later) of open rows; and
 * a label that thresholds take: 1, 0, or that probability.
 */
function* linesOf({ id, kept }: Rows, probability: Float32Array, open: Open | undefined): Generator<string> {
  const cell = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const columns = kept.length > 0 ? kept : [{ name: 'id', cells: id }];
  const heads = [...columns.map(({ name }) => name), ...answersOf(open)];
  yield `${heads.map(cell).join(',')}\n`;
  for (let i = 0; i < id.length; i++) {
    const { age, later, state, label } = open ? told(open, i) : {};
    const more = open ? `,${age?.toFixed(3) ?? ''},${later ?? ''},${state},${label ?? ''}` : '';
    yield `${columns.map(({ cells }) => cell(cells[i])).join(',')},${probability[i]}${more}\n`;
  }
}

const answersOf = (open: unknown) => ['probability', ...(open ? ['age', 'later', 'state', 'label'] : [])];
