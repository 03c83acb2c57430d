import { DataError } from '../check.ts';

/** The command line itself is wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What is told of an error, in words and as JSON. */
export interface Failure {
  code: string;
  message: string;
  file?: string;
  line?: number;
  column?: string;
}

const IO_REASONS: Record<string, string> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'is a folder, not a file',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
  ENAMETOOLONG: 'the name is too long',
};

/** Any error as one line: data errors with their place, file system errors with their path, an abort as such. */
export function failureOf(error: unknown): Failure {
  if (error instanceof UsageError) return { code: 'usage', message: oneLine(error.message) };
  if (error instanceof DataError) {
    const { code, file, line, column } = error;
    const named = file === '-' ? error.message.replace(/^-(?=[,:])/, 'standard input') : error.message;
    // What the library calls format and delimiter, the command line calls --format and --delimiter.
    const message =
      code === 'wrong-format' ? named.replace(/\b(?<=give |and )(?=format |delimiter )/g, '--') : named;
    return { code, message: oneLine(message), file, line, column };
  }
  const { name, code, path, message } = (error ?? {}) as NodeJS.ErrnoException;
  if (name === 'AbortError') return { code: 'aborted', message: 'stopped before it was done' };
  if (typeof code === 'string' && typeof path === 'string') {
    return { code: 'io', message: oneLine(`${path}: ${IO_REASONS[code] ?? code}`), file: path };
  }
  return { code: 'failed', message: oneLine(message ?? String(error)) };
}

const oneLine = (text: string) => printable(text.replace(/\s*\r?\n\s*/g, ' '));

/** Text of a file without characters that would steer the terminal. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to take out
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}
