import type { Args, OptionSpec } from './args.ts';
import type { Output } from './output.ts';
import type { ProgressBar } from './progress.ts';

/** What a command works with. */
export interface Context {
  readonly args: Args;
  readonly out: Output;
  readonly bar: ProgressBar;
  /** Fires on Ctrl-C. */
  readonly signal: AbortSignal;
  /**
   * Runs a long synchronous stretch in which no signal can be heard: meanwhile Ctrl-C ends the process at once, as it
   * does without this program's handler. For work that is writing nothing.
   */
  deaf<T>(work: () => T): T;
}

/** One command. The help is made of it. */
export interface Command {
  /** `related train` */
  readonly name: string;
  /** Names of the arguments that must be there. */
  readonly positionals: readonly string[];
  readonly about: string;
  readonly options: readonly OptionSpec[];
  /** Whole command lines. */
  readonly examples: readonly string[];
  run(context: Context): Promise<void>;
}
