import { stat } from 'node:fs/promises';
import { DataError } from '../check.ts';
import { rowOfEntry } from '../directed-graph/csr.ts';
import { type DirectedGraph, Engine, type RelatedProducts, type UpdateResult } from '../index.ts';
import { IdDictionary } from '../io/index.ts';
import { encodeModel } from '../model-file.ts';
import { under } from './args.ts';
import type { Command, Context } from './command.ts';
import { edgeOptions, readEdges } from './edges.ts';
import { checkOutput, writeOutput } from './files.ts';
import { graphOfEdges, graphOfOrders, leftOut } from './inputs.ts';
import { readCategories } from './lists.ts';
import { readModel } from './model.ts';
import { numbering } from './nodes.ts';
import { count, counted, duration, type Output, percent, seconds, size } from './output.ts';
import { timeLeft } from './progress.ts';
import { Reader, readerOptions } from './reader.ts';

export const relatedUpdate: Command = {
  name: 'related update',
  positionals: ['MODEL', 'INPUT'],
  about: 'Add new pairs or order lines, and the products in them, to a model without training it anew',
  options: [
    ...under('Input', [
      { name: 'categories', value: 'FILE', about: 'Categories of new products (id,category)' },
    ]),
    ...readerOptions,
    ...edgeOptions,
    ...under('Training', [
      { name: 'steps', value: 'N', about: 'Fine-tuning steps; 0 only adds the pairs', default: 60 },
      { name: 'learning-rate', value: 'X', about: 'Step length at the start', default: 0.005 },
      { name: 'seed', value: 'N', about: 'The same seed gives the same model', default: "the model's" },
    ]),
    ...under('Output', [{ name: 'out', value: 'NEW', about: 'Where the new model goes (needed)' }]),
  ],
  examples: [
    'fletching related update shop.safetensors this-week.csv --min-support 2 --out shop-new.safetensors',
    'fletching related update shop.safetensors pairs.csv --steps 0 --out shop-new.safetensors --json',
  ],
  run,
};

/** Above this share of added pairs a new training is advised: parameters that all products share stay as they were. */
const MANY = 0.2;

async function run(context: Context): Promise<void> {
  const { args, out, bar, signal } = context;
  const [from, input] = args.positionals;
  const path = args.need('out', 'NEW');
  const options = {
    steps: args.integer('steps', 0, 1e6),
    learningRate: args.real('learning-rate', 0, 10),
    seed: args.integer('seed', 0, 2 ** 32 - 1),
  };
  await checkOutput(path);
  const model = await readModel(from);
  if (!model.weights) {
    const rule = 'this model holds no encoder (trained with --coview, or by an older version): train it anew';
    throw new DataError(rule, { code: 'cannot-update', file: from });
  }
  const reader = new Reader(context);
  const { fresh, rows, kind, categories } = await reader.reading(async () => {
    const file = args.text('categories');
    const source = await readEdges(reader, input, new IdDictionary());
    return {
      ...(source.kind === 'edges'
        ? {
            kind: source.kind,
            rows: source.table.rows,
            fresh: graphOfEdges(source, numbering(source.table.columns.source.ids.slice())),
          }
        : {
            kind: source.kind,
            rows: source.rows,
            fresh: graphOfOrders(source, numbering(source.item.ids.slice())),
          }),
      categories: file ? await readCategories(reader, file) : undefined,
    };
  });
  const { badRows } = reader;
  const { edges, items, known, notes } = newIn(model, fresh, input);
  if (edges.source.length === 0) {
    const rule =
      kind === 'edges'
        ? 'every row leads from a product to itself'
        : 'no product is bought after another often enough: lower --min-support or --min-lift';
    throw new DataError(`no pairs to add: ${rule}${leftOut(badRows)}`, { code: 'no-edges', file: input });
  }
  const begin = performance.now();
  const engine = await Engine.create();
  try {
    model.attach(engine);
    model.addItems(items.map((id) => ({ id, category: categories?.get(id) })));
    const result = await model.update(edges, {
      ...options,
      signal,
      onProgress: ({ step, total, loss, etaMs }) =>
        bar.update(
          'updating',
          step,
          total,
          [`loss ${loss!.toFixed(3)}`, timeLeft(etaMs)].filter(Boolean).join(', '),
        ),
    });
    bar.stop();
    const update = seconds(begin);
    await writeOutput(path, encodeModel(model), signal);
    const bytes = (await stat(path)).size;
    const modelHash = await model.modelHash();
    const { card } = model;
    const share = (card.added?.edges ?? 0) / card.edges;
    if (share > MANY) {
      notes.push(`${percent(share)} of the pairs came after training, it is time to train anew`);
    }
    const { merged, selfLoops } = fresh.dropped;
    const read: Read = {
      file: input,
      kind,
      rows,
      badRows,
      merged,
      selfLoops,
      pairs: fresh.edgeCount,
      known,
      newItems: items.length,
    };
    out.document({ model: path, from, bytes, modelHash, card, read, ...result, seconds: { update }, notes });
    tell(out, read, result, notes, update);
    out.line(`Model:   ${path}, ${size(bytes)}, hash ${modelHash.slice(0, 16)}`);
  } finally {
    engine.dispose();
  }
}

interface Read {
  file: string;
  kind: 'edges' | 'orders';
  rows: number;
  badRows: number;
  merged: number;
  selfLoops: number;
  pairs: number;
  /** Pairs that the model has already. */
  known: number;
  newItems: number;
}

/** What was read and done, for people. */
function tell(
  out: Output,
  { file, kind, rows, badRows, selfLoops, pairs, known, newItems }: Read,
  { loss, steps, touched, tuned }: UpdateResult,
  notes: readonly string[],
  update: number,
): void {
  const what = counted(rows, kind === 'edges' ? 'row' : 'order line');
  out.line(`Read ${what} from ${nameOf(file)}.`);
  const parts = [
    `${count(pairs - known)} new`,
    known > 0 ? `${count(known)} known already` : '',
    selfLoops > 0 ? `${counted(selfLoops, 'row')} from a product to itself left out` : '',
    badRows > 0 ? `${counted(badRows, 'bad row')} left out` : '',
  ];
  out.line(`  ${counted(pairs, 'pair')}: ${parts.filter(Boolean).join(', ')}`);
  if (newItems > 0) out.line(`  ${counted(newItems, 'new product')}`);
  for (const note of notes) out.line(`Note: ${note}.`);
  out.line();
  if (steps > 0) {
    const trained = `the rows of ${counted(tuned, 'product')} for ${counted(steps, 'step')}`;
    out.line(`Trained ${trained} in ${duration(update)}.`);
  }
  if (loss) {
    const [before, after] = [loss.before.toFixed(3), loss.after.toFixed(3)];
    out.line(`  Loss of the pairs, when hidden: ${before} before, ${after} after.`);
  }
  out.line(`Embedded ${counted(touched, 'product')} again; the others are as they were.`);
}

const nameOf = (file: string): string => (file === '-' ? 'standard input' : file);

/** The pairs of `fresh` as ids, the products that the model does not have, and how many of the pairs it has. */
function newIn(model: RelatedProducts, fresh: DirectedGraph, file: string) {
  const { graph } = model;
  const { indices, weights, timestamps } = fresh.out;
  const notes: string[] = [];
  const name = nameOf(file);
  const times = graph.out.timestamps;
  if (times && !timestamps)
    notes.push(`${name} has no times, its pairs are taken to be as late as the model's latest`);
  // Not Math.max(...times), which fails beyond some hundred thousand arguments.
  const latest = times?.reduce((most, time) => Math.max(most, time), 0) ?? 0;
  if (weights && !graph.out.weights)
    notes.push(`the weights of ${name} are not used, the pairs of this model have none`);
  const source = Array.from(rowOfEntry(fresh.out), (u) => fresh.idOf(u));
  const target = Array.from(indices, (v) => fresh.idOf(v));
  const node = (id: string) => graph.findId(id);
  const known = source.filter(
    (id, i) => node(id) >= 0 && node(target[i]) >= 0 && graph.hasEdge(node(id), node(target[i])),
  ).length;
  const items = [...new Set([...source, ...target])].filter((id) => node(id) < 0);
  return {
    edges: {
      source,
      target,
      ...(graph.out.weights && weights ? { weight: weights } : {}),
      ...(times ? { timestamp: timestamps ?? source.map(() => latest) } : {}),
    },
    items: numbering(items).ids,
    known,
    notes,
  };
}
