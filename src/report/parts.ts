import { type Content, Html, html, plain } from './markup.ts';

/** A part of the page under a heading, with an entry in the list of contents. */
export interface Section {
  /** Name of its anchor: lower-case letters and dashes. */
  readonly id: string;
  readonly title: string;
  readonly body: Content;
}

/** One number with what it says. */
export interface Figure {
  readonly label: string;
  readonly value: string;
  /** A line below, for the unit, the error or what to compare with. */
  readonly note?: string;
  /** The one number to look at first. */
  readonly main?: boolean;
}

/** Numbers side by side. */
export const figures = (list: readonly Figure[]): Html =>
  html`<dl class="figures">${list.map(
    ({ label, value, note, main }) =>
      html`<div class="figure${main ? ' main' : ''}"><dt>${label}</dt><dd>${value}${
        note === undefined ? undefined : html`<small>${tied(note)}</small>`
      }</dd></div>`,
  )}</dl>`;

/** Names and values below each other. */
export const definitions = (entries: readonly (readonly [name: string, value: Content])[]): Html =>
  html`<dl class="list">${entries.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;

export interface Column {
  readonly title: string;
  /** Right-aligned, with figures of one width. */
  readonly number?: boolean;
}

export interface TableRow {
  readonly cells: readonly Content[];
  /** The row to look at first. */
  readonly main?: boolean;
}

/** A table whose first column names its rows; on a narrow screen it scrolls by itself. */
export function table(caption: string, columns: readonly Column[], rows: readonly TableRow[]): Html {
  const side = ({ number }: Column) => (number ? new Html(' class="number"') : undefined);
  const width =
    columns.length < 3
      ? new Html(' class="few"')
      : columns.length > 4
        ? new Html(' class="many"')
        : undefined;
  const cell = (content: Content, i: number) =>
    i === 0
      ? html`<th scope="row"${side(columns[0])}>${content}</th>`
      : html`<td${side(columns[i])}>${content}</td>`;
  return html`<div class="scroll" role="group" aria-label="${caption}" tabindex="0"><table${width}>
<caption>${caption}</caption>
<thead><tr>${columns.map((column) => html`<th scope="col"${side(column)}>${column.title}</th>`)}</tr></thead>
<tbody>${rows.map(
    ({ cells, main }) => html`<tr${main ? new Html(' class="main"') : undefined}>${cells.map(cell)}</tr>
`,
  )}</tbody></table></div>`;
}

export const paragraph = (...content: Content[]): Html => html`<p>${content.map(tied)}</p>`;

/** No line begins with a per cent sign. */
const tied = (content: Content): Content =>
  typeof content === 'string' ? content.replace(/(\d) %/g, '$1\u00a0%') : content;

/** What must not be overlooked: the verdict, a warning. */
export const notice = (content: Content, kind: 'verdict' | 'warning' = 'verdict'): Html =>
  html`<div class="notice ${kind}">${content}</div>`;

/** Closed until it is asked for. */
export const details = (summary: Content, body: Content): Html =>
  html`<details><summary>${summary}</summary>${body}</details>`;

/** A text from the data: right-to-left names do not disturb the line around them. */
export const name = (text: string): Html => html`<bdi>${text}</bdi>`;

/** Lines to be typed. */
export const commands = (lines: readonly string[]): Html =>
  html`<pre tabindex="0"><code>${lines.map(plain).join('\n')}</code></pre>`;

/** Nested values of a JSON document as names and values, `training.steps` below `training`. */
export function entriesOf(value: unknown, depth = 3): [name: string, value: string][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]): [string, string][] => {
    if (item === undefined) return [];
    const nested = typeof item === 'object' && item !== null && !Array.isArray(item);
    if (nested && depth > 1) {
      return entriesOf(item, depth - 1).map(([inner, text]) => [`${key}.${inner}`, text]);
    }
    return [[key, typeof item === 'string' ? item : JSON.stringify(item)]];
  });
}
