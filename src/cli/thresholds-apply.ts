import { DataError } from '../check.ts';
import { Engine } from '../index.ts';
import { collect, peek } from '../io/chunks.ts';
import { readTable } from '../io/index.ts';
import { openInput } from '../io/node.ts';
import { decodeThresholds, type ThresholdsModel } from '../thresholds-model-file.ts';
import { DECISIONS, type Decision, ThresholdPolicy } from '../uncertainty/policy.ts';
import type { Command, Context } from './command.ts';
import { columnNames, featureSchema, featureTable } from './conversions-features.ts';
import { UsageError } from './errors.ts';
import { checkOutput, inPieces, writeOutput } from './files.ts';
import { count, counted, percent } from './output.ts';
import { Reader } from './reader.ts';
import { FORMATS, scoreNames, scoreOptions, scoreSchema, tableOptions } from './thresholds-columns.ts';

export const thresholdsApply: Command = {
  name: 'thresholds apply',
  positionals: ['POLICY', 'TABLE'],
  about:
    'Decide about every row of a table by a policy, or score and decide by a model of `thresholds train`',
  options: [
    ...tableOptions,
    ...scoreOptions,
    {
      name: 'decision-column',
      value: 'NAME',
      about: 'Name of the column that is added: positive, negative or abstain',
      default: 'decision',
      section: 'Output',
    },
    {
      name: 'out',
      value: 'FILE',
      about: 'The table with the decisions, as .csv, .tsv or .jsonl (needed)',
      section: 'Output',
    },
  ],
  examples: [
    'fletching thresholds apply policy.json scored.csv --out decisions.csv',
    'fletching thresholds apply model.safetensors visitors.csv --out decisions.jsonl',
  ],
  run,
};

const OUTPUTS = ['csv', 'tsv', 'jsonl'] as const;

async function run(context: Context): Promise<void> {
  const { args, out, signal } = context;
  const file = args.need('out', 'FILE');
  const extension = /\.(csv|tsv|jsonl|ndjson)$/i.exec(file)?.[1].toLowerCase().replace('ndjson', 'jsonl');
  const format = OUTPUTS.find((one) => one === extension);
  if (!format) throw new UsageError(`--out must end in .csv, .tsv or .jsonl, got ${file}`);
  await checkOutput(file);
  const [path, input] = args.positionals;
  const engine = await Engine.create();
  try {
    const { policy, model } = await readPolicyFile(engine, path);
    if (model && (args.has('score') || args.has('uncertainty'))) {
      throw new UsageError(
        `--score and --uncertainty are for a policy: ${path} is a model, which scores by itself`,
      );
    }
    const reader = new Reader(context);
    const { names, cells, rows, answers, added } = await reader.reading(() =>
      decided(engine, reader, input, policy, model),
    );
    await writeOutput(file, inPieces(lines(format, names, cells, added, rows)), signal);
    const counts = Object.fromEntries(
      DECISIONS.map((decision, code) => [decision, answers.reduce((sum, a) => sum + Number(a === code), 0)]),
    ) as Record<Decision, number>;
    out.document({ out: file, rows, ...counts, badRows: reader.badRows });
    const third = counts.abstain > 0 ? `, ${count(counts.abstain)} left open (abstain)` : '';
    out.line(
      `Wrote ${file}: ${counted(rows, 'row')}, of which ${count(counts.positive)} positive ` +
        `(${percent(counts.positive / rows, 1)})${third}.`,
    );
    if (reader.badRows > 0) out.line(`  ${counted(reader.badRows, 'bad row')} left out`);
    if (policy.card.statement) out.line(policy.card.statement);
  } finally {
    engine.dispose();
  }
}

/** No policy is larger: it has at most 100,000 levels. */
const LARGEST_POLICY = 16e6;

/** A policy's JSON, or a model with its policy inside. DataError `not-a-policy`, or what is wrong with the model. */
export async function readPolicyFile(
  engine: Engine,
  path: string,
): Promise<{ policy: ThresholdPolicy; model?: ThresholdsModel }> {
  const { bytes: source, name } = await openInput(path);
  const { head, all } = await peek(source as AsyncIterable<Uint8Array>, 9);
  // The ninth byte of a safetensors file opens its header; the first is a length that is a multiple of 8.
  const isModel = head[8] === 0x7b && head[0] % 8 === 0;
  const bytes = await collect(all, name, isModel ? 2 ** 32 : LARGEST_POLICY);
  if (isModel) {
    const model = decodeThresholds(engine, bytes, path);
    return { policy: model.policy, model };
  }
  return { policy: parsePolicy(bytes, path) };
}

export function parsePolicy(bytes: Uint8Array, file: string): ThresholdPolicy {
  const fail = (rule: string, cause?: unknown): never => {
    throw new DataError(`not a policy: ${rule}`, { code: 'not-a-policy', file }, cause);
  };
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    return fail('this is not one JSON document in UTF-8', cause);
  }
  try {
    return ThresholdPolicy.fromJSON(json);
  } catch (cause) {
    return fail((cause as Error).message, cause);
  }
}

/** Reads all columns as they stand, decides, and says what is to be added to each row. */
async function decided(
  engine: Engine,
  reader: Reader,
  path: string,
  policy: ThresholdPolicy,
  model: ThresholdsModel | undefined,
) {
  const { args } = reader.context;
  const format = args.word('format', FORMATS);
  const open = await reader.replayable(path);
  const names = await columnNames(await open(), reader, path, format);
  const columns = model ? undefined : scoreNames(args, names);
  if (columns && policy.usesUncertainty && columns.uncertainty === undefined) {
    throw new UsageError('--uncertainty COLUMN is missing: this policy has a threshold for each level of it');
  }
  const features = model?.features;
  const schema = {
    ...Object.fromEntries(names.map((name) => [`cell ${name}`, { type: 'category', name }] as const)),
    ...(columns ? scoreSchema(columns) : {}),
    ...(features ? featureSchema({ ...features, unknown: [] }) : {}),
  };
  // A key that no column stands for would be lost.
  const table = await readTable(await open(), schema, { ...reader.options(path, format), onlyColumns: true });
  const read = table.columns as Record<string, unknown>;
  const { rows, file } = table;
  const cells = names.map((name) => read[`cell ${name}`] as readonly string[]);
  const predicted =
    model && features
      ? model.scorer.predict(featureTable({ ...features, unknown: [] }, read, rows, file).features)
      : undefined;
  const score = predicted?.score ?? (read.score as Float64Array);
  const uncertainty = predicted?.uncertainty ?? (read.uncertainty as Float64Array | undefined);
  const answers = policy.decideBatch(engine, score, uncertainty);
  const added: Record<string, (row: number) => string> = {
    ...(predicted
      ? {
          score: (row) => String(predicted.score[row]),
          uncertainty: (row) => String(predicted.uncertainty[row]),
        }
      : {}),
    [args.text('decision-column') ?? 'decision']: (row) => DECISIONS[answers[row]],
  };
  const taken = Object.keys(added).find((name) => names.includes(name));
  if (taken !== undefined) {
    const help = taken in (predicted ?? {}) ? 'rename or remove it' : 'name another with --decision-column';
    throw new DataError(`there is a column ${taken} already; ${help}`, {
      code: 'duplicate-column',
      file,
      column: taken,
    });
  }
  return { names, cells, rows, answers, added };
}

/** The table's lines with what is added at the end of each. */
function* lines(
  format: (typeof OUTPUTS)[number],
  names: readonly string[],
  cells: readonly (readonly string[])[],
  added: Readonly<Record<string, (row: number) => string>>,
  rows: number,
): Generator<string> {
  const all = [...cells.map((column) => (row: number) => column[row]), ...Object.values(added)];
  const heads = [...names, ...Object.keys(added)];
  if (format === 'jsonl') {
    const numeric = all.map((of, i) => (i >= cells.length ? heads[i] !== heads.at(-1) : isNumeric(of, rows)));
    for (let row = 0; row < rows; row++) {
      const entries = all.map((of, i) => {
        const text = of(row);
        const value = numeric[i] ? (text === '' ? 'null' : text) : JSON.stringify(text);
        return `${JSON.stringify(heads[i])}:${value}`;
      });
      yield `{${entries.join(',')}}\n`;
    }
    return;
  }
  const delimiter = format === 'tsv' ? '\t' : ',';
  const cell = (text: string) => (/[",\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  yield `${heads.map(cell).join(delimiter)}\n`;
  for (let row = 0; row < rows; row++) yield `${all.map((of) => cell(of(row))).join(delimiter)}\n`;
}

/** Whether every cell of a column is a number as JSON writes it, or empty: then it stays one. `007` is a name. */
function isNumeric(of: (row: number) => string, rows: number): boolean {
  let some = false;
  for (let row = 0; row < rows; row++) {
    const text = of(row);
    if (text === '') continue;
    if (!/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text)) return false;
    // 1e999 is infinite to who reads it, and of an id of twenty digits the last ones would be lost.
    const value = Number(text);
    if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) return false;
    some = true;
  }
  return some;
}
