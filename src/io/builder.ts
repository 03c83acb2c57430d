import { DataError, notAborted } from '../check.ts';
import type { Columns, Schema } from './schema.ts';
import { grown, type Problem, type Sink, sinkOf } from './sinks.ts';

/** A row that was left out, and why. */
export interface BadRow {
  file: string;
  /** Line the row starts on, from 1 (Parquet: row + 1). */
  line: number;
  /** Data rows count from 0, bad ones included. */
  row: number;
  column?: string;
  code: string;
  reason: string;
  /** The row as it stands in the file, at most its first 500 bytes. */
  text: string;
}

export interface BadSummary {
  count: number;
  byCode: Record<string, number>;
  /** The first 20. */
  examples: BadRow[];
}

export interface Table<S extends Schema> {
  file: string;
  /** Rows kept. */
  rows: number;
  columns: Columns<S>;
  /** For each kept row its number in the file: data rows from 0, bad ones counted, empty lines not. Ascending. */
  row: Int32Array;
  /** For each kept row the line it starts on, from 1 with the header on line 1 (Parquet: row + 1). */
  line: Int32Array;
  bad: BadSummary;
}

/** What a reader needs from the options of `readTable`. */
export interface RowPolicy {
  maxBadRows: number;
  maxRows: number;
  onBadRow?: (bad: BadRow) => void;
  onColumns?: (names: readonly string[]) => void;
  signal?: AbortSignal;
}

const EXAMPLES = 20;

/** Collects rows into columns and applies the bad-row policy; the format readers only find the values. */
export class TableBuilder<S extends Schema> {
  readonly file: string;
  /** The sinks of the columns that are in the file, in schema order. */
  sinks: readonly Sink[] = [];
  /** The sinks of the columns that are not. */
  absent: readonly Sink[] = [];
  /** Rows seen so far, bad ones included: the number of the next row. */
  seen = 0;
  readonly #keys: readonly string[];
  readonly #all: readonly Sink[];
  readonly #optional: readonly boolean[];
  readonly #policy: RowPolicy;
  readonly #bad: BadSummary = { count: 0, byCode: {}, examples: [] };
  #rows = 0;
  #row = new Int32Array(1024);
  #line = new Int32Array(1024);

  constructor(file: string, schema: S, policy: RowPolicy) {
    this.file = file;
    this.#keys = Object.keys(schema);
    this.#all = this.#keys.map((key) => sinkOf(key, schema[key]));
    this.#optional = this.#keys.map((key) => schema[key].optional === true);
    this.#policy = policy;
  }

  /**
   * Chooses the sinks of the columns that are there. Returns for each the position of its column in `names`.
   * A required column that is not there is a DataError `missing-column`, a name that stands twice
   * `duplicate-column`.
   */
  bind(names: readonly string[], line: number | undefined): number[] {
    this.#policy.onColumns?.(names);
    const place = { file: this.file, line };
    const position = new Map<string, number>();
    for (const [i, name] of names.entries()) {
      if (name !== '' && position.has(name)) {
        throw new DataError('the column name stands twice', {
          ...place,
          code: 'duplicate-column',
          column: name,
        });
      }
      position.set(name, i);
    }
    const missing = this.#all.find((sink, i) => !(this.#optional[i] || position.has(sink.column)));
    if (missing) {
      throw new DataError(
        `there is no column ${JSON.stringify(missing.column)}; there are ${listed(names)}`,
        {
          ...place,
          code: 'missing-column',
        },
      );
    }
    this.#use((name) => position.has(name));
    return this.sinks.map((sink) => position.get(sink.column)!);
  }

  /** The same for files without a header: keeps every required column and the optional ones that are in `names`. */
  bindPresent(names: readonly string[]): void {
    this.#policy.onColumns?.(names);
    const there = new Set(names);
    this.#use((name, optional) => !optional || there.has(name));
  }

  #use(take: (name: string, optional: boolean) => boolean): void {
    const used = this.#all.map((sink, i) => take(sink.column, this.#optional[i]));
    this.sinks = this.#all.filter((_, i) => used[i]);
    this.absent = this.#all.filter((_, i) => !used[i]);
  }

  /** Stores what the sinks hold as the next row. */
  keep(line: number): void {
    this.#count(line);
    for (const sink of this.sinks) sink.commit(this.#rows);
    const rows = this.#rows + 1;
    this.#row = grown(this.#row, rows);
    this.#line = grown(this.#line, rows);
    this.#row[rows - 1] = this.seen - 1;
    this.#line[rows - 1] = line;
    this.#rows = rows;
  }

  /** Counts the next row as bad, and throws its DataError when there are more than `maxBadRows`. */
  reject(line: number, problem: Problem, column: string | undefined, text: string): void {
    this.#count(line);
    const bad = this.#bad;
    const { maxBadRows, onBadRow } = this.#policy;
    const row: BadRow = { file: this.file, line, row: this.seen - 1, column, ...problem, text };
    bad.count++;
    bad.byCode[problem.code] = (bad.byCode[problem.code] ?? 0) + 1;
    if (bad.examples.length < EXAMPLES) bad.examples.push(row);
    onBadRow?.(row);
    if (bad.count > maxBadRows) {
      const tail = maxBadRows > 0 ? ` (bad row ${bad.count}, and ${maxBadRows} are allowed)` : '';
      throw new DataError(problem.reason + tail, { file: this.file, line, column, code: problem.code });
    }
  }

  #count(line: number): void {
    if (this.seen === this.#policy.maxRows) {
      const reason = `more than ${this.seen} rows, the limit maxRows`;
      throw new DataError(reason, { file: this.file, line, code: 'too-many-rows' });
    }
    this.seen++;
    // An abort is seen between chunks anyway; this is for one large chunk (65,536 rows take 10 ms).
    if ((this.seen & 0xffff) === 0) notAborted(this.#policy.signal);
  }

  /** The finished table. Without a single good row it is a DataError `no-rows`. */
  finish(): Table<S> {
    const rows = this.#rows;
    const bad = this.#bad;
    if (rows === 0) {
      const reason = bad.count > 0 ? `no good rows: all ${bad.count} are bad` : 'no rows';
      throw new DataError(reason, { file: this.file, code: 'no-rows' });
    }
    const columns = Object.create(null);
    for (const [i, key] of this.#keys.entries()) {
      const sink = this.#all[i];
      columns[key] = this.sinks.includes(sink) ? sink.finish(rows) : undefined;
    }
    const [row, line] = [this.#row.slice(0, rows), this.#line.slice(0, rows)];
    return { file: this.file, rows, columns, row, line, bad };
  }
}

/** Column names for a message, the first 20. */
export function listed(names: readonly string[]): string {
  const first = names
    .slice(0, 20)
    .map((name) => JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}...` : name));
  return first.join(', ') + (names.length > 20 ? ` and ${names.length - 20} more` : '') || 'none';
}
