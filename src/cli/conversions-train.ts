import { stat } from 'node:fs/promises';
import { encodeConversions } from '../conversions-model-file.ts';
import { DelayedFeedbackClassifier } from '../delayed-feedback/classifier.ts';
import { METHODS } from '../delayed-feedback/methods/names.ts';
import { Engine } from '../index.ts';
import { under } from './args.ts';
import type { Command, Context } from './command.ts';
import { columnsOf } from './conversions-known.ts';
import { type LogInput, logOptions, ofFile, readLog } from './conversions-log.ts';
import {
  conversionRun,
  conversionSpecs,
  learnerOptions,
  stepSpec,
  streamSpecs,
} from './conversions-options.ts';
import { tellLog } from './conversions-tell.ts';
import { spanText } from './conversions-time.ts';
import { checkOutput, writeOutput } from './files.ts';
import {
  count,
  counted,
  duration,
  keptCommand,
  type Output,
  percent,
  program,
  quoted,
  seconds,
  size,
} from './output.ts';
import { Reader } from './reader.ts';

export const conversionsTrain: Command = {
  name: 'conversions train',
  positionals: ['INPUT'],
  about: 'Learn how likely a row converts from an event log whose labels still change',
  options: [
    ...logOptions,
    ...streamSpecs('where 99 % are final', 'the end of INPUT'),
    ...under('Stream', [{ ...stepSpec, about: 'Learn this much at a time' }]),
    ...under('Method', [
      { name: 'method', value: 'NAME', about: `One of ${METHODS.join(', ')}`, default: 'telescoping' },
    ]),
    ...conversionSpecs,
    ...under('Output', [{ name: 'out', value: 'MODEL', about: 'Where the model goes (needed)' }]),
  ],
  examples: [
    'fletching conversions train clicks.csv --time clicked --conversion bought --window 30d --out clicks.safetensors',
    'fletching conversions train --config run.json --out clicks.safetensors --json',
  ],
  run,
};

async function run(context: Context): Promise<void> {
  const { args, out, bar } = context;
  const path = args.need('out', 'MODEL');
  const method = args.word('method', METHODS) ?? 'telescoping';
  learnerOptions(args);
  await checkOutput(path);
  const start = performance.now();
  const reader = new Reader(context);
  const input = await reader.reading(() => readLog(reader, args.positionals[0]));
  const load = seconds(start);
  tellLog(out, input, reader.badRows);
  const begin = performance.now();
  const engine = await Engine.create();
  try {
    const options = { ...conversionRun(context, input), method };
    const model = await ofFile(input, () => DelayedFeedbackClassifier.fit(engine, input.log, options));
    bar.stop();
    model.card.dates = input.scale.dates;
    model.card.columns = columnsOf(args);
    model.card.command = keptCommand('conversions train', args.argv);
    const train = seconds(begin);
    await writeOutput(path, encodeConversions(model), context.signal);
    const bytes = (await stat(path)).size;
    const { card, open, clock, health, features } = model;
    const delayCurve = model.delayCurve();
    out.document({
      model: path,
      bytes,
      card,
      features,
      open,
      clock,
      health,
      delayCurve,
      seconds: { load, train },
      badRows: reader.badRows,
      unused: input.unused,
      notes: input.notes,
    });
    if (!out.json) tellTrained(out, input, model, { path, bytes, train });
  } finally {
    engine.dispose();
  }
}

function tellTrained(
  out: Output,
  { log, scale, file }: LogInput,
  model: DelayedFeedbackClassifier,
  { path, bytes, train }: { path: string; bytes: number; train: number },
): void {
  const { card, open, clock, health } = model;
  const { pretrainUntil, until, method } = card.settings;
  const history = log.rowsBefore(pretrainUntil);
  const streamed = log.rowsBefore(until) - history;
  out.line();
  out.line(
    `Trained by ${method} in ${duration(train)}: ${counted(history, 'row')} of history before ` +
      `${scale.shown(pretrainUntil)}, then ${count(streamed)} as they came until ${scale.shown(clock)}.`,
  );
  out.line(`  ${counted(open, 'row')} can still change; the model holds them and goes on from here.`);
  out.line();
  out.line('How long conversions take, and how much of a label is known by an age:');
  const { age, converted, known, final } = model.delayCurve();
  const step = Math.max(1, Math.ceil(age.length / 8));
  const shown = age.map((_, k) => k).filter((k) => (age.length - 1 - k) % step === 0);
  out.table(
    '>>>>',
    ['age', 'converted by then', 'of all conversions', 'labels that are final'],
    shown.map((k) => [spanText(age[k]), percent(converted[k], 1), percent(known[k]), percent(final[k])]),
  );
  out.line();
  if (health.examples > 0) {
    out.line(
      `Weights: ${count(health.examples)} examples worth ${percent(health.effectiveShare)} of as many equal ones, ` +
        `the largest weight is ${health.largest.toFixed(2)}.`,
    );
  }
  if (health.warning) out.line(`Warning: ${health.warning}.`);
  out.line(`Model:   ${path}, ${size(bytes)}`);
  out.line(`Next:    ${program} conversions predict ${quoted(path)} ${quoted(file)}`);
}
