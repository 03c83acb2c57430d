import { randomUUID } from 'node:crypto';
import { createReadStream, rmSync } from 'node:fs';
import { type FileHandle, open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { DataError, notAborted } from '../check.ts';
import type { TableInput } from './table.ts';

/**
 * A file of this machine as input of `readTable`; `-` is standard input. Nothing is opened before the bytes are
 * asked for. A path that is not there is a DataError `not-found`, one that cannot be read as a file `not-a-file`.
 */
export async function openInput(path: string): Promise<TableInput> {
  if (path === '-') return { name: '-', bytes: process.stdin };
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    const absent = error.code === 'ENOENT' || error.code === 'ENOTDIR';
    const place = { code: absent ? 'not-found' : 'not-a-file', file: path };
    throw new DataError(absent ? 'there is no such file' : `cannot be read (${error.code})`, place, error);
  });
  if (found.isDirectory()) throw new DataError('is a folder, not a file', { code: 'not-a-file', file: path });
  const size = found.isFile() ? found.size : undefined;
  return { name: path, bytes: bytesOf(path), size };
}

async function* bytesOf(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    // 256 KiB chunks: a fifth faster than the default 64 KiB on an uncompressed file.
    yield* createReadStream(path, { highWaterMark: 1 << 18 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new DataError(`cannot be read (${code})`, { code: 'not-a-file', file: path }, error);
  }
}

/** Temporary files being written, for removal when the process exits in the middle. */
const unfinished = new Set<string>();
const removeUnfinished = () => {
  for (const path of unfinished) rmSync(path, { force: true });
};

/**
 * Writes a file beside its place and renames it, so that a reader sees the old file or the whole new one. When the
 * bytes fail, the disk is full, the signal fires or the process exits, the old file stays and the temporary one goes
 * (a kill that cannot be caught leaves `.name.<uuid>.tmp`). A link is followed; the mode of an old file is kept; a
 * device or pipe is written directly, since a rename would replace it.
 */
export async function writeFileAtomic(
  path: string,
  bytes: Uint8Array | string | AsyncIterable<Uint8Array | string>,
  options: { signal?: AbortSignal } = {},
): Promise<void> {
  const { signal } = options;
  const old = await stat(path).catch(() => undefined);
  if (old && !old.isFile() && !old.isDirectory()) return writeFile(path, bytes);
  const target = old ? await realpath(path) : path;
  const temporary = target.replace(/[^/\\]*$/, (name) => `.${name.slice(0, 50)}.${randomUUID()}.tmp`);
  if (unfinished.size === 0) process.on('exit', removeUnfinished);
  unfinished.add(temporary);
  let handle: FileHandle | undefined;
  try {
    notAborted(signal);
    handle = await open(temporary, 'wx', old ? old.mode & 0o777 : 0o666);
    for await (const part of typeof bytes === 'string' || bytes instanceof Uint8Array ? [bytes] : bytes) {
      notAborted(signal);
      await handle.appendFile(part);
    }
    await handle.sync();
    await handle.close();
    handle = undefined;
    notAborted(signal);
    await rename(temporary, target);
  } catch (error) {
    await handle?.close().catch(() => {});
    await rm(temporary, { force: true });
    throw error;
  } finally {
    unfinished.delete(temporary);
    if (unfinished.size === 0) process.off('exit', removeUnfinished);
  }
}
