import { existsSync } from 'node:fs';
import { Engine, type Recommendation, type RecommendOptions, type RelatedProducts } from '../index.ts';
import type { Args } from './args.ts';
import type { Command, Context } from './command.ts';
import { printable, UsageError } from './errors.ts';
import { readAnyIds, readCategories, readIds, readNames } from './lists.ts';
import { nodeOf, readModel } from './model.ts';
import { counted } from './output.ts';
import { Reader, readerOptions } from './reader.ts';
import { printAnswers, reasonsFor } from './recommend-text.ts';

export const relatedRecommend: Command = {
  name: 'related recommend',
  positionals: ['MODEL'],
  about: 'What customers who bought a product buy next',
  options: [
    { name: 'item', value: 'ID', multiple: true, about: 'The product bought (needed; may be given again)' },
    { name: 'cart', about: 'One list of answers for all --item together, each counted once' },
    { name: 'k', short: 'k', value: 'N', about: 'Answers a product', default: 10 },
    {
      name: 'exclude',
      value: 'FILE|ID,...',
      multiple: true,
      about: 'Products never to answer; the file may be empty',
    },
    { name: 'allow', value: 'FILE|ID,...', multiple: true, about: 'Answer only these products' },
    {
      name: 'in-stock',
      value: 'FILE',
      about: 'Answer only products on this list (others on it are passed over)',
    },
    { name: 'new-only', about: 'Leave out what the data already show to follow' },
    { name: 'diversity', value: 'X', about: '0 the best answers, 1 the most different ones', default: 0 },
    { name: 'max-per-category', value: 'N', about: 'Answers of one category at most' },
    {
      name: 'categories',
      value: 'FILE',
      about: 'Categories (id,category), where the model holds none; --items serves if it has that column',
    },
    {
      name: 'popularity',
      value: 'X',
      about: '--popularity=-0.5 for less popular answers, above 0 for more popular ones',
      default: 0,
    },
    { name: 'min-score', value: 'X', about: 'Leave out answers of the model below this score' },
    { name: 'no-ranker', about: 'Rank by the learned vectors alone' },
    { name: 'explain', about: 'Say why each answer is given' },
    { name: 'items', value: 'FILE', about: 'Names of the products (id,name)' },
    ...readerOptions,
  ],
  examples: [
    'fletching related recommend shop.safetensors --item p0012 --items items.csv',
    'fletching related recommend shop.safetensors --item p0012 --item p0040 --cart --explain',
    'fletching related recommend shop.safetensors --item p0012 --item p0040 -k 5 --new-only --json',
    'fletching related recommend shop.safetensors --item p0012 --exclude sold-out.csv --diversity .3',
    'fletching related recommend shop.safetensors --item p0012 --in-stock stock.csv --max-per-category 2 --items items.csv',
  ],
  run,
};

async function run(context: Context): Promise<void> {
  const { args, out } = context;
  const path = args.positionals[0];
  const items = args.texts('item');
  if (items.length === 0) throw new UsageError('--item ID is missing');
  const cart = args.flag('cart');
  const numbers = numbersOf(args);
  const model = await readModel(path);
  for (const item of items) nodeOf(model, item, { of: path });
  const { options, names, notes } = await inputs(context, model, path);
  const basket = [...new Set(items)];
  if (cart && basket.length < items.length) {
    const again = basket.filter((item) => items.indexOf(item) !== items.lastIndexOf(item));
    notes.push(`${again.join(' and ')} given more than once, a cart counts a product once`);
  }
  const engine = await Engine.create();
  try {
    model.attach(engine);
    const given = { ...numbers, ...options, excludeKnown: args.flag('new-only') };
    const queries = cart ? [basket] : items.map((item) => [item]);
    const answers = model.recommendBatch(queries, given);
    const named = (id: string) => (names?.has(id) ? { name: names.get(id) } : {});
    const listed = (list: readonly Recommendation[]) =>
      list.map(({ id, score, known, source, reason, explanation }) => ({
        id,
        ...named(id),
        score,
        known,
        source,
        reason,
        ...(explanation ? { explanation: reasonsFor(explanation, names) } : {}),
      }));
    const modelHash = await model.modelHash();
    out.document(
      cart
        ? { model: modelHash, cart: basket, recommendations: listed(answers[0]), notes }
        : {
            model: modelHash,
            items: items.map((item, i) => ({ item, ...named(item), recommendations: listed(answers[i]) })),
            notes,
          },
    );
    for (const note of notes) out.line(`Note: ${printable(note)}.`);
    queries.forEach((query, i) => {
      if (i > 0) out.line();
      printAnswers(out, query, answers[i], names);
    });
  } finally {
    engine.dispose();
  }
}

function numbersOf(args: Args): RecommendOptions {
  return {
    k: args.integer('k', 1, 1e6) ?? 10,
    diversity: args.real('diversity', 0, 1),
    maxPerCategory: args.integer('max-per-category', 1, 1e6),
    popularity: args.real('popularity', -1000, 1000),
    minScore: args.real('min-score', -1e30, 1e30),
    rank: args.flag('no-ranker') ? 'embedding' : 'ranker',
    explain: args.flag('explain'),
  };
}

/** The lists that the options name. */
async function inputs(context: Context, model: RelatedProducts, path: string) {
  const { args } = context;
  const reader = new Reader(context);
  return reader.reading(async () => {
    const file = args.text('items');
    const options: RecommendOptions = {};
    const notes: string[] = [];
    if (args.has('exclude')) options.exclude = await listOf(reader, model, 'exclude', path, notes);
    if (args.has('allow')) options.allow = await listOf(reader, model, 'allow', path, notes);
    const stock = args.text('in-stock');
    if (stock !== undefined) {
      const listed = (await readIds(reader, stock)).ids.map((id) => model.graph.findId(id));
      const inStock = listed.filter((node) => node >= 0);
      const unknown = listed.length - inStock.length;
      if (unknown > 0) {
        notes.push(
          `${counted(unknown, 'product')} in stock ${unknown === 1 ? 'is' : 'are'} not in the model`,
        );
      }
      options.inStock = inStock;
    }
    const from =
      args.text('categories') ?? (args.has('max-per-category') && !model.catalogue ? file : undefined);
    if (from !== undefined) {
      const categories = await readCategories(reader, from);
      const { graph } = model;
      const category = Array.from({ length: graph.nodeCount }, (_, v) => categories.get(graph.idOf(v)) ?? '');
      options.catalogue = { category };
    } else if (args.has('max-per-category') && !model.catalogue) {
      throw new UsageError('--max-per-category needs --categories FILE (this model holds no categories)');
    }
    return {
      options,
      notes,
      names: file ? await readNames(reader, file, (note) => notes.push(note)) : undefined,
    };
  });
}

/**
 * The nodes of `--exclude` or `--allow`: a value is a file if there is one of that name, else ids with commas. A file
 * without ids excludes nothing; allowing nothing is taken for a mistake.
 */
async function listOf(
  reader: Reader,
  model: RelatedProducts,
  option: 'exclude' | 'allow',
  path: string,
  notes: string[],
): Promise<number[]> {
  const nodes: number[] = [];
  for (const value of reader.context.args.texts(option)) {
    if (value === '-' || existsSync(value)) {
      const list = await (option === 'exclude' ? readAnyIds : readIds)(reader, value);
      if (list === undefined) notes.push(`${value} lists no products, so it excludes none`);
      else {
        const { file, ids, line } = list;
        ids.forEach((id, i) => void nodes.push(nodeOf(model, id, { of: path, file, line: line[i] })));
      }
    } else {
      for (const id of value.split(',')) nodes.push(nodeOf(model, id, { of: path }));
    }
  }
  return nodes;
}
