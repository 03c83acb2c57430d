import { count, counted, percent, short, size } from '../format.ts';
import { html, shortened } from '../markup.ts';
import { reportPage } from '../page.ts';
import {
  commands,
  definitions,
  details,
  entriesOf,
  type Figure,
  figures,
  name,
  notice,
  paragraph,
  type Section,
  table,
} from '../parts.ts';
import { boundarySection, curveSection, reliabilitySection } from './charts.ts';
import type { Point, ThresholdsContent } from './content.ts';

/** The page of a decision policy. */
export async function thresholdsPage(content: ThresholdsContent): Promise<string> {
  const { file, rows, version, reliability, plane } = content;
  return reportPage({
    title: 'Decision policy',
    subtitle: `${file}: whom to act on, by score and uncertainty; judged on ${counted(rows, 'row')}`,
    sections: [
      overview(content),
      ...(plane ? [boundarySection(content, plane)] : []),
      curveSection(content),
      ...(reliability ? [reliabilitySection(reliability)] : []),
      cardSection(content),
    ],
    footer: `Made by fletching ${version}. Everything on this page is in this one file.`,
  });
}

const range = ([low, high]: readonly [number, number]) => `${percent(low, 1)} to ${percent(high, 1)}`;

/** Points of a hundred with their sign. */
const points = (gain: number) => `${gain < 0 ? '\u2212' : '+'}${(100 * Math.abs(gain)).toFixed(1)}`;

function overview(content: ThresholdsContent): Section {
  const { verdict, statement, gain, rows, positives, how } = content;
  const [own] = content.points;
  const asked =
    content.precision === undefined
      ? `asked for a recall of ${percent(content.recall ?? 0)}`
      : `asked for ${percent(content.precision)}`;
  const list: Figure[] = [
    {
      label: 'Positives that are found',
      value: percent(own.recall, 1),
      note: `95 %: ${range(own.recallInterval)}`,
      main: true,
    },
    {
      label: 'Right, of what is acted on',
      value: Number.isNaN(own.precision) ? '\u2013' : percent(own.precision, 1),
      note: `95 %: ${range(own.precisionInterval)}; ${asked}`,
    },
    { label: 'Rows acted on', value: percent(own.acts, 1) },
  ];
  if (gain) {
    list.push({
      label: 'Found beyond one threshold',
      value: `${points(gain.gain)} points`,
      note: `95 %: ${points(gain.interval[0])} to ${points(gain.interval[1])}`,
    });
  }
  const promise = statement !== undefined && !verdict.some((line) => line.startsWith(statement));
  return {
    id: 'overview',
    title: 'Overview',
    body: html`${figures(list)}
${notice(verdict.map((line) => paragraph(shortened(line, 1000))))}
${promise ? notice(paragraph(shortened(statement, 2000))) : undefined}
${paragraph(
  `Judged on ${counted(rows, 'row')} with ${count(Math.round(positives))} positives that the policy was not fitted on, ${how}.`,
)}
${pointTable(content.points)}`,
  };
}

const pointTable = (list: readonly Point[]) =>
  table(
    'The policy beside one threshold on the score',
    [
      { title: 'Policy' },
      { title: 'Acts on', number: true },
      { title: 'Right', number: true },
      { title: '95 %', number: true },
      { title: 'Found', number: true },
      { title: '95 %', number: true },
    ],
    list.map((point, i) => ({
      main: i === 0,
      cells: [
        point.name,
        percent(point.acts, 1),
        Number.isNaN(point.precision) ? '\u2013' : percent(point.precision, 1),
        range(point.precisionInterval),
        percent(point.recall, 1),
        range(point.recallInterval),
      ],
    })),
  );

function cardSection({ file, bytes, method, likelihood, card, commands: lines }: ThresholdsContent): Section {
  const entries = entriesOf(card).map(
    ([key, value]) => [shortened(key, 100), name(shortened(value, 300))] as const,
  );
  return {
    id: 'card',
    title: 'Card',
    body: html`${definitions([
      ['file', html`${name(file)}, ${size(bytes)}`],
      ['boundary', method],
      ...(likelihood
        ? [
            [
              'what the uncertainty adds to the prediction',
              `${short(likelihood.millinats)} \u00b1 ${short(likelihood.standardError)} millinats a row` +
                ' (log-likelihood on rows left out; above two standard errors it is real)',
            ] as const,
          ]
        : []),
    ])}
<h3>How to make this again</h3>
${commands(lines)}
${entries.length > 0 ? details('Every setting', definitions(entries)) : undefined}`,
  };
}
