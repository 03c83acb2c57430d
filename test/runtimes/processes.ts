import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Outcome, type Prove, type Reference, Skipped } from './outcome.ts';
import type { Place } from './place.ts';

const execute = promisify(execFile);
const LIMIT = 120_000;

/** What a command prints; its complaint as an Error where it fails. */
export async function printed(folder: string, [file, ...args]: string[], env = {}): Promise<string> {
  const settings = { cwd: folder, timeout: LIMIT, env: { ...process.env, ...env }, maxBuffer: 1 << 26 };
  try {
    return (await execute(file, args, settings)).stdout;
  } catch (error) {
    const { stderr, stdout, message } = error as Error & { stderr?: string; stdout?: string };
    throw new Error((stderr || stdout || message).trim().slice(-2000));
  }
}

const MADE = 'made.safetensors';

/** The proof in a process of its own for training, and in another for answering from a file. */
async function twice(
  folder: string,
  command: string[],
  version: string,
  file = MADE,
  threads = 1,
): Promise<Outcome> {
  const train = ['main.js', 'train', MADE, String(threads)];
  const trained = JSON.parse(await printed(folder, [...command, ...train]));
  const { answers, firstMs } = JSON.parse(await printed(folder, [...command, 'main.js', 'serve', file]));
  return { ...trained, version, served: answers, firstMs };
}

/** This Node, by which the others are judged. */
export async function reference(place: Place): Promise<Reference> {
  const folder = place.folder('reference');
  const outcome = await twice(folder, [process.execPath], process.version);
  return { ...outcome, file: readFileSync(join(folder, MADE)) };
}

export const commands: Record<string, (place: Place) => string[]> = {
  node: () => [process.execPath],
  node20: (place) => [found(place, 'n20/bin/node')],
  node22: (place) => [found(place, 'n22/bin/node')],
  node24: (place) => [found(place, 'n24/bin/node')],
  node26: (place) => [found(place, 'n26/bin/node')],
  deno: (place) => [found(place, '@deno/linux-x64-glibc/deno'), 'run', '--allow-read', '--allow-write=.'],
  bun: (place) => [found(place, '@oven/bun-linux-x64/bin/bun')],
};

function found(place: Place, path: string): string {
  const file = place.tool(path);
  if (!file) throw new Skipped(`${path} was not installed (Linux on x64 alone has it)`);
  return file;
}

/** The proof in Node, Deno or Bun, with so many threads. */
export const inProcess =
  (name: string, threads = 1): Prove =>
  async (place, { file }) => {
    const command = commands[name](place);
    const version = (await printed(place.cold, [command[0], '--version'])).split('\n')[0];
    const folder = place.folder(`${name}-${threads}`);
    writeFileSync(join(folder, 'given.safetensors'), file);
    return twice(folder, command, version.replace(/^deno |^v| \(.*/g, ''), 'given.safetensors', threads);
  };
