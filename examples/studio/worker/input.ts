import type { BadRow, ReadOptions, TableInput } from '../../../src/io/index.ts';
import { size } from '../../../src/report/format.ts';
import type { BadRows, FileSource } from '../jobs.ts';
import type { Run } from './main.ts';

/** Bad rows that are kept to be shown. */
const KEPT = 500;
/** Messages to the page a second would be thousands; it paints at most every 80 ms. */
const PAUSE_MS = 80;

/** The bytes of a file, as a stream that every browser can read. */
export async function* bytesOf(file: Blob): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = file.stream().getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel();
  }
}

export const inputOf = (file: File): TableInput => ({
  name: file.name,
  bytes: bytesOf(file),
  size: file.size,
});

/** Calls at most every 80 ms, and when the stage is a new one or the last step is done. */
export function seldom(tell: Run['tell']): Run['tell'] {
  let last = -Infinity;
  let stage: string | undefined;
  let losses: (readonly [number, number])[] = [];
  return (progress) => {
    losses = losses.concat(progress.losses ?? []);
    const now = performance.now();
    if (now - last < PAUSE_MS && progress.stage === stage && progress.step < progress.total) return;
    tell({ ...progress, losses });
    [last, stage, losses] = [now, progress.stage, []];
  };
}

const before = new WeakMap<object, BadRows>();

/** The rows that had been left out when a reading failed: they may be the reason. */
export const rejectedBefore = (error: unknown): BadRows | undefined =>
  typeof error === 'object' && error !== null ? before.get(error) : undefined;

/** Reads every row that can be read; the others are counted by what is wrong with them, and the first are kept. */
export class Rejects {
  #count = 0;
  readonly #kinds = new Map<string, { column: string; reason: string; rows: number }>();
  readonly #first: BadRow[] = [];

  add(row: BadRow): void {
    this.#count++;
    const key = `${row.column ?? ''} ${row.code}`;
    const same = this.#kinds.get(key);
    if (same) same.rows++;
    else this.#kinds.set(key, { column: row.column ?? '', reason: row.reason, rows: 1 });
    if (this.#first.length < KEPT) this.#first.push(row);
  }

  get summary(): BadRows {
    return { count: this.#count, kinds: [...this.#kinds.values()], first: this.#first };
  }

  /** Runs a reading; when it fails, what was left out until then can be told with the error. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (this.#count > 0 && error instanceof Error) before.set(error, this.summary);
      throw error;
    }
  }

  /** Options of a reading under which bad rows are left out. */
  options({ delimiter, format, file }: FileSource, { signal, tell }: Run): ReadOptions {
    const often = seldom(tell);
    return {
      delimiter,
      format,
      signal,
      maxBadRows: Number.POSITIVE_INFINITY,
      onBadRow: (row) => this.add(row),
      onProgress: ({ step, total }) => {
        const detail = `${size(step)} of ${size(file.size)}`;
        often({ stage: 'Reading', step, total: total ?? file.size, detail });
      },
    };
  }
}
