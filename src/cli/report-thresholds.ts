import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Engine } from '../index.ts';
import type { ThresholdsContent } from '../report/thresholds/content.ts';
import { decodeThresholds } from '../thresholds-model-file.ts';
import { fitBoundary } from '../uncertainty/boundary.ts';
import type { Holdout } from '../uncertainty/holdout.ts';
import type { ThresholdPolicy } from '../uncertainty/policy.ts';
import type { Context } from './command.ts';
import { UsageError } from './errors.ts';
import { quoted } from './output.ts';
import { Reader } from './reader.ts';
import type { MadeReport, ReportInput } from './report.ts';
import { record } from './report-card.ts';
import { parsePolicy } from './thresholds-apply.ts';
import { readLabelled } from './thresholds-columns.ts';
import { compared } from './thresholds-judge.ts';
import { splitParts } from './thresholds-parts.ts';
import { pointOf, surveyOf } from './thresholds-survey.ts';
import { verdict } from './thresholds-tell.ts';

interface Source {
  policy: ThresholdPolicy;
  base: ThresholdPolicy;
  test: Holdout;
  how: string;
  card: unknown;
}

/** The page of a model of `thresholds train`: its own rows judge it. */
export async function thresholdsReport(context: Context, input: ReportInput): Promise<MadeReport> {
  const engine = await Engine.create();
  try {
    const { policy, base, test, card, scorer } = decodeThresholds(engine, input.bytes, input.path);
    scorer.dispose();
    const parted = String(card.parted ?? '');
    return await pageOf(context, engine, input, { policy, base, test, card, how: `set apart ${parted}` });
  } finally {
    engine.dispose();
  }
}

/** The page of a policy's JSON, judged by a labelled table. */
export async function policyReport(context: Context, input: ReportInput): Promise<MadeReport> {
  const { args } = context;
  const policy = parsePolicy(input.bytes, input.path);
  const path = args.text('table');
  if (path === undefined) {
    throw new UsageError('--table FILE is missing: a policy is judged by labelled rows it was not fitted on');
  }
  const reader = new Reader(context);
  const table = await reader.reading(() => readLabelled(reader, path, { probability: true }));
  const engine = await Engine.create();
  try {
    const { precision, recall } = policy.card;
    const { calibration, test, how } = splitParts(engine, table, 1);
    const bound = precision === undefined ? { recall: recall ?? 0.5 } : { precision };
    const base = fitBoundary(engine, calibration, { method: 'single', ...bound }).policy;
    return await pageOf(context, engine, input, {
      policy,
      base,
      test,
      how: `parted ${how}`,
      card: policy.card,
    });
  } finally {
    engine.dispose();
  }
}

async function pageOf(
  { args }: Context,
  engine: Engine,
  input: ReportInput,
  { policy, base, test, how, card }: Source,
): Promise<MadeReport> {
  const { thresholdsPage } = await import('../report/index.ts');
  const { method, certified, precision, recall, statement } = policy.card;
  const result = compared(engine, policy, base, test, certified === true || method === 'single');
  const single = compared(engine, base, base, test, true).test;
  const { rows, positives } = result.test;
  const content: ThresholdsContent = {
    file: basename(input.path),
    bytes: input.bytes.length,
    version: version(),
    method,
    precision,
    recall,
    statement,
    verdict: verdict({ ...result, policy }, single),
    rows,
    positives,
    how,
    points: [
      pointOf('this policy', result.test),
      ...(method === 'single' ? [] : [pointOf('one threshold with the same bound', single)]),
    ],
    ...(method === 'single' ? {} : { gain: result.gain }),
    ...surveyOf(engine, policy, test),
    card,
    commands: commandsOf(card, input, args.argv),
  };
  return { page: await thresholdsPage(content), listed: `${rows.toLocaleString('en-US')} rows judged` };
}

const version = (): string =>
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;

function commandsOf(card: unknown, { path }: ReportInput, argv: readonly string[]): string[] {
  const typed = (words: readonly string[]) => words.map(quoted).join(' ');
  const { command } = record(card);
  const words = Array.isArray(command) && command.every((word) => typeof word === 'string') ? command : [];
  return [
    ...(words.length > 0 ? [`fletching thresholds train ${typed(words)}`] : []),
    `fletching thresholds apply ${quoted(basename(path))} TABLE --out decisions.csv`,
    `fletching report ${typed(argv.map((word) => word.replace(/^(--?[\w-]+=)?.*[\\/]/, '$1')))}`,
  ];
}
