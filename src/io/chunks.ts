import { DataError } from '../check.ts';

/** Anything bytes can come from. Text is taken as UTF-8. */
export type ByteSource =
  | string
  | Uint8Array
  | ArrayBuffer
  | Blob
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>;

/** The bytes of a source as a stream of chunks, in order. Leaving the loop early closes the source. */
export async function* chunks(source: ByteSource): AsyncGenerator<Uint8Array, void, undefined> {
  if (typeof source === 'string') yield new TextEncoder().encode(source);
  else if (source instanceof Uint8Array) yield source;
  else if (source instanceof ArrayBuffer) yield new Uint8Array(source);
  else if (typeof Blob !== 'undefined' && source instanceof Blob) yield* streamed(source.stream());
  // Safari's ReadableStream has no async iterator, so a stream is read through its reader.
  else if (source != null && 'getReader' in source) yield* streamed(source);
  else if (source != null && Symbol.asyncIterator in source) yield* source;
  else throw new TypeError('bytes must be text, Uint8Array, ArrayBuffer, Blob or a stream of Uint8Array');
}

async function* streamed(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** At least the first `count` bytes (fewer at the end of the source), and the whole stream to read from. */
export async function peek(
  source: AsyncIterable<Uint8Array>,
  count: number,
): Promise<{ head: Uint8Array; all: AsyncGenerator<Uint8Array, void, undefined> }> {
  const iterator = source[Symbol.asyncIterator]();
  const read: Uint8Array[] = [];
  let size = 0;
  while (size < count) {
    const next = await iterator.next();
    if (next.done) break;
    read.push(next.value);
    size += next.value.length;
  }
  async function* all() {
    try {
      yield* read;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  return { head: join(read).subarray(0, count), all: all() };
}

/** One array of all the bytes given. A single array is handed back without a copy. */
export function join(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Reads a stream to its end; more than `limit` bytes is a DataError `too-large` before they are kept. */
export async function collect(
  source: AsyncIterable<Uint8Array>,
  file: string,
  limit: number,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of source) {
    size += part.length;
    if (size > limit) throw new DataError(`more than ${limit} bytes`, { code: 'too-large', file });
    parts.push(part);
  }
  return join(parts);
}

/**
 * Takes a byte stream apart into records. `take(bytes, position, end, final)` handles one record and returns the
 * position after it, or -1 when the record is not complete; with `final` there is nothing more to come.
 *
 * Only the unfinished record is kept between chunks. It is looked at again after its length has at least doubled,
 * so a long record that arrives in many small chunks costs linear and not quadratic time.
 */
export async function eachRecord(
  source: AsyncIterable<Uint8Array>,
  take: (bytes: Uint8Array, position: number, end: number, final: boolean) => number,
): Promise<void> {
  let rest: Uint8Array = new Uint8Array(0);
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  const run = (final: boolean) => {
    const bytes = rest.length === 0 ? join(waiting) : join([rest, ...waiting]);
    waiting = [];
    waitingBytes = 0;
    let position = 0;
    while (position < bytes.length) {
      const next = take(bytes, position, bytes.length, final);
      if (next < 0) break;
      position = next;
    }
    rest = bytes.subarray(position);
  };
  for await (const chunk of source) {
    if (chunk.length === 0) continue;
    waiting.push(chunk);
    waitingBytes += chunk.length;
    if (waitingBytes >= rest.length) run(false);
  }
  run(true);
}

/** The stream without its first `count` bytes. */
export async function* dropFirst(
  source: AsyncIterable<Uint8Array>,
  count: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let left = count;
  for await (const chunk of source) {
    const drop = Math.min(left, chunk.length);
    left -= drop;
    yield drop === 0 ? chunk : chunk.subarray(drop);
  }
}

/** A copy of `bytes[start, end)` in a buffer of its own. (`slice` of a Node Buffer is a view of a shared one.) */
export function copyOf(bytes: Uint8Array, start: number, end: number): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + end) as ArrayBuffer;
}
