import { barChart } from '../charts/bar.ts';
import { lineChart } from '../charts/line.ts';
import { scatterChart } from '../charts/scatter.ts';
import { count, counted, percent, short, span } from '../format.ts';
import { type Html, html, shortened } from '../markup.ts';
import { details, name, notice, paragraph, type Section, table } from '../parts.ts';
import type { ConversionsContent } from './content.ts';
import type { ConversionsEvaluation, MethodMeasured } from './evaluation.ts';
import { groupsOf, lineOf } from './steps.ts';

/** Names that measure the gap: labels as they look, and the future known. */
const GAP = ['vanilla', 'oracle'];
const NAME = 40;
/** 95 % intervals as standard errors, for the bars. */
const ERRORS = 2 * 1.96;

const titleOf = ({ name }: MethodMeasured): string => shortened(name, NAME);
const digits = (value: number, places: number): string =>
  Number.isNaN(value) ? '\u2013' : value.toFixed(places);
const gapText = (value: number | undefined): string =>
  value === undefined ? '\u2013' : `${value.toFixed(1)} %`;

/** The model's own method where it was measured. */
export const ownOf = ({ method, evaluation }: ConversionsContent): MethodMeasured | undefined =>
  evaluation?.methods.find(({ name }) => name === method);

/** Those to be compared at a glance: the model's method, the best of the others, and the two ends of the gap. */
function compared(content: ConversionsContent, { methods }: ConversionsEvaluation): MethodMeasured[] {
  const own = ownOf(content);
  const best = methods.find((one) => one !== own && !GAP.includes(one.name));
  const ends = GAP.map((end) => methods.find(({ name }) => name === end));
  return [...new Set([own, best, ...ends])].filter((one) => one !== undefined);
}

/** Every method on the same stream, and how much of the gap it closes. */
export function qualitySection(content: ConversionsContent): Section {
  const { evaluation, method, rows } = content;
  const base = { id: 'methods', title: 'Which method' };
  if (!evaluation) {
    const body = html`${paragraph('No evaluation was given, so nothing here compares methods.')}
${paragraph('Make one with ', html`<code>fletching conversions evaluate INPUT --json &gt; evaluation.json</code>`, ' and the options of the training, and give it with ', html`<code>--evaluation evaluation.json</code>`, '.')}`;
    return { ...base, body };
  }
  const { methods, steps, open, notes, seed } = evaluation;
  const own = ownOf(content);
  const gap = methods.filter(({ riLogLoss }) => riLogLoss !== undefined);
  const left = open > 0 ? ` ${counted(open, 'row')} are left out, as their label is not final yet.` : '';
  return {
    ...base,
    body: html`${own ? undefined : warning(`The evaluation did not measure ${method}, the method of this model.`)}
${
  rows !== undefined && evaluation.logRows !== undefined && rows !== evaluation.logRows
    ? warning(
        `The evaluation is of a log with ${counted(evaluation.logRows, 'row')}, the model of one with ${count(rows)}: they are ` +
          'not of the same data, or not read with the same options.',
      )
    : undefined
}
${paragraph(
  `Every method learned from the same stream with the same learner${seed === undefined ? '' : ` (seed ${seed})`}: in each of ` +
    `${counted(steps.length, 'step')} the new rows were predicted first, then learned from as their labels came. Judged are ` +
    `${counted(evaluation.rows, 'row')}, by their final labels.${left}`,
)}
${
  gap.length > 0
    ? barChart({
        title: 'Share of the gap closed (log loss)',
        about:
          '0 % is vanilla, which takes labels as they look; 100 % is oracle, which knows the future and cannot be had. Lines are ' +
          'one standard error.',
        x: { label: 'share of the gap closed', format: (value) => `${short(value)} %` },
        of: 'Method',
        labels: gap.map(titleOf),
        series: [
          {
            name: 'closed',
            values: gap.map(({ riLogLoss }) => riLogLoss!),
            error: gap.map(({ ci }) => (ci.riLogLoss!.high - ci.riLogLoss!.low) / ERRORS),
          },
        ],
        ...(own && gap.includes(own) ? { main: gap.indexOf(own) } : {}),
      })
    : undefined
}
${table(
  'Every method, lowest log loss first',
  [
    { title: 'Method' },
    { title: 'Log loss', number: true },
    { title: 'AUC', number: true },
    { title: 'PR-AUC', number: true },
    { title: 'Predicted / real', number: true },
    { title: 'ECE', number: true },
    { title: 'Gap (log loss)', number: true },
    { title: 'Gap (AUC)', number: true },
  ],
  methods.map((one) => ({
    main: one === own,
    cells: [
      name(titleOf(one)),
      digits(one.logLoss, 4),
      digits(one.auc, 4),
      digits(one.prAuc, 4),
      digits(one.pcoc, 2),
      digits(one.ece, 4),
      gapText(one.riLogLoss),
      gapText(one.riAuc),
    ],
  })),
)}
${notes.length > 0 ? html`<ul>${notes.slice(0, 20).map((note) => html`<li>${name(shortened(note, 500))}</li>`)}</ul>` : undefined}`,
  };
}

const warning = (text: string): Html => notice(paragraph(name(text)), 'warning');

/** Metrics by step: first those to be compared, then each method beside the ends of the gap. */
export function stepSection(content: ConversionsContent, evaluation: ConversionsEvaluation): Section {
  const groups = groupsOf(evaluation);
  const width = evaluation.steps.length > groups.length ? 'groups of steps' : 'steps';
  const several = compared(content, evaluation);
  const chart = (
    title: string,
    about: string,
    label: string,
    metric: 'auc' | 'logLoss' | 'pcoc',
    methods: readonly MethodMeasured[],
  ) => {
    const series = methods
      .map((one) => ({ name: titleOf(one), ...lineOf(evaluation, one, metric) }))
      .filter(({ x }) => x.length > 0);
    if (series.length === 0) return undefined;
    return lineChart({
      title,
      about,
      x: { label: 'time since the first step judged', format: span },
      y: { label },
      series,
    });
  };
  const { methodWords } = content;
  const ends = several.filter(({ name }) => GAP.includes(name));
  const { steps } = evaluation;
  const length = steps.length > 0 ? span(steps[0].to - steps[0].from) : 'nothing';
  return {
    id: 'steps',
    title: 'Step by step',
    body: html`${paragraph(`A step is ${length}; the charts have ${count(groups.length)} ${width}.`)}
${chart('Log loss by step', 'Lower is better.', 'log loss', 'logLoss', several)}
${chart('AUC by step', 'How well rows that convert are told from others; .5 is guessing, higher is better.', 'AUC', 'auc', several)}
${chart('Predicted over real conversions by step', '1 is right; below, too little is promised.', 'predicted / real', 'pcoc', several)}
<h3>Method by method</h3>
${evaluation.methods.map((one) => {
  const beside = [one, ...ends.filter((end) => end !== one)];
  return details(
    html`${name(titleOf(one))} <span class="id">log loss ${digits(one.logLoss, 4)}, AUC ${digits(one.auc, 4)}</span>`,
    html`${Object.hasOwn(methodWords, one.name) ? paragraph(`What it does: ${methodWords[one.name]}.`) : undefined}
${chart(`Log loss by step: ${titleOf(one)}`, 'Lower is better.', 'log loss', 'logLoss', beside)}
${chart(`AUC by step: ${titleOf(one)}`, 'Higher is better.', 'AUC', 'auc', beside)}`,
  );
})}`,
  };
}

/** Whether as many rows convert as was predicted. */
export function calibrationSection(content: ConversionsContent, evaluation: ConversionsEvaluation): Section {
  const shown = compared(content, evaluation).filter(({ calibration }) => calibration.length > 0);
  const [first] = shown;
  const offBy = (one: MethodMeasured) => `${titleOf(one)} by ${(100 * one.ece).toFixed(1)} points`;
  return {
    id: 'calibration',
    title: 'Are the probabilities honest?',
    body:
      first === undefined
        ? paragraph('No rows were judged.')
        : html`${paragraph(
            'Rows in groups by what was predicted: on the dashed line, as many converted as predicted. On average the ' +
              `probabilities are off: ${shown.map(offBy).join(', ')}.`,
          )}
${scatterChart({
  title: 'Predicted against real conversions',
  about: 'Below the line too much is promised, above it too little. Upright lines are one standard error.',
  x: { label: 'predicted', format: (value) => percent(value), domain: rangeOf(shown) },
  y: { label: 'share converted', format: (value) => percent(value), domain: rangeOf(shown) },
  diagonal: true,
  series: shown.map((one) => ({
    name: titleOf(one),
    x: one.calibration.map(({ predicted }) => predicted),
    y: one.calibration.map(({ observed }) => observed),
    error: one.calibration.map(({ observed, weight }) =>
      weight > 0 ? Math.sqrt((observed * (1 - observed)) / weight) : 0,
    ),
  })),
})}`,
  };
}

/** Conversions are rare, so that both axes end a little above the highest group, at a tenth. */
function rangeOf(methods: readonly MethodMeasured[]): [number, number] {
  let most = 0;
  for (const { calibration } of methods) {
    for (const { predicted, observed } of calibration) most = Math.max(most, predicted, observed);
  }
  return [0, Math.min(1, Math.max(0.1, Math.ceil(10.5 * most) / 10))];
}
