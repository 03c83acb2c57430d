import { heatMap } from '../charts/heat-map.ts';
import { lineChart } from '../charts/line.ts';
import { scatterChart } from '../charts/scatter.ts';
import { percent, short } from '../format.ts';
import { html } from '../markup.ts';
import { paragraph, type Section } from '../parts.ts';
import type { Plane, Reliability, ThresholdsContent } from './content.ts';

export function boundarySection({ method }: Pick<ThresholdsContent, 'method'>, plane: Plane): Section {
  const { score, uncertainty, rate, boundary, fewest } = plane;
  return {
    id: 'boundary',
    title: 'Where it acts',
    body: html`${paragraph(
      'Each cell is a group of rows with about the same score and uncertainty; the stronger its colour, the more of them were ' +
        `positive. The policy acts to the right of the line. Cells of fewer than ${fewest} rows are left empty.`,
    )}
${heatMap({
  title: 'Share of positives by score and uncertainty',
  about:
    method === 'single'
      ? 'The boundary is one threshold on the score, so the line is upright.'
      : 'Where the colour at one score fades upwards, an unsure score means less than a sure one, and the line leans to the right.',
  x: { label: 'score' },
  y: { label: 'uncertainty', format: short },
  columns: score,
  rows: uncertainty,
  values: rate,
  value: { label: 'share of positives', format: (value) => percent(value), domain: [0, 1] },
  line: { name: 'the boundary', x: boundary.score, y: boundary.uncertainty },
})}`,
  };
}

export function curveSection({ curves, points }: ThresholdsContent): Section {
  // The policy last: the colour of the fourth series stands out.
  const shown = points.filter(({ precision }) => !Number.isNaN(precision)).reverse();
  return {
    id: 'precision-recall',
    title: 'Precision and recall',
    body: html`${paragraph(
      'Acting on more rows finds more of the positives, and fewer of those acted on are right. Each line is what one kind of ' +
        'boundary can reach on the judged rows, each dot a policy.',
    )}
${lineChart({
  title: 'Precision-recall curves with the operating points',
  about: 'A line further up finds as many positives with fewer mistakes.',
  x: { label: 'share of the positives found', format: (value) => percent(value), domain: [0, 1] },
  y: { label: 'share of what is acted on that is right', format: (value) => percent(value), domain: [0, 1] },
  series: [
    ...curves.map(({ name, recall, precision }) => ({ name, x: recall, y: precision })),
    ...shown.map(({ name, recall, precision }) => ({ name, x: [recall], y: [precision] })),
  ],
})}`,
  };
}

export const reliabilitySection = ({ score, rate, error, rows, ece }: Reliability): Section => ({
  id: 'reliability',
  title: 'Are the scores honest?',
  body: html`${paragraph(
    `Rows in groups by their score: on the dashed line, as many were positive as the scores said. On average the scores are ` +
      `off by ${(100 * ece).toFixed(1)} points.`,
  )}
${scatterChart({
  title: 'Scores against what came true',
  about: 'Below the line the scores promise too much, above it too little. Larger dots stand for more rows.',
  x: { label: 'mean score', domain: [0, 1], format: (value) => percent(value) },
  y: { label: 'share of positives', domain: [0, 1], format: (value) => percent(value) },
  diagonal: true,
  series: [{ name: 'score', x: score, y: rate, error, weight: rows }],
})}`,
});
