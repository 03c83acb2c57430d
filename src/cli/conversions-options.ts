import { judgedStream } from '../delayed-feedback/judged.ts';
import {
  type ConversionOptions,
  type ConversionProgress,
  conversionDefaults,
} from '../delayed-feedback/options.ts';
import { type Args, type OptionSpec, under } from './args.ts';
import type { Context } from './command.ts';
import type { LogInput } from './conversions-log.ts';
import { durationArg, durationsArg, type Scale, unitArg } from './conversions-time.ts';
import { UsageError } from './errors.ts';
import { timeLeft } from './progress.ts';

const { bits, buckets, epochs, cap, warm, l2, width, hidden } = conversionDefaults;

/** Which part of the log is history, and which is streamed; `history` and `end` stand for leaving them out. */
export const streamSpecs = (history: string, end: string) =>
  under('Stream', [
    {
      name: 'pretrain-until',
      value: 'TIME',
      about: 'Rows before are the history, learned with final labels',
      default: history,
    },
    { name: 'until', value: 'TIME', about: 'End of the stream', default: end },
  ]);

/** The same for commands that judge. */
export const judgedSpecs = streamSpecs(
  'a third of the rows with final labels',
  'the last row with a final label',
);

const methodSpecs = under('Method', [
  {
    name: 'elapsed',
    value: '1d',
    about: 'Age at which the published methods first look at a row',
    default: '--step',
  },
  { name: 'wait', value: '10d', about: 'How long the method wait waits', default: 'a third of the window' },
  {
    name: 'ages',
    value: '1h,6h,1d,...',
    about: 'Ages at which telescoping looks again',
    default: 'from the delays',
  },
  {
    name: 'horizons',
    value: '6h,1d,...',
    about: 'Ages of the emissions of gdfm',
    default: 'from the delays',
  },
  { name: 'cap', value: 'X', about: 'Most a telescoping step is scaled by', default: cap },
  { name: 'clip', value: 'X', about: 'Largest importance weight', default: 'none' },
  { name: 'self-normalise', about: 'Scale the weights of a batch to a mean of 1' },
  { name: 'refresh', about: 'Weight models go on learning as rows mature' },
]);

export const stepSpec: OptionSpec = {
  name: 'step',
  value: '1d',
  about: 'Predict this much ahead, then learn from it',
  default: 'a 40th of the stream',
};

const learnerSpecs = under('Training', [
  { name: 'seed', value: 'N', about: 'The same seed gives the same model, bit for bit', default: 0 },
  { name: 'learning-rate', value: 'X', about: 'Step length in the stream', default: '.1 (mlp: .001)' },
  { name: 'pretrain-rate', value: 'X', about: 'Step length over the history', default: '.05 (mlp: .001)' },
  { name: 'epochs', value: 'N', about: 'Passes over the history', default: epochs },
  { name: 'body', value: 'logistic|fm|mlp', about: 'What the model is made of', default: 'logistic' },
  { name: 'bits', value: 'N', about: 'Slots of the feature table as a power of two', default: bits },
  { name: 'buckets', value: 'N', about: 'Quantile buckets of a number', default: buckets },
  { name: 'l2', value: 'X', about: 'Pull towards zero', default: l2 },
  { name: 'warm', value: 'X', about: "Factor on AdaGrad's sums between history and stream", default: warm },
  { name: 'width', value: 'N', about: 'Numbers in the vectors of fm and mlp', default: width },
  { name: 'hidden', value: 'N,N', about: 'Layers of mlp', default: hidden.join(',') },
  { name: 'dropout', value: 'X', about: 'Dropout of mlp', default: 0 },
]);

export const conversionSpecs = [...methodSpecs, ...learnerSpecs];

/** The bounds of the stream in days, where they are given. */
export function streamBounds(args: Args, scale: Scale): { pretrainUntil?: number; until?: number } {
  const pretrainUntil = scale.moment(args, 'pretrain-until');
  const until = scale.moment(args, 'until');
  if (pretrainUntil !== undefined && until !== undefined && !(until > pretrainUntil)) {
    throw new UsageError(`--until ${args.text('until')} must be after --pretrain-until`);
  }
  return defined({ pretrainUntil, until });
}

/** Bounds for judging: those of the command line, else of the part that can be judged. */
export const judgedBounds = (args: Args, { log, scale }: Pick<LogInput, 'log' | 'scale'>) =>
  judgedStream(log, streamBounds(args, scale));

/** The options of the command line as the library takes them, times in days. */
export const conversionOptions = (
  { args }: Pick<Context, 'args'>,
  { scale, unit }: Pick<LogInput, 'scale' | 'unit'>,
): Partial<ConversionOptions> => ({ ...streamBounds(args, scale), ...learnerOptions(args, unit) });

/** Those that do not depend on the log, to be refused before a long file is read. */
export function learnerOptions(args: Args, unit = unitArg(args)): Partial<ConversionOptions> {
  const width = args.integer('width', 4, 256);
  if (width !== undefined && width % 4 !== 0) {
    throw new UsageError(`--width must be a multiple of 4, got ${width}`);
  }
  const ages = durationsArg(args, 'ages', unit);
  if (ages && ages.length > 64) throw new UsageError(`--ages takes at most 64 ages, got ${ages.length}`);
  return defined({
    step: durationArg(args, 'step', unit),
    elapsed: durationArg(args, 'elapsed', unit),
    wait: durationArg(args, 'wait', unit),
    ages,
    horizons: durationsArg(args, 'horizons', unit),
    cap: args.real('cap', 1, 100),
    clip: args.real('clip', 1e-3, 1e9),
    selfNormalise: args.flag('self-normalise') || undefined,
    refresh: args.flag('refresh') || undefined,
    body: args.word('body', ['logistic', 'fm', 'mlp']),
    bits: args.integer('bits', 1, 24),
    buckets: args.integer('buckets', 2, 1024),
    epochs: args.integer('epochs', 0, 1000),
    pretrainRate: args.real('pretrain-rate', 0, 100),
    learningRate: args.real('learning-rate', 0, 100),
    warm: args.real('warm', 1e-6, 1),
    l2: args.real('l2', 0, 100),
    width,
    hidden: args.integers('hidden', 1, 4096),
    dropout: args.real('dropout', 0, 0.95),
    seed: args.integer('seed', 0, 2 ** 32 - 1),
  });
}

/** The same with the bar and Ctrl-C. */
export const conversionRun = (context: Context, input: LogInput): Partial<ConversionOptions> => ({
  ...conversionOptions(context, input),
  signal: context.signal,
  onProgress: ({ phase, step, total, loss, etaMs }: ConversionProgress) => {
    const detail = [Number.isFinite(loss) ? `log loss ${loss.toFixed(3)}` : '', timeLeft(etaMs)];
    const label = phase === 'history' ? 'learning the history' : 'streaming';
    context.bar.update(label, step, total, detail.filter(Boolean).join(', '));
  },
});

const defined = <T extends object>(values: T): Partial<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
