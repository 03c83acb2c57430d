import { DataError } from '../check.ts';
import { collect } from '../io/chunks.ts';
import { decodeSafetensors } from '../io/index.ts';
import { openInput } from '../io/node.ts';
import { under } from './args.ts';
import type { Command, Context } from './command.ts';
import { checkOutput, readBytes, writeOutput } from './files.ts';
import { counted, size } from './output.ts';
import { readerOptions } from './reader.ts';
import { relatedReport } from './report-related.ts';

/** What a report is made of. */
export interface ReportInput {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** The file of `--evaluation` and its text. */
  readonly evaluation?: { readonly path: string; readonly text: string };
}

export interface MadeReport {
  readonly page: string;
  /** Items listed on the page. */
  readonly items: number;
}

/** The page for each kind of model, by the kind in its file. */
const KINDS: Record<string, (context: Context, input: ReportInput) => Promise<MadeReport>> = {
  'related-products': relatedReport,
};

export const report: Command = {
  name: 'report',
  positionals: ['MODEL'],
  about: 'One HTML file about a model: its data, quality, answers and reasons, to open in any browser',
  options: [
    ...under('Input', [
      {
        name: 'evaluation',
        value: 'FILE',
        about: 'What `related evaluate --json` printed, for quality beside every baseline',
      },
      { name: 'items', value: 'FILE', about: 'Names of the products (id,name)' },
    ]),
    ...readerOptions,
    ...under('Output', [
      { name: 'out', value: 'FILE', about: 'Where the page goes (needed)' },
      {
        name: 'top',
        value: 'N',
        about: 'Products listed with their answers, most pairs first',
        default: 500,
      },
    ]),
  ],
  examples: [
    'fletching report shop.safetensors --out report.html --items items.csv',
    'fletching related evaluate orders.csv --json > evaluation.json',
    'fletching report shop.safetensors --evaluation evaluation.json --items items.csv --out report.html --top 1000',
  ],
  run,
};

/** The longest evaluation that is read. */
const LONGEST = 64e6;

async function run(context: Context): Promise<void> {
  const { args, out, bar, signal } = context;
  const [path] = args.positionals;
  const file = args.need('out', 'FILE');
  args.integer('top', 0, 1e6);
  await checkOutput(file);
  const evaluation = args.text('evaluation');
  const text = evaluation === undefined ? undefined : await readText(evaluation);
  const bytes = await readBytes(path);
  if (bytes.length === 0) throw new DataError('the file is empty', { code: 'empty-file', file: path });
  const kind = String(decodeSafetensors(bytes, path).metadata.kind);
  if (!Object.hasOwn(KINDS, kind)) {
    const rule = `there is no report for this kind of file (${JSON.stringify(kind.slice(0, 40))})`;
    throw new DataError(rule, { code: 'not-a-model', file: path });
  }
  const input: ReportInput = {
    path,
    bytes,
    ...(evaluation !== undefined && text !== undefined ? { evaluation: { path: evaluation, text } } : {}),
  };
  const { page, items } = await KINDS[kind](context, input);
  bar.stop();
  const content = new TextEncoder().encode(page);
  await writeOutput(file, content, signal);
  out.document({ out: file, bytes: content.length, items });
  out.line(`Wrote ${file}: ${size(content.length)}, ${counted(items, 'product')} with their answers.`);
  out.line('Open it in a browser; it needs no network and can be sent as it is.');
}

async function readText(path: string): Promise<string> {
  const { bytes, name } = await openInput(path);
  const read = await collect(bytes as AsyncIterable<Uint8Array>, name, LONGEST);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(read);
  } catch (cause) {
    throw new DataError('this is not UTF-8 text', { code: 'bad-json', file: path }, cause);
  }
}
