import { DataError } from '../check.ts';
import type { BadRow, ReadOptions, Schema, Table, TableFormat, TableInput } from '../io/index.ts';
import { readTable } from '../io/index.ts';
import { openInput } from '../io/node.ts';
import { type Args, under } from './args.ts';
import type { Context } from './command.ts';
import { UsageError } from './errors.ts';
import { checkOutput, writeOutput } from './files.ts';

/** Options of every command that reads tables. */
export const readerOptions = under('Input', [
  {
    name: 'delimiter',
    value: 'CHAR',
    about: "What separates the columns of CSV files, as ';'",
    default: ',',
  },
  {
    name: 'max-bad-rows',
    value: 'N|all',
    about: 'Bad rows a file may hold before it is refused',
    default: 0,
  },
  {
    name: 'rejects',
    value: 'FILE',
    about: 'Write the bad rows to this CSV (file,line,column,code,reason,text)',
  },
]);

/** Standard input or a pipe is read again from what is kept of it when its columns turn out to be others. */
const KEPT = 64 << 20;
/** Files below this are read before a bar can be seen. */
const SHOWN = 4 << 20;

/** Bad rows of one file, column and rule. */
export interface Rejected {
  file: string;
  column?: string;
  code: string;
  rows: number;
  /** What was said of the first. */
  reason: string;
}

/** Reads tables under one policy for bad rows. */
export class Reader {
  badRows = 0;
  /** What was left out and why, in the order in which it first came. */
  readonly rejected: Rejected[] = [];
  readonly #maxBadRows: number;
  readonly #rejects: string | undefined;
  readonly #delimiter: string | undefined;
  readonly #bad: BadRow[] = [];
  #standardInput = false;

  constructor(readonly context: Pick<Context, 'args' | 'bar' | 'signal'>) {
    this.#maxBadRows = badRowLimit(context.args);
    this.#rejects = context.args.text('rejects');
    this.#delimiter = delimiterOf(context.args);
  }

  /** Runs `work`; whether it succeeds or not, the rejects file is written when there are bad rows. */
  async reading<T>(work: () => Promise<T>): Promise<T> {
    if (this.#rejects) await checkOutput(this.#rejects);
    let result: T;
    try {
      result = await work();
    } catch (error) {
      // What is wrong with the data is told, even when the rejects cannot be written either.
      await this.#writeRejects().catch(() => {});
      throw error;
    }
    await this.#writeRejects();
    return result;
  }

  async #writeRejects(): Promise<void> {
    this.context.bar.stop();
    if (this.#rejects && this.#bad.length > 0) await writeOutput(this.#rejects, rejectsCsv(this.#bad));
  }

  /** A table of a file; `-` is standard input. */
  async table<const S extends Schema>(path: string, schema: S, format?: TableFormat): Promise<Table<S>> {
    return readTable(await this.open(path), schema, this.options(path, format));
  }

  /** The file's bytes as they can be had more than once, for a second attempt with other columns. */
  async replayable(path: string): Promise<() => Promise<TableInput>> {
    const input = await this.open(path);
    // Of a pipe, as of standard input, there is only one reading.
    return input.size === undefined ? replay(input) : () => this.open(path);
  }

  /**
   * Rows that could be read but break a rule among themselves, under the limit that the file's other bad rows count
   * for as well; one too many is its DataError.
   */
  refuse(rows: readonly BadRow[], before: number, path: string): void {
    const { onBadRow } = this.options(path);
    rows.forEach((row, i) => {
      onBadRow?.(row);
      const number = before + i + 1;
      if (number <= this.#maxBadRows) return;
      const { code, file, line, column, reason } = row;
      const tail = number > 1 ? ` (bad row ${number}, and ${this.#maxBadRows} are allowed)` : '';
      throw new DataError(reason + tail, { code, file, line, column });
    });
  }

  async open(path: string): Promise<TableInput> {
    if (path === '-' && this.#standardInput) throw new UsageError('only one input can be - (standard input)');
    this.#standardInput ||= path === '-';
    return openInput(path);
  }

  options(path: string, format?: TableFormat): ReadOptions {
    const { bar, signal } = this.context;
    const tabs = (format ?? (/\.tsv(\.gz)?$/i.test(path) ? 'tsv' : 'csv')) === 'tsv';
    return {
      format,
      delimiter: tabs ? undefined : this.#delimiter,
      maxBadRows: this.#maxBadRows,
      signal,
      onBadRow: (row) => {
        this.badRows++;
        this.#reject(row);
        if (this.#rejects) this.#bad.push(row);
      },
      onProgress: ({ step, total }) => {
        if (total !== undefined && total > SHOWN) bar.update(`reading ${path}`, step, total);
      },
    };
  }

  #reject({ file, column, code, reason }: BadRow): void {
    const same = this.rejected.find((one) => one.file === file && one.column === column && one.code === code);
    if (same) same.rows++;
    else this.rejected.push({ file, column, code, rows: 1, reason });
  }
}

function badRowLimit(args: Args): number {
  if (args.text('max-bad-rows') === 'all') return Number.POSITIVE_INFINITY;
  return args.integer('max-bad-rows', 0, 1e9) ?? 0;
}

function delimiterOf(args: Args): string | undefined {
  const text = args.text('delimiter');
  if (text === undefined || (/^[ -~]$/.test(text) && text !== '"')) return text;
  if (['\t', '\\t', 'tab'].includes(text)) return '\t';
  throw new UsageError(`--delimiter must be one character, as ';' or tab, got ${JSON.stringify(text)}`);
}

/** The bytes of an input twice: what the first reading took is kept up to a limit and given again. */
export function replay(input: TableInput): () => Promise<TableInput> {
  const iterator = input.bytes[Symbol.asyncIterator]();
  const kept: Uint8Array[] = [];
  let bytes = 0;
  let again = false;
  async function* first() {
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      bytes += next.value.length;
      if (bytes <= KEPT) kept.push(next.value);
      else kept.length = 0;
      yield next.value;
    }
  }
  async function* second() {
    if (bytes > KEPT) throw new UsageError('too much was read to begin again; say --orders');
    yield* kept;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  }
  return async () => {
    const source = again ? second() : first();
    again = true;
    return { name: input.name, bytes: source };
  };
}

/** Cells as a line of CSV, without its end. */
export const csvLine = (cells: readonly (string | number | undefined)[]): string =>
  cells
    .map((value) => {
      const text = String(value ?? '');
      return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    })
    .join(',');

function rejectsCsv(bad: readonly BadRow[]): string {
  const lines = bad.map(({ file, line, column, code, reason, text }) =>
    csvLine([file, line, column, code, reason, text]),
  );
  return `file,line,column,code,reason,text\n${lines.join('\n')}\n`;
}
