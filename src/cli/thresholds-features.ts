import { DataError } from '../check.ts';
import { readTable, type Schema } from '../io/index.ts';
import type { FeatureTable } from '../nn/tabular/table.ts';
import type { Args } from './args.ts';
import { apart } from './column-roles.ts';
import {
  columnList,
  columnNames,
  featureNames,
  featureSchema,
  featureTable,
} from './conversions-features.ts';
import type { LeftOut } from './conversions-found.ts';
import { UsageError } from './errors.ts';
import type { Reader } from './reader.ts';
import { FORMATS, ofLabels, type Part, partsOf, splitSchema } from './thresholds-columns.ts';
import { bothClasses } from './thresholds-parts.ts';

/** A labelled table of features. */
export interface TrainingTable {
  file: string;
  rows: number;
  features: FeatureTable;
  /** Columns found that are no features. */
  left: LeftOut[];
  label: Float64Array;
  group?: Int32Array;
  time?: Float64Array;
  part?: Part[];
  /** The features are all columns that no option names. */
  found: boolean;
}

const named = ['label', 'group', 'time', 'split-column'] as const;

/** Reads features, label, group, time and split; DataError with the line of a value that breaks a rule. */
export async function readTraining(reader: Reader, path: string): Promise<TrainingTable> {
  const { args } = reader.context;
  const format = args.word('format', FORMATS);
  const open = await reader.replayable(path);
  const columns = await columnNames(await open(), reader, path, format);
  const label = args.text('label') ?? 'label';
  const asFeature = ['numeric', 'categorical'].find((name) => columnList(args, name).includes(label));
  if (asFeature) throw new UsageError(`--${asFeature} names ${JSON.stringify(label)}, which is the label`);
  apart(args, ['split-column'], ['numeric', 'categorical']);
  const taken = [label, ...named.map((name) => args.text(name))].filter((name) => name !== undefined);
  const names = featureNames(args, columns, taken);
  const optional: Schema = {};
  if (args.has('group')) optional.group = { type: 'id', name: args.text('group') };
  if (args.has('time')) optional.time = { type: 'time', name: args.text('time') };
  const schema: Schema = {
    label: { type: 'f64', name: label, min: 0, max: 1 },
    ...optional,
    ...splitSchema(args),
    ...featureSchema(names),
  };
  const table = await ofLabels(label, async () =>
    readTable(await open(), schema, reader.options(path, format)),
  );
  const read = table.columns as Record<string, unknown>;
  const { file, rows } = table;
  const labels = read.label as Float64Array;
  bothClasses(labels, { file, column: label, of: 'of the table' });
  const { codes } = (read.group ?? {}) as { codes?: Int32Array };
  const time = read.time as Float64Array | undefined;
  const { features, left } = featureTable(
    names,
    read,
    rows,
    file,
    time && { values: time, dates: time.every((t) => t >= 1e8) },
  );
  return {
    file,
    rows,
    features,
    left,
    label: labels,
    ...(codes ? { group: codes } : {}),
    ...(time ? { time } : {}),
    ...partsOf(args, read.split as string[] | undefined, table),
    found: names.unknown.length > 0,
  };
}

/** Shares of rows to train on, and up to which a policy is fitted; the rest judges. */
export const SHARES: readonly [number, number] = [0.6, 0.8];

/**
 * The part of each row by time: the earliest rows train, the latest judge, and rows of one moment stay together. A group may
 * then be in two parts, as a customer who comes again is.
 */
export function partsByTime(time: Float64Array): Part[] {
  const sorted = Float64Array.from(time).sort();
  const [first, second] = SHARES.map((share) => sorted[Math.floor(share * sorted.length)]);
  return Array.from(time, (t) => (t < first ? 'train' : t < second ? 'calibration' : 'test'));
}

/** The rows of each part, none of them empty or with one kind of label. */
export function rowsOfParts(
  { file, label }: TrainingTable,
  part: readonly Part[],
  args: Args,
): Record<Part, Uint32Array> {
  const of = (wanted: Part) => {
    const index = Uint32Array.from(part.keys()).filter((i) => part[i] === wanted);
    if (index.length === 0)
      throw new DataError(`no row of the ${wanted} part`, { code: 'empty-split', file });
    const labels = Float64Array.from(index, (i) => label[i]);
    bothClasses(labels, { file, column: args.text('label') ?? 'label', of: `of the ${wanted} rows` });
    return index;
  };
  return { train: of('train'), calibration: of('calibration'), test: of('test') };
}
