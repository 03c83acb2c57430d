import { randomUUID } from 'node:crypto';
import { constants, realpathSync, rmSync, statSync } from 'node:fs';
import { access, chmod, mkdir, realpath, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { DataError } from '../check.ts';
import { writeFileAtomic } from '../io/node.ts';
import type { Args } from './args.ts';
import { failureOf, UsageError } from './errors.ts';

export { readBytes } from '../node.ts';

type Content = Parameters<typeof writeFileAtomic>[1];

/** Writes a file at once; a failure of the file system is a DataError `not-writable`. */
export async function writeOutput(path: string, content: Content, signal?: AbortSignal): Promise<void> {
  try {
    await writeFileAtomic(path, content, { signal });
  } catch (error) {
    throw notWritable(path, error);
  }
}

function notWritable(path: string, error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return error;
  const reason = failureOf(error).message.replace(/^.*: /, '');
  return new DataError(`cannot be written: ${reason}`, { code: 'not-writable', file: path }, error);
}

const READ = [
  'features',
  'coview',
  'nodes',
  'items',
  'split',
  'in-stock',
  'categories',
  'evaluation',
] as const;
const LISTED = ['exclude', 'allow'] as const;
const WRITTEN = ['out', 'checkpoint', 'rejects'] as const;

/** Refuses to write over a file that is read, or two things into one file, before anything is touched. */
export function checkPaths(args: Args): void {
  const taken = new Map<string, string>();
  for (const path of args.positionals) if (isFile(path)) taken.set(real(path), 'the input');
  for (const name of LISTED) {
    for (const path of args.texts(name)) if (isFile(path)) taken.set(real(path), `the file of --${name}`);
  }
  for (const name of READ) {
    const path = args.text(name);
    if (path !== undefined && isFile(path)) taken.set(real(path), `the file of --${name}`);
  }
  for (const name of WRITTEN) {
    const path = args.text(name);
    if (path === undefined) continue;
    if (path === '-') throw new UsageError(`--${name} must be a file, it cannot be - (standard output)`);
    const other = taken.get(real(path));
    if (other) throw new UsageError(`--${name} ${path} would overwrite ${other}`);
    // Devices and folders lose nothing.
    if (isFile(path) !== false) taken.set(real(path), `the file of --${name}`);
  }
}

function tried<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** Whether there is a file; undefined when there is nothing. */
const isFile = (path: string): boolean | undefined => tried(() => statSync(path).isFile());

/** The path without links, of a file that may not be there yet. */
const real = (path: string): string =>
  tried(() => realpathSync(path)) ??
  join(tried(() => realpathSync(dirname(path))) ?? resolve(dirname(path)), basename(path));

const refused = (path: string, reason: string) =>
  new DataError(`cannot be written: ${reason}`, { code: 'not-writable', file: path });

/** What is at the path; undefined when nothing is. A path that can hold nothing is a DataError `not-writable`. */
async function existing(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw notWritable(path, error);
  }
}

async function checkAccess(path: string, at: string, mode: number): Promise<void> {
  await access(at, mode).catch((error) => {
    throw notWritable(path, error);
  });
}

/** Refuses an output path that cannot work, before hours are spent on what is to be written there. */
export async function checkOutput(path: string): Promise<void> {
  const found = await existing(path);
  if (found?.isDirectory() || path.endsWith('/')) throw refused(path, 'is a folder, not a file');
  // A device or pipe is written itself, anything else by a file beside it.
  if (found && !found.isFile()) return checkAccess(path, path, constants.W_OK);
  const folder = dirname(found ? await realpath(path) : path);
  if (!(await existing(folder))?.isDirectory()) throw refused(path, 'its folder does not exist');
  await checkAccess(path, folder, constants.W_OK | constants.X_OK);
}

/** The same for a folder, which may be made with those above it. */
export async function checkOutputFolder(path: string): Promise<void> {
  let at = resolve(path);
  let found = await existing(at);
  while (!found && dirname(at) !== at) {
    at = dirname(at);
    found = await existing(at);
  }
  if (!found?.isDirectory()) throw refused(path, `${at} is a file, not a folder`);
  await checkAccess(path, at, constants.W_OK | constants.X_OK);
}

/**
 * Writes files into a folder, which is made when it is not there. All are written beside their places before the first
 * is renamed, so that after a failure the old ones are there as they were; a folder made for them goes again.
 */
export async function writeFolder(
  folder: string,
  files: Record<string, Content>,
  signal?: AbortSignal,
  onFile?: (name: string, step: number) => void,
): Promise<void> {
  const made = await mkdir(folder, { recursive: true }).catch((error) => {
    throw notWritable(folder, error);
  });
  const written: { path: string; target: string; temporary: string }[] = [];
  const removeWritten = () => {
    for (const { temporary } of written) rmSync(temporary, { force: true });
  };
  process.on('exit', removeWritten);
  try {
    for (const name of Object.keys(files)) await checkOutput(join(folder, name));
    for (const [step, [name, content]] of Object.entries(files).entries()) {
      onFile?.(name, step);
      const path = join(folder, name);
      const old = await existing(path);
      const target = old ? await realpath(path) : path;
      const temporary = join(dirname(target), `.${name}.${randomUUID()}.tmp`);
      written.push({ path, target, temporary });
      await writeFileAtomic(temporary, content, { signal }).catch((error) => {
        throw notWritable(path, error);
      });
      if (old) await chmod(temporary, old.mode & 0o777);
    }
    for (const { path, target, temporary } of written) {
      await rename(temporary, target).catch((error) => {
        throw notWritable(path, error);
      });
    }
  } catch (error) {
    for (const { temporary } of written) await rm(temporary, { force: true });
    if (made !== undefined) await rmdir(folder).catch(() => {});
    throw error;
  } finally {
    process.off('exit', removeWritten);
  }
}

/** The lines in pieces of about 64 kB: a write for each line would cost more than making it. */
export async function* inPieces(lines: Iterable<string>): AsyncGenerator<string> {
  let piece: string[] = [];
  let length = 0;
  for (const line of lines) {
    piece.push(line);
    length += line.length;
    if (length > 65_536) {
      yield piece.join('');
      piece = [];
      length = 0;
    }
  }
  if (length > 0) yield piece.join('');
}
