import { DataError } from '../check.ts';
import { IdDictionary } from '../io/index.ts';
import type { EdgeTable } from './edges.ts';
import type { Reader } from './reader.ts';

const ID_NAMES = ['id', 'item', 'node'] as const;
const LABEL_NAMES = ['name', 'title', 'description'] as const;

const missing = (file: string, names: readonly string[]): never => {
  const list = names.map((name) => JSON.stringify(name)).join(', ');
  throw new DataError(`there is no column ${list.replace(/, ([^,]*)$/, ' or $1')}`, {
    code: 'missing-column',
    file,
    line: 1,
  });
};

const idColumns = (dictionary: IdDictionary) =>
  ({
    id: { type: 'id', optional: true, dictionary },
    item: { type: 'id', optional: true, dictionary },
    node: { type: 'id', optional: true, dictionary },
  }) as const;

/** A list of ids (column id, item or node) with the line of each. */
export async function readIds(reader: Reader, path: string) {
  const { file, columns, line } = await reader.table(path, idColumns(new IdDictionary()));
  const { codes, ids } = columns.id ?? columns.item ?? columns.node ?? missing(file, ID_NAMES);
  return { file, ids: Array.from(codes, (code) => ids[code]), line };
}

/** `readIds` of a list that may be empty, as one that a stock system writes every day; then undefined. */
export async function readAnyIds(reader: Reader, path: string) {
  const { badRows } = reader;
  try {
    return await readIds(reader, path);
  } catch (error) {
    const empty = error instanceof DataError && ['empty-file', 'no-rows'].includes(error.code);
    if (empty && reader.badRows === badRows) return undefined;
    throw error;
  }
}

/**
 * Names for people by id (columns id, item or node; name, title or description). Of two names the first counts. A file
 * without names is a DataError, or with `onNone` told there, and the ids stand for themselves.
 */
export async function readNames(
  reader: Reader,
  path: string,
  onNone?: (note: string) => void,
): Promise<Map<string, string>> {
  const text = { type: 'text', optional: true } as const;
  const schema = { ...idColumns(new IdDictionary()), name: text, title: text, description: text } as const;
  const { file, columns } = await reader.table(path, schema);
  const { codes, ids } = columns.id ?? columns.item ?? columns.node ?? missing(file, ID_NAMES);
  const labels = columns.name ?? columns.title ?? columns.description;
  const names = new Map<string, string>();
  if (!labels) {
    if (!onNone) return missing(file, LABEL_NAMES);
    onNone(`${file} has no column ${LABEL_NAMES.join(', ')}: products are shown by their ids`);
    return names;
  }
  for (let i = 0; i < codes.length; i++) {
    const id = ids[codes[i]];
    if (!names.has(id) && labels[i] !== '') names.set(id, labels[i]);
  }
  return names;
}

/** The category of each product by id (columns id, item or node; category). Of two the first counts. */
export async function readCategories(reader: Reader, path: string): Promise<Map<string, string>> {
  const schema = {
    ...idColumns(new IdDictionary()),
    category: { type: 'text', optional: true },
  } as const;
  const { file, columns } = await reader.table(path, schema);
  const { codes, ids } = columns.id ?? columns.item ?? columns.node ?? missing(file, ID_NAMES);
  const category = columns.category ?? missing(file, ['category']);
  const categories = new Map<string, string>();
  for (let i = 0; i < codes.length; i++) {
    if (!categories.has(ids[codes[i]])) categories.set(ids[codes[i]], category[i]);
  }
  return categories;
}

export type Label = 'train' | 'val' | 'test';
const LABELS: readonly string[] = ['train', 'val', 'test'];

/**
 * The label of each kept row of the edges. The file has one for every row of the edge file, bad ones included; another
 * number is a DataError `split-length`, another word `unknown-split`.
 */
export async function readSplit(reader: Reader, path: string, { table }: EdgeTable): Promise<Label[]> {
  const split = await reader.table(path, { split: { type: 'category' } });
  const { file, columns, row, line } = split;
  const rows = table.rows + table.bad.count;
  const wrong = columns.split.findIndex((word) => !LABELS.includes(word));
  if (wrong >= 0) {
    const word = JSON.stringify(columns.split[wrong].slice(0, 40));
    throw new DataError(`must be one of train, val, test, got ${word}`, {
      code: 'unknown-split',
      file,
      line: line[wrong],
      column: 'split',
    });
  }
  const found = split.rows + split.bad.count;
  if (found !== rows) {
    const at = found < rows ? line[split.rows - 1] + 1 : line[Math.min(rows, split.rows - 1)];
    const rule = `${found} rows, but ${table.file} has ${rows}: one row a row of the edges is needed`;
    throw new DataError(rule, { code: 'split-length', file, line: at, column: 'split' });
  }
  const ofRow = new Map<number, Label>();
  row.forEach((number, i) => void ofRow.set(number, columns.split[i] as Label));
  return Array.from(table.row, (number, i) => {
    const label = ofRow.get(number);
    if (label) return label;
    const rule = `row ${number + 1} is bad, but row ${number + 1} of ${table.file} (line ${table.line[i]}) needs its word`;
    throw new DataError(rule, { code: 'split-length', file, column: 'split' });
  });
}
