import { listed, type TableBuilder } from './builder.ts';
import { eachRecord } from './chunks.ts';
import type { Schema } from './schema.ts';
import type { Problem } from './sinks.ts';
import { decode, preview } from './values.ts';

export interface JsonlOptions {
  /** Longest line in bytes. */
  maxFieldBytes: number;
  /** Every key must be one of the first object. */
  onlyColumns?: boolean;
}

const LF = 10;

/**
 * Reads JSON lines (one object a line, UTF-8 without byte order mark) into a builder.
 *
 * Ids may be text or whole numbers, numbers may be text. A key that is missing counts as null. There is no header:
 * the first object decides which optional columns the file has, and one that turns up later is a bad row
 * (`late-column`), because the rows before it had no value. Every other fault is a bad row too; a line that is too
 * long is passed over without being kept. Empty lines are not rows.
 */
export async function readJsonl<S extends Schema>(
  source: AsyncIterable<Uint8Array>,
  builder: TableBuilder<S>,
  { maxFieldBytes, onlyColumns = false }: JsonlOptions,
): Promise<void> {
  let line = 1;
  let bound = false;
  let first: ReadonlySet<string> = new Set();
  /** The rest of a line that is too long is being passed over. */
  let skipping = false;

  /** Gives one line to the builder. */
  const take = (bytes: Uint8Array, start: number, end: number): void => {
    const reject = (problem: Problem, column?: string) =>
      builder.reject(line, problem, column, preview(bytes, start, end).trimEnd());
    if (end - start > maxFieldBytes) {
      reject({ code: 'field-too-long', reason: `a line of more than ${maxFieldBytes} bytes` });
      return;
    }
    const parsed = parse(bytes, start, end);
    if (parsed === undefined) return;
    if ('code' in parsed) {
      reject(parsed);
      return;
    }
    const { object } = parsed;
    if (!bound) {
      builder.bindPresent(Object.keys(object));
      first = new Set(Object.keys(object));
    }
    bound = true;
    for (const sink of builder.sinks) {
      const problem = valueProblem(object, sink.column, sink.takeValue(own(object, sink.column)));
      if (problem) {
        reject(problem, sink.column);
        return;
      }
    }
    const late = onlyColumns
      ? Object.keys(object).find((key) => !first.has(key))
      : builder.absent.find((sink) => Object.hasOwn(object, sink.column))?.column;
    if (late !== undefined)
      reject({ code: 'late-column', reason: 'not a column of the first object of the file' }, late);
    else builder.keep(line);
  };

  await eachRecord(source, (bytes, position, end, final) => {
    const found = bytes.indexOf(LF, position);
    if (found < 0 && !final) {
      if (!skipping && end - position <= maxFieldBytes) return -1;
      if (!skipping) take(bytes, position, end);
      skipping = true;
      return end;
    }
    if (!skipping) take(bytes, position, found < 0 ? end : found);
    skipping = false;
    line++;
    return found < 0 ? end : found + 1;
  });
}

const own = (object: Record<string, unknown>, key: string): unknown =>
  Object.hasOwn(object, key) ? object[key] : null;

/** A value that is refused because its key is not there is told so. */
function valueProblem(
  object: Record<string, unknown>,
  key: string,
  problem: Problem | undefined,
): Problem | undefined {
  if (problem === undefined || Object.hasOwn(object, key)) return problem;
  return { code: 'missing-column', reason: `not in the object; there are ${listed(Object.keys(object))}` };
}

/** The object on a line; undefined for an empty line. */
function parse(
  bytes: Uint8Array,
  start: number,
  end: number,
): Problem | { object: Record<string, unknown> } | undefined {
  let text: string;
  try {
    text = decode(bytes, start, end).trim();
  } catch {
    return { code: 'invalid-utf8', reason: 'bytes that are not UTF-8 text' };
  }
  if (text === '') return undefined;
  try {
    const object: unknown = JSON.parse(text);
    if (typeof object === 'object' && object !== null && !Array.isArray(object)) {
      return { object: object as Record<string, unknown> };
    }
  } catch (error) {
    return { code: 'bad-json', reason: `not JSON (${(error as Error).message.slice(0, 100)})` };
  }
  return { code: 'bad-json', reason: 'must be one object a line' };
}
