import { Engine, type RelatedProducts } from '../index.ts';
import { encodeNpy, encodeSafetensors, type Tensor } from '../io/index.ts';
import { under } from './args.ts';
import type { Command, Context } from './command.ts';
import { UsageError } from './errors.ts';
import { checkOutput, checkOutputFolder, inPieces, writeFolder, writeOutput } from './files.ts';
import { readModel } from './model.ts';
import { counted, size } from './output.ts';

const FORMATS = ['npy', 'safetensors', 'json'] as const;

export const relatedExport: Command = {
  name: 'related export',
  positionals: ['MODEL'],
  about: 'The vectors for NumPy or another index, or the best answers for every product',
  options: under('Output', [
    { name: 'out', value: 'FILE|FOLDER', about: 'Where it goes (needed; a folder for npy)' },
    {
      name: 'format',
      value: FORMATS.join('|'),
      about: 'npy and safetensors: vectors; json: answers, a line a product (needed)',
    },
    { name: 'top-k', value: 'N', about: 'json: answers a product', default: 10 },
    { name: 'new-only', about: 'json: leave out what the data already show to follow' },
  ]),
  examples: [
    'fletching related export shop.safetensors --format json --top-k 5 --out answers.jsonl',
    'fletching related export shop.safetensors --format npy --out vectors/',
  ],
  run,
};

async function run(context: Context): Promise<void> {
  const { args, out, bar, signal } = context;
  const path = args.need('out', 'FILE');
  const format = args.word('format', FORMATS);
  if (format === undefined) throw new UsageError(`--format ${FORMATS.join('|')} is missing`);
  const k = args.integer('top-k', 1, 1e6) ?? 10;
  if (format !== 'json' && (args.has('top-k') || args.has('new-only'))) {
    throw new UsageError('--top-k and --new-only are for --format json');
  }
  await (format === 'npy' ? checkOutputFolder(path) : checkOutput(path));
  const model = await readModel(args.positionals[0]);
  const { nodes, encoder } = model.card;
  let files = [path];
  if (format === 'npy') {
    const arrays = npyFiles(model);
    files = Object.keys(arrays).map((name) => `${path.replace(/\/+$/, '')}/${name}`);
    await writeFolder(path, arrays, signal);
  } else if (format === 'safetensors') {
    await writeOutput(path, await vectors(model), signal);
  } else {
    const engine = await Engine.create();
    try {
      const lines = topLines(engine, model, k, args.flag('new-only'), (step) =>
        bar.update('ranking', step, nodes),
      );
      await writeOutput(path, lines, signal);
    } finally {
      engine.dispose();
    }
  }
  bar.stop();
  const modelHash = await model.modelHash();
  out.document({
    format,
    files,
    nodes,
    dim: encoder.dim,
    ...(format === 'json' ? { topK: k } : {}),
    modelHash,
  });
  const what =
    format === 'json'
      ? `the best ${k} answers`
      : `two vectors of ${encoder.dim} numbers and a popularity term`;
  out.line(`Wrote ${what} for ${counted(nodes, 'product')}:`);
  for (const file of files) out.line(`  ${file}`);
  if (format !== 'json') {
    out.line('score(u, v) = source[u] . target[v] + bias[v]');
  }
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

/** Nodes ranked, and answers held, between two pieces of output. */
const ROWS = 256;
const ANSWERS = 200_000;

/** One line a product, made as it is written. */
async function* topLines(
  engine: Engine,
  model: RelatedProducts,
  k: number,
  newOnly: boolean,
  onRows: (done: number) => void,
): AsyncGenerator<string> {
  const { graph } = model;
  const n = graph.nodeCount;
  const rows = Math.max(1, Math.min(ROWS, Math.floor(ANSWERS / Math.min(k, n))));
  function* linesOf(nodes: Uint32Array) {
    for (const [i, answers] of model.recommendBatch(nodes, { k, excludeKnown: newOnly }).entries()) {
      const recommendations = answers.map(({ id, score }) => ({ id, score }));
      yield `${JSON.stringify({ item: graph.idOf(nodes[i]), recommendations })}\n`;
    }
  }
  model.attach(engine);
  try {
    for (let start = 0; start < n; start += rows) {
      const nodes = Uint32Array.from({ length: Math.min(rows, n - start) }, (_, i) => start + i);
      yield* inPieces(linesOf(nodes));
      onRows(start + nodes.length);
      // Writing to a warm file can go on without a turn of the event loop, and Ctrl-C needs one.
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    model.dispose();
  }
}
