import { DataError } from '../check.ts';
import type { Schema, TableFormat } from '../io/index.ts';
import { readTable } from '../io/index.ts';
import type { Holdout } from '../uncertainty/holdout.ts';
import { type Args, type OptionSpec, under } from './args.ts';
import { configOptions } from './config.ts';
import { columnNames } from './conversions-features.ts';
import { UsageError } from './errors.ts';
import { type Reader, readerOptions } from './reader.ts';

export const FORMATS = ['csv', 'tsv', 'jsonl', 'parquet'] as const;

/** Options of every command that reads a table of rows. */
export const tableOptions: readonly OptionSpec[] = [
  ...configOptions.map((option) => ({
    ...option,
    about: option.about
      .replace('"pretrainUntil": 20', '"splitColumn": "part"')
      .replace('"input" for INPUT', '"table" for TABLE'),
  })),
  ...under('Input', [
    { name: 'format', value: FORMATS.join('|'), about: 'Format of TABLE, when its name does not say' },
  ]),
  ...readerOptions,
];

export const scoreOptions = under('Columns', [
  {
    name: 'score',
    value: 'COLUMN',
    about: 'What the rows are ranked by, as a probability',
    default: 'score',
  },
  {
    name: 'uncertainty',
    value: 'COLUMN',
    about: 'How unsure the score is, in any unit; larger is less sure',
    default: 'uncertainty, when it is there',
  },
]);

export const labelOption: OptionSpec = {
  name: 'label',
  value: 'COLUMN',
  about: 'What came true: 1, 0, or the chance of 1 where it is not known yet',
  default: 'label',
  section: 'Columns',
};

export const splitOptions = under('Columns', [
  {
    name: 'group',
    value: 'COLUMN',
    about: 'Rows of one customer, one batch ... share a value: they stay together and count as one',
  },
  {
    name: 'split-column',
    value: 'COLUMN',
    about: 'Says cal (or calibration, val, validation) or test for each row; rows of train are left out',
    default: 'half by chance',
  },
]);

export type Part = 'train' | 'calibration' | 'test';

const PARTS: Record<string, Part> = {
  train: 'train',
  training: 'train',
  cal: 'calibration',
  calibration: 'calibration',
  val: 'calibration',
  validation: 'calibration',
  test: 'test',
};

/** Labelled rows of a table, and where they stand in it. */
export interface LabelledTable {
  file: string;
  holdout: Holdout;
  rows: number;
  /** The part that `--split-column` gives each row. */
  part?: Part[];
  /** Names as they are in the file. */
  columns: { score: string; uncertainty?: string; label: string; group?: string };
}

/** Reads score, uncertainty, label, group and split; DataError with the line of a value that breaks a rule. */
export async function readLabelled(
  reader: Reader,
  path: string,
  { probability }: { probability: boolean },
): Promise<LabelledTable> {
  const { args } = reader.context;
  const format = args.word('format', FORMATS);
  const open = await reader.replayable(path);
  const names = await columnNames(await open(), reader, path, format);
  const columns = {
    ...scoreNames(args, names),
    label: args.text('label') ?? 'label',
    group: args.text('group'),
  };
  const { score, uncertainty, label } = columns;
  const twice = score === label || score === uncertainty ? score : uncertainty === label ? label : undefined;
  if (twice !== undefined) {
    throw new UsageError(
      `--score, --uncertainty and --label must be different columns, but two of them are ${JSON.stringify(twice)}`,
    );
  }
  const schema: Schema = {
    ...scoreSchema(columns, probability),
    label: { type: 'f64', name: columns.label, min: 0, max: 1 },
    ...(columns.group === undefined ? {} : { group: { type: 'id', name: columns.group } }),
    ...splitSchema(args),
  };
  const table = await ofLabels(columns.label, async () =>
    readTable(await open(), schema, reader.options(path, format)),
  );
  const read = table.columns as Record<string, unknown>;
  const { codes } = (read.group ?? {}) as { codes?: Int32Array };
  return {
    file: table.file,
    rows: table.rows,
    columns,
    holdout: {
      score: read.score as Float64Array,
      label: read.label as Float64Array,
      ...(read.uncertainty ? { uncertainty: read.uncertainty as Float64Array } : {}),
      ...(codes ? { group: codes } : {}),
    },
    ...partsOf(args, read.split as string[] | undefined, table),
  };
}

/** A cell that is no label is told with what one is: most likely the column holds when something came true. */
export async function ofLabels<T>(label: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof DataError && error.column === label && error.line !== undefined) {
      error.message +=
        '; a label is 1, 0, or the chance of 1 (`conversions predict --at` makes labels of times)';
    }
    throw error;
  }
}

/** The names of the two columns that a policy decides by. */
export function scoreNames(args: Args, names: readonly string[]): { score: string; uncertainty?: string } {
  const uncertainty = args.text('uncertainty') ?? (names.includes('uncertainty') ? 'uncertainty' : undefined);
  return { score: args.text('score') ?? 'score', uncertainty };
}

/** f32 is what policies are made of: a number beyond it would turn infinite. */
const LARGEST = 3.4e38;

export function scoreSchema(
  { score, uncertainty }: { score: string; uncertainty?: string },
  probability = false,
): Schema {
  const range = probability ? { min: 0, max: 1 } : { min: -LARGEST, max: LARGEST };
  const finite = { type: 'f64', min: -LARGEST, max: LARGEST } as const;
  return {
    score: { type: 'f64', name: score, ...range },
    ...(uncertainty === undefined ? {} : { uncertainty: { ...finite, name: uncertainty } }),
  };
}

export const splitSchema = (args: Args): Schema =>
  args.has('split-column') ? { split: { type: 'category', name: args.text('split-column') } } : {};

/** The parts that the words of `--split-column` stand for. DataError `unknown-split` with its line for another word. */
export function partsOf(
  args: Args,
  words: readonly string[] | undefined,
  { file, line }: { file: string; line: Int32Array },
): { part?: Part[] } {
  if (!words) return {};
  const part = words.map((word, i) => {
    const key = word.trim().toLowerCase();
    if (Object.hasOwn(PARTS, key)) return PARTS[key];
    throw new DataError(
      `must be one of ${Object.keys(PARTS).join(', ')}, got ${JSON.stringify(word.slice(0, 40))}`,
      { code: 'unknown-split', file, line: line[i], column: args.text('split-column') },
    );
  });
  return { part };
}

export type { TableFormat };
