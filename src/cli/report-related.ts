import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { notAborted } from '../check.ts';
import { reciprocity } from '../directed-graph/evaluate.ts';
import { METHOD_WORDS } from '../directed-graph/methods.ts';
import { type DirectedGraph, Engine, type ModelCard, type RelatedProducts } from '../index.ts';
import { decodeModel } from '../model-file.ts';
import type { RelatedContent } from '../report/related/content.ts';
import type { Context } from './command.ts';
import { readNames } from './lists.ts';
import { counted, quoted } from './output.ts';
import { Reader } from './reader.ts';
import { why } from './recommend-text.ts';
import type { MadeReport, ReportInput } from './report.ts';
import { addedOf, readOf, record, rejectedOf, strings, trainingOf } from './report-card.ts';
import { surveyOf } from './report-survey.ts';

/** Products listed unless the options say otherwise, and answers of each. */
const TOP = 500;
const ANSWERS = 10;
/** Reasons that each answer is taken apart into; the page shows the strongest. */
const REASONS = 3;
const LOG_SHARES =
  'Scores are natural logarithms of the share that the model gives a product among all: -2.3 is a tenth, higher is better.';
const SCORES = 'Scores of the answers for one product compare with each other; higher is better.';
/** Queries between two looks at the signal. */
const BATCH = 64;

/** The page of a related-products model. */
export async function relatedReport(context: Context, input: ReportInput): Promise<MadeReport> {
  const { args } = context;
  // The charts take half a second to load, which no other command should wait for.
  const { readEvaluation, relatedPage } = await import('../report/index.ts');
  const evaluation = input.evaluation && readEvaluation(input.evaluation.text, input.evaluation.path);
  const model = decodeModel(input.bytes, input.path);
  const reader = new Reader(context);
  const file = args.text('items');
  const names = await reader.reading(async () => (file ? readNames(reader, file) : undefined));
  const engine = await Engine.create();
  try {
    model.attach(engine);
    const survey = await surveyOf(context, model);
    const items = await itemsOf(context, model, names);
    const content: RelatedContent = {
      model: {
        file: basename(input.path),
        bytes: input.bytes.length,
        hash: await model.modelHash(),
        card: model.card,
      },
      version: version(),
      data: dataOf(model),
      training: trainingOf(model.card),
      survey,
      items,
      scores: record(model.card.ranker).used === true ? LOG_SHARES : SCORES,
      evaluation,
      methodWords: METHOD_WORDS,
      commands: commandsOf(model.card, input, args.argv),
    };
    const { page, items: listed } = await relatedPage(content);
    return { page, items: listed, listed: `${counted(listed, 'product')} with their answers` };
  } finally {
    engine.dispose();
  }
}

const version = (): string =>
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;

/** The products with the most pairs, by weight in and out, and their answers. */
async function itemsOf(
  { args, bar, signal }: Context,
  model: RelatedProducts,
  names: ReadonlyMap<string, string> | undefined,
): Promise<RelatedContent['items']> {
  const { graph } = model;
  const weight = pairWeight(graph);
  const order = Array.from(weight.keys()).sort((a, b) => weight[b] - weight[a] || a - b);
  const shown = order.slice(0, args.integer('top', 0, 1e6) ?? TOP);
  const items: RelatedContent['items'][number][] = [];
  for (let from = 0; from < shown.length; from += BATCH) {
    notAborted(signal);
    bar.update('explaining', from, shown.length);
    const nodes = Uint32Array.from(shown.slice(from, from + BATCH));
    const lists = model.recommendBatch(nodes, { k: ANSWERS, explain: REASONS });
    lists.forEach((list, i) => {
      const id = graph.idOf(nodes[i]);
      items.push({
        id,
        name: names?.get(id),
        out: graph.outDegree(nodes[i]),
        in: graph.inDegree(nodes[i]),
        answers: list.map(({ id, score, known, source, reason, explanation }) => ({
          id,
          name: names?.get(id),
          score,
          known,
          why: source === 'model' ? why(explanation ?? [], names) : reason,
        })),
      });
    });
    await new Promise((resolve) => setImmediate(resolve));
  }
  return items;
}

/** How often each product is in a pair, on either side. */
function pairWeight({ nodeCount, out }: DirectedGraph): Float64Array {
  const weight = new Float64Array(nodeCount);
  for (let u = 0; u < nodeCount; u++) {
    for (let e = out.indptr[u]; e < out.indptr[u + 1]; e++) {
      weight[u] += out.weights?.[e] ?? 1;
      weight[out.indices[e]] += out.weights?.[e] ?? 1;
    }
  }
  return weight;
}

function dataOf({ graph, card }: RelatedProducts): RelatedContent['data'] {
  const nodes = Uint32Array.from({ length: graph.nodeCount }, (_, v) => v);
  const data = record(card.data);
  return {
    nodes: graph.nodeCount,
    edges: graph.edgeCount,
    outDegree: nodes.map((v) => graph.outDegree(v)),
    inDegree: nodes.map((v) => graph.inDegree(v)),
    reciprocal: reciprocity(graph),
    added: addedOf(card),
    read: readOf(data),
    rejected: rejectedOf(data),
    notes: strings(data.notes),
  };
}

/** The training's command as the model keeps it, and this one. */
function commandsOf(card: ModelCard, { path, evaluation }: ReportInput, argv: readonly string[]): string[] {
  const typed = (words: readonly string[]) => words.map(quoted).join(' ');
  const command = strings(record(card.data).command);
  return [
    command.length > 0
      ? `fletching ${command[0]} ${typed([...command.slice(1), '--out', basename(path)])}`
      : `# trained through the library, with seed ${Number(card.seed)} and the settings below`,
    ...(evaluation
      ? [`# ${basename(evaluation.path)}: fletching related evaluate with the same options and --json`]
      : []),
    `fletching report ${typed(argv.map((word) => word.replace(/^(--?[\w-]+=)?.*[\\/]/, '$1')))}`,
  ];
}
