import { METHODS } from '../delayed-feedback/methods/names.ts';
import { type EvaluateMethodsOptions, evaluateMethods } from '../delayed-feedback/prequential.ts';
import { Engine } from '../index.ts';
import { under } from './args.ts';
import type { Command, Context } from './command.ts';
import { logOptions, ofFile, readLog } from './conversions-log.ts';
import {
  conversionRun,
  conversionSpecs,
  judgedBounds,
  judgedSpecs,
  learnerOptions,
  stepSpec,
} from './conversions-options.ts';
import { tellLog } from './conversions-tell.ts';
import { spanText } from './conversions-time.ts';
import { tellEvaluation } from './conversions-verdict.ts';
import { count, counted, seconds } from './output.ts';
import { Reader } from './reader.ts';

export const conversionsEvaluate: Command = {
  name: 'conversions evaluate',
  positionals: ['INPUT'],
  about: 'Replay an event log and measure how well each method learns from labels that still change',
  options: [
    ...logOptions,
    ...under('Judging', [
      { name: 'methods', value: 'A,B,...', about: `Of ${METHODS.join(', ')}`, default: 'all' },
      stepSpec,
      { name: 'resamples', value: 'N', about: 'Resamples of the steps for the intervals', default: 1000 },
    ]),
    ...judgedSpecs,
    ...conversionSpecs,
  ],
  examples: [
    'fletching conversions evaluate clicks.csv --time clicked --conversion bought --window 30d',
    'fletching conversions evaluate bookings.csv.gz --id row_id --time book_day --conversion cancel_day ' +
      '--window-column lead_time --methods vanilla,oracle,telescoping --step 7d --json',
    'fletching conversions evaluate --config run.json',
  ],
  run,
};

async function run(context: Context): Promise<void> {
  const { args, out, bar } = context;
  const methods = args.words('methods', METHODS) ?? [...METHODS];
  learnerOptions(args);
  const resamples = args.integer('resamples', 10, 100_000);
  const start = performance.now();
  const reader = new Reader(context);
  const input = await reader.reading(() => readLog(reader, args.positionals[0]));
  const load = seconds(start);
  const { log, scale } = input;
  tellLog(out, input, reader.badRows);
  const bounds = await ofFile(input, async () => judgedBounds(args, input));
  const options: Partial<EvaluateMethodsOptions> = { ...conversionRun(context, input), ...bounds, methods };
  if (resamples !== undefined) options.resamples = resamples;
  const engine = await Engine.create();
  try {
    const result = await ofFile(input, () => evaluateMethods(engine, log, options));
    bar.stop();
    const { signal: _, onProgress: __, ...settings } = result.settings;
    const { steps, rows, open } = result;
    out.document({
      methods: result.methods,
      steps,
      rows,
      seconds: result.seconds,
      open,
      settings,
      counts: log.counts,
      badRows: reader.badRows,
      load,
      unused: input.unused,
      notes: input.notes,
    });
    const { pretrainUntil, until, step } = settings;
    out.line(
      `History: ${counted(log.rowsBefore(pretrainUntil), 'row')} before ${scale.shown(pretrainUntil)}. ` +
        `Stream: steps of ${spanText(step)} until ${scale.shown(until)}; each step is predicted before it is learned from.`,
    );
    out.line(
      `  ${count(rows)} rows of ${counted(steps.length, 'step')} judged` +
        (open > 0 ? `; ${count(open)} left out, their label is not final yet` : ''),
    );
    if (!out.json) tellEvaluation(out, result);
  } finally {
    engine.dispose();
  }
}
