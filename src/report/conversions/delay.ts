import { lineChart } from '../charts/line.ts';
import { percent, span } from '../format.ts';
import { html } from '../markup.ts';
import { figures, paragraph, type Section } from '../parts.ts';
import type { ConversionsContent, DelayPart } from './content.ts';

/** The age by which a share is reached, between two ages of the curve; undefined where it never is. */
export function ageOf(age: readonly number[], values: readonly number[], share: number): number | undefined {
  const k = values.findIndex((value) => value >= share);
  if (k < 0) return undefined;
  const [fromAge, from] = k === 0 ? [0, 0] : [age[k - 1], values[k - 1]];
  return values[k] > from ? fromAge + ((age[k] - fromAge) * (share - from)) / (values[k] - from) : age[k];
}

/** Half of the conversions before a 20th of the ages: only a logarithmic axis shows when they come. */
const EARLY = 1 / 20;

/** When conversions come, and how much of a label is known by an age. */
export function delaySection({ curve, window }: Pick<ConversionsContent, 'curve' | 'window'>): Section {
  const { age, converted, low, high, known, final } = curve;
  const last = age[age.length - 1];
  const log = age[0] > 0 && (ageOf(age, known, 0.5) ?? last) < EARLY * last;
  // A logarithmic axis has no 0.
  const from = <T>(first: T, values: readonly T[]) => (log ? values : [first, ...values]);
  const ages = from(0, age);
  const x = { label: 'age of a row', format: span, log };
  const share = (value: number) => percent(value, value > 0 && value < 0.1 ? 1 : 0);
  const all = converted[converted.length - 1];
  return {
    id: 'delay',
    title: 'When conversions come',
    body: html`${paragraph(
      `A row counts as converted when it converts within ${window === undefined ? 'its own window' : span(window)}; until then ` +
        'its label can still change. Rows that were not yet watched for so long are accounted for, not left out.',
    )}
${figures(milestones(curve))}
${lineChart({
  title: 'Delay curve: share of rows converted by an age',
  about: `In the end ${percent(all, 1)} of the rows convert. The band is the 95 % interval.`,
  x,
  y: { label: 'share converted', format: share },
  series: [{ name: 'converted', x: ages, y: from(0, converted), low: from(0, low), high: from(0, high) }],
})}
${lineChart({
  title: 'Label maturity: how much is known by an age',
  about:
    'The first line is the share of all conversions that have come; the second the share of rows whose label cannot change ' +
    'any more. Between the two, a row that looks like a loss may still be none.',
  x,
  step: true,
  y: { label: 'share', format: (value) => percent(value), domain: [0, 1] },
  series: [
    { name: 'conversions that have come', x: ages, y: from(0, known) },
    { name: 'labels that are final', x: ages, y: from(0, final) },
  ],
})}`,
  };
}

function milestones({ age, known, final }: DelayPart) {
  const text = (at: number | undefined) => (at === undefined ? '\u2013' : span(at));
  const reached = (values: readonly number[], share: number) => text(ageOf(age, values, share));
  return [
    { label: 'Half of the conversions are in by', value: reached(known, 0.5), main: true },
    { label: '90 % of them by', value: reached(known, 0.9) },
    // Most labels become final at once, when their window ends: nothing lies between two ages.
    { label: 'Half of the labels are final by', value: text(age[final.findIndex((share) => share >= 0.5)]) },
  ];
}
