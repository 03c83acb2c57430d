import { printable } from './errors.ts';

export { count, counted, duration, percent, size } from '../report/format.ts';

/**
 * Writes to standard output at its reader's pace; false when nobody reads any more (`| head`, a full disk): whoever
 * writes pieces can stop then. An error is told where the stream's errors are.
 */
export async function writePiece(text: string): Promise<boolean> {
  const { stdout } = process;
  if (stdout.destroyed) return false;
  if (!stdout.write(text)) {
    await new Promise<void>((resolve) => {
      const events = ['drain', 'close', 'error'] as const;
      const done = () => {
        for (const event of events) stdout.off(event, done);
        resolve();
      };
      for (const event of events) stdout.on(event, done);
    });
  }
  return !stdout.destroyed;
}

/** Where answers go: words for people, or with `--json` one document and nothing else. */
export class Output {
  constructor(readonly json: boolean) {}

  /** A line for people. */
  line(text = ''): void {
    // Names and statements come from files, and could steer the terminal.
    if (!this.json) process.stdout.write(`${text.split('\n').map(printable).join('\n')}\n`);
  }

  /** The one JSON document. */
  document(value: unknown): void {
    if (this.json) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  }

  /** Rows under a heading, columns aligned: `<` to the left, `>` to the right. */
  table(align: string, head: readonly string[], rows: readonly (readonly string[])[]): void {
    for (const row of tableLines(align, head, rows)) this.line(`  ${row}`);
  }
}

export function tableLines(
  align: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string[] {
  const all = [head, ...rows].map((row) => row.map(printable));
  const width = head.map((_, c) => Math.max(...all.map((row) => length(row[c]))));
  return all.map((row) =>
    row
      .map((cell, c) => {
        const space = ' '.repeat(width[c] - length(cell));
        return align[c] === '>' ? space + cell : cell + space;
      })
      .join('  ')
      .trimEnd(),
  );
}

/** Columns a text takes up: code points, two for those of East Asian scripts and emoji. */
function length(text: string): number {
  let columns = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    const wide = (code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code <= 0xd7a3);
    columns += wide || (code >= 0xf900 && code <= 0xfaff) || code >= 0x1f300 ? 2 : 1;
  }
  return columns;
}

/** A word as a shell takes it. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${printable(word).replaceAll("'", "'\\''")}'`;

/**
 * The words of a command line as a model keeps them: files by name alone, as it may travel further than a folder's name
 * should, and not where the model and the words went: the same training gives the same file.
 */
export const keptCommand = (name: string, argv: readonly string[]): string[] => [
  name,
  ...argv
    .filter((word, i) => !/^--(json$|out$|out=)/.test(word) && argv[i - 1] !== '--out')
    .map((word) => word.replace(/^(--?[\w-]+=)?.*[\\/]/, '$1').slice(0, 200)),
];

/** How this program was called, for the commands that are shown. */
export const program = process.env.npm_command === 'exec' ? 'npx fletching' : 'fletching';

/** Fewer pairs than this say nothing about quality. */
export const FEWEST_PAIRS = 30;

export const seconds = (since: number): number => Math.round(performance.now() - since) / 1000;
