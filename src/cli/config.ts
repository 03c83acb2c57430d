import { collect } from '../io/chunks.ts';
import { openInput } from '../io/node.ts';
import { type OptionSpec, parse, under } from './args.ts';
import type { Command } from './command.ts';
import { printable, UsageError } from './errors.ts';

export const configOptions = under('Input', [
  {
    name: 'config',
    value: 'FILE',
    about: 'JSON with any of these options in camelCase ("pretrainUntil": 20), and "input" for INPUT',
  },
]);

/** No run needs more; anything larger is not a configuration. */
const LARGEST = 1 << 20;

/** windowColumn -> window-column */
const dashed = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/**
 * The words of a command line with those of its `--config` file before them. What the command line says itself wins.
 * Paths in the file are relative to the folder the command runs in, as those on the command line are. Options of `siblings`
 * alone are passed over, so that one file serves every command of a group.
 */
export async function withConfig(
  argv: readonly string[],
  command: Command,
  siblings: readonly Command[] = [],
): Promise<readonly string[]> {
  const given = parse(argv, [...command.options, { name: 'json', about: '' }]);
  const path = given.values.config as string | undefined;
  if (path === undefined) return argv;
  const words: string[] = [];
  const places: string[] = [...given.positionals];
  const names = command.positionals.map((name) => name.toLowerCase());
  for (const [key, value] of Object.entries(await readConfig(path))) {
    const wrong = (rule: string): never => {
      throw new UsageError(`${path}: ${printable(key)} ${rule}`);
    };
    const place = names.indexOf(key);
    if (place >= 0) {
      if (typeof value !== 'string' || value === '') wrong('must be the path of a file');
      if (/^-./.test(value as string)) wrong('must not begin with - (write ./-... for such a file)');
      places[place] ??= value as string;
      continue;
    }
    const named = ({ name }: OptionSpec) => name === dashed(key) && name !== 'config';
    const spec = command.options.find(named);
    const elsewhere = siblings.some(
      ({ options, positionals }) => options.some(named) || positionals.some((p) => p.toLowerCase() === key),
    );
    if (!spec && elsewhere) continue;
    if (!spec || /[^A-Za-z0-9]/.test(key)) throw unknownKey(path, key, command);
    if (Object.hasOwn(given.values, spec.name)) continue;
    words.push(...wordsOf(spec, value, wrong));
  }
  const missing = names.findIndex((_, i) => places[i] === undefined);
  const found = missing < 0 ? places : places.slice(0, missing);
  return [...words, ...argv, ...found.slice(given.positionals.length)];
}

function wordsOf(spec: OptionSpec, value: unknown, wrong: (rule: string) => never): string[] {
  if (spec.value === undefined) {
    if (typeof value !== 'boolean') return wrong('must be true or false');
    return value ? [`--${spec.name}`] : [];
  }
  const list = Array.isArray(value) ? value : [value];
  const texts = list.map((one) => {
    if (typeof one === 'string' || (typeof one === 'number' && Number.isFinite(one))) return String(one);
    return wrong('must be text, a number, or a list of these');
  });
  if (texts.length === 0) return [];
  return (spec.multiple ? texts : [texts.join(',')]).map((text) => `--${spec.name}=${text}`);
}

function unknownKey(path: string, key: string, { name, options, positionals }: Command): UsageError {
  const camel = options.map((o) => o.name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()));
  const known = [...camel.filter((one) => one !== 'config'), ...positionals.map((one) => one.toLowerCase())];
  const near = known.find((one) => one.toLowerCase() === dashed(key).replaceAll(/[-_]/g, '').toLowerCase());
  const hint = near ? `; it is written ${near}` : '';
  return new UsageError(`${path}: ${name} has no option ${JSON.stringify(printable(key))}${hint}`);
}

async function readConfig(path: string): Promise<Record<string, unknown>> {
  const { bytes, name } = await openInput(path);
  const read = await collect(bytes as AsyncIterable<Uint8Array>, name, LARGEST);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(read));
  } catch (error) {
    throw new UsageError(`${path} is not JSON in UTF-8: ${(error as Error).message}`);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new UsageError(`${path} must hold one JSON object`);
  }
  return json as Record<string, unknown>;
}
