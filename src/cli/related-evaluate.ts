import { DataError } from '../check.ts';
import { EASE_MAX_TARGETS, easeApplies } from '../directed-graph/baselines/ease.ts';
import { withoutRanks } from '../directed-graph/evaluate.ts';
import { evaluateModel, RANKED_NODES } from '../directed-graph/evaluate-model.ts';
import { withoutHidden } from '../directed-graph/holdout.ts';
import { verdict } from '../directed-graph/verdict.ts';
import {
  Engine,
  METHODS,
  type MethodName,
  RelatedProducts,
  type Split,
  splitEdges,
  splitFromLabels,
} from '../index.ts';
import { under } from './args.ts';
import type { Command, Context } from './command.ts';
import { edgeOptions } from './edges.ts';
import { UsageError } from './errors.ts';
import { besideOptions, type Inputs, readInputs, tellRead } from './inputs.ts';
import { type Label, readSplit } from './lists.ts';
import { count, counted, duration, seconds } from './output.ts';
import { Reader, readerOptions } from './reader.ts';
import { fitOptions, fitWith, trainingOptionSpecs } from './training.ts';
import { tellMethods } from './verdict.ts';

const KINDS = ['random', 'temporal', 'cold-node'] as const;

export const relatedEvaluate: Command = {
  name: 'related evaluate',
  positionals: ['INPUT'],
  about: 'Hide a part of the pairs, train on the rest, and measure how well the hidden ones are found',
  options: [
    ...under('Judging', [
      {
        name: 'split',
        value: 'FILE',
        about: 'Which pairs to hide: train, val or test for each row of INPUT',
      },
      {
        name: 'split-kind',
        value: KINDS.join('|'),
        about: 'Hide 10 % to choose by and 10 % to judge by',
        default: 'random',
      },
      {
        name: 'filter',
        value: 'train|all',
        about: 'Known pairs taken out of the rankings',
        default: 'train',
      },
      { name: 'methods', value: 'A,B,...', about: `Of ${METHODS.join(', ')}`, default: 'all' },
    ]),
    ...besideOptions,
    ...readerOptions,
    ...edgeOptions,
    ...trainingOptionSpecs,
  ],
  examples: [
    'fletching related evaluate orders.csv --features features.csv --seed 1',
    'fletching related evaluate edges.csv.gz --split split.csv.gz --nodes nodes.csv.gz --json',
    'fletching related evaluate pairs.csv --split-kind temporal --methods ranker,control,popularity',
  ],
  run,
};

async function run(context: Context): Promise<void> {
  const { args, out, bar, deaf } = context;
  const { seed } = fitOptions(args);
  const kind = args.word('split-kind', KINDS) ?? 'random';
  const file = args.text('split');
  if (file && args.has('split-kind')) throw new UsageError('give --split or --split-kind, not both');
  const filter = args.word('filter', ['train', 'all']) ?? 'train';
  const asked = args.words('methods', METHODS);
  const wanted: readonly MethodName[] = asked ?? METHODS;

  const start = performance.now();
  const reader = new Reader(context);
  const { inputs, labels } = await reader.reading(() => readAll(reader, file));
  if (!file && kind === 'temporal' && !inputs.graph.out.timestamps) {
    throw new DataError('there is no column "timestamp", and --split-kind temporal needs one', {
      code: 'missing-column',
      file: args.positionals[0],
    });
  }
  const load = seconds(start);
  tellRead(out, inputs, reader.badRows);

  const engine = await Engine.create();
  try {
    const split = labels
      ? splitFromLabels(inputs.graph, labels)
      : splitEdges(engine, inputs.graph, { kind, seed });
    if (split.test.source.length === 0 || split.train.edgeCount === 0) {
      throw new DataError('the split leaves no pairs to train on, or none to judge by', {
        code: 'empty-split',
        file: file ?? args.positionals[0],
      });
    }
    const [trains, chooses, judges] = [split.train.edgeCount, ...hiddenSizes(split)].map(count);
    out.line(`Hiding pairs: ${trains} to train on, ${chooses} to choose by, ${judges} to judge by.`);
    const notes = notesOf(inputs, split, { kind, file, chosen: args.has('methods') });
    for (const note of notes) out.line(`Note: ${note}.`);

    const begin = performance.now();
    const coView = inputs.coView && withoutHidden(inputs.coView, split);
    const model =
      wanted.includes('ranker') || wanted.includes('embedding')
        ? await RelatedProducts.fit(split.train, {
            ...fitWith(context, { ...inputs, coView }),
            engine,
            validation: split.validation.source.length > 0 ? split.validation : undefined,
          })
        : undefined;
    bar.stop();
    const train = model ? seconds(begin) : 0;
    if (model) out.line(`Trained in ${duration(train)}.`);

    const measured = performance.now();
    const found = deaf(() =>
      evaluateModel(engine, model, split, {
        filter,
        seed,
        features: inputs.features,
        methods: asked,
        onProgress: ({ phase, step, total }) => bar.update('measuring', step, total, phase),
      }),
    );
    bar.stop();
    const alone = model && !model.ranker && (model.card.ranker?.why ?? 'it was trained without a ranker');
    const after = (asked ?? [])
      .filter((name) => !found.methods[name])
      .map((name) => `${name} is not measured: ${whyAbsent(name, inputs, split)}`);
    if (alone && found.methods.ranker) after.push(`what ships ranks by its learned vectors alone: ${alone}`);
    for (const note of after) out.line(`Note: ${note}.`);
    const judged = verdict(found);
    const { nodes, edges, split: sizes, direction, methods } = withoutRanks(found);
    out.document({
      nodes,
      edges,
      split: { ...sizes, kind: file ? 'file' : kind, ...(file ? { file } : { seed }) },
      filter,
      methods,
      direction,
      verdict: judged,
      seconds: { load, train, evaluate: seconds(measured) },
      modelHash: await model?.modelHash(),
      card: model?.card,
      badRows: reader.badRows,
      notes: [...inputs.notes, ...notes, ...after],
    });
    tellMethods(out, methods, judged);
  } finally {
    engine.dispose();
  }
}

async function readAll(
  reader: Reader,
  file: string | undefined,
): Promise<{ inputs: Inputs; labels?: Label[] }> {
  const inputs = await readInputs(reader, reader.context.args.positionals[0]);
  if (file === undefined) return { inputs };
  if (inputs.source.kind === 'orders')
    throw new UsageError('--split is for edges, but INPUT holds order lines');
  return { inputs, labels: await readSplit(reader, file, inputs.source) };
}

const hiddenSizes = ({ validation, test }: Split) => [validation.source.length, test.source.length];

/** Why a method that was asked for cannot be had. */
function whyAbsent(name: string, { features }: Inputs, { validation }: Split): string {
  if (name === 'contentCosine' && !features) return 'it needs --features';
  if (validation.source.length === 0) return 'it is fitted on pairs to choose by, and there are none';
  return `it takes at most ${count(EASE_MAX_TARGETS)} products that others lead to`;
}

function notesOf(
  inputs: Inputs,
  split: Split,
  { kind, file, chosen }: { kind: string; file: string | undefined; chosen: boolean },
): string[] {
  const notes: string[] = [];
  if (inputs.source.kind === 'orders' && kind === 'temporal') {
    notes.push('the pairs were chosen by orders of the whole time, later ones included');
  }
  if (inputs.coView) {
    const left = withoutHidden(inputs.coView, split)?.edgeCount ?? 0;
    const out = inputs.coView.edgeCount - left;
    const are = out === 1 ? 'is a hidden pair' : 'are hidden pairs';
    if (out > 0) notes.push(`${counted(out, 'pair')} looked at together ${are} and left out`);
  }
  if (split.validation.source.length === 0 && !chosen) {
    notes.push('without pairs to choose by, the control and other fitted methods are absent');
  }
  if (inputs.graph.nodeCount > RANKED_NODES && !chosen) {
    const limit = count(RANKED_NODES);
    notes.push(`more than ${limit} products: ranker and control are measured with --methods ranker,control`);
  }
  if (!easeApplies(split.train)) {
    const limit = count(EASE_MAX_TARGETS);
    notes.push(`more than ${limit} products are led to: EASE is absent, also inside ranker and control`);
  }
  if (file === undefined && kind === 'cold-node' && !inputs.features) {
    notes.push('products without any pair and without --features can only be guessed');
  }
  return notes;
}
