import { DataError } from '../check.ts';
import type { Schema, TableFormat, TableInput } from '../io/index.ts';
import { readTable } from '../io/index.ts';
import { categoricalColumn, type FeatureTable, numericColumn } from '../nn/tabular/table.ts';
import type { Args } from './args.ts';
import { foundFeature, type LeftOut, type RowTimes } from './conversions-found.ts';
import { UsageError } from './errors.ts';
import type { Reader } from './reader.ts';

/** Columns that are features, by kind; those of unknown kind are looked at once they are read. */
export interface FeatureNames {
  numeric: readonly string[];
  categorical: readonly string[];
  unknown: readonly string[];
}

/** Comma-separated column names, none twice. */
export function columnList(args: Args, name: string): string[] {
  const names = (args.text(name)?.split(',') ?? []).map((one) => one.trim());
  if (names.includes('')) throw new UsageError(`--${name} holds an empty name`);
  const twice = names.find((one, i) => names.indexOf(one) < i);
  if (twice !== undefined) throw new UsageError(`--${name} names ${JSON.stringify(twice)} twice`);
  return names;
}

/** Thrown to end a reading as soon as the names are known. */
class Names {
  constructor(readonly names: readonly string[]) {}
}

/** Names of the columns of a file. */
export async function columnNames(
  input: TableInput,
  reader: Reader,
  path: string,
  format?: TableFormat,
): Promise<readonly string[]> {
  const { onBadRow: _, ...options } = reader.options(path, format);
  const onColumns = (names: readonly string[]) => {
    throw new Names(names);
  };
  const any = { any: { type: 'text', name: '', optional: true } } as const;
  try {
    await readTable(input, any, { ...options, maxBadRows: Infinity, onColumns });
  } catch (error) {
    if (error instanceof Names) return error.names;
    throw error;
  }
  return [];
}

/**
 * Which columns are features: those of `--numeric` and `--categorical`, or without both every column that is named by
 * no other option.
 */
export function featureNames(args: Args, columns: readonly string[], taken: readonly string[]): FeatureNames {
  const numeric = columnList(args, 'numeric');
  const categorical = columnList(args, 'categorical');
  const ignored = columnList(args, 'ignore');
  const both = numeric.find((name) => categorical.includes(name));
  if (both !== undefined) throw new UsageError(`${both} is named by --numeric and --categorical`);
  const torn = [...numeric, ...categorical].find((name) => ignored.includes(name));
  if (torn !== undefined) throw new UsageError(`${torn} is a feature and named by --ignore`);
  if (numeric.length + categorical.length > 0) return { numeric, categorical, unknown: [] };
  const unknown = columns.filter((name) => name !== '' && !taken.includes(name) && !ignored.includes(name));
  if (unknown.length === 0) {
    throw new UsageError('no column is left to learn from: name some with --numeric and --categorical');
  }
  return { numeric, categorical, unknown };
}

/** Part of a schema: the features under keys of their own, so that a window column may be a feature as well. */
export const featureSchema = ({ numeric, categorical, unknown }: FeatureNames): Schema =>
  Object.fromEntries([
    ...numeric.map((name) => [`feature ${name}`, { type: 'f64', name, empty: Number.NaN }] as const),
    ...[...categorical, ...unknown].map((name) => [`feature ${name}`, { type: 'category', name }] as const),
  ]);

/**
 * The features: numbers first, then categories, then those found, each in the order of their names in the command line or
 * the file; and the columns found that are none.
 */
export function featureTable(
  { numeric, categorical, unknown }: FeatureNames,
  read: Readonly<Record<string, unknown>>,
  rows: number,
  file: string,
  time?: RowTimes,
): { features: FeatureTable; left: LeftOut[] } {
  const left: LeftOut[] = [];
  const columns = [...numeric, ...categorical, ...unknown].flatMap((name) => {
    const values = read[`feature ${name}`] as Float64Array | string[] | undefined;
    if (!values) throw new DataError(`there is no column ${name}`, { code: 'missing-column', file });
    if (values instanceof Float64Array) return [numericColumn(name, values)];
    const column = categoricalColumn(name, values);
    if (categorical.includes(name)) return [column];
    const found = foundFeature(column, time);
    if ('kind' in found) return [found];
    left.push(found);
    return [];
  });
  if (columns.length === 0) {
    throw new UsageError(
      `no column is left to learn from: ${leftText(left)}; name some with --numeric and --categorical`,
    );
  }
  return { features: { rows, columns }, left };
}

/** `cart_at (holds dates), click (numbers the rows)` */
export const leftText = (left: readonly LeftOut[]): string =>
  left.map(({ name, why }) => `${name} (${why})`).join(', ');
