import { DataError } from '../check.ts';
import { type FlipOptions, flipDefaults } from '../delayed-feedback/flip-options.ts';
import { evaluateFlips, type FlipComparison } from '../delayed-feedback/flips.ts';
import { Engine } from '../index.ts';
import { type Args, under } from './args.ts';
import type { Command, Context } from './command.ts';
import { type LogInput, logOptions, ofFile, readLog } from './conversions-log.ts';
import { judgedBounds, judgedSpecs } from './conversions-options.ts';
import { tellLog } from './conversions-tell.ts';
import { durationsArg, spanText, unitArg } from './conversions-time.ts';
import { counted, FEWEST_PAIRS, type Output, percent, seconds } from './output.ts';
import { Reader } from './reader.ts';

const { epochs, learningRate, l2, bits, buckets } = flipDefaults;

export const conversionsFlips: Command = {
  name: 'conversions flips',
  positionals: ['INPUT'],
  about: 'Measure how well it can be told which open rows will still convert, with and without signals',
  options: [
    ...logOptions,
    ...under('Judging', [
      {
        name: 'elapsed',
        value: '3d,7d,...',
        about: 'Ages at which open rows are looked at',
        default: 'when 1/4, 1/2 and 3/4 of the conversions are in',
      },
    ]),
    ...judgedSpecs,
    ...under('Training', [
      { name: 'seed', value: 'N', about: 'The same seed gives the same model, bit for bit', default: 0 },
      { name: 'learning-rate', value: 'X', about: 'Step length', default: learningRate },
      { name: 'epochs', value: 'N', about: 'Passes over the history', default: epochs },
      { name: 'bits', value: 'N', about: 'Slots of the feature table as a power of two', default: bits },
      { name: 'buckets', value: 'N', about: 'Quantile buckets of a number', default: buckets },
      { name: 'l2', value: 'X', about: 'Pull towards zero', default: l2 },
    ]),
  ],
  examples: [
    'fletching conversions flips loans.csv --id case_id --time t0 --conversion conv_t --negative-time neg_t ' +
      '--signals offer_sent_t,offer_back_t,neg_t --pretrain-until 60 --elapsed 3d,7d,14d',
  ],
  run,
};

async function run(context: Context): Promise<void> {
  const { args, out, bar, signal } = context;
  const settings = learner(args);
  durationsArg(args, 'elapsed', unitArg(args));
  const start = performance.now();
  const reader = new Reader(context);
  const input = await reader.reading(() => readLog(reader, args.positionals[0]));
  const { log, scale, unit } = input;
  tellLog(out, input, reader.badRows);
  const load = seconds(start);
  const { pretrainUntil, until } = await ofFile(input, async () => judgedBounds(args, input));
  const elapsed = durationsArg(args, 'elapsed', unit) ?? quartiles(input, pretrainUntil);
  const begin = performance.now();
  const engine = await Engine.create();
  try {
    const flips: FlipComparison[] = [];
    for (const [k, age] of elapsed.entries()) {
      bar.update('learning flips', k, elapsed.length, `after ${spanText(age)}`);
      const options = { ...settings, elapsed: [age], pretrainUntil, until, signal };
      flips.push(...(await ofFile(input, () => evaluateFlips(engine, log, options))));
    }
    bar.stop();
    const { counts, signalNames } = log;
    out.document({
      flips,
      signals: signalNames,
      pretrainUntil,
      until,
      counts,
      badRows: reader.badRows,
      seconds: { load, flips: seconds(begin) },
      unused: input.unused,
      notes: input.notes,
    });
    out.line(
      `Learned from ${counted(log.rowsBefore(pretrainUntil), 'row')} before ${scale.shown(pretrainUntil)}, ` +
        `judged on later ones until ${scale.shown(until)} whose outcome is known.`,
    );
    if (!out.json) tellFlips(out, flips, signalNames.length > 0);
  } finally {
    engine.dispose();
  }
}

function learner(args: Args): Partial<FlipOptions> {
  const given = {
    seed: args.integer('seed', 0, 2 ** 32 - 1),
    learningRate: args.real('learning-rate', 0, 100),
    epochs: args.integer('epochs', 1, 1000),
    bits: args.integer('bits', 1, 24),
    buckets: args.integer('buckets', 2, 1024),
    l2: args.real('l2', 0, 100),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** Ages at which a quarter, half and three quarters of the history's conversions are in. */
function quartiles({ log, scale, file }: LogInput, pretrainUntil: number): number[] {
  const delays = log.delay
    .subarray(0, log.rowsBefore(pretrainUntil))
    .filter((d) => d !== Infinity && d > 0)
    .sort();
  const ages = [1, 2, 3].map((k) => delays[Math.floor((k * delays.length) / 4)]);
  const rising = ages.filter((age, k) => age !== undefined && (k === 0 || age > ages[k - 1]));
  if (rising.length === 0) {
    throw new DataError(
      `no row before --pretrain-until ${scale.shown(pretrainUntil)} converts later than it was shown: ` +
        `there is no age to look at; the log begins at ${scale.shown(log.time[0])}`,
      { code: 'no-delays', file },
    );
  }
  return rising;
}

function tellFlips(out: Output, flips: readonly FlipComparison[], withSignals: boolean): void {
  out.line();
  out.line('Of the rows that were still open at an age, how well those that convert later were found:');
  const two = (value: number, digits: number) => (Number.isFinite(value) ? value.toFixed(digits) : '');
  out.table(
    withSignals ? '>>>>>>>>>' : '>>>>>>',
    [
      'age',
      'open rows',
      'convert later',
      'AUC, features only',
      'std. error',
      'log loss',
      ...(withSignals ? ['AUC, with signals', 'std. error', 'log loss'] : []),
    ],
    flips.map(({ elapsed, featuresOnly: x, withSignals: s }) => [
      spanText(elapsed),
      counted(x.rows, 'row'),
      percent(x.rate, 1),
      two(x.auc, 3),
      two(x.aucError, 3),
      two(x.logLoss, 3),
      ...(withSignals ? [two(s.auc, 3), two(s.aucError, 3), two(s.logLoss, 3)] : []),
    ]),
  );
  out.line();
  const few = flips.filter(({ withSignals: { rows, rate } }) => !(rows * rate >= FEWEST_PAIRS));
  for (const { elapsed, withSignals: s } of few) {
    out.line(
      `Too few to judge after ${spanText(elapsed)}: ${counted(Math.round(s.rows * s.rate || 0), 'conversion')}; from ${FEWEST_PAIRS} on something can be said.`,
    );
  }
  const judged = flips.filter((one) => !few.includes(one));
  if (!withSignals && judged.length > 0) {
    out.line(
      'AUC is how often, of one open row that converts later and one that does not, the right one is ranked first. Times of what comes before a conversion (--signals) would tell more.',
    );
  }
  for (const { elapsed, featuresOnly: x, withSignals: s } of withSignals ? judged : []) {
    const gain = s.auc - x.auc;
    const clear = gain > 2 * Math.hypot(s.aucError, x.aucError);
    out.line(
      `After ${spanText(elapsed)}: of one open row that converts later and one that does not, the right one is ` +
        `ranked first ${percent(s.auc)} of the time; without the signals ${percent(x.auc)}` +
        (clear ? '.' : ' (no clear difference).'),
    );
  }
}
