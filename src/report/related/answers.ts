import { barChart } from '../charts/bar.ts';
import { count, counted, percent } from '../format.ts';
import { type Html, html, shortened } from '../markup.ts';
import { figures, name, paragraph, type Section, table } from '../parts.ts';
import type { ItemPart, Survey } from './content.ts';

/** What coverage is a share of; it grows with how many are asked. */
export const askedOf = ({ asked, nodes }: Survey): string =>
  asked === nodes ? `of ${count(nodes)}` : `of ${count(nodes)}, when ${count(asked)} are asked`;

/** What the model answers as a whole: how much of the catalogue is shown, and how much of it is rare. */
export function answersSection(survey: Survey): Section {
  const { asked, nodes, answers, coverage, tailShare, tailOfPairs, answersByTenth, pairsByTenth, sources } =
    survey;
  const whole =
    asked === nodes ? 'every product' : `${count(asked)} of ${count(nodes)} products, evenly chosen`;
  const model = sources.find(([source]) => source === 'model')?.[1] ?? 0;
  return {
    id: 'answers',
    title: 'Coverage',
    body: html`${paragraph(`The first ten answers for ${whole}.`)}
${figures([
  {
    label: 'Products that are ever answered',
    value: percent(coverage, 1),
    note: askedOf(survey),
    main: true,
  },
  {
    label: 'Answers from the tail',
    value: percent(tailShare, 1),
    note: `not among the fifth that most lead to; of the pairs in the data ${percent(tailOfPairs, 1)}`,
  },
  {
    label: 'Answered by the model',
    value: answers > 0 ? percent(model / answers, 1) : '\u2013',
    note: 'the others by counts, for want of data',
  },
])}
${barChart({
  title: 'Who is shown: answers and pairs by popularity',
  about:
    'All products in ten equal groups, those that most others lead to first. Where answers are ahead of pairs, the ' +
    'model favours the group.',
  x: { label: 'share', format: (value) => percent(value) },
  of: 'Tenth of the products',
  labels: Array.from(answersByTenth, (_, i) => (i === 0 ? 'most led to' : i === 9 ? 'least' : `${i + 1}`)),
  series: [
    { name: 'answers', values: answersByTenth },
    { name: 'pairs in the data', values: pairsByTenth },
  ],
})}
${
  sources.length > 1
    ? table(
        'Where the answers come from',
        [{ title: 'Source' }, { title: 'Answers', number: true }],
        sources.map(([source, n]) => ({ cells: [source, count(n)] })),
      )
    : undefined
}`,
  };
}

/** Characters of items at most: the file stays one that a browser opens at once. */
const MOST_CHARACTERS = 4e6;
/** Longer names are cut. */
const NAME = 160;

/** Items as they are listed, as many of the first as a page has room for. */
export function entriesThatFit(items: readonly ItemPart[]): Html[] {
  const entries: Html[] = [];
  let length = 0;
  for (const item of items) {
    const entry = entryOf(item);
    length += entry.text.length;
    if (length > MOST_CHARACTERS) break;
    entries.push(entry);
  }
  return entries;
}

/** The answers for the products with the most pairs, with a search; `nodes` counts all products. */
export function itemsSection(entries: readonly Html[], nodes: number, scores: string): Section {
  const left = nodes - entries.length;
  const status =
    left > 0
      ? `The ${counted(entries.length, 'product')} with the most pairs; ${count(left)} more are in the model, not on this page.`
      : `All ${counted(entries.length, 'product')}.`;
  return {
    id: 'items',
    title: 'Products',
    body: html`${paragraph(scores)}
<div class="find" hidden><label for="find">Find a product</label><input type="search" id="find" data-search="items-list" autocomplete="off" spellcheck="false" placeholder="name or id"></div>
<p class="status" id="items-list-status" role="status">${status}</p>
<div class="items" id="items-list">
${entries}</div>`,
  };
}

function entryOf({ id, name: title, out, in: into, answers }: ItemPart): Html {
  return html`<details data-text="${shortened(`${title ?? ''} ${id}`, 2 * NAME)}"><summary><span class="what">${named({ id, name: title })}</span><span class="counts">leads to ${count(out)}, led to by ${count(into)}</span></summary>
${
  answers.length > 0
    ? html`<ol>${answers.map(
        (answer) =>
          html`<li><span>${named(answer)}</span><span class="counts">${answer.known ? 'in the data' : 'new'}, score ${answer.score.toFixed(2)}</span><span class="why">${name(shortened(answer.why, 400))}</span></li>
`,
      )}</ol>`
    : paragraph('Nothing to answer.')
}</details>
`;
}

const named = ({ id, name: title }: { id: string; name?: string }): Html =>
  title === undefined
    ? name(shortened(id, NAME))
    : html`${name(shortened(title, NAME))} <span class="id">${name(shortened(id, NAME))}</span>`;
