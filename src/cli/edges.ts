import { DataError } from '../check.ts';
import { orderDefaults } from '../directed-graph/orders.ts';
import type { OrderOptions } from '../index.ts';
import type { BadRow, IdColumn, Table, TableFormat, TableInput } from '../io/index.ts';
import { type IdDictionary, readTable } from '../io/index.ts';
import { weightColumn } from '../node.ts';
import { type Args, type OptionSpec, under } from './args.ts';
import { UsageError } from './errors.ts';
import type { Reader } from './reader.ts';

export { weightColumn };

/** Options that say what INPUT is. */
const inputOptions = under('Input', [
  { name: 'format', value: 'csv|tsv|jsonl|parquet', about: 'Format of INPUT, when its name does not say' },
]);

/** Options that only order lines have. */
const orderOptionSpecs = under('Orders', [
  { name: 'orders', about: 'INPUT holds order lines (found out by itself when the columns say so)' },
  { name: 'customer', value: 'COLUMN', about: 'Column of the customer', default: 'customer' },
  {
    name: 'order',
    value: 'COLUMN',
    about: 'Column of the order (with --window order)',
    default: 'order or invoice',
  },
  { name: 'item', value: 'COLUMN', about: 'Column of the product', default: 'item' },
  { name: 'time', value: 'COLUMN', about: 'Column of the time', default: 'time or timestamp' },
  {
    name: 'pairs',
    value: 'next|co-purchase',
    about: 'Bought U, next V; or bought together',
    default: orderDefaults.mode,
  },
  {
    name: 'window',
    value: 'day|order',
    about: 'What counts as one purchase',
    default: orderDefaults.window,
  },
  {
    name: 'min-support',
    value: 'N',
    about: 'Times a pair must have happened',
    default: orderDefaults.minSupport,
  },
  {
    name: 'min-lift',
    value: 'X',
    about: 'How much more often than by chance',
    default: orderDefaults.minLift,
  },
  {
    name: 'pair-cap',
    value: 'N',
    about: 'Leave out purchases with more product pairs',
    default: orderDefaults.pairCap,
  },
  { name: 'all-purchases', about: 'Count products bought before as well' },
]);

export const edgeOptions: readonly OptionSpec[] = [...inputOptions, ...orderOptionSpecs];

/** Edges as they stand in the file: codes of a dictionary, rows before any merging. */
export interface EdgeTable {
  kind: 'edges';
  table: Table<ReturnType<typeof edgeSchema>>;
}

/** Order lines as they stand in the file. */
export interface OrderTable {
  kind: 'orders';
  file: string;
  rows: number;
  bad: number;
  customer: IdColumn;
  order?: IdColumn;
  item: IdColumn;
  time: Float64Array;
  line: Int32Array;
  options: OrderOptions;
}

const edgeSchema = (dictionary: IdDictionary) =>
  ({
    source: { type: 'id', dictionary },
    target: { type: 'id', dictionary },
    weight: weightColumn,
    timestamp: { type: 'time', optional: true, min: 0 },
  }) as const;

/** Options that only order lines have; any of them says that INPUT holds such. */
const NAMES = ['customer', 'order', 'item', 'time'] as const;
const MAKING = ['pairs', 'window', 'min-support', 'min-lift', 'pair-cap', 'all-purchases'] as const;

/**
 * Reads INPUT. Without `--orders` it is read as edges; when it has no columns source and target, as order lines. What
 * then is missing is told of both.
 */
export async function readEdges(
  reader: Reader,
  path: string,
  dictionary: IdDictionary,
): Promise<EdgeTable | OrderTable> {
  const { args } = reader.context;
  const options = orderOptions(args);
  const format = args.word('format', ['csv', 'tsv', 'jsonl', 'parquet']);
  const open = await reader.replayable(path);
  const readOptions = reader.options(path, format);
  if (args.flag('orders') || NAMES.some((name) => args.has(name))) {
    try {
      return await readOrders(reader, open, path, dictionary, options, format);
    } catch (error) {
      if (!(error instanceof DataError && error.code === 'missing-column')) throw error;
      throw withHint(error, NAMED);
    }
  }
  const onBadRow = (row: BadRow) => {
    // JSON lines have no header: the first object without a source is what a header without one is elsewhere.
    if (row.row === 0 && row.code === 'missing-column') {
      throw new DataError(row.reason, { code: row.code, file: row.file, line: row.line, column: row.column });
    }
    readOptions.onBadRow?.(row);
  };
  try {
    const table = await readTable(await open(), edgeSchema(dictionary), { ...readOptions, onBadRow });
    const unused = MAKING.find((name) => args.has(name));
    if (unused) throw new UsageError(`--${unused} is for order lines, but ${path} holds edges`);
    return { kind: 'edges', table };
  } catch (error) {
    if (!(error instanceof DataError && error.code === 'missing-column')) throw error;
    try {
      return await readOrders(reader, open, path, dictionary, options, format);
    } catch (second) {
      if (!(second instanceof DataError && second.code === 'missing-column')) throw second;
      throw withHint(
        error,
        `pairs need source and target; order lines need customer, item and time: ${NAMED}`,
      );
    }
  }
}

const NAMED = 'name the columns of orders with --customer, --item, --time';

/** The same error with a hint behind its message. */
function withHint(error: DataError, hint: string): DataError {
  const { message, file, line, code } = error;
  const place = `${file}${line === undefined ? '' : `, line ${line}`}: `;
  const rule = message.startsWith(place) ? message.slice(place.length) : message;
  return new DataError(`${rule} (${hint})`, { file, line, code }, error);
}

function orderOptions(args: Args): OrderOptions {
  return {
    mode: args.word('pairs', ['next', 'co-purchase']),
    window: args.word('window', ['day', 'order']),
    minSupport: args.integer('min-support', 1, 2 ** 32 - 1),
    minLift: args.real('min-lift', 0, Number.MAX_VALUE),
    pairCap: args.integer('pair-cap', 1, Number.MAX_SAFE_INTEGER),
    firstPurchasesOnly: args.flag('all-purchases') ? false : undefined,
  };
}

async function readOrders(
  reader: Reader,
  open: () => Promise<TableInput>,
  path: string,
  dictionary: IdDictionary,
  options: OrderOptions,
  format: TableFormat | undefined,
): Promise<OrderTable> {
  const { args } = reader.context;
  const needsOrder = options.window === 'order';
  const time = args.text('time');
  const order = args.text('order');
  const schema = {
    customer: { type: 'id', name: args.text('customer') },
    item: { type: 'id', name: args.text('item'), dictionary },
    time: { type: 'time', name: time ?? 'time', optional: time === undefined, min: 0 },
    timestamp: { type: 'time', name: 'timestamp', optional: true, min: 0 },
    order: { type: 'id', name: order ?? 'order', optional: order === undefined },
    invoice: { type: 'id', name: 'invoice', optional: true },
  } as const;
  // Columns that are not asked for are not read: an order without a name is no fault when days count.
  const { timestamp, order: orderColumn, invoice, ...always } = schema;
  const asked = {
    ...always,
    ...(time === undefined ? { timestamp } : {}),
    ...(needsOrder ? { order: orderColumn, ...(order === undefined ? { invoice } : {}) } : {}),
  };
  const table = await readTable(await open(), asked, reader.options(path, format));
  const columns = table.columns as Partial<Record<keyof typeof schema, unknown>>;
  const missing = (names: string): never => {
    throw new DataError(`there is no column ${names}`, { code: 'missing-column', file: table.file });
  };
  const when = (columns.time ?? columns.timestamp) as Float64Array | undefined;
  const name = (columns.order ?? columns.invoice) as IdColumn | undefined;
  return {
    kind: 'orders',
    file: table.file,
    rows: table.rows,
    line: table.line,
    bad: table.bad.count,
    customer: columns.customer as IdColumn,
    item: columns.item as IdColumn,
    time: when ?? missing('"time" or "timestamp"'),
    order: needsOrder ? (name ?? missing('"order" or "invoice"')) : undefined,
    options,
  };
}
