import { DataError, integer, notAborted, oneOf, options } from '../check.ts';
import { type BadRow, type Table, TableBuilder } from './builder.ts';
import { collect, dropFirst, peek } from './chunks.ts';
import { readCsv } from './csv.ts';
import { gunzip, isGzip } from './gunzip.ts';
import { readJsonl } from './jsonl.ts';
import { readParquet } from './parquet.ts';
import { checkSchema, type Schema } from './schema.ts';

/** A file to read: its name for the format and for messages, and its bytes from the start. */
export interface TableInput {
  name: string;
  bytes: AsyncIterable<Uint8Array>;
  /** Bytes in all, when known; only for progress. */
  size?: number;
}

export type TableFormat = 'csv' | 'tsv' | 'jsonl' | 'parquet';

export interface ReadProgress {
  phase: 'read';
  /** Bytes of the input read so far (compressed ones, when it is compressed). */
  step: number;
  total?: number;
}

export interface ReadOptions {
  /** Format; by the extension of the name unless given (.csv .tsv .jsonl .ndjson .parquet, each also .gz), else csv. */
  format?: TableFormat;
  /** One ASCII character between fields; a tab for tsv, a comma for csv unless given. */
  delimiter?: string;
  /** Longest CSV field, JSON line or Parquet text, in bytes (Parquet: UTF-16 units). 1 to 2^28. */
  maxFieldBytes?: number;
  /** Bad rows allowed; one more is a DataError. Infinity allows all. */
  maxBadRows?: number;
  /** More rows are a DataError `too-many-rows`: an unpacked stream may be a thousand times its file. */
  maxRows?: number;
  /** JSON lines: a key that the first object does not have makes a bad row; otherwise it is passed over. */
  onlyColumns?: boolean;
  /** Called for each bad row, also for the one that ends the reading. */
  onBadRow?: (bad: BadRow) => void;
  /** Called once with the names of all columns of the file (JSON lines: of the first object), before any row. */
  onColumns?: (names: readonly string[]) => void;
  /** Called after each chunk of input. */
  onProgress?: (progress: ReadProgress) => void;
  signal?: AbortSignal;
}

type Resolved = ReadOptions & Required<Pick<ReadOptions, 'maxFieldBytes' | 'maxBadRows' | 'maxRows'>>;

/** Defaults of `readTable`. */
export const readDefaults: Resolved = {
  format: undefined,
  delimiter: undefined,
  maxFieldBytes: 1 << 20,
  maxBadRows: 0,
  maxRows: 100_000_000,
  onlyColumns: undefined,
  onBadRow: undefined,
  onColumns: undefined,
  onProgress: undefined,
  signal: undefined,
};

/** A Parquet file is read from one buffer; 1 GiB also bounds what a packed one may unpack to. */
const MOST_BUFFERED = 2 ** 30;

/**
 * Reads a table of typed columns, streaming except for Parquet. Gzip is recognised by its first bytes, so it also
 * works on standard input. See csv.ts, jsonl.ts and parquet.ts for what makes a bad row in each format.
 *
 * Throws DataError with the file, line and column: `empty-file`, `no-rows`, `missing-column`, `duplicate-column`,
 * `truncated`, `corrupt-gzip`, `corrupt-parquet` ..., and the code of the first bad row beyond `maxBadRows`.
 */
export async function readTable<const S extends Schema>(
  input: TableInput,
  schema: S,
  given?: ReadOptions,
): Promise<Table<S>> {
  const o = options<Resolved>(given, readDefaults, 'options');
  checkSchema(schema);
  const { name: file } = input;
  const { format, packed } = formatOf(file, o.format);
  const delimiter = checkDelimiter(o.delimiter ?? (format === 'tsv' ? '\t' : ','));
  integer(o.maxFieldBytes, 'maxFieldBytes', 1, 2 ** 28);
  integer(o.maxRows, 'maxRows', 1);
  if (o.maxBadRows !== Number.POSITIVE_INFINITY) integer(o.maxBadRows, 'maxBadRows', 0);
  const builder = new TableBuilder(file, schema, o);

  const raw = await peek(watched(input, o), 2);
  const isPacked = packed || isGzip(raw.head);
  const { head, all } = await peek(isPacked && raw.head.length > 0 ? gunzip(raw.all, file) : raw.all, 3);
  if (head.length === 0) throw new DataError('the file is empty', { file, code: 'empty-file' });
  if (format === 'parquet') {
    await readParquet(await collect(all, file, MOST_BUFFERED), builder, o);
  } else {
    const hasMark = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;
    const text = hasMark ? dropFirst(all, 3) : all;
    if (format === 'jsonl') await readJsonl(text, builder, o);
    else await readCsv(text, builder, { delimiter, maxFieldBytes: o.maxFieldBytes });
  }
  return builder.finish();
}

/** Format and packing that a file name stands for. */
function formatOf(name: string, given: TableFormat | undefined): { format: TableFormat; packed: boolean } {
  if (typeof name !== 'string') throw new TypeError('input.name must be text');
  const packed = /\.gz$/i.test(name);
  const extension = /\.(csv|tsv|jsonl|ndjson|parquet)$/i
    .exec(packed ? name.slice(0, -3) : name)?.[1]
    .toLowerCase();
  if (given !== undefined) {
    return { format: oneOf(given, 'format', ['csv', 'tsv', 'jsonl', 'parquet']), packed };
  }
  return { format: extension === 'ndjson' ? 'jsonl' : ((extension ?? 'csv') as TableFormat), packed };
}

function checkDelimiter(delimiter: string): string {
  if (!(typeof delimiter === 'string' && /^[\t -~]$/.test(delimiter) && delimiter !== '"')) {
    throw new RangeError('delimiter must be one ASCII character that is not a quote or a line end');
  }
  return delimiter;
}

/** The bytes of an input, with an abort noticed and progress told at every chunk. */
async function* watched(input: TableInput, { signal, onProgress }: ReadOptions) {
  let step = 0;
  notAborted(signal);
  for await (const chunk of signal ? interruptible(input.bytes, signal) : input.bytes) {
    notAborted(signal);
    if (!(chunk instanceof Uint8Array)) throw new TypeError('input.bytes must give Uint8Array chunks');
    step += chunk.length;
    onProgress?.({ phase: 'read', step, total: input.size });
    yield chunk;
  }
}

/** The same chunks, but an abort does not wait for the next of them: an idle pipe may never give one. */
async function* interruptible(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal) {
  const iterator = bytes[Symbol.asyncIterator]();
  let wake: () => void = () => {};
  const aborted = new Promise<undefined>((resolve) => {
    wake = () => resolve(undefined);
  });
  signal.addEventListener('abort', wake, { once: true });
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), aborted]);
      notAborted(signal);
      if (next === undefined || next.done) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', wake);
    // Not awaited: a pipe that is idle does not answer this either.
    iterator.return?.()?.catch(() => {});
  }
}
