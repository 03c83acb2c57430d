import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Run {
  code: number | null;
  out: string;
  err: string;
  /** The one JSON document of stdout; a failed test when it is not one. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into documents of every shape
  json: any;
}

export interface RunOptions {
  input?: string | Uint8Array;
  env?: Record<string, string>;
  /** Sees the child as soon as it is started. */
  onStart?: (child: ChildProcess) => void;
}

/** Runs the command line as a child process, in the folder given first. */
export function run(folder: string, argv: readonly string[], options: RunOptions = {}): Promise<Run> {
  const main = join(ROOT, 'src/cli/main.ts');
  const loader = new URL('../../node_modules/tsx/dist/loader.mjs', import.meta.url).href;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', loader, main, ...argv], {
      cwd: folder,
      env: { ...process.env, ...options.env },
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (err += text));
    child.on('error', reject);
    child.on('close', (code) => {
      const result = { code, out, err };
      Object.defineProperty(result, 'json', { get: () => document(out, err) });
      resolve(result as Run);
    });
    child.stdin.on('error', () => {});
    child.stdin.end(options.input);
    options.onStart?.(child);
  });
}

function document(out: string, err: string): unknown {
  try {
    return JSON.parse(out);
  } catch {
    assert.unreachable(`stdout is not one JSON document:\n${out}\n${err}`);
  }
}

/** A new folder under the temporary one, with files in it. */
export function folderWith(files: Record<string, string | Uint8Array> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'fletching-cli-'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true });

/** Everything in a folder, hidden files too. */
export const listing = (folder: string): string[] => readdirSync(folder).sort();

export const PHONES = 24;

/** Phone i leads to its case and its glass, and to one of three chargers; cases lead nowhere near phones. */
export function edgeRows(): [source: string, target: string, weight: number][] {
  const rows: [string, string, number][] = [];
  for (let i = 0; i < PHONES; i++) {
    rows.push([`phone-${i}`, `case-${i}`, 5], [`phone-${i}`, `glass-${i}`, 3]);
    rows.push([`phone-${i}`, `charger-${i % 3}`, 2], [`case-${i}`, `glass-${i}`, 1]);
    rows.push([`phone-${i}`, `case-${(i + 1) % PHONES}`, 1]);
  }
  return rows;
}

export const csv = (head: string, rows: readonly (readonly unknown[])[]): string =>
  `${head}\n${rows.map((row) => row.join(',')).join('\n')}\n`;

export const edgesCsv = (): string => csv('source,target,weight', edgeRows());

/** Every training here is this short. */
export const SHORT = ['--dim', '8', '--steps', '12', '--seed', '3'];
