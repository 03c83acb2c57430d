import { type Comparison, outcomeOf, tells } from './comparison.ts';
import type { Evaluation } from './evaluate.ts';
import type { VerdictGroup } from './verdict.ts';

/** By how much the judged method wins, over the control and over the best baseline. */
export function mainLines({
  method,
  control,
  best,
  rivals,
}: {
  method: string;
  control?: Comparison;
  best?: Comparison;
  rivals: number;
}): string[] {
  const lines: string[] = [];
  if (control) {
    const outcome = outcomeOf(control);
    const worth = {
      better: 'learned vectors are worth it',
      'somewhat better': 'learned vectors may be worth it',
      'no difference': tells(control)
        ? 'counts are enough'
        : 'too few hidden pairs to tell whether learned vectors are worth it',
      'somewhat worse': 'counts are enough',
      worse: 'counts are better',
    }[outcome];
    lines.push(
      `${worth}. The ${method} is ${than(control, 'the same without learned vectors (the control)')}`,
    );
  }
  if (best) {
    const name = rivals > 1 ? `the best of ${rivals} other methods, ${best.method}` : best.method;
    lines.push(`The ${method} is ${than(best, name)}`);
  }
  if (lines.length === 0) return [`Nothing to compare with: only the ${method} was measured.`];
  return [`Verdict: ${lines[0]}`, ...lines.slice(1)];
}

/** `clearly better than ease: 5.0 points, 3.5 standard errors (paired).` */
function than(comparison: Comparison, name: string): string {
  const { gain, error, paired } = comparison;
  const outcome = outcomeOf(comparison);
  // Cut after one digit, so that 1.97 does not read as 2.
  const times = error > 0 ? Math.floor((10 * Math.abs(gain)) / error) / 10 : 0;
  const weak = outcome.startsWith('somewhat') ? '; from 2 on it is clear' : '';
  const how =
    `${points(Math.abs(gain))} of the first-ten rate, ${times.toFixed(1)} standard errors ` +
    `(${paired ? 'paired' : 'taken as independent'}${weak}).`;
  if (outcome === 'no difference') return `no real improvement over ${name}: ${gain < 0 ? '-' : '+'}${how}`;
  return `${weak ? '' : 'clearly '}${outcome} than ${name}: ${how}`;
}

const points = (gain: number): string => `${(100 * gain).toFixed(1)} points`;

/** Of six groups one is beyond 2 standard errors by chance every fourth time; beyond 2.6, every twentieth. */
const CLEAR_IN_GROUP = 2.6;

/** For whom: the groups in which the difference to the control (or the best baseline) is clear. */
export function groupLines(groups: readonly VerdictGroup[]): string[] {
  const rows = groups.flatMap((group) => {
    const rival = group.control ?? group.best;
    return rival ? [{ group, rival }] : [];
  });
  if (rows.length === 0) return [];
  const name = rows[0].group.control ? 'the control' : rows[0].rival.method;
  const clear = (side: 1 | -1) =>
    rows
      .filter(({ rival }) => side * rival.gain > 0 && side * rival.gain >= CLEAR_IN_GROUP * rival.error)
      .map(({ group, rival }) => `${groupWords(group)} (${points(side * rival.gain)})`)
      .join(', ');
  const parts = [
    clear(1) && `better than ${name} for ${clear(1)}`,
    clear(-1) && `worse than ${name} for ${clear(-1)}`,
  ].filter(Boolean);
  const whom = parts.length > 0 ? parts.join('; ') : `no group of products differs clearly from ${name}`;
  const rare = groups.find(({ of, range }) => of === 'target' && range === '0-5');
  const found = rare && percent(rare['hitRate@10']);
  return [
    `For whom: ${whom}.${found ? ` Rare answers (0 to 5 products lead to them): ${found} found.` : ''}`,
  ];
}

function groupWords({ of, range }: VerdictGroup): string {
  const count = range.startsWith('>') ? `more than ${range.slice(1)}` : range.replace('-', ' to ');
  return of === 'query' ? `products that lead to ${count} others` : `answers that ${count} products lead to`;
}

/** Whether it tells "phone, next case" from "case, next phone". */
export function directionLines(method: string, { methods, direction }: Evaluation): string[] {
  const { directionPaired, directionPairedMatched, directionMatchedEdges = 0 } = methods[method];
  if (directionPaired === undefined) return [];
  const matched =
    directionPairedMatched === undefined
      ? ''
      : `; ${percent(directionPairedMatched)} where both sell about equally (${directionMatchedEdges} pairs)`;
  const areas = direction
    ? ` Area under the curve: score ${direction.raw.toFixed(2)}, with an offset of the query ` +
      `${direction.offset.toFixed(2)}, direction head ${direction.head.toFixed(2)}; ` +
      `the numbers of pairs alone, without a model, ${direction.degrees.toFixed(2)}.`
    : '';
  return [
    `Direction: shown a one-way pair and its reverse, the ${method} puts the right way first in ` +
      `${percent(directionPaired)}${matched}. Guessing gives 50 %.${areas}`,
  ];
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;
