import type { Args } from './args.ts';
import { columnList } from './conversions-features.ts';
import { UsageError } from './errors.ts';

/** Options that take a list of columns; all others name one. */
const LISTS: readonly string[] = ['signals', 'signal-delays', 'numeric', 'categorical'];

const columnsOf = (args: Args, option: string): readonly string[] =>
  LISTS.includes(option) ? columnList(args, option) : args.has(option) ? [args.text(option) as string] : [];

/** Refuses a column that one option of `some` and another one of `others` name: it cannot be both. */
export function apart(args: Args, some: readonly string[], others: readonly string[]): void {
  for (const one of some) {
    for (const other of others) {
      if (one === other) continue;
      const both = columnsOf(args, one).find((name) => columnsOf(args, other).includes(name));
      if (both !== undefined) {
        throw new UsageError(`--${one} and --${other} both name ${JSON.stringify(both)}: it cannot be both`);
      }
    }
  }
}
