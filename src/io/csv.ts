import { DataError } from '../check.ts';
import type { TableBuilder } from './builder.ts';
import { eachRecord } from './chunks.ts';
import { type CsvFault, CsvScanner, CsvSkipper } from './csv-scanner.ts';
import type { Schema } from './schema.ts';
import type { Problem } from './sinks.ts';
import { decode, preview } from './values.ts';

export interface CsvOptions {
  /** One ASCII character, not a quote or a line end. */
  delimiter: string;
  /** Longest field in bytes; a row of more than 16 times as many is refused as well. */
  maxFieldBytes: number;
}

const MOST_COLUMNS = 16_384;
const ROW_FIELDS = 16;
const QUOTE = 34;
const BRACE = 123;

/** What stands between the columns of a file that is not what it was taken for. */
const SEPARATORS = [
  [';', 'semicolons'],
  ['\t', 'tabs'],
  [',', 'commas'],
  ['|', 'bars'],
] as const;

/** %d stands for the longest field. */
const REASONS: Record<CsvFault | 'row-too-long', string> = {
  'bad-quote': 'text after the closing quote of a field',
  'nul-byte': 'a NUL byte: this is not a text file, or it is UTF-16',
  'field-too-long': 'a field of more than %d bytes',
  'row-too-long': `a row of more than ${ROW_FIELDS} x %d bytes`,
};

const JSON_LINES = 'this looks like JSON lines: give format jsonl';

/**
 * Reads CSV with a header line (UTF-8 without byte order mark) into a builder.
 *
 * Recoverable, so a bad row each: a wrong number of fields, text after a closing quote, NUL bytes, invalid UTF-8, a
 * field or row that is too long (passed over without being kept), and every value the schema refuses. Not
 * recoverable, so always a DataError: a faulty header, and a quote that is still open at the end of the file, because
 * it may have swallowed any number of rows. Empty lines are passed over and are not rows.
 */
export async function readCsv<S extends Schema>(
  source: AsyncIterable<Uint8Array>,
  builder: TableBuilder<S>,
  options: CsvOptions,
): Promise<void> {
  const reader = new CsvReader(builder, options);
  await eachRecord(source, (bytes, position, end, final) => reader.take(bytes, position, end, final));
  reader.finish();
}

class CsvReader<S extends Schema> {
  readonly #builder: TableBuilder<S>;
  readonly #delimiter: number;
  readonly #longest: number;
  readonly #scanner: CsvScanner;
  /** Set while a row that is too long is passed over. */
  #skipper: CsvSkipper | undefined;
  #names: string[] | undefined;
  /** For each sink of the builder the field it reads. */
  #fields: number[] = [];
  /** Line the next row starts on. */
  #line = 1;

  constructor(builder: TableBuilder<S>, options: CsvOptions) {
    this.#builder = builder;
    this.#delimiter = options.delimiter.charCodeAt(0);
    this.#longest = options.maxFieldBytes;
    this.#scanner = new CsvScanner(this.#delimiter, MOST_COLUMNS, this.#longest);
  }

  #reason(fault: keyof typeof REASONS): string {
    return REASONS[fault].replace('%d', String(this.#longest));
  }

  take(bytes: Uint8Array, position: number, end: number, final: boolean): number {
    if (this.#skipper) return this.#skip(this.#skipper, bytes, position, end);
    const scanner = this.#scanner;
    const next = scanner.scan(bytes, position, end, final);
    if (next < 0) return this.#unfinished(bytes, position, end, final);
    if (!scanner.blank) {
      if (this.#names === undefined) this.#header(bytes, position);
      else this.#row(bytes, position, next, this.#names);
    }
    this.#line += scanner.lines;
    return next;
  }

  finish(): void {
    if (this.#skipper?.openQuote) throw this.#unclosed();
    if (this.#names === undefined) this.#fail('empty-file', 'no header line');
  }

  #header(bytes: Uint8Array, position: number): void {
    const { fields, fault, start, end } = this.#scanner;
    const isJson = bytes[position] === BRACE;
    if (isJson && fault !== undefined) this.#fail('wrong-format', JSON_LINES);
    if (fault !== undefined) this.#fail(fault, `the header holds ${this.#reason(fault)}`);
    if (fields > MOST_COLUMNS) this.#fail('too-many-columns', `${fields} columns; at most ${MOST_COLUMNS}`);
    const names: string[] = [];
    for (let i = 0; i < fields; i++) {
      try {
        const cell = this.#scanner.doubled[i]
          ? unescaped(bytes, start[i], end[i])
          : bytes.subarray(start[i], end[i]);
        names.push(decode(cell, 0, cell.length).trim());
      } catch {
        this.#fail('invalid-utf8', 'the header is not UTF-8 text');
      }
    }
    this.#names = names;
    const other = isJson ? JSON_LINES : this.#otherSeparator(names);
    try {
      this.#fields = this.#builder.bind(names, this.#line);
    } catch (error) {
      if (other && error instanceof DataError && error.code === 'missing-column') {
        this.#fail('wrong-format', other);
      }
      throw error;
    }
    if (other && this.#builder.sinks.length === 0) this.#fail('wrong-format', other);
  }

  /** A hint, when the only column looks like several. */
  #otherSeparator(names: readonly string[]): string | undefined {
    const tabs = this.#delimiter === 9;
    const [mark, word] = SEPARATORS.find(([mark]) => names[0].includes(mark)) ?? [];
    if (names.length > 1 || mark === undefined) return undefined;
    const delimiter = mark === ',' && tabs ? '' : `delimiter '${mark}'`;
    const options = [tabs ? 'format csv' : '', delimiter].filter(Boolean).join(' and ');
    return `the header is one column; this looks like ${word}: give ${mark === '\t' ? 'format tsv' : options}`;
  }

  #row(bytes: Uint8Array, position: number, next: number, names: readonly string[]): void {
    const builder = this.#builder;
    const { fields, fault, faultField, high, start, end, doubled } = this.#scanner;
    let problem: Problem | undefined;
    let column: string | undefined;
    if (fault !== undefined) {
      problem = { code: fault, reason: this.#reason(fault) };
      column = names[faultField];
    } else if (fields !== names.length) {
      problem = {
        code: 'wrong-field-count',
        reason: `${fields} fields, but the header has ${names.length} columns`,
      };
    } else if (high) {
      const field = this.#notUtf8(bytes, position, next);
      if (field >= 0) problem = { code: 'invalid-utf8', reason: 'bytes that are not UTF-8 text' };
      column = names[field];
    }
    for (let i = 0; i < builder.sinks.length && problem === undefined; i++) {
      const sink = builder.sinks[i];
      const field = this.#fields[i];
      if (doubled[field]) {
        const cell = unescaped(bytes, start[field], end[field]);
        problem = sink.takeBytes(cell, 0, cell.length);
      } else {
        problem = sink.takeBytes(bytes, start[field], end[field]);
      }
      if (problem) column = sink.column;
    }
    if (problem === undefined) builder.keep(this.#line);
    else builder.reject(this.#line, problem, column, preview(bytes, position, next).trimEnd());
  }

  /** First field of the row that is not UTF-8, or -1. */
  #notUtf8(bytes: Uint8Array, position: number, next: number): number {
    if (isUtf8(bytes, position, next)) return -1;
    const { start, end, fields } = this.#scanner;
    for (let i = 0; i < fields - 1; i++) if (!isUtf8(bytes, start[i], end[i])) return i;
    return fields - 1;
  }

  /** The row goes on beyond the bytes at hand: wait for more, unless it is too long already. */
  #unfinished(bytes: Uint8Array, position: number, end: number, final: boolean): number {
    const { openStart, fields } = this.#scanner;
    const column = this.#names?.[fields];
    if (final) throw this.#unclosed(column);
    let code: 'field-too-long' | 'row-too-long' = 'field-too-long';
    if (!(end - openStart > this.#longest)) {
      if (!(end - position > ROW_FIELDS * this.#longest)) return -1;
      code = 'row-too-long';
    }
    if (this.#names === undefined) this.#fail(code, `the header holds ${this.#reason(code)}`);
    this.#builder.reject(
      this.#line,
      { code, reason: this.#reason(code) },
      column,
      preview(bytes, position, end),
    );
    this.#skipper = new CsvSkipper(this.#delimiter);
    return this.#skip(this.#skipper, bytes, position, end);
  }

  #skip(skipper: CsvSkipper, bytes: Uint8Array, position: number, end: number): number {
    const next = skipper.skip(bytes, position, end);
    if (next < 0) return end;
    this.#line += skipper.lines;
    this.#skipper = undefined;
    return next;
  }

  #unclosed(column?: string): DataError {
    const place = { file: this.#builder.file, line: this.#line, column, code: 'unterminated-quote' };
    return new DataError('a quote opened in this row is never closed', place);
  }

  #fail(code: string, reason: string): never {
    throw new DataError(reason, { file: this.#builder.file, line: this.#line, code });
  }
}

function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  try {
    decode(bytes, start, end);
    return true;
  } catch {
    return false;
  }
}

/** A copy of a quoted field with its doubled quotes halved. */
function unescaped(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const cell = new Uint8Array(end - start);
  let length = 0;
  for (let at = start; at < end; at++) {
    if (bytes[at] === QUOTE) at++;
    cell[length++] = bytes[at];
  }
  return cell.subarray(0, length);
}
