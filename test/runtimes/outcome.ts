import type { Place } from './place.ts';

/** What a runtime did with the proof (apps/proof.js). */
export interface Outcome {
  version: string;
  /** SHA-256 of the file of each model it trained. */
  hashes: Record<string, string>;
  /** Of the model it trained, and of the file it was given. */
  answers: string[];
  served: string[];
  /** From the first line of the program (of a page: from its opening; of workerd: of a request) to the first answer of the file. */
  firstMs: number;
  memoryBytes: number;
}

/** What everything is compared with: what Node made of it, and the file of its model. */
export interface Reference extends Outcome {
  file: Uint8Array;
}

/** Thrown where something is not on this machine, with the reason. */
export class Skipped extends Error {}

export type Prove = (place: Place, reference: Reference) => Promise<Outcome>;

/** One row of the table. */
export interface Row {
  name: string;
  version: string;
  loads: string;
  trains: string;
  sameHash: string;
  serves: string;
  first: string;
  failed: boolean;
  note?: string;
}

const yes = (ok: boolean) => (ok ? 'yes' : 'NO');
const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** The row of a runtime, whatever happened in it. */
export async function rowOf(name: string, prove: () => Promise<Outcome>, reference: Reference): Promise<Row> {
  const none = { version: '', loads: '-', trains: '-', sameHash: '-', serves: '-', first: '-' };
  try {
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error('did not end within three minutes')), 180_000).unref();
    });
    const { version, hashes, answers, served, firstMs } = await Promise.race([prove(), late]);
    const differing = Object.keys(reference.hashes).filter((key) => hashes[key] !== reference.hashes[key]);
    const trains = same(answers, reference.answers);
    const serves = same(served, reference.answers);
    return {
      name,
      version,
      loads: 'yes',
      trains: yes(trains),
      sameHash: differing.length === 0 ? 'yes' : `NO: ${differing.join(', ')}`,
      serves: yes(serves),
      first: `${firstMs.toFixed(0)} ms`,
      failed: differing.length > 0 || !trains || !serves,
    };
  } catch (error) {
    const { message } = error as Error;
    if (error instanceof Skipped) return { name, ...none, failed: false, note: `skipped: ${message}` };
    return { name, ...none, loads: 'NO', failed: true, note: message };
  }
}

const HEAD = ['runtime', 'loads', 'trains', 'same hash', 'serves', 'first answer'];
const cells = (row: Row) => [
  `${row.name} ${row.version}`.trim(),
  row.loads,
  row.trains,
  row.sameHash,
  row.serves,
  row.first,
];

/** The rows as aligned text, notes below. */
export function textTable(rows: Row[]): string {
  const lines = [HEAD, ...rows.map(cells)];
  const width = HEAD.map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  const notes = rows.filter(({ note }) => note).map(({ name, note }) => `${name}: ${note}`);
  return [...lines.map((line) => line.map((cell, i) => cell.padEnd(width[i])).join('  ')), ...notes].join(
    '\n',
  );
}

/** The rows as they stand in the README. */
export const markdownTable = (rows: Row[]): string =>
  [HEAD, HEAD.map(() => '---'), ...rows.map(cells)].map((line) => `| ${line.join(' | ')} |`).join('\n');
