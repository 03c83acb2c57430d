import { existsSync } from 'node:fs';
import { Engine, type RelatedProducts } from '../index.ts';
import type { Command, Context } from './command.ts';
import { printable, UsageError } from './errors.ts';
import { readIds, readNames } from './lists.ts';
import { nodeOf, readModel } from './model.ts';
import { Reader, readerOptions } from './reader.ts';

export const relatedRecommend: Command = {
  name: 'related recommend',
  positionals: ['MODEL'],
  about: 'What customers who bought a product buy next',
  options: [
    { name: 'item', value: 'ID', multiple: true, about: 'The product bought (needed; may be given again)' },
    { name: 'k', short: 'k', value: 'N', about: 'Answers a product', default: 10 },
    { name: 'exclude', value: 'FILE|ID,...', multiple: true, about: 'Products never to answer' },
    { name: 'new-only', about: 'Leave out what the data already show to follow' },
    { name: 'items', value: 'FILE', about: 'Names of the products (id,name)' },
    ...readerOptions,
  ],
  examples: [
    'fletching related recommend shop.safetensors --item p0012 --items items.csv',
    'fletching related recommend shop.safetensors --item p0012 --item p0040 -k 5 --new-only --json',
    'fletching related recommend shop.safetensors --item p0012 --exclude sold-out.csv',
  ],
  run,
};

async function run(context: Context): Promise<void> {
  const { args, out } = context;
  const path = args.positionals[0];
  const items = args.texts('item');
  if (items.length === 0) throw new UsageError('--item ID is missing');
  const k = args.integer('k', 1, 1e6) ?? 10;
  const model = await readModel(path);
  for (const item of items) nodeOf(model, item, { of: path });
  const reader = new Reader(context);
  const { exclude, names } = await reader.reading(async () => {
    const file = args.text('items');
    return {
      exclude: await excluded(reader, model, path),
      names: file ? await readNames(reader, file) : undefined,
    };
  });
  const engine = await Engine.create();
  try {
    model.attach(engine);
    const answers = items.map((item) => ({
      item,
      recommendations: model.recommend(item, { k, exclude, excludeKnown: args.flag('new-only') }),
    }));
    const named = (id: string) => (names?.has(id) ? { name: names.get(id) } : {});
    out.document({
      model: await model.modelHash(),
      items: answers.map(({ item, recommendations }) => ({
        item,
        ...named(item),
        recommendations: recommendations.map(({ id, score, known }) => ({ id, ...named(id), score, known })),
      })),
    });
    for (const [i, { item, recommendations }] of answers.entries()) {
      const name = names?.get(item);
      if (i > 0) out.line();
      out.line(`Customers who bought ${printable(name ? `${name} (${item})` : item)} next buy:`);
      if (recommendations.length === 0) out.line('  nothing is left to recommend');
      else {
        const rows = recommendations.map(({ id, score, known }, rank) => [
          String(rank + 1),
          id,
          ...(names ? [names.get(id) ?? ''] : []),
          score.toFixed(3),
          known ? 'seen in the data' : 'new',
        ]);
        const head = ['', 'id', ...(names ? ['name'] : []), 'score', 'known?'];
        out.table(names ? '><<><' : '><><', head, rows);
      }
    }
  } finally {
    engine.dispose();
  }
}

/** The nodes of `--exclude`: a value is a file if there is one of that name, else ids with commas. */
async function excluded(reader: Reader, model: RelatedProducts, path: string): Promise<number[]> {
  const nodes: number[] = [];
  for (const value of reader.context.args.texts('exclude')) {
    if (value === '-' || existsSync(value)) {
      const { file, ids, line } = await readIds(reader, value);
      ids.forEach((id, i) => void nodes.push(nodeOf(model, id, { of: path, file, line: line[i] })));
    } else {
      for (const id of value.split(',')) nodes.push(nodeOf(model, id, { of: path }));
    }
  }
  return nodes;
}
