import type { Judged } from '../../../src/cli/thresholds-judge.ts';
import { outOf, perThousand } from '../../../src/cli/thresholds-tell.ts';
import type { Operating } from '../../../src/index.ts';
import { percent } from '../../../src/report/format.ts';

/** Fewer positives than this say nothing. */
const FEWEST = 30;

const points = (gain: number) => `${gain < 0 ? '\u2212' : '+'}${(100 * Math.abs(gain)).toFixed(1)} points`;

/** What a policy does on rows that it was not fitted on, what the uncertainty wins, and what is promised. */
export function decisionWords({
  policy,
  test,
  rival,
  matched,
  gain: { gain, interval },
  single,
}: Omit<Judged, 'boundary'> & { single: Operating }): string[] {
  const { card } = policy;
  if (test.positives < FEWEST)
    return [`Too few to judge: ${Math.round(test.positives)} positives among the rows judged.`];
  if (!(test.flagged > 0))
    return [card.statement ?? 'No boundary keeps so many right: it acts on no row. Ask for less.'];
  const lines = [
    `Acting on ${perThousand(test)} of 1,000 rows keeps ${outOf(test.precision)} right and finds ${percent(test.recall, 1)} of the positives.`,
  ];
  if (card.method !== 'single') {
    const alone =
      single.flagged > 0
        ? `One threshold on the score finds ${percent(single.recall, 1)} and keeps ${outOf(single.precision)} right. `
        : 'For one threshold on the score the bound could not be supported. ';
    const when = matched ? 'At the same precision' : 'At the same promise';
    const size = `${(100 * Math.abs(gain)).toFixed(1)} points`;
    const range = `95 %: ${points(interval[0])} to ${points(interval[1])}`;
    const times = rival.recall > 0 ? `, ${(test.recall / rival.recall).toFixed(2)} times as many` : '';
    lines.push(
      interval[0] > 0
        ? `${alone}${when} the uncertainty finds ${size} more${times} (${range}).`
        : interval[1] < 0
          ? `${alone}${when} it finds ${size} less than one threshold (${range}).`
          : `${alone}${when} the uncertainty wins nothing that could not be chance (${range}): one threshold is simpler and as good.`,
    );
  }
  lines.push(
    card.statement ??
      'Nothing is promised for other rows: without a certificate a boundary falls below its bound about as often as not.',
  );
  return lines;
}
