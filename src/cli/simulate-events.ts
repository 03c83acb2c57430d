import { join } from 'node:path';
import { Engine } from '../index.ts';
import {
  exposureDefaults,
  exposuresCsv,
  exposureTruthCsv,
  itemsCsv,
  simulateExposures,
  simulateShop,
} from '../simulate/index.ts';
import type { Command, Context } from './command.ts';
import { checkOutputFolder, inPieces, writeFolder } from './files.ts';
import { count, counted, percent, program, quoted } from './output.ts';
import { shopOptions } from './simulate-options.ts';

const { perYear, rate, shape, delay, window, drift } = exposureDefaults;

export const simulateEventsCommand: Command = {
  name: 'simulate events',
  positionals: [],
  about:
    'Make the event log of a shop: what customers were shown, what they put into the cart, what they bought when',
  options: [
    { name: 'out', value: 'FOLDER', about: 'Where the files go (needed)' },
    { name: 'products', value: 'N', about: 'Products of the shop', default: 400 },
    {
      name: 'customers',
      value: 'N',
      about: 'Its customers, those of simulate shop',
      default: '10 a product',
    },
    { name: 'days', value: 'N', about: 'Days of trade', default: 365 },
    { name: 'seed', value: 'N', about: 'The same seed gives the same files', default: 1 },
    {
      name: 'per-year',
      value: 'X',
      about: 'Products an average customer is shown in a year',
      default: perYear,
    },
    {
      name: 'rate',
      value: 'X',
      about: 'Probability that an average exposure converts at all',
      default: rate,
    },
    { name: 'shape', value: 'X', about: 'Shape of the Weibull law of the delay', default: shape },
    { name: 'delay', value: 'DAYS', about: 'Its scale, for a product of 50 in price', default: delay },
    { name: 'window', value: 'DAYS', about: 'Days in which a conversion counts', default: window },
    { name: 'drift', value: 'X', about: 'How far the taste for dear products turns round', default: drift },
  ],
  examples: [
    'fletching simulate events --out events',
    'fletching simulate events --out events --customers 20000 --days 120 --seed 7',
  ],
  run,
};

async function run({ args, out, bar, signal, deaf }: Context): Promise<void> {
  const folder = args.need('out', 'FOLDER');
  const asked = shopOptions(args);
  const given = {
    perYear: args.real('per-year', 0.1, 10_000) ?? perYear,
    rate: args.real('rate', 1e-6, 1 - 1e-6) ?? rate,
    shape: args.real('shape', 0.2, 5) ?? shape,
    delay: args.real('delay', 1e-6, 365) ?? delay,
    window: args.real('window', 1e-6, 365) ?? window,
    drift: args.real('drift', 0, 5) ?? drift,
  };
  await checkOutputFolder(folder);
  const engine = await Engine.create();
  const shop = deaf(() => simulateShop(engine, asked));
  const exposures = deaf(() => simulateExposures(engine, shop, given));
  const files = {
    'exposures.csv': inPieces(exposuresCsv(shop, exposures)),
    'exposures-truth.csv': inPieces(exposureTruthCsv(exposures)),
    'items.csv': inPieces(itemsCsv(shop)),
  };
  await writeFolder(folder, files, signal, (name, step) =>
    bar.update(`writing ${name}`, step, Object.keys(files).length),
  );
  bar.stop();
  engine.dispose();
  const rows = exposures.time.length;
  const seen = (ages: Float64Array) => ages.reduce((sum, age) => sum + (Number.isNaN(age) ? 0 : 1), 0);
  const [carts, revisits] = exposures.signals.map(seen);
  const conversions = seen(exposures.delay);
  const made = { exposures: rows, conversions, carts, revisits };
  const paths = Object.keys(files).map((name) => join(folder, name));
  const next =
    `${program} conversions evaluate ${quoted(paths[0])} --time time --conversion conversion --signals cart,revisit ` +
    `--window ${given.window}d --methods vanilla,oracle,telescoping`;
  out.document({ files: paths, seed: shop.options.seed, ...made, next: [next] });
  out.line(
    `${counted(rows, 'exposure')} of ${counted(shop.items.id.length, 'product')} to ` +
      `${counted(shop.options.customers, 'customer')} in ${counted(exposures.options.days, 'day')}: ` +
      `${count(carts)} into the cart, ${count(conversions)} bought (${percent(conversions / Math.max(rows, 1), 1)}).`,
  );
  out.table(
    '<<',
    ['file', 'what is in it'],
    [
      [paths[0], 'who was shown what when, and when it went into the cart, was looked at again, was bought'],
      [
        paths[1],
        'the true probability of each row and the scale of its delay: to judge by, never to learn from',
      ],
      [paths[2], 'names, categories, brands and prices'],
    ],
  );
  out.line(`Next:  ${next}`);
}
