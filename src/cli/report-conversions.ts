import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { DataError } from '../check.ts';
import { decodeConversions } from '../conversions-model-file.ts';
import type { DelayedFeedbackClassifier } from '../delayed-feedback/classifier.ts';
import { methodText } from '../delayed-feedback/methods/names.ts';
import { Engine } from '../index.ts';
import type { ConversionsContent, DelayPart, OpenPart } from '../report/conversions/content.ts';
import type { Context } from './command.ts';
import { verdict } from './conversions-verdict.ts';
import { count, counted, quoted } from './output.ts';
import type { MadeReport, ReportInput } from './report.ts';
import { record, strings } from './report-card.ts';

/** Open rows listed unless the options say otherwise, and at most. */
const TOP = 500;
const MOST = 10_000;

/** The page of a model of `conversions train`. */
export async function conversionsReport({ args }: Context, input: ReportInput): Promise<MadeReport> {
  const { conversionsPage, readConversionsEvaluation } = await import('../report/index.ts');
  const { evaluation: given, path } = input;
  const evaluation = given && readConversionsEvaluation(given.text, given.path);
  const engine = await Engine.create();
  try {
    const model = decodeConversions(engine, input.bytes, path);
    const { card, features, health } = model;
    const open = openOf(model, Math.min(MOST, args.integer('top', 0, 1e6) ?? TOP));
    const { command: _, ...settings } = card;
    const content: ConversionsContent = {
      file: basename(path),
      bytes: input.bytes.length,
      version: version(),
      method: card.settings.method,
      window: card.window,
      signals: card.signals,
      features,
      ...readOf(model),
      curve: curveOf(model, path),
      health,
      open,
      evaluation,
      verdict: evaluation
        ? verdict(
            evaluation.methods.map((one) => [one.name, one]),
            evaluation,
          )
        : [],
      methodWords: methodText,
      card: settings,
      commands: commandsOf(model, input, args.argv),
    };
    const items = Math.min(open.listed, open.waiting.length);
    return { page: await conversionsPage(content), items, listed: `${counted(items, 'open row')} listed` };
  } finally {
    engine.dispose();
  }
}

const version = (): string =>
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;

function openOf(model: DelayedFeedbackClassifier, listed: number): OpenPart {
  const waiting = model
    .flipOpen()
    // A damaged model may have no number to say.
    .filter(({ probability }) => probability >= 0 && probability <= 1)
    .map(({ id, age, probability }, i) => ({ id: String(id), age, probability, i }))
    .sort((a, b) => b.probability - a.probability || a.i - b.i);
  return { rows: model.open, waiting, listed };
}

/** Words for the counts of the log; a card comes from a file, where only what is needed to predict was checked. */
function readOf({ card }: DelayedFeedbackClassifier): Pick<ConversionsContent, 'read' | 'rows'> {
  const counts = record(card.counts);
  const names: Record<string, string> = {
    rows: 'Rows read',
    dropped: 'Rows left out as bad',
    positives: 'Converted',
    negatives: 'Did not convert',
    censored: 'Could still convert at the end of the log',
    outOfOrder: 'Rows that came before an earlier time',
    zeroWindow: 'Rows with a window of zero',
    convertedLate: 'Conversions after the window, counted as none',
    signalsAfterConversion: 'Signals after the conversion, left out',
  };
  const known = (key: string) => (Number.isFinite(counts[key]) ? (counts[key] as number) : undefined);
  return {
    rows: known('rows'),
    read: Object.entries(names).flatMap(([key, words]): [string, string][] => {
      const value = known(key);
      // What did not happen is not told.
      return value === undefined || (value === 0 && key !== 'rows') ? [] : [[words, count(value)]];
    }),
  };
}

function curveOf(model: DelayedFeedbackClassifier, file: string): DelayPart {
  const curve = record(model.delayCurve());
  const part = (name: keyof DelayPart, most: number): number[] => {
    const values = curve[name];
    const fine =
      Array.isArray(values) &&
      values.length > 0 &&
      values.length === (curve.age as unknown[])?.length &&
      values.every(
        (value, i) => value >= 0 && value <= most && (name !== 'age' || !(value <= values[i - 1])),
      );
    if (fine) return values;
    const rule = `damaged model file: curve.${name} is no list of numbers from 0 to ${most}, one an age`;
    throw new DataError(rule, { code: 'damaged-model', file });
  };
  return {
    age: part('age', 1e15),
    // Sums of a million shares end a rounding above 1.
    converted: part('converted', 1 + 1e-6),
    low: part('low', 1),
    high: part('high', 1 + 1e-6),
    known: part('known', 1 + 1e-6),
    final: part('final', 1 + 1e-6),
  };
}

/** The training's command as the model keeps it, and this one. */
function commandsOf(
  { card, clock }: DelayedFeedbackClassifier,
  { path, evaluation }: ReportInput,
  argv: readonly string[],
): string[] {
  const typed = (words: readonly string[]) => words.map(quoted).join(' ');
  const command = strings(card.command);
  const { seed, until } = card.settings;
  const updated = clock > until!;
  return [
    command.length > 0
      ? `fletching ${command[0]} ${typed([...command.slice(1), '--out', basename(path)])}`
      : `# trained through the library, with seed ${seed} and the settings below`,
    ...(updated ? ['# then told by conversions update what happened afterwards'] : []),
    ...(evaluation
      ? [`# ${basename(evaluation.path)}: fletching conversions evaluate with the same options and --json`]
      : []),
    `fletching report ${typed(argv.map((word) => word.replace(/^(--?[\w-]+=)?.*[\\/]/, '$1')))}`,
  ];
}
