import { DataError } from '../../../src/check.ts';
import { gunzip, readTable, type TableFormat, type TableInput } from '../../../src/io/index.ts';
import type { Looked } from '../jobs.ts';
import { bytesOf } from './input.ts';

/** How much of a file is looked at, and how many of its rows are shown. */
const HEAD = 256 << 10;
const SAMPLES = 3;
const DELIMITERS = [undefined, ';', '\t', '|'] as const;

/** Thrown to end a reading as soon as the names are known. */
class Names {
  constructor(readonly names: readonly string[]) {}
}

/** Names of a file's columns, values of its first rows, and how they are divided. The whole file is not read. */
export async function look(file: File): Promise<Looked> {
  const head = await headOf(file);
  const { names, delimiter } = await namesOf(head);
  const { format } = head;
  // A Parquet file has no head that could be read by itself.
  const samples =
    format === 'parquet' ? new Map<string, string[]>() : await samplesOf(head, names, delimiter);
  return { columns: names.map((name) => ({ name, samples: samples.get(name) ?? [] })), delimiter, format };
}

interface Head {
  readonly open: () => TableInput;
  /** Absent where the name says it. */
  readonly format?: TableFormat;
}

const BRACE = 123;
const LINE_END = 10;

/** The beginning of a file up to the end of a line, unpacked; a Parquet file as it is. */
async function headOf(file: File): Promise<Head> {
  const plain = file.name.replace(/\.gz$/i, '');
  if (/\.parquet$/i.test(plain)) {
    return { open: () => ({ name: file.name, bytes: bytesOf(file) }), format: 'parquet' };
  }
  const [a, b] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const packed = a === 0x1f && b === 0x8b;
  const bytes = await beginning(packed ? gunzip(bytesOf(file), file.name) : bytesOf(file));
  async function* once() {
    if (bytes.length > 0) yield bytes;
  }
  const json = bytes[0] === BRACE && !/\.(jsonl|ndjson)$/i.test(plain);
  return { open: () => ({ name: plain, bytes: once() }), format: json ? 'jsonl' : undefined };
}

/** About the first 256 kB, cut behind a line; all when there is no more. */
async function beginning(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  let more = false;
  for await (const part of source) {
    if (length >= HEAD) {
      more = true;
      break;
    }
    parts.push(part);
    length += part.length;
  }
  const head = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    head.set(part, at);
    at += part.length;
  }
  const end = more ? head.lastIndexOf(LINE_END) + 1 : length;
  return end > 0 ? head.subarray(0, end) : head;
}

async function namesOf({ open, format }: Head): Promise<{ names: readonly string[]; delimiter?: string }> {
  const any = { any: { type: 'text', name: '', optional: true } } as const;
  const onColumns = (names: readonly string[]) => {
    throw new Names(names);
  };
  let first: readonly string[] | undefined;
  for (const delimiter of DELIMITERS) {
    try {
      await readTable(open(), any, { delimiter, format, maxBadRows: Number.POSITIVE_INFINITY, onColumns });
    } catch (error) {
      if (!(error instanceof Names)) throw error;
      // One column is what a file looks like that is divided by something else.
      if (error.names.length > 1 || format !== undefined) return { names: error.names, delimiter };
      first ??= error.names;
    }
  }
  if (first === undefined) throw new DataError('the file holds no columns', { code: 'empty-file' });
  return { names: first };
}

async function samplesOf(
  { open, format }: Head,
  names: readonly string[],
  delimiter: string | undefined,
): Promise<Map<string, string[]>> {
  const named = names.filter((name, i) => name !== '' && names.indexOf(name) === i);
  if (named.length === 0) return new Map();
  const schema = Object.fromEntries(
    named.map((name, i) => [`c${i}`, { type: 'text', name, optional: true }] as const),
  );
  const options = { delimiter, format, maxBadRows: Number.POSITIVE_INFINITY };
  try {
    const { columns } = await readTable(open(), schema, options);
    return new Map(named.map((name, i) => [name, (columns[`c${i}`] as string[]).slice(0, SAMPLES)]));
  } catch {
    // What is wrong with the rows is told when they are read.
    return new Map();
  }
}
