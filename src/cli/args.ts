import { parseArgs } from 'node:util';
import { UsageError } from './errors.ts';

/** One option of a command. Without `value` it is a switch. */
export interface OptionSpec {
  name: string;
  short?: string;
  /** What stands for the value in the help. */
  value?: string;
  /** May be given more than once. */
  multiple?: boolean;
  about: string;
  /** Only for the help: the meaning of leaving it out. */
  default?: string | number;
  /** Heading it stands under in the help. */
  section?: string;
}

/** Options under one heading of the help. */
export const under = (section: string, specs: readonly OptionSpec[]): OptionSpec[] =>
  specs.map((spec) => ({ ...spec, section }));

/**
 * The arguments of a command with every value checked where it is asked for. cac declares the commands and prints
 * their help; values are read by node's own parser, because cac turns the id 007 into the number 7 and lets a lone
 * `-` swallow the argument after it.
 */
export class Args {
  readonly positionals: readonly string[];
  readonly #values: Record<string, string | boolean | (string | boolean)[] | undefined>;

  constructor(
    /** The words as given. */
    readonly argv: readonly string[],
    positionals: readonly string[],
    options: readonly OptionSpec[],
  ) {
    const parsed = parse(argv, options);
    if (parsed.positionals.length < positionals.length) {
      throw new UsageError(`${positionals[parsed.positionals.length]} is missing`);
    }
    if (parsed.positionals.length > positionals.length) {
      throw new UsageError(`unexpected argument ${JSON.stringify(parsed.positionals[positionals.length])}`);
    }
    this.positionals = parsed.positionals;
    this.#values = parsed.values;
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined;
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  text(name: string): string | undefined {
    const value = this.#values[name] as string | undefined;
    if (value === '') throw new UsageError(`--${name} must not be empty`);
    return value;
  }

  /** A text option that must be there. */
  need(name: string, value: string): string {
    return this.text(name) ?? fail(`--${name} ${value} is missing`);
  }

  /** All values of an option that may be given more than once. */
  texts(name: string): string[] {
    return (this.#values[name] as string[] | undefined) ?? [];
  }

  integer(name: string, min: number, max: number): number | undefined {
    const value = this.#number(name);
    if (value !== undefined && !(Number.isInteger(value) && value >= min && value <= max)) {
      fail(`${dashed(name)} must be a whole number from ${min} to ${max}, got ${this.text(name)}`);
    }
    return value;
  }

  real(name: string, min: number, max: number): number | undefined {
    const value = this.#number(name);
    if (value !== undefined && !(value >= min && value <= max)) {
      fail(`${dashed(name)} must be a number from ${min} to ${max}, got ${this.text(name)}`);
    }
    return value;
  }

  /** A number of bytes, `1.5e9`, `500MB` or `2GiB`. */
  bytes(name: string, min: number, max: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const [, digits, unit, binary] = /^(.*?)([kmg])?(i)?b?$/i.exec(text)!;
    const power = unit ? 'kmg'.indexOf(unit.toLowerCase()) + 1 : 0;
    const value = Math.round(numberOf(digits) * (binary ? 1024 : 1000) ** power);
    if (value >= min && value <= max) return value;
    return fail(
      `--${name} must be a number of bytes from ${min} to ${max}, such as 500MB or 2GB, got ${text}`,
    );
  }

  word<T extends string>(name: string, words: readonly T[]): T | undefined {
    const value = this.text(name);
    if (value !== undefined && !words.includes(value as T)) {
      fail(`--${name} must be one of ${words.join(', ')}, got ${JSON.stringify(value)}`);
    }
    return value as T | undefined;
  }

  /** Comma-separated words, each of the list, in the list's order. */
  words<T extends string>(name: string, words: readonly T[]): T[] | undefined {
    const given = this.text(name)?.split(',');
    const wrong = given?.find((word) => !words.includes(word as T));
    if (wrong !== undefined) {
      fail(`--${name} must hold words of ${words.join(', ')}, got ${JSON.stringify(wrong)}`);
    }
    return given && words.filter((word) => given.includes(word));
  }

  /** Comma-separated whole numbers. */
  integers(name: string, min: number, max: number): number[] | undefined {
    return this.text(name)
      ?.split(',')
      .map((part) => {
        const value = /^\d+$/.test(part) ? Number(part) : Number.NaN;
        if (value >= min && value <= max) return value;
        return fail(`--${name} must be whole numbers from ${min} to ${max} with commas, got ${part || "''"}`);
      });
  }

  #number(name: string): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : numberOf(text);
  }
}

const numberOf = (text: string): number =>
  /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;

const dashed = (name: string) => (name.length > 1 ? `--${name}` : `-${name}`);

function fail(message: string): never {
  throw new UsageError(message);
}

function parse(argv: readonly string[], specs: readonly OptionSpec[]) {
  const options = Object.fromEntries(
    specs.map(({ name, short, value, multiple }) => [
      name,
      {
        type: value === undefined ? ('boolean' as const) : ('string' as const),
        ...(short ? { short } : {}),
        multiple: multiple === true,
      },
    ]),
  );
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // '--out <value>' and '-k, --k <value>' among them
    const named = /'(?:-\w, )?(-[^\s']*)/.exec(message)?.[1] ?? '';
    if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') fail(`unknown option ${named}`);
    if (/does not take an argument/.test(message)) fail(`${named} takes no value`);
    if (/ambiguous/.test(message)) {
      fail(`the value of ${named} is missing (a value that begins with - is written ${named}=-1)`);
    }
    if (/argument missing/.test(message)) fail(`the value of ${named} is missing`);
    return fail(message);
  }
}
