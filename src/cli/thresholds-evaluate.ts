import { Engine } from '../index.ts';
import type { BoundaryOptions } from '../uncertainty/boundary-options.ts';
import type { Command, Context } from './command.ts';
import { UsageError } from './errors.ts';
import { count, counted, type Output, percent } from './output.ts';
import { Reader } from './reader.ts';
import { labelOption, readLabelled, scoreOptions, splitOptions, tableOptions } from './thresholds-columns.ts';
import { type Judged, judge, parametersOf, sharesOf, testOf } from './thresholds-judge.ts';
import {
  type BoundArgs,
  boundaryArgs,
  boundOptions,
  gridOptions,
  methodOption,
} from './thresholds-options.ts';
import { ofTable, type Parts, splitParts } from './thresholds-parts.ts';
import { METHOD_HEAD, methodCells, verdict } from './thresholds-tell.ts';

const CONFIDENCE = 0.9;

/** The six ways that are compared. */
const WAYS = ['single', 'surface', 'dynamic', 'isotonic', 'certifiedSingle', 'certifiedSurface'] as const;
type Way = (typeof WAYS)[number];

const WORDS: Record<Way, string> = {
  single: 'one threshold on the score',
  surface: 'smooth boundary over score and uncertainty',
  dynamic: 'best threshold for each level of uncertainty',
  isotonic: 'recalibrated within each level, one cut',
  certifiedSingle: 'one threshold that keeps the bound',
  certifiedSurface: 'smooth boundary that keeps the bound',
};

export const thresholdsEvaluate: Command = {
  name: 'thresholds evaluate',
  positionals: ['TABLE'],
  about: 'Fit every kind of boundary on one part of a labelled table and judge it on the other',
  options: [
    ...tableOptions,
    ...scoreOptions,
    labelOption,
    ...splitOptions,
    ...boundOptions.filter(({ name }) => name === 'precision'),
    ...methodOption('surface').map((option) => ({
      ...option,
      about: 'The boundary that the verdict is about',
    })),
    ...gridOptions.map((option) =>
      option.name === 'confidence' ? { ...option, default: CONFIDENCE } : option,
    ),
  ],
  examples: [
    'fletching thresholds evaluate scored.csv --score score --uncertainty uncertainty --label bought --precision .8',
    'fletching thresholds evaluate table.csv.gz --label y --split-column split --precision .7 --json',
    'fletching thresholds evaluate --config run.json',
  ],
  run,
};

async function run(context: Context): Promise<void> {
  const { args, out, bar } = context;
  const bound = boundaryArgs(args);
  const { precision, method = 'surface' } = bound;
  if (precision === undefined) throw new UsageError('--precision X is missing');
  const reader = new Reader(context);
  const table = await reader.reading(() => readLabelled(reader, args.positionals[0], { probability: true }));
  if (table.holdout.uncertainty === undefined) {
    throw new UsageError('--uncertainty COLUMN is missing: there is nothing to compare without one');
  }
  const engine = await Engine.create();
  try {
    const parts = splitParts(engine, table, bound.seed);
    const methods = {} as Record<Way, Judged>;
    WAYS.forEach((way, i) => {
      bar.update('fitting', i, WAYS.length, way);
      const base = way === 'certifiedSurface' ? methods.certifiedSingle : methods.single;
      methods[way] = ofTable(table.file, () => judge(engine, parts, optionsOf(way, bound), base?.boundary));
    });
    const auto =
      method === 'auto'
        ? judge(engine, parts, { ...plain(bound), method }, methods.single.boundary)
        : undefined;
    bar.stop();
    out.document({
      precisionBound: precision,
      methods: Object.fromEntries(
        WAYS.map((way) => [
          way,
          {
            boundary: parametersOf(methods[way].boundary),
            calibration: sharesOf(methods[way].boundary.calibration),
            test: testOf(methods[way].test),
          },
        ]),
      ),
    });
    tell(out, methods, parts, precision, reader.badRows);
    out.line();
    const about = auto ?? methods[method as Way];
    out.line(`Verdict on ${method}${auto ? ` (${auto.boundary.method})` : ''}:`);
    for (const line of verdict(about, methods.single.test)) out.line(`  ${line}`);
    const confidence = percent(bound.confidence ?? CONFIDENCE, 0);
    out.line(`With a promise for new rows (${confidence} confidence), by certifiedSurface:`);
    for (const line of verdict(methods.certifiedSurface, methods.certifiedSingle.test)) out.line(`  ${line}`);
  } finally {
    engine.dispose();
  }
}

/** Without what only certified boundaries have. */
function plain({ confidence: _, certificate: __, ...rest }: BoundArgs): Partial<BoundaryOptions> {
  return rest;
}

function optionsOf(way: Way, bound: BoundArgs): Partial<BoundaryOptions> {
  if (way === 'certifiedSingle' || way === 'certifiedSurface') {
    const method = way === 'certifiedSingle' ? 'single' : 'surface';
    return { ...bound, method, confidence: bound.confidence ?? CONFIDENCE };
  }
  return { ...plain(bound), method: way };
}

function tell(out: Output, methods: Record<Way, Judged>, parts: Parts, precision: number, bad: number): void {
  const { test } = methods.single;
  out.line(
    `Fitted on ${counted(parts.calibration.score.length, 'row')}, judged on ${count(test.rows)} others ` +
      `(${count(Math.round(test.positives))} positive), parted ${parts.how}.`,
  );
  if (parts.left > 0) out.line(`  ${counted(parts.left, 'row')} of train left out`);
  if (bad > 0) out.line(`  ${counted(bad, 'bad row')} left out`);
  out.line();
  out.line(
    `Bound: ${percent(precision, 0)} of what is acted on must be right. On the rows that were not fitted on:`,
  );
  out.table(
    '<>>>>>><<',
    ['method', ...METHOD_HEAD, 'what it is'],
    WAYS.map((way) => [
      way,
      ...methodCells(methods[way], way === 'single' || way === 'certifiedSingle'),
      WORDS[way],
    ]),
  );
}
