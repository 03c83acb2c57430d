import { type FitOptions, type Progress, RelatedProducts } from '../index.ts';
import { type Args, type OptionSpec, under } from './args.ts';
import type { Context } from './command.ts';
import { UsageError } from './errors.ts';
import type { Inputs } from './inputs.ts';
import { percent } from './output.ts';
import { timeLeft } from './progress.ts';

const lossOfOrders = 0.3;

const trainingSpecs = under('Training', [
  { name: 'seed', value: 'N', about: 'The same seed gives the same model, bit for bit', default: 0 },
  {
    name: 'preset',
    value: 'default|blade',
    about: 'Recipe: the recommended one, or the published BLADE',
    default: 'default',
  },
  { name: 'dim', value: 'N', about: 'Numbers in the vectors of a product', default: 64 },
  {
    name: 'direction-loss',
    value: 'X',
    about: 'How hard one-way pairs must beat their reverse; costs some hit rate',
    default: `${lossOfOrders} for order lines; 0 for pairs and preset blade`,
  },
  { name: 'epochs', value: 'X', about: 'Passes over the pairs at most (instead of --steps)' },
  { name: 'steps', value: 'N', about: 'Training steps at most', default: 300 },
  { name: 'no-early-stopping', about: 'Train to the last step on all pairs, set none aside' },
  {
    name: 'mode',
    value: 'auto|full|sampled',
    about: 'Whole graph, sampled neighbourhoods, or by --memory',
    default: 'auto',
  },
  {
    name: 'memory',
    value: 'BYTES',
    about: 'Engine memory the whole graph may take in mode auto (500MB, 2GB)',
    default: '1.5GB',
  },
]);

const samplingSpecs = under('Sampling', [
  {
    name: 'fanout',
    value: 'N,N,N',
    about: 'Neighbours of a product, by layer',
    default: '10,10,10',
  },
  {
    name: 'budget',
    value: 'fixed|degree-adaptive',
    about: 'The same for all, or by degree',
    default: 'fixed',
  },
  {
    name: 'degree-power',
    value: '0|.25|.5|.75|1',
    about: 'Prefer well-connected neighbours',
    default: 0,
  },
  {
    name: 'fill',
    value: 'none|alternating|forward',
    about: 'Fill few neighbours from walks',
    default: 'none',
  },
]);

const rankingSpecs = under('Ranking', [
  {
    name: 'no-ranker',
    about: 'Answer by the learned vectors alone, without the fitted mix of counts and text',
  },
  {
    name: 'rare-boost',
    value: 'X',
    about: 'Lift products that few others lead to (0 to 100; .5 to 1.5 is felt)',
    default: 'as much as costs little, where there are pairs enough to tell',
  },
]);

/** Options of every command that trains. */
export const trainingOptionSpecs: readonly OptionSpec[] = [
  ...trainingSpecs,
  ...rankingSpecs,
  ...samplingSpecs,
];

/** The options as the library takes them, every one checked; some defaults go by what INPUT is. */
export function fitOptions(args: Args, kind: 'edges' | 'orders' = 'edges'): FitOptions {
  const mode = args.word('mode', ['auto', 'full', 'sampled']);
  const power = args.real('degree-power', 0, 1);
  if (power !== undefined && ![0, 0.25, 0.5, 0.75, 1].includes(power)) {
    throw new UsageError(`--degree-power must be 0, .25, .5, .75 or 1, got ${args.text('degree-power')}`);
  }
  if (mode === 'sampled' && args.has('coview')) {
    throw new UsageError('--mode sampled cannot be used with --coview');
  }
  if (args.has('epochs') && args.has('steps')) throw new UsageError('give --epochs or --steps, not both');
  const sampling = {
    fanout: args.integers('fanout', 1, 10_000),
    budget: args.word('budget', ['fixed', 'degree-adaptive']),
    degreePower: power,
    fill: args.word('fill', ['none', 'alternating', 'forward']),
  };
  const training = {
    steps: args.integer('steps', 1, 1e7),
    mode,
    memory: args.bytes('memory', 1, 4.2e9),
    sampling,
  };
  const preset = args.word('preset', ['default', 'blade']);
  const rareBoost = args.real('rare-boost', 0, 100);
  if (args.flag('no-ranker') && rareBoost !== undefined) {
    throw new UsageError('--rare-boost cannot be used with --no-ranker');
  }
  const unsaid = kind === 'orders' && preset !== 'blade' ? lossOfOrders : undefined;
  return {
    preset,
    dim: args.integer('dim', 1, 4096),
    seed: args.integer('seed', 0, 2 ** 32 - 1) ?? 0,
    epochs: args.real('epochs', 1e-3, 1e6),
    encoder: { directionLoss: args.real('direction-loss', 0, 1000) ?? unsaid },
    earlyStopping: !args.flag('no-early-stopping'),
    training,
    ranker: args.flag('no-ranker') ? false : { rareBoost },
  };
}

/** What the bar says while a model is made. */
const PHASES: Record<string, string> = {
  train: 'training',
  counts: 'counting',
  candidates: 'candidates',
  ranking: 'ranking',
};

/** The options with the data, the bar and Ctrl-C. */
export function fitWith(
  { args, bar, signal }: Pick<Context, 'args' | 'bar' | 'signal'>,
  { source, features, coView }: Pick<Inputs, 'source' | 'features' | 'coView'>,
): FitOptions {
  return {
    ...fitOptions(args, source.kind),
    features,
    coView,
    signal,
    onProgress: ({ phase, step, total, loss, look, etaMs }: Progress) => {
      const detail = [
        loss === undefined ? '' : `loss ${loss.toFixed(3)}`,
        look ? `hit rate ${percent(look['hitRate@10'], 1)}` : '',
        timeLeft(etaMs),
      ];
      bar.update(PHASES[phase] ?? phase, step, total, detail.filter(Boolean).join(', '));
    },
  };
}

/** Engine memory and seconds that training should take. */
export const estimateOf = (inputs: Inputs, fit: FitOptions) => RelatedProducts.estimate(inputs.graph, fit);
