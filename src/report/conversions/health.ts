import { count, percent, short } from '../format.ts';
import { html, shortened } from '../markup.ts';
import { name, notice, paragraph, type Section, table } from '../parts.ts';
import type { ConversionsContent } from './content.ts';
import type { Health } from './evaluation.ts';

/** Whether a few examples decide: effective sample size, largest weight, share that was cut; of the model and each method. */
export function healthSection({ method, health, evaluation }: ConversionsContent): Section {
  const rows: (readonly [string, Health])[] = [
    [`this model (${method})`, health],
    ...(evaluation?.methods ?? []).map(({ name, health }) => [shortened(name, 40), health] as const),
  ];
  return {
    id: 'weights',
    title: 'Can the weights be trusted?',
    body: html`${paragraph(
      'Most methods weight their examples to make up for labels that are not known yet. When the weights differ much, a few ' +
        'examples decide: then they are worth far fewer than there are. A method without weights is worth all of its examples.',
    )}
${rows
  .filter(([, { warning }]) => warning !== undefined)
  .map(([of, { warning }]) => notice(paragraph(name(`${of}: ${shortened(warning!, 400)}.`)), 'warning'))}
${table(
  'Weights of the examples that were learned from',
  [
    { title: 'Method' },
    { title: 'Examples', number: true },
    { title: 'Worth (effective)', number: true },
    { title: 'Share', number: true },
    { title: 'Largest weight', number: true },
    { title: 'Cut', number: true },
  ],
  rows.map(([of, h], i) => ({
    main: i === 0,
    cells: [
      name(of),
      count(h.examples),
      count(Math.round(h.effective)),
      h.examples > 0 ? percent(h.effectiveShare, 1) : '\u2013',
      h.examples > 0 ? short(h.largest) : '\u2013',
      h.examples > 0 ? percent(h.clippedShare, 1) : '\u2013',
    ],
  })),
)}`,
  };
}
