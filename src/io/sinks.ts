import { DataError } from '../check.ts';
import { IdDictionary, MOST_CHARACTERS } from './ids.ts';
import type { ColumnSpec, IdColumn, NumberSpec } from './schema.ts';
import {
  decode,
  numberOfBytes,
  numberOfText,
  preview,
  secondsOfNumber,
  secondsOfText,
  shown,
} from './values.ts';

/** Why a value is refused. The column's name and the place are added by the caller. */
export interface Problem {
  code: string;
  reason: string;
}

/**
 * Where one column's values go. `take...` checks a value and holds it; only `commit` stores it, once every column of
 * the row has accepted, so that a bad row leaves nothing behind, not even an id in a dictionary.
 */
export interface Sink {
  /** Name of the column in the file. */
  readonly column: string;
  /** A cell of a text file: valid UTF-8 without quotes, readable until `commit`. */
  takeBytes(bytes: Uint8Array, start: number, end: number): Problem | undefined;
  /** A value of JSON or Parquet. */
  takeValue(value: unknown): Problem | undefined;
  /** Stores the held value as row number `row`, which counts up from 0. */
  commit(row: number): void;
  /** The first `rows` values. */
  finish(rows: number): IdColumn | Float64Array | string[];
}

/** The sink for one column of a schema. */
export function sinkOf(key: string, spec: ColumnSpec): Sink {
  const column = spec.name ?? key;
  if (spec.type === 'id') return new IdSink(column, spec.dictionary ?? new IdDictionary());
  if (spec.type === 'f64' || spec.type === 'time') return new NumberSink(column, spec);
  return new TextSink(column, spec.type === 'category' ? new IdDictionary() : undefined);
}

/** The same array, or one of twice its length with the same contents. */
export function grown<T extends Int32Array | Float64Array>(array: T, length: number): T {
  if (length <= array.length) return array;
  try {
    const larger = new (array.constructor as new (n: number) => T)(array.length * 2);
    larger.set(array);
    return larger;
  } catch (error) {
    throw new DataError(`no memory for more than ${array.length} rows`, { code: 'too-many-rows' }, error);
  }
}

const NOTHING: Problem = { code: 'empty-value', reason: 'empty' };
const EMPTY_ID: Problem = { code: 'empty-id', reason: 'an id must not be empty' };

/** Text of a JSON or Parquet value: a string, or a whole number a double holds exactly; undefined for the rest. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'bigint' || Number.isSafeInteger(value) ? String(value) : undefined;
}

class IdSink implements Sink {
  readonly column: string;
  readonly #dictionary: IdDictionary;
  #codes = new Int32Array(1024);
  #bytes: Uint8Array | undefined;
  #start = 0;
  #end = 0;
  #text = '';

  constructor(column: string, dictionary: IdDictionary) {
    this.column = column;
    this.#dictionary = dictionary;
  }

  takeBytes(bytes: Uint8Array, start: number, end: number): Problem | undefined {
    if (start === end) return EMPTY_ID;
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    return undefined;
  }

  takeValue(value: unknown): Problem | undefined {
    if (value === null || value === undefined || value === '') return EMPTY_ID;
    const text = textOf(value);
    if (text === undefined) {
      return { code: 'bad-id', reason: `an id must be text or a whole number, got ${shown(value)}` };
    }
    this.#bytes = undefined;
    this.#text = text;
    return undefined;
  }

  commit(row: number): void {
    const code =
      this.#bytes === undefined
        ? this.#dictionary.intern(this.#text)
        : this.#dictionary.internBytes(this.#bytes, this.#start, this.#end);
    this.#codes = grown(this.#codes, row + 1);
    this.#codes[row] = code;
  }

  finish(rows: number): IdColumn {
    return { codes: this.#codes.slice(0, rows), ids: this.#dictionary.ids };
  }
}

class NumberSink implements Sink {
  readonly column: string;
  readonly #spec: NumberSpec;
  #values = new Float64Array(1024);
  #value = 0;

  constructor(column: string, spec: NumberSpec) {
    this.column = column;
    this.#spec = spec;
  }

  takeBytes(bytes: Uint8Array, start: number, end: number): Problem | undefined {
    if (start === end) return this.#hold(undefined, '');
    let value = numberOfBytes(bytes, start, end);
    if (this.#spec.type === 'time') {
      value = Number.isNaN(value) ? secondsOfText(preview(bytes, start, end)) : secondsOfNumber(value);
    }
    // The text of the cell is only made for a message.
    return this.#hold(value, undefined, bytes, start, end);
  }

  takeValue(value: unknown): Problem | undefined {
    if (value === null || value === undefined || value === '') return this.#hold(undefined, value);
    const isTime = this.#spec.type === 'time';
    if (value instanceof Date) return this.#hold(isTime ? value.getTime() / 1000 : Number.NaN, 'a date');
    if (typeof value === 'boolean') return this.#hold(isTime ? Number.NaN : Number(value), value);
    let number = Number.NaN;
    if (typeof value === 'number' || typeof value === 'bigint') number = Number(value);
    else if (typeof value === 'string') number = numberOfText(value);
    if (isTime) {
      const text = typeof value === 'string' && Number.isNaN(number);
      number = text ? secondsOfText(value) : secondsOfNumber(number);
    }
    return this.#hold(number, value);
  }

  #hold(
    value: number | undefined,
    given: unknown,
    bytes?: Uint8Array,
    start = 0,
    end = 0,
  ): Problem | undefined {
    const { type, min, max, exclusiveMin, empty } = this.#spec;
    if (value === undefined) {
      if (empty === undefined) return NOTHING;
      this.#value = empty;
      return undefined;
    }
    const low = min !== undefined && !(exclusiveMin ? value > min : value >= min);
    if (Number.isFinite(value) && !low && !(max !== undefined && value > max)) {
      this.#value = value;
      return undefined;
    }
    const text = shown(bytes === undefined ? given : preview(bytes, start, end));
    if (!Number.isFinite(value)) {
      const rule = type === 'time' ? 'a time in seconds or an ISO 8601 date' : 'a finite number';
      return { code: type === 'time' ? 'bad-time' : 'bad-number', reason: `must be ${rule}, got ${text}` };
    }
    if (low) {
      const rule = exclusiveMin ? `greater than ${min}` : `${min} or more`;
      return { code: 'too-small', reason: `must be ${rule}, got ${text}` };
    }
    return { code: 'too-large', reason: `must be ${max} or less, got ${text}` };
  }

  commit(row: number): void {
    this.#values = grown(this.#values, row + 1);
    this.#values[row] = this.#value;
  }

  finish(rows: number): Float64Array {
    return this.#values.slice(0, rows);
  }
}

/** Text; with `words` each different one is kept once, so 235 k cells of three words are three strings. */
class TextSink implements Sink {
  readonly column: string;
  readonly #words: IdDictionary | undefined;
  readonly #values: string[] = [];
  #bytes: Uint8Array | undefined;
  #start = 0;
  #end = 0;
  #text = '';
  #characters = 0;

  constructor(column: string, words?: IdDictionary) {
    this.column = column;
    this.#words = words;
  }

  takeBytes(bytes: Uint8Array, start: number, end: number): Problem | undefined {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    return undefined;
  }

  takeValue(value: unknown): Problem | undefined {
    const plain = typeof value === 'number' || typeof value === 'boolean';
    const text = value === null || value === undefined ? '' : plain ? String(value) : textOf(value);
    if (text === undefined) return { code: 'bad-text', reason: `must be text, got ${shown(value)}` };
    this.#bytes = undefined;
    this.#text = text;
    return undefined;
  }

  commit(): void {
    const words = this.#words;
    const bytes = this.#bytes;
    if (words === undefined) {
      const text = bytes === undefined ? this.#text : decode(bytes, this.#start, this.#end);
      this.#characters += text.length;
      if (this.#characters > MOST_CHARACTERS) {
        const reason = `text of more than ${MOST_CHARACTERS} characters in all`;
        throw new DataError(reason, { code: 'too-large', column: this.column });
      }
      this.#values.push(text);
    } else {
      const word =
        bytes === undefined ? words.intern(this.#text) : words.internBytes(bytes, this.#start, this.#end);
      this.#values.push(words.ids[word]);
    }
  }

  finish(): string[] {
    return this.#values;
  }
}
