import type { Boundary } from '../uncertainty/boundary.ts';
import type { Operating } from '../uncertainty/evaluate.ts';
import { LARGEST } from '../uncertainty/grid-boundary.ts';
import type { ThresholdPolicy } from '../uncertainty/policy.ts';
import { FEWEST_PAIRS, percent } from './output.ts';
import type { Judged } from './thresholds-judge.ts';

/** `8 of 10`, and of shares that tenths would hide `97 of 100` or `995 of 1,000`; `all` is all. */
export function outOf(share: number): string {
  if (share === 1) return 'all';
  const fits = (of: number) => Math.abs(share * of - Math.round(share * of)) < 0.25 && share * of < of - 0.5;
  const of = fits(10) ? 10 : share <= 0.985 ? 100 : 1000;
  return `${Math.round(share * of)} of ${of === 1000 ? '1,000' : of}`;
}

const between = ([low, high]: readonly [number, number]) => `${percent(low, 1)} to ${percent(high, 1)}`;
/** Points of a hundred with their sign. */
const points = (gain: number) => `${gain < 0 ? '-' : '+'}${(100 * Math.abs(gain)).toFixed(1)}`;

/** Rows acted on of a thousand. */
export const perThousand = ({ flagged, rows }: Operating): string => {
  const of = (1000 * flagged) / rows;
  return of >= 10 || of === 0 ? String(Math.round(of)) : of.toPrecision(2);
};

/** A row of the table of methods. */
export function methodCells({ boundary, test, rival, gain }: Judged, isBase: boolean): string[] {
  const flags = test.flagged > 0;
  const compares = !isBase && (flags || rival.flagged > 0);
  const never = boundary.calibration.flagged > 0 ? '' : 'out of reach';
  return [
    perThousand(test),
    flags ? percent(test.precision, 1) : '',
    flags ? between(test.precisionInterval) : '',
    percent(test.recall, 1),
    between(test.recallInterval),
    compares ? `${points(gain.gain)} (${points(gain.interval[0])} to ${points(gain.interval[1])})` : '',
    boundary.certificate && !boundary.certificate.certified ? 'refused' : never,
  ];
}

export const METHOD_HEAD = [
  'acts on of 1,000',
  'right',
  '95 %',
  'found',
  '95 %',
  'found, points above one threshold',
  '',
];

/** A policy on new rows; what is known of its fitting, if it was fitted just now. */
type Told = Omit<Judged, 'boundary'> & Pick<Boundary, 'policy'> & { boundary?: Boundary };

/** What a policy does on new rows, whether the uncertainty wins anything, and whether the bound was kept. */
export function verdict(judged: Told, single: Operating): string[] {
  const { policy, test, boundary } = judged;
  const { card } = policy;
  const alone = card.method === 'single';
  if (boundary?.certificate && !boundary.certificate.certified) return [boundary.certificate.statement];
  if (boundary && !(boundary.calibration.flagged > 0)) {
    return [
      `It acts on no row: nowhere in the rows it was fitted on are ${percent(card.precision ?? 0, 0)} positive.`,
    ];
  }
  if (test.positives < FEWEST_PAIRS) {
    const found = Number(test.positives.toFixed(1));
    return [
      `Too few to judge: ${found} positives among the test rows; from ${FEWEST_PAIRS} on something can be said.`,
    ];
  }
  if (!(test.flagged > 0)) return [card.statement ?? 'It acts on none of the rows that judge it.'];
  const lines = [
    `Acting on ${perThousand(test)} of 1,000 rows keeps ${outOf(test.precision)} right ` +
      `(95 %: ${between(test.precisionInterval)}) and finds ${percent(test.recall, 1)} of the positives${
        alone ? '.' : `; ${singleText(single)}.`
      }`,
  ];
  if (test.abstained !== undefined) {
    lines.push(`It leaves ${percent(test.abstained / test.rows, 1)} of the rows open (abstain).`);
  }
  if (!alone) lines.push(gainLine(judged));
  else if (boundary?.gain) {
    lines.push('The uncertainty predicts no better than the score alone: one threshold is used.');
  }
  if (card.precision !== undefined) lines.push(boundLine(judged, card.precision));
  return lines;
}

const singleText = ({ flagged, recall, precision }: Operating) =>
  flagged > 0
    ? `one threshold on the score finds ${percent(recall, 1)} and keeps ${outOf(precision)} right`
    : 'for one threshold on the score the bound could not be supported';

function gainLine({ policy, matched, gain: { gain, interval }, test, rival }: Told): string {
  const when = matched
    ? `At the same precision one threshold finds ${percent(rival.recall, 1)};`
    : policy.card.certified
      ? 'At the same promise'
      : 'Beside it';
  const range = `95 %: ${points(interval[0])} to ${points(interval[1])}`;
  if (interval[0] > 0) {
    const times = rival.recall > 0 ? `, ${(test.recall / rival.recall).toFixed(2)} times as many` : '';
    return `${when} that is ${points(gain)} points${times} (${range}).`;
  }
  if (interval[1] < 0) {
    const advice =
      policy.card.certified && matched ? ', which could not be certified here' : ': use --method single';
    return `${when} it finds ${(-100 * gain).toFixed(1)} points less than one threshold (${range})${advice}.`;
  }
  return `${when} it wins nothing that could not be chance: ${points(gain)} points (${range}). One threshold is simpler and as good.`;
}

function boundLine({ policy, boundary, test }: Told, bound: number): string {
  const { statement } = policy.card;
  if (statement !== undefined) {
    const price = boundary?.certificate?.recallPrice ?? 0;
    const costs = ` It costs ${(100 * price).toFixed(1)} points of recall on the rows it was fitted on.`;
    return statement + (price > 0 ? costs : '');
  }
  const under = test.precisionInterval[1] < bound ? 'it falls short of' : 'it is within chance of';
  const kept = test.precision >= bound ? 'it keeps' : under;
  return (
    `On rows it was not fitted on ${kept} the bound of ${percent(bound, 0)}; nothing promises that for other rows, since ` +
    'without --confidence a boundary falls below its bound about as often as not.'
  );
}

/** Shares of the rows by uncertainty at which a policy's threshold is told. */
const PLACES = [
  ['low', 0.1],
  ['middling', 0.5],
  ['high', 0.9],
] as const;

/** From which score on a policy acts; undefined where no few numbers say it. */
export function ruleText(
  { rule }: ThresholdPolicy,
  uncertainty: ArrayLike<number> | undefined,
): string | undefined {
  if (rule.kind !== 'levels') return undefined;
  if (rule.high.length === 1) {
    return rule.high[0] === -LARGEST
      ? 'It acts on every score.'
      : `It acts on scores from ${short(rule.high[0])}.`;
  }
  if (uncertainty === undefined || uncertainty.length === 0) return undefined;
  const sorted = Float64Array.from(uncertainty).sort();
  const places = PLACES.map(([word, share]) => {
    const u = sorted[Math.floor(share * (sorted.length - 1))];
    const level = rule.edges.reduce((below, edge) => below + Number(Math.fround(u) >= edge), 0);
    return { threshold: rule.high[level], where: `where the uncertainty is ${word} (${short(u)})` };
  });
  if (places.every(({ threshold }) => threshold === Infinity)) return undefined;
  const text = places.map(({ threshold, where }) =>
    threshold === Infinity
      ? `none ${where}`
      : threshold === -LARGEST
        ? `all ${where}`
        : `those from ${short(threshold)} ${where}`,
  );
  return `Of the scores it acts on ${text.join(', ')}.`;
}

const short = (value: number): string => String(Number(value.toPrecision(3)));
