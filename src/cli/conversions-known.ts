import type { ConversionCard } from '../delayed-feedback/state.ts';
import { Args, type OptionSpec } from './args.ts';
import type { Command, Context } from './command.ts';

/** Options that say what the columns are; of those in one row only one kind is used at a time. */
const ROLES = [
  ['id'],
  ['time'],
  ['conversion', 'conversion-delay'],
  ['label'],
  ['negative-time'],
  ['signals', 'signal-delays'],
  ['window', 'window-column', 'window-end'],
  ['unit'],
] as const;

/** Options of a command on a model, with what leaving them out means. */
export const asTrained = (specs: readonly OptionSpec[]): OptionSpec[] =>
  specs.map((spec) =>
    ROLES.flat().some((name) => name === spec.name)
      ? { ...spec, about: spec.about.replace(' (needed)', ''), default: 'as in training' }
      : spec,
  );

/** Every command has it; it is read before the others are. */
const JSON_SWITCH: OptionSpec = { name: 'json', about: '' };

/** What a training was told of its columns, for the card. */
export function columnsOf(args: Args): Record<string, string> {
  const given = ROLES.flat().map((name) => [name, args.text(name)] as const);
  return Object.fromEntries(given.filter((one): one is [(typeof one)[0], string] => one[1] !== undefined));
}

/** The context of a command on a model: columns that its command line does not name are those of the training. */
export function withKnown(context: Context, { columns = {} }: ConversionCard, command: Command): Context {
  const { args } = context;
  const words = ROLES.flatMap((role) => {
    if (role.some((name) => args.has(name))) return [];
    return role
      .filter(
        (name) => Object.hasOwn(columns, name) && command.options.some((option) => option.name === name),
      )
      .map((name) => `--${name}=${columns[name]}`);
  });
  return {
    ...context,
    args: new Args([...words, ...args.argv], command.positionals, [...command.options, JSON_SWITCH]),
  };
}
