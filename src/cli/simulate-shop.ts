import { join } from 'node:path';
import { Engine } from '../index.ts';
import {
  alsoViewedCsv,
  featuresCsv,
  itemsCsv,
  ordersCsv,
  type Shop,
  simulateShop,
  truthCsv,
} from '../simulate/index.ts';
import type { Command, Context } from './command.ts';
import { checkOutputFolder, inPieces, writeFolder } from './files.ts';
import { count, counted, program, quoted } from './output.ts';
import { shopOptions } from './simulate-options.ts';

export const simulateShopCommand: Command = {
  name: 'simulate shop',
  positionals: [],
  about: 'Make the files of a small electronics shop of which is known what leads to what',
  options: [
    { name: 'out', value: 'FOLDER', about: 'Where the files go (needed)' },
    { name: 'products', value: 'N', about: 'Products of the shop', default: 400 },
    { name: 'customers', value: 'N', about: 'Its customers', default: '10 a product' },
    { name: 'days', value: 'N', about: 'Days of trade', default: 365 },
    { name: 'seed', value: 'N', about: 'The same seed gives the same files', default: 1 },
  ],
  examples: [
    'fletching simulate shop --out shop',
    'fletching simulate shop --out shop --products 2000 --days 730 --seed 7',
  ],
  run,
};

async function run({ args, out, bar, signal, deaf }: Context): Promise<void> {
  const folder = args.need('out', 'FOLDER');
  const given = shopOptions(args);
  await checkOutputFolder(folder);
  const engine = await Engine.create();
  const shop = deaf(() => simulateShop(engine, given));
  engine.dispose();
  const files = {
    'orders.csv': inPieces(ordersCsv(shop)),
    'items.csv': inPieces(itemsCsv(shop)),
    'features.csv': inPieces(featuresCsv(shop)),
    'truth.csv': inPieces(truthCsv(shop)),
    'also-viewed.csv': inPieces(alsoViewedCsv(shop)),
  };
  await writeFolder(folder, files, signal, (name, step) =>
    bar.update(`writing ${name}`, step, Object.keys(files).length),
  );
  bar.stop();
  const { options, orders, items, truth, alsoViewed, features } = shop;
  const made = {
    products: items.id.length,
    customers: options.customers,
    buyers: new Set(orders.customer).size,
    days: options.days,
    orders: new Set(orders.order).size,
    orderLines: orders.item.length,
    truth: truth.source.length,
    features: features.node.length,
    alsoViewed: alsoViewed.source.length,
  };
  const paths = Object.keys(files).map((name) => join(folder, name));
  const path = (name: string) => quoted(join(folder, name));
  const queries = phoneAndCase(shop).map((item) => ` --item ${quoted(item)}`);
  const next = [
    `${program} related train ${path('orders.csv')} --features ${path('features.csv')} ` +
      `--items ${path('items.csv')} --min-support 4 --seed 1 --out ${path('shop.safetensors')}`,
    `${program} related recommend ${path('shop.safetensors')}${queries.join('')} --items ${path('items.csv')}`,
    `${program} simulate events --out ${quoted(folder)} --products ${made.products} --customers ${made.customers} ` +
      `--days ${made.days} --seed ${options.seed}`,
  ];
  out.document({ files: paths, seed: options.seed, ...made, next });
  out.line(
    `A shop with ${counted(made.products, 'product')}: of ${counted(made.customers, 'customer')}, ` +
      `${count(made.buyers)} bought something in ${counted(made.days, 'day')}, in ` +
      `${counted(made.orders, 'order')} with ${counted(made.orderLines, 'line')}.`,
  );
  const told = [
    [paths[0], 'who bought what when'],
    [paths[1], 'names, categories, brands and prices'],
    [paths[2], 'the same as features, with the words of the names'],
    [paths[3], `what really leads to what (${counted(made.truth, 'pair')}): to judge answers by`],
    [paths[4], 'products that were looked at together'],
  ];
  out.table('<<', ['file', 'what is in it'], told);
  out.line(`Next:  ${next[0]}`);
  out.line(`then:  ${next[1]}`);
  out.line(
    'What the same customers were shown, put into the cart and bought late, for conversions and thresholds:',
  );
  out.line(`       ${next[2]}`);
}

/** The first phone, and the case that most of its buyers need. */
function phoneAndCase({ items, truth }: Shop): string[] {
  const phone = items.category.indexOf('phone');
  let best = -1;
  truth.source.forEach((u, i) => {
    if (u !== phone || items.category[truth.target[i]] !== 'phone case') return;
    if (best < 0 || truth.strength[i] > truth.strength[best]) best = i;
  });
  return [phone, truth.target[best]].map((v) => items.id[v]);
}
