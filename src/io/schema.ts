import { flag, integer, oneOf, real } from '../check.ts';
import { IdDictionary } from './ids.ts';

interface AnyColumn {
  /** Header name in the file; the key in the schema unless given (`--customer`, `--item` ...). */
  name?: string;
  /** May be missing from the file; the column of the result is then undefined. Default false. */
  optional?: boolean;
}

/** Names turned into dense codes. An empty name is a bad row. */
export interface IdSpec extends AnyColumn {
  type: 'id';
  /** Give two columns the same dictionary to share codes; a new one unless given. */
  dictionary?: IdDictionary;
}

/** Finite numbers (`f64`), or epoch seconds (`time`, see values.ts for the forms). */
export interface NumberSpec extends AnyColumn {
  type: 'f64' | 'time';
  /** Smallest value allowed, itself included unless `exclusiveMin`. */
  min?: number;
  exclusiveMin?: boolean;
  /** Largest value allowed, itself included. */
  max?: number;
  /** What an empty cell (JSON and Parquet: null) stands for, NaN allowed; without it an empty cell is a bad row. */
  empty?: number;
}

/** Text: `category` for columns of few different words (stored once each), `text` for free text. */
export interface TextSpec extends AnyColumn {
  type: 'category' | 'text';
}

export type ColumnSpec = IdSpec | NumberSpec | TextSpec;
export type Schema = Record<string, ColumnSpec>;

/** Codes of the kept rows, and the name of each code. */
export interface IdColumn {
  codes: Int32Array;
  ids: string[];
}

type DataOf<C> = C extends { type: 'id' }
  ? IdColumn
  : C extends { type: 'f64' | 'time' }
    ? Float64Array
    : string[];

/** Columns of a table by schema key; optional ones may be undefined. */
export type Columns<S extends Schema> = {
  [K in keyof S]: S[K] extends { optional: true } ? DataOf<S[K]> | undefined : DataOf<S[K]>;
};

const KEYS: Record<string, readonly string[]> = {
  id: ['type', 'name', 'optional', 'dictionary'],
  f64: ['type', 'name', 'optional', 'min', 'exclusiveMin', 'max', 'empty'],
  time: ['type', 'name', 'optional', 'min', 'exclusiveMin', 'max', 'empty'],
  category: ['type', 'name', 'optional'],
  text: ['type', 'name', 'optional'],
};

/** Checks a schema before a byte is read: known types, known keys, at least one column. */
export function checkSchema(schema: Schema): void {
  if (typeof schema !== 'object' || schema === null)
    throw new TypeError('schema must be an object of columns');
  integer(Object.keys(schema).length, 'number of columns in the schema', 1, 1000);
  for (const [key, spec] of Object.entries(schema)) {
    const at = `schema.${key}`;
    if (typeof spec !== 'object' || spec === null) throw new TypeError(`${at} must be an object`);
    oneOf(spec.type, `${at}.type`, ['id', 'f64', 'time', 'category', 'text']);
    for (const name of Object.keys(spec)) oneOf(name, `key of ${at}`, KEYS[spec.type]);
    if (spec.name !== undefined && typeof spec.name !== 'string')
      throw new TypeError(`${at}.name must be text`);
    flag(spec.optional ?? false, `${at}.optional`);
    if (spec.type === 'id') {
      const { dictionary } = spec;
      if (dictionary !== undefined && !(dictionary instanceof IdDictionary)) {
        throw new TypeError(`${at}.dictionary must be an IdDictionary`);
      }
    } else if (spec.type === 'f64' || spec.type === 'time') {
      if (spec.min !== undefined) real(spec.min, `${at}.min`);
      if (spec.max !== undefined) real(spec.max, `${at}.max`);
      if (spec.empty !== undefined && typeof spec.empty !== 'number') {
        throw new TypeError(`${at}.empty must be a number`);
      }
      flag(spec.exclusiveMin ?? false, `${at}.exclusiveMin`);
    }
  }
}
