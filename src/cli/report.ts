import { DataError } from '../check.ts';
import { CONVERSIONS_KIND } from '../conversions-model-file.ts';
import { collect } from '../io/chunks.ts';
import { decodeSafetensors } from '../io/index.ts';
import { openInput } from '../io/node.ts';
import { THRESHOLDS_KIND } from '../thresholds-model-file.ts';
import { type Args, under } from './args.ts';
import type { Command, Context } from './command.ts';
import { UsageError } from './errors.ts';
import { checkOutput, readBytes, writeOutput } from './files.ts';
import { size } from './output.ts';
import { readerOptions } from './reader.ts';
import { conversionsReport } from './report-conversions.ts';
import { relatedReport } from './report-related.ts';
import { policyReport, thresholdsReport } from './report-thresholds.ts';
import { labelOption, scoreOptions, splitOptions } from './thresholds-columns.ts';

/** What a report is made of. */
export interface ReportInput {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** The file of `--evaluation` and its text. */
  readonly evaluation?: { readonly path: string; readonly text: string };
}

export interface MadeReport {
  readonly page: string;
  /** Items listed on the page, where it lists any. */
  readonly items?: number;
  /** What is on the page, in a few words. */
  readonly listed: string;
}

/** The page for each kind of model, by the kind in its file. */
const KINDS: Record<string, (context: Context, input: ReportInput) => Promise<MadeReport>> = {
  'related-products': relatedReport,
  [CONVERSIONS_KIND]: conversionsReport,
  [THRESHOLDS_KIND]: thresholdsReport,
};

/** Options that say something about each kind of file, and its name in words. */
const TAKES: Record<string, { words: string; options: readonly string[] }> = {
  'related-products': { words: 'a model of related products', options: ['evaluation', 'items', 'top'] },
  [CONVERSIONS_KIND]: { words: 'a model of conversions', options: ['evaluation', 'top'] },
  [THRESHOLDS_KIND]: { words: 'a model of thresholds', options: [] },
  policy: {
    words: 'a policy',
    options: ['table', 'score', 'uncertainty', 'label', 'group', 'split-column'],
  },
};

function checkTaken(args: Args, path: string, kind: string): void {
  const { words, options } = TAKES[kind];
  const given = Object.values(TAKES).flatMap((one) => one.options.filter((name) => args.has(name)));
  const idle = given.find((name) => !options.includes(name));
  if (idle !== undefined) throw new UsageError(`--${idle} says nothing about ${path}, which is ${words}`);
}

export const report: Command = {
  name: 'report',
  positionals: ['MODEL'],
  about: 'One HTML file about a model or a policy: its data, quality and answers, to open in any browser',
  options: [
    ...under('Input', [
      {
        name: 'evaluation',
        value: 'FILE',
        about:
          'What `related evaluate --json` or `conversions evaluate --json` printed, for quality beside other methods',
      },
      { name: 'items', value: 'FILE', about: 'Names of the products (id,name)' },
    ]),
    ...under('Rows that judge a policy', [
      { name: 'table', value: 'FILE', about: 'Labelled rows, for a policy of `thresholds fit` (.json)' },
      ...[...scoreOptions, labelOption, ...splitOptions].map(({ section: _, ...option }) => option),
    ]),
    ...readerOptions,
    ...under('Output', [
      { name: 'out', value: 'FILE', about: 'Where the page goes (needed)' },
      {
        name: 'top',
        value: 'N',
        about: 'Products listed with their answers, most pairs first; or open rows, most likely first',
        default: 500,
      },
    ]),
  ],
  examples: [
    'fletching report shop.safetensors --out report.html --items items.csv',
    'fletching related evaluate orders.csv --json > evaluation.json',
    'fletching report clicks.safetensors --evaluation evaluation.json --out report.html',
    'fletching report policy.json --table scored.csv --label bought --out report.html',
    'fletching report shop.safetensors --evaluation evaluation.json --items items.csv --out report.html --top 1000',
  ],
  run,
};

/** The longest evaluation or policy that is read. */
const LONGEST = 64e6;

async function run(context: Context): Promise<void> {
  const { args, out, bar, signal } = context;
  const [path] = args.positionals;
  const file = args.need('out', 'FILE');
  args.integer('top', 0, 1e6);
  await checkOutput(file);
  const evaluation = args.text('evaluation');
  const text = evaluation === undefined ? undefined : await readText(evaluation);
  const isPolicy = /\.json$/i.test(path);
  const bytes = isPolicy ? await readAll(path) : await readBytes(path);
  if (bytes.length === 0) throw new DataError('the file is empty', { code: 'empty-file', file: path });
  const kind = isPolicy ? 'policy' : String(decodeSafetensors(bytes, path).metadata.kind);
  if (!isPolicy && !Object.hasOwn(KINDS, kind)) {
    const rule = `there is no report for this kind of file (${JSON.stringify(kind.slice(0, 40))})`;
    throw new DataError(rule, { code: 'not-a-model', file: path });
  }
  checkTaken(args, path, kind);
  const make = isPolicy ? policyReport : KINDS[kind];
  const input: ReportInput = {
    path,
    bytes,
    ...(evaluation !== undefined && text !== undefined ? { evaluation: { path: evaluation, text } } : {}),
  };
  const { page, items, listed } = await make(context, input);
  bar.stop();
  const content = new TextEncoder().encode(page);
  await writeOutput(file, content, signal);
  out.document({ out: file, bytes: content.length, items });
  out.line(`Wrote ${file}: ${size(content.length)}, ${listed}.`);
  out.line('Open it in a browser; it needs no network and can be sent as it is.');
}

async function readAll(path: string): Promise<Uint8Array> {
  const { bytes, name } = await openInput(path);
  return collect(bytes as AsyncIterable<Uint8Array>, name, LONGEST);
}

async function readText(path: string): Promise<string> {
  const read = await readAll(path);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(read);
  } catch (cause) {
    throw new DataError('this is not UTF-8 text', { code: 'bad-json', file: path }, cause);
  }
}
