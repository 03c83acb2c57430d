import { Engine, type RelatedProducts } from '../index.ts';
import {
  answersToCsv,
  answersToJsonl,
  answersToParquet,
  encodeNpy,
  encodeSafetensors,
  type Tensor,
} from '../io/index.ts';
import { under } from './args.ts';
import type { Command, Context } from './command.ts';
import { UsageError } from './errors.ts';
import { checkOutput, checkOutputFolder, writeFolder, writeOutput } from './files.ts';
import { readModel } from './model.ts';
import { counted, size } from './output.ts';
import { timeLeft } from './progress.ts';

/** `json` is the older name of `jsonl`. */
const ANSWERS = {
  jsonl: answersToJsonl,
  csv: answersToCsv,
  parquet: answersToParquet,
  json: answersToJsonl,
};
const OLDER = 'json';
const FORMATS = ['jsonl', 'csv', 'parquet', 'npy', 'safetensors'] as const;
const isAnswers = (format: string): format is keyof typeof ANSWERS => Object.hasOwn(ANSWERS, format);

export const relatedExport: Command = {
  name: 'related export',
  positionals: ['MODEL'],
  about: 'The vectors for NumPy or another index, or the best answers for every product',
  options: under('Output', [
    { name: 'out', value: 'FILE|FOLDER', about: 'Where it goes (needed; a folder for npy)' },
    {
      name: 'format',
      value: 'jsonl|csv|parquet|npy|safetensors',
      about:
        'Answers: jsonl, a line a product; csv and parquet, a row an answer (item,rank,related,score,known,source). Vectors: npy, safetensors (needed)',
    },
    { name: 'top-k', value: 'N', about: 'Answers a product', default: 10 },
    { name: 'new-only', about: 'Leave out answers that the data already show to follow' },
  ]),
  examples: [
    'fletching related export shop.safetensors --format jsonl --top-k 5 --out answers.jsonl',
    'fletching related export shop.safetensors --format parquet --top-k 50 --out answers.parquet',
    'fletching related export shop.safetensors --format npy --out vectors/',
  ],
  run,
};

async function run(context: Context): Promise<void> {
  const { args, out, bar, signal } = context;
  const path = args.need('out', 'FILE');
  const format = args.text('format') === OLDER ? OLDER : args.word('format', FORMATS);
  if (format === undefined) throw new UsageError('--format jsonl|csv|parquet|npy|safetensors is missing');
  const k = args.integer('top-k', 1, 1e6) ?? 10;
  const answers = isAnswers(format);
  if (!answers && (args.has('top-k') || args.has('new-only'))) {
    throw new UsageError('--top-k and --new-only are for answers, not for --format npy and safetensors');
  }
  await (format === 'npy' ? checkOutputFolder(path) : checkOutput(path));
  const model = await readModel(args.positionals[0]);
  const { nodes, encoder } = model.card;
  let files = [path];
  let rows = 0;
  if (format === 'npy') {
    const arrays = npyFiles(model);
    files = Object.keys(arrays).map((name) => `${path.replace(/\/+$/, '')}/${name}`);
    await writeFolder(path, arrays, signal);
  } else if (format === 'safetensors') {
    await writeOutput(path, await vectors(model), signal);
  } else rows = await writeAnswers(context, model, path, format, k);
  bar.stop();
  const modelHash = await model.modelHash();
  out.document({
    format,
    files,
    nodes,
    dim: encoder.dim,
    ...(answers ? { topK: k, answers: rows } : {}),
    modelHash,
  });
  const what = answers
    ? `${counted(rows, 'answer')}, the best ${k}`
    : `two vectors of ${encoder.dim} numbers and a popularity term`;
  out.line(`Wrote ${what} for ${counted(nodes, 'product')}:`);
  for (const file of files) out.line(`  ${file}`);
  if (!answers) out.line('score(u, v) = source[u] . target[v] + bias[v]');
  if (format === 'safetensors')
    out.line(`(ids as JSON in the metadata; ${size(8 * nodes * encoder.dim)} of vectors)`);
}

const idsOf = ({ graph }: RelatedProducts): string[] =>
  Array.from({ length: graph.nodeCount }, (_, node) => graph.idOf(node));

function npyFiles(model: RelatedProducts): Record<string, Uint8Array | string> {
  const { nodeCount: n, dim, source, target, bias } = model.embedding;
  const npy = (data: Float32Array, shape: number[]) => encodeNpy(data as Float32Array<ArrayBuffer>, shape);
  return {
    'source.npy': npy(source, [n, dim]),
    'target.npy': npy(target, [n, dim]),
    'bias.npy': npy(bias ?? new Float32Array(n), [n]),
    'ids.json': `${JSON.stringify(idsOf(model))}\n`,
  };
}

/** Only the vectors; the ids as a JSON list in the metadata, where any reader of the format finds them. */
async function vectors(model: RelatedProducts): Promise<Uint8Array> {
  const { nodeCount: n, dim, source, target, bias } = model.embedding;
  const f32 = (data: Float32Array, ...shape: number[]): Tensor => ({
    dtype: 'F32',
    shape,
    data: data as Float32Array<ArrayBuffer>,
  });
  const tensors = {
    source: f32(source, n, dim),
    target: f32(target, n, dim),
    bias: f32(bias ?? new Float32Array(n), n),
  };
  const metadata = {
    format: 'fletching',
    kind: 'vectors',
    modelHash: await model.modelHash(),
    ids: JSON.stringify(idsOf(model)),
  };
  return encodeSafetensors(tensors, metadata);
}

/** The answers for every product in a form, made as they are written. */
async function writeAnswers(
  { args, bar, signal }: Context,
  model: RelatedProducts,
  path: string,
  format: keyof typeof ANSWERS,
  k: number,
): Promise<number> {
  const engine = await Engine.create();
  try {
    model.attach(engine);
    let rows = 0;
    const all = model.recommendAll({
      k,
      excludeKnown: args.flag('new-only'),
      signal,
      onProgress: ({ step, total, etaMs }) => bar.update('ranking', step, total, timeLeft(etaMs)),
    });
    async function* told() {
      for await (const answers of all) {
        rows += answers.recommendations.length;
        yield answers;
      }
    }
    await writeOutput(path, ANSWERS[format](told()), signal);
    return rows;
  } finally {
    model.dispose();
    engine.dispose();
  }
}
