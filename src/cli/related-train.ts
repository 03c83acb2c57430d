import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Engine, type ModelCard, RelatedProducts } from '../index.ts';
import { encodeModel } from '../model-file.ts';
import { type Args, under } from './args.ts';
import { checkpointOptions, openCheckpoint, withCheckpoint } from './checkpoint.ts';
import type { Command, Context } from './command.ts';
import { edgeOptions } from './edges.ts';
import { printable } from './errors.ts';
import { checkOutput, writeOutput } from './files.ts';
import { besideOptions, type Inputs, readInputs, tellRead, together } from './inputs.ts';
import {
  count,
  counted,
  duration,
  FEWEST_PAIRS,
  keptCommand,
  percent,
  program,
  quoted,
  seconds,
  size,
} from './output.ts';
import { Reader, readerOptions } from './reader.ts';
import { estimateOf, fitOptions, fitWith, trainingOptionSpecs } from './training.ts';

export const relatedTrain: Command = {
  name: 'related train',
  positionals: ['INPUT'],
  about: 'Learn "who bought U, buys V next" from pairs or order lines (CSV, TSV, JSONL, Parquet; - is stdin)',
  options: [
    ...besideOptions,
    ...under('Input', [
      {
        name: 'items',
        value: 'FILE',
        about: 'Names of the products (id,name), for the example that is shown',
      },
    ]),
    ...readerOptions,
    ...edgeOptions,
    ...trainingOptionSpecs,
    ...checkpointOptions,
    ...under('Output', [{ name: 'out', value: 'MODEL', about: 'Where the model goes (needed)' }]),
  ],
  examples: [
    'fletching related train orders.csv --out shop.safetensors --items items.csv --features features.csv',
    'fletching related train pairs.csv.gz --out shop.safetensors --seed 1 --checkpoint shop.part --resume',
    'cat pairs.csv | fletching related train - --out shop.safetensors --json',
  ],
  run,
};

async function run(context: Context): Promise<void> {
  const { args, out, bar } = context;
  const path = args.need('out', 'MODEL');
  fitOptions(args);
  await checkOutput(path);
  const start = performance.now();
  const checkpoint = await openCheckpoint(args);
  const reader = new Reader(context);
  const inputs = await reader.reading(() => readInputs(reader, args.positionals[0]));
  const load = seconds(start);
  const { badRows } = reader;
  tellRead(out, inputs, badRows);

  const begin = performance.now();
  const common = fitWith(context, inputs);
  let from = checkpoint.from;
  // Told once the training has taken the checkpoint as its own.
  const tellResumed = () => {
    if (from !== undefined) out.line(`  Going on after step ${count(from)}.`);
    from = undefined;
  };
  const onProgress: typeof common.onProgress = (progress) => {
    tellResumed();
    common.onProgress?.(progress);
  };
  const fit = { ...common, onProgress, checkpoint: checkpoint.options };
  const estimate = await estimateOf(inputs, fit);
  const how = estimate.mode === 'full' ? 'whole graph' : 'sampled neighbourhoods';
  out.line(
    `Training should take about ${size(estimate.bytes)} of engine memory and ` +
      `${duration(estimate.seconds)} (${how}).`,
  );
  const engine = await Engine.create();
  try {
    const model = await withCheckpoint(args.text('checkpoint'), () =>
      RelatedProducts.fit(inputs.graph, { ...fit, engine }),
    );
    bar.stop();
    tellResumed();
    model.card.data = dataOf(inputs, reader, args);
    const train = seconds(begin);
    await writeOutput(path, encodeModel(model), context.signal);
    await checkpoint.remove();
    const bytes = (await stat(path)).size;
    const modelHash = await model.modelHash();
    const { card } = model;
    out.document({
      model: path,
      bytes,
      modelHash,
      card,
      seconds: { load, train },
      badRows,
      read: inputs.read,
      estimate,
      notes: inputs.notes,
    });
    const { validation, ranker } = card;
    const best = card.bestStep < card.steps ? `, best after ${count(card.bestStep)}` : '';
    out.line();
    out.line(`Trained ${counted(card.steps, 'step')} in ${duration(train)}${best}.`);
    if (validation) out.line(`Quality: ${qualityOf(validation)}`);
    if (ranker) out.line(`Ranking: ${rankingOf(ranker)}`);
    out.line(`Model:   ${path}, ${size(bytes)}, hash ${modelHash.slice(0, 16)}`);
    if (!out.json) example(context, inputs, model.attach(engine), path);
  } finally {
    engine.dispose();
  }
}

/** What the report tells of the data; files by name alone, as a model may travel further than a folder's name should. */
const dataOf = ({ read, notes }: Inputs, { rejected }: Reader, { argv }: Args) => ({
  ...read,
  file: basename(read.file),
  rejected: rejected.map((one) => ({ ...one, file: basename(one.file), reason: one.reason.slice(0, 200) })),
  notes: notes.map((note) => note.slice(0, 500)),
  command: keptCommand('related train', argv),
});

function qualityOf(validation: NonNullable<ModelCard['validation']>): string {
  const { edges } = validation;
  if (edges < FEWEST_PAIRS) return `too few to judge, only ${counted(edges, 'pair')} set aside.`;
  return (
    `of ${counted(edges, 'pair')} set aside, ${percent(validation['hitRate@10'], 1)} ` +
    `have the right product among the first ten (MRR@10 ${validation['mrr@10'].toFixed(3)}).`
  );
}

/** What ranks the answers, and how much it found beside what is simpler. */
function rankingOf({ used, why, queries, heldOut, rareBoost }: NonNullable<ModelCard['ranker']>): string {
  if (!used) return `by the learned vectors or counts: ${why}.`;
  const share = (of: 'ranker' | 'embedding' | 'counts') => percent(heldOut![of]['hitRate@10'], 1);
  const boost = rareBoost ? `, rare products lifted by ${rareBoost}` : '';
  return (
    `counts, walks, text and vectors mixed as they fit ${counted(queries, 'product')} set aside best${boost}: ` +
    `${share('ranker')} in the first ten (vectors alone ${share('embedding')}, counts ${share('counts')}).`
  );
}

/** The first three answers for the product that most customers bought before another, and how to see more. */
function example(
  { args, out }: Context,
  { source, graph, names }: Inputs,
  model: RelatedProducts,
  path: string,
): void {
  const { indptr, weights } = graph.out;
  const weight = (u: number) =>
    weights?.subarray(indptr[u], indptr[u + 1]).reduce((sum, w) => sum + w, 0) ?? graph.outDegree(u);
  let query = 0;
  for (let u = 1; u < graph.nodeCount; u++) if (weight(u) > weight(query)) query = u;
  const name = (node: number) => printable(names?.get(graph.idOf(node)) ?? graph.idOf(node));
  const answers = model.recommend(query, { k: 3 }).map(({ node }) => name(node));
  out.line();
  out.line(`For example, ${together(source) ? 'with' : 'after'} ${name(query)}:`);
  for (const [i, answer] of answers.entries()) out.line(`  ${i + 1}  ${answer}`);
  const items = args.text('items');
  out.line(
    `Next:  ${program} related recommend ${quoted(path)} --item ${quoted(graph.idOf(query))}` +
      (items ? ` --items ${quoted(items)}` : ''),
  );
}
