import { takeRows } from '../delayed-feedback/take-rows.ts';
import { Engine } from '../index.ts';
import { logLoss, rocAuc } from '../nn/metrics.ts';
import { encodeThresholds } from '../thresholds-model-file.ts';
import { fitBoundary } from '../uncertainty/boundary.ts';
import { ESTIMATORS, type ScorerOptions, scorerDefaults } from '../uncertainty/estimators/options.ts';
import { UncertainScorer } from '../uncertainty/estimators/scorer.ts';
import type { Holdout } from '../uncertainty/holdout.ts';
import { type Args, under } from './args.ts';
import type { Command, Context } from './command.ts';
import { leftText } from './conversions-features.ts';
import { tellingColumns } from './conversions-leaks.ts';
import { checkOutput, writeOutput } from './files.ts';
import { count, counted, type Output, percent, program, quoted, seconds, size } from './output.ts';
import { Reader } from './reader.ts';
import { labelOption, type Part, splitOptions, tableOptions } from './thresholds-columns.ts';
import { partsByTime, readTraining, rowsOfParts, SHARES, type TrainingTable } from './thresholds-features.ts';
import { acting, judged, oneThreshold, sharesOf, testOf } from './thresholds-judge.ts';
import { abstainOptions, boundOptions, gridOptions, methodOption, oneBound } from './thresholds-options.ts';
import { ofTable, partsByChance } from './thresholds-parts.ts';
import { ruleText, verdict } from './thresholds-tell.ts';

const { learningRate, hidden, dropout, batch, bits, passes } = scorerDefaults;

export const thresholdsTrain: Command = {
  name: 'thresholds train',
  positionals: ['TABLE'],
  about: 'From a labelled table to a model with scores, uncertainties and a decision policy',
  options: [
    ...tableOptions,
    labelOption,
    ...under('Columns', [
      { name: 'numeric', value: 'A,B,...', about: 'Features that are numbers' },
      {
        name: 'categorical',
        value: 'A,B,...',
        about: 'Features that are words or codes',
        default: 'without --numeric as well: every other column',
      },
      { name: 'ignore', value: 'A,B,...', about: 'Columns that are no features' },
      {
        name: 'time',
        value: 'COLUMN',
        about: 'Train on the earliest 60 %, fit the policy on 20 %, judge by the last 20 %',
      },
    ]),
    ...splitOptions.map((option) =>
      option.name === 'split-column'
        ? {
            ...option,
            about: 'Says train, cal or test for each row',
            default: 'by --time, or 60, 20 and 20 % by chance',
          }
        : option,
    ),
    ...boundOptions,
    ...methodOption('auto'),
    ...gridOptions,
    ...abstainOptions,
    ...under('Training', [
      {
        name: 'estimator',
        value: ESTIMATORS.join('|'),
        about: 'Where the uncertainty comes from',
        default: scorerDefaults.estimator,
      },
      { name: 'members', value: 'N', about: 'Networks whose mean is the score', default: '1 (ensemble: 5)' },
      { name: 'passes', value: 'N', about: 'Passes of the estimator dropout', default: passes },
      {
        name: 'epochs',
        value: 'N',
        about: 'Passes over the training rows',
        default: '3, or more for 40 steps',
      },
      { name: 'learning-rate', value: 'X', about: 'Step length', default: learningRate },
      { name: 'hidden', value: 'N,N', about: 'Layers of the network', default: hidden.join(',') },
      { name: 'dropout', value: 'X', about: 'Share of units dropped in training', default: dropout },
      { name: 'batch', value: 'N', about: 'Rows of a step', default: batch },
      { name: 'bits', value: 'N', about: 'Slots of the feature table as a power of two', default: bits },
    ]),
    {
      name: 'out',
      value: 'FILE',
      about: 'Where the model goes, with its policy inside (needed)',
      section: 'Output',
    },
    { name: 'policy-out', value: 'FILE', about: 'The policy alone as well, as JSON', section: 'Output' },
  ],
  examples: [
    'fletching thresholds train bookings.csv.gz --label y --time book_day --numeric lead_time,adr ' +
      '--categorical agent,market_segment --precision .8 --out model.safetensors',
    'fletching thresholds apply model.safetensors new.csv --out decisions.csv',
    'fletching report model.safetensors --out report.html',
  ],
  run,
};

async function run(context: Context): Promise<void> {
  const { args, out, bar, signal } = context;
  const file = args.need('out', 'FILE');
  const policyFile = args.text('policy-out');
  const bound = { method: 'auto' as const, ...oneBound(args) };
  const settings = scorerArgs(args, bound.seed);
  await checkOutput(file);
  if (policyFile !== undefined) await checkOutput(policyFile);
  const start = performance.now();
  const reader = new Reader(context);
  const table = await reader.reading(() => readTraining(reader, args.positionals[0]));
  const read = seconds(start);
  const engine = await Engine.create();
  try {
    const { part, how } = parted(engine, table, bound.seed);
    const rows = rowsOfParts(table, part, args);
    const scorer = await UncertainScorer.fit(
      engine,
      takeRows(table.features, rows.train),
      Float64Array.from(rows.train, (i) => table.label[i]),
      {
        ...settings,
        signal,
        onProgress: ({ step, total, loss }) =>
          bar.update('training', step, total, Number.isFinite(loss) ? `loss ${loss.toFixed(3)}` : ''),
      },
    );
    bar.stop();
    const scored = (index: Uint32Array): Holdout => {
      const { score, uncertainty } = scorer.predict(takeRows(table.features, index));
      return {
        score,
        uncertainty,
        label: Float64Array.from(index, (i) => table.label[i]),
        ...(table.group ? { group: Uint32Array.from(index, (i) => table.group![i]) } : {}),
      };
    };
    const [calibration, test] = [scored(rows.calibration), scored(rows.test)];
    const boundary = ofTable(table.file, () => fitBoundary(engine, calibration, bound));
    acting(boundary, table.file);
    const base = oneThreshold(engine, calibration, bound);
    const result = judged(engine, boundary, base, test);
    const single = judged(engine, base, base, test).test;
    const quality = { auc: rocAuc(test.label, test.score), logLoss: logLoss(test.label, test.score) };
    const figures = {
      method: boundary.method,
      estimator: scorer.options.estimator,
      rows: { train: rows.train.length, calibration: rows.calibration.length, test: rows.test.length },
      parted: how,
      scorer: quality,
      calibration: sharesOf(boundary.calibration),
      test: testOf(result.test),
      singleThreshold: { test: testOf(single) },
      recallGain: result.gain,
      ...(boundary.gain ? { likelihoodGain: boundary.gain } : {}),
      ...(boundary.certificate ? { certificate: boundary.certificate } : {}),
    };
    const names = (kind: string) =>
      table.features.columns.flatMap((column) => (column.kind === kind ? [column.name] : []));
    const bytes = encodeThresholds({
      scorer,
      policy: boundary.policy,
      base: base.policy,
      features: { numeric: names('numeric'), categorical: names('categorical') },
      calibration,
      test,
      card: {
        ...figures,
        settings: { ...settings, ...bound }, // Folders of this machine are nobody's business who gets the model.
        command: args.argv.map((word) => word.replace(/^(--?[\w-]+=)?.*[\\/]/, '$1')),
      },
    });
    await writeOutput(file, bytes, signal);
    if (policyFile !== undefined)
      await writeOutput(policyFile, `${JSON.stringify(boundary.policy)}\n`, signal);
    const telling = tellingColumns(
      table.features.columns,
      Array.from(rows.train),
      Uint8Array.from(rows.train, (i) => Number(table.label[i] >= 0.5)),
    );
    out.document({
      out: file,
      bytes: bytes.length,
      ...figures,
      suspects: telling,
      leftOut: table.left,
      badRows: reader.badRows,
      seconds: { read, all: seconds(start) },
    });
    tellRead(out, table, how, figures.rows, reader.badRows);
    for (const { name, auc } of telling) {
      out.line(
        `Warning: ${name} alone tells the label (AUC ${auc.toFixed(3)}). Is it written down afterwards? Then --ignore it.`,
      );
    }
    out.line(
      `Scores on the test rows: AUC ${quality.auc.toFixed(3)}, log loss ${quality.logLoss.toFixed(4)}; ` +
        `unsure by ${scorer.options.estimator}; boundary: ${boundary.method}.`,
    );
    const rule = ruleText(boundary.policy, calibration.uncertainty);
    if (rule !== undefined) out.line(rule);
    for (const line of verdict(result, single)) out.line(line);
    out.line();
    out.line(`Wrote ${file}: ${size(bytes.length)}. Next:`);
    out.line(`  ${program} thresholds apply ${quoted(file)} TABLE --out decisions.csv`);
    out.line(`  ${program} report ${quoted(file)} --out report.html`);
    scorer.dispose();
  } finally {
    engine.dispose();
  }
}

function scorerArgs(args: Args, seed: number): Partial<ScorerOptions> {
  const estimator = args.word('estimator', ESTIMATORS);
  const given = {
    estimator,
    members: args.integer('members', estimator === 'ensemble' ? 2 : 1, 100),
    passes: args.integer('passes', 2, 10_000),
    epochs: args.integer('epochs', 1, 10_000),
    learningRate: args.real('learning-rate', 1e-9, 100),
    hidden: args.integers('hidden', 1, 4096),
    dropout: args.real('dropout', estimator === 'dropout' ? 0.01 : 0, 0.95),
    batch: args.integer('batch', 1, 65_536),
    bits: args.integer('bits', 1, 24),
  };
  return { ...Object.fromEntries(Object.entries(given).filter(([, v]) => v !== undefined)), seed };
}

/** Parts by the split column, else by time, else by chance with whole groups. */
function parted(engine: Engine, table: TrainingTable, seed: number): { part: Part[]; how: string } {
  if (table.part) return { part: table.part, how: 'as the split column says' };
  if (table.time) return { part: partsByTime(table.time), how: 'by time' };
  const what = table.group ? 'by whole groups' : 'by rows';
  return {
    part: partsByChance(engine, table.rows, table.group, SHARES, seed),
    how: `${what} by chance, seed ${seed}`,
  };
}

function tellRead(
  out: Output,
  table: TrainingTable,
  how: string,
  rows: Record<Part, number>,
  bad: number,
): void {
  const positives = table.label.reduce((sum, y) => sum + y, 0);
  out.line(`Read ${counted(table.rows, 'row')}, ${percent(positives / table.rows, 1)} positive.`);
  if (bad > 0) out.line(`  ${counted(bad, 'bad row')} left out`);
  if (table.found) {
    const named = (kind: string) =>
      table.features.columns.flatMap((c) => (c.kind === kind ? [c.name] : [])).join(', ') || 'none';
    out.line(
      `  numbers: ${named('numeric')}; categories: ${named('categorical')} (--numeric and --categorical say otherwise)`,
    );
  }
  if (table.left.length > 0) {
    out.line(`  no features: ${leftText(table.left)}; name them in --categorical or --numeric to use them`);
  }
  out.line(
    `Trained on ${count(rows.train)} rows, policy fitted on ${count(rows.calibration)}, judged by ${count(rows.test)}, parted ${how}.`,
  );
}
