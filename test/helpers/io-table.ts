import * as assert from 'uvu/assert';
import { DataError } from '../../src/check.ts';
import { chunks, IdDictionary, type ReadOptions, readTable, type Schema } from '../../src/io/index.ts';

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Edges: source and target share a dictionary; weight and time may be missing. Made anew for every read. */
export const edgeSchema = () => {
  const dictionary = new IdDictionary();
  return {
    source: { type: 'id', dictionary },
    target: { type: 'id', dictionary },
    weight: { type: 'f64', optional: true, min: 0, exclusiveMin: true },
    timestamp: { type: 'time', optional: true, min: 0 },
  } as const;
};

/** Reads a table given as text or bytes. */
export const read = <const S extends Schema>(
  content: string | Uint8Array,
  schema: S,
  options?: ReadOptions,
  name = 'edges.csv',
) => readTable({ name, bytes: chunks(content) }, schema, options);

/** The bytes as a stream of chunks that end at the given places. */
export async function* pieces(whole: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const cut of [...cuts, whole.length]) {
    yield whole.subarray(at, cut);
    at = cut;
  }
}

/** The DataError a promise fails with; anything else is a failed test. */
export async function failure(work: Promise<unknown> | (() => unknown)): Promise<DataError> {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    assert.instance(error, DataError, `not a DataError: ${(error as Error)?.stack}`);
    return error as DataError;
  }
  assert.unreachable('must fail');
  throw new Error();
}
