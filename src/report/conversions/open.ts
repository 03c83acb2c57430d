import { histogram } from '../charts/histogram.ts';
import { count, counted, percent, short, span } from '../format.ts';
import { html, shortened } from '../markup.ts';
import { name, paragraph, type Section } from '../parts.ts';
import type { ConversionsContent } from './content.ts';

const BINS = 20;
/** Longer ids are cut. */
const ID = 160;

/** How many open rows still convert, by the model, in two digits. */
export const expected = ({ open }: ConversionsContent): string =>
  short(Number(open.waiting.reduce((sum, { probability }) => sum + probability, 0).toPrecision(2)));

/** Rows of the stream that wait for a conversion, most likely first, with a search. */
export function openSection(content: ConversionsContent): Section {
  const { rows, waiting, listed } = content.open;
  const counts = new Float64Array(BINS);
  for (const { probability } of waiting) counts[Math.min(BINS - 1, Math.floor(probability * BINS))]++;
  const shown = waiting.slice(0, listed);
  const left = waiting.length - shown.length;
  const body = html`${paragraph(
    `${counted(rows, 'row')} can still change when the model stops; ${count(waiting.length)} of them came in the stream and ` +
      `have not converted. By the model, about ${expected(content)} of these still will.`,
  )}
${
  waiting.length > 0
    ? html`${histogram({
        title: 'How likely open rows are still to convert',
        about: 'By age and signals so far, at the moment the model stopped.',
        x: { label: 'probability of a conversion', format: (value) => percent(value), domain: [0, 1] },
        of: 'rows',
        edges: Float64Array.from({ length: BINS + 1 }, (_, i) => i / BINS),
        counts,
      })}
<div class="find" hidden><label for="find">Find an open row</label><input type="search" id="find" data-search="open-list" autocomplete="off" spellcheck="false" placeholder="id"></div>
<p class="status" id="open-list-status" role="status">${
        left > 0
          ? `The ${counted(shown.length, 'row')} most likely to convert; ${count(left)} more are in the model, not on this page.`
          : `All ${counted(shown.length, 'row')}.`
      }</p>
<div class="items"><ol id="open-list">
${shown.map(
  ({ id, age, probability }) =>
    html`<li><span>${name(shortened(id, ID))}</span><span class="counts">${percent(probability, 1)}, open for ${span(age)}</span></li>
`,
)}</ol></div>`
    : undefined
}`;
  return { id: 'open', title: 'Open rows', body };
}
