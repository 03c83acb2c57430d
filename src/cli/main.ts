#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { cac } from 'cac';
import { Args, type OptionSpec } from './args.ts';
import type { Command } from './command.ts';
import { withConfig } from './config.ts';
import { conversionsEvaluate } from './conversions-evaluate.ts';
import { conversionsFlips } from './conversions-flips.ts';
import { conversionsPredict } from './conversions-predict.ts';
import { conversionsTrain } from './conversions-train.ts';
import { conversionsUpdate } from './conversions-update.ts';
import { failureOf, UsageError } from './errors.ts';
import { checkPaths } from './files.ts';
import { Output } from './output.ts';
import { ProgressBar } from './progress.ts';
import { relatedEvaluate } from './related-evaluate.ts';
import { relatedExport } from './related-export.ts';
import { relatedRecommend } from './related-recommend.ts';
import { relatedTrain } from './related-train.ts';
import { relatedUpdate } from './related-update.ts';
import { report } from './report.ts';
import { simulateEventsCommand } from './simulate-events.ts';
import { simulateShopCommand } from './simulate-shop.ts';
import { thresholdsApply } from './thresholds-apply.ts';
import { thresholdsEvaluate } from './thresholds-evaluate.ts';
import { thresholdsFit } from './thresholds-fit.ts';
import { thresholdsTrain } from './thresholds-train.ts';

const COMMANDS: readonly Command[] = [
  relatedTrain,
  relatedUpdate,
  relatedRecommend,
  relatedEvaluate,
  relatedExport,
  conversionsTrain,
  conversionsUpdate,
  conversionsPredict,
  conversionsEvaluate,
  conversionsFlips,
  report,
  thresholdsTrain,
  thresholdsFit,
  thresholdsEvaluate,
  thresholdsApply,
  simulateShopCommand,
  simulateEventsCommand,
];

/** Exit codes beside 0. */
const FAILED = 1;
const WRONG_USAGE = 2;
const GLOBAL = [
  { name: 'json', about: 'Print one JSON document on stdout and nothing else', section: 'Output' },
  { name: 'help', short: 'h', about: 'Show this help', section: 'Output' },
] as const;

/** The package's version; the same path from src/cli and from dist/cli. */
const version = (): string =>
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;

/** The commands as cac knows them, for the help. */
function described() {
  const cli = cac('fletching');
  for (const { name, positionals, about, options, examples } of COMMANDS) {
    const usage = [name, ...positionals.map((word) => `<${word}>`)].join(' ');
    const command = cli.command(usage, about);
    for (const option of [...options, ...GLOBAL]) {
      const { name: long, short, value, about: text, default: preset } = option as Command['options'][number];
      const names = long.length === 1 ? `-${long}` : `${short ? `-${short}, ` : ''}--${long}`;
      command.option(value ? `${names} <${value}>` : names, text, { default: preset });
      // cac takes `--no-x` for a switch that is on.
      if (preset === undefined) command.options[command.options.length - 1].config.default = undefined;
    }
    for (const example of examples) command.example(`  $ ${example}`);
  }
  cli.usage('<command> [options]');
  cli.option('-h, --help', 'Show this help, or that of a command');
  cli.option('-v, --version', 'Show the version');
  cli.globalCommand.versionNumber = version();
  return cli;
}

/** The help of a command, or of all commands whose name begins with `group`. */
function showHelp(command?: Command, group = ''): void {
  const cli = described();
  const found = cli.commands.find(({ name }) => name === command?.name);
  if (found && command) {
    cli.globalCommand.options.length = 0;
    cli.globalCommand.helpCallback = (parts) => parts.flatMap((part) => inSections(command, part));
    found.outputHelp();
    return;
  }
  cli.commands = cli.commands.filter(({ name }) => name.startsWith(group));
  if (group) cli.usage(`${group}<command> [options]`);
  cli.globalCommand.outputHelp();
}

/** The part of the help that lists the options, a line each, as one part a section. */
function inSections({ options }: Command, part: { title?: string; body: string }) {
  if (part.title !== 'Options') return [part];
  const sections = new Map<string, string[]>();
  const specs: readonly OptionSpec[] = [...options, ...GLOBAL];
  part.body.split('\n').forEach((line, i) => {
    const title = specs[i].section ?? 'Options';
    sections.set(title, [...(sections.get(title) ?? []), line.trimEnd()]);
  });
  return Array.from(sections, ([title, lines]) => ({ title, body: lines.join('\n') }));
}

/** `related train` has two words, `report` has one. */
const wordsOf = (name: string): number => name.split(' ').length;

/** The command that the first words name. */
function commandOf(argv: readonly string[]): Command {
  const found = COMMANDS.find(({ name }) => name === argv.slice(0, wordsOf(name)).join(' '));
  if (found) return found;
  const words = argv.slice(0, 2).filter((word) => !word.startsWith('-'));
  const group = COMMANDS.filter(({ name }) => name.startsWith(`${words[0]} `)).map(({ name }) => name);
  const known = group.length > 0 ? group : COMMANDS.map(({ name }) => name);
  const list = `there ${known.length === 1 ? 'is' : 'are'} ${known.join(', ').replace(/, ([^,]*)$/, ' and $1')}`;
  throw new UsageError(
    words.length === 0 || (group.length > 0 && words.length === 1)
      ? `a command is missing; ${list}`
      : `unknown command ${JSON.stringify(words.join(' '))}; ${list}`,
  );
}

/** Runs one command line; returns the exit code. */
/** The other commands of `related`, `conversions` ... */
const siblingsOf = ({ name }: Command): Command[] =>
  COMMANDS.filter((other) => other.name !== name && other.name.split(' ')[0] === name.split(' ')[0]);

async function main(argv: readonly string[]): Promise<number> {
  const json = argv.includes('--json');
  const bar = new ProgressBar();
  let command: Command | undefined;
  try {
    const wantsHelp = argv.includes('--help') || argv.includes('-h');
    if (argv.length === 0 || (wantsHelp && argv[0].startsWith('-'))) {
      showHelp();
      return 0;
    }
    const first = argv.find((word) => word !== '--json');
    if (first === '--version' || first === '-v') {
      const number = version();
      process.stdout.write(json ? `${JSON.stringify({ version: number })}\n` : `fletching ${number}\n`);
      return 0;
    }
    const isGroup = COMMANDS.some(({ name }) => name.startsWith(`${argv[0]} `));
    if (isGroup && (argv.length === 1 || (wantsHelp && argv[1].startsWith('-')))) {
      showHelp(undefined, `${argv[0]} `);
      return 0;
    }
    command = commandOf(argv);
    if (wantsHelp) {
      showHelp(command);
      return 0;
    }
    const words = await withConfig(argv.slice(wordsOf(command.name)), command, siblingsOf(command));
    const args = new Args(words, command.positionals, [...command.options, ...GLOBAL]);
    checkPaths(args);
    const { signal, deaf } = interruptions();
    await command.run({ args, out: new Output(json), bar, signal, deaf });
    return 0;
  } catch (error) {
    bar.stop();
    const failure = failureOf(error);
    const usage = error instanceof UsageError;
    const hint = usage ? ` (see fletching ${command ? `${command.name} ` : ''}--help)` : '';
    process.stderr.write(`fletching: ${failure.message}${hint}\n`);
    if (process.env.FLETCHING_DEBUG === '1') process.stderr.write(`${(error as Error).stack}\n`);
    if (json) process.stdout.write(`${JSON.stringify({ error: failure })}\n`);
    return usage ? WRONG_USAGE : FAILED;
  } finally {
    bar.stop();
  }
}

/** A signal that the first Ctrl-C (SIGTERM, a closed terminal) fires; the second ends the process. */
function interruptions() {
  const controller = new AbortController();
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(FAILED);
    controller.abort();
  };
  const listen = () => names.forEach((name) => void process.on(name, interrupt));
  listen();
  const deaf = <T>(work: () => T): T => {
    for (const name of names) process.off(name, interrupt);
    try {
      return work();
    } finally {
      listen();
    }
  };
  return { signal: controller.signal, deaf };
}

// What cannot be told is dropped and the work goes on. A reader that has seen enough (`| head`) is no failure.
let untold: Error | undefined;
let closed = false;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  closed ||= error.code === 'EPIPE';
  if (closed || untold) return;
  untold = error;
  process.stderr.write(`fletching: ${failureOf({ ...error, path: 'standard output' }).message}\n`);
});
process.stderr.on('error', () => {});

const code = await main(process.argv.slice(2));
// Standard input may still be open, so the process is ended once everything is written.
process.stderr.write('', () => process.stdout.write('', () => process.exit(code || (untold ? FAILED : 0))));
