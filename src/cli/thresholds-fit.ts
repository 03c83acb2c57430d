import { Engine } from '../index.ts';
import { type Boundary, fitBoundary } from '../uncertainty/boundary.ts';
import type { BoundaryOptions } from '../uncertainty/boundary-options.ts';
import type { Command, Context } from './command.ts';
import { UsageError } from './errors.ts';
import { checkOutput, writeOutput } from './files.ts';
import { count, counted, program, quoted, size } from './output.ts';
import { Reader } from './reader.ts';
import {
  type LabelledTable,
  labelOption,
  readLabelled,
  scoreOptions,
  splitOptions,
  tableOptions,
} from './thresholds-columns.ts';
import { acting, judged, oneThreshold, sharesOf, testOf } from './thresholds-judge.ts';
import { abstainOptions, boundOptions, gridOptions, methodOption, oneBound } from './thresholds-options.ts';
import { bothClasses, ofTable, splitParts } from './thresholds-parts.ts';
import { ruleText, verdict } from './thresholds-tell.ts';

export const thresholdsFit: Command = {
  name: 'thresholds fit',
  positionals: ['TABLE'],
  about:
    'Make a decision policy over score and uncertainty from labelled rows that the model was not trained on',
  options: [
    ...tableOptions,
    ...scoreOptions,
    labelOption,
    ...splitOptions.map((option) =>
      option.name === 'split-column'
        ? { ...option, default: 'fitted on all rows; judged half against half' }
        : option,
    ),
    ...boundOptions,
    ...methodOption('surface'),
    ...gridOptions,
    ...abstainOptions,
    { name: 'out', value: 'FILE', about: 'Where the policy goes, as JSON (needed)', section: 'Output' },
  ],
  examples: [
    'fletching thresholds fit scored.csv --label bought --precision .8 --out policy.json',
    'fletching thresholds fit scored.csv --label bought --precision .8 --confidence .9 --group customer --out policy.json',
    'fletching thresholds fit --config run.json --out policy.json',
  ],
  run,
};

const KINDS: Record<string, string> = {
  single: 'one threshold',
  surface: 'a surface boundary',
  dynamic: 'a dynamic boundary',
  isotonic: 'an isotonic boundary',
};

async function run(context: Context): Promise<void> {
  const { args, out, signal } = context;
  const file = args.need('out', 'FILE');
  const options = oneBound(args);
  await checkOutput(file);
  const probability =
    options.confidence !== undefined ||
    !['single', 'dynamic', 'isotonic'].includes(options.method ?? 'surface');
  const reader = new Reader(context);
  const [path] = args.positionals;
  const table = await reader.reading(() => readLabelled(reader, path, { probability }));
  if (table.holdout.uncertainty === undefined && options.method !== 'single') {
    throw new UsageError('--uncertainty COLUMN is missing (--method single needs none)');
  }
  const engine = await Engine.create();
  try {
    const { label } = table.holdout;
    bothClasses(label, { file: table.file, column: table.columns.label, of: 'of the table' });
    const { boundary, result, how } = ofTable(table.file, () => fitted(engine, table, options));
    const { single, judgedOn, rows } = result;
    acting(boundary, table.file);
    const policy = new TextEncoder().encode(`${JSON.stringify(boundary.policy)}\n`);
    await writeOutput(file, policy, signal);
    const { certificate } = boundary;
    out.document({
      out: file,
      method: boundary.method,
      rows: boundary.calibration.rows,
      calibration: sharesOf(boundary.calibration),
      test: { rows, parted: how, ...testOf(judgedOn.test) },
      singleThreshold: { test: testOf(single) },
      recallGain: judgedOn.gain,
      certificate,
      badRows: reader.badRows,
    });
    out.line(`Fitted ${KINDS[boundary.method]} on ${counted(boundary.calibration.rows, 'row')}.`);
    if (reader.badRows > 0) out.line(`  ${counted(reader.badRows, 'bad row')} left out`);
    const rule = ruleText(boundary.policy, table.holdout.uncertainty);
    if (rule !== undefined) out.line(rule);
    out.line();
    out.line(
      table.part
        ? `On the ${counted(rows, 'row')} of the test part:`
        : `What such a boundary is worth, told by another that was fitted on ${counted(table.rows - rows, 'row')} and judged on ` +
            `the other ${count(rows)}, parted ${how}:`,
    );
    for (const line of verdict(judgedOn, single)) out.line(line);
    out.line();
    out.line(`Wrote ${file}: ${size(policy.length)}. To decide about other rows:`);
    out.line(`  ${program} thresholds apply ${quoted(file)} TABLE --out decisions.csv`);
  } finally {
    engine.dispose();
  }
}

/**
 * With a split column the policy is fitted on its calibration rows and judged on its test rows. Without, it is fitted on all
 * rows, and what it is worth is told by another of the same kind, fitted on one half and judged on the other.
 */
function fitted(engine: Engine, table: LabelledTable, options: Partial<BoundaryOptions> & { seed: number }) {
  const parts = splitParts(engine, table, options.seed);
  const half = fitBoundary(engine, parts.calibration, options);
  const base = oneThreshold(engine, parts.calibration, options);
  const boundary: Boundary = table.part ? half : fitBoundary(engine, table.holdout, options);
  const judgedOn = judged(engine, half, base, parts.test);
  const single = judged(engine, base, base, parts.test).test;
  return { boundary, how: parts.how, result: { judgedOn, single, rows: parts.test.score.length } };
}
