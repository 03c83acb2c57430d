import { type PlotOptions, plot, type ScaleOptions } from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { sized } from '../check.ts';
import { short } from './format.ts';
import { Html, html } from './markup.ts';
import { type Column, details, paragraph, type TableRow, table } from './parts.ts';

/** What every chart says in words. */
export interface ChartText {
  readonly title: string;
  /** What is to be seen: the text alternative, shown above the picture and read out in its place. */
  readonly about: string;
}

/** An axis: what it shows, with the unit where there is one. */
export interface Axis {
  readonly label: string;
  /** How its ticks are written. */
  readonly format?: (value: number) => string;
  /** From where to where; what the data need when absent. */
  readonly domain?: readonly [number, number];
  readonly log?: boolean;
}

/** Numbers of a series: an array or a typed array. */
export type Numbers = ArrayLike<number> & Iterable<number>;

/** Widths in pixels that a chart is drawn for: by scaling alone, text would be too small on a phone. */
export const WIDE = 820;
export const NARROW = 360;

const COLOURS = 8;
const DASHES = [undefined, '6 3', '2 3', '9 3 2 3'];

/** A series has its colour on every page, and beyond the first a dash, so that nobody needs the colour. */
export const colour = (series: number): string => `var(--series-${(series % COLOURS) + 1})`;
export const dash = (series: number): string | undefined =>
  DASHES[(series + Math.floor(series / COLOURS)) % DASHES.length];

export interface Drawing {
  readonly text: ChartText;
  /** The chart at a width. */
  readonly draw: (width: number) => PlotOptions;
  readonly key?: Html;
  /** The numbers behind the picture. */
  readonly columns: readonly Column[];
  readonly rows: readonly TableRow[];
}

/** Rows of numbers below a chart; of more, evenly chosen ones. */
const MOST_ROWS = 60;

/** A figure with its picture as inline SVG for two widths, drawn here and now: the page needs no code for it. */
export function chart({ text, draw, key, columns, rows }: Drawing): Html {
  const step = Math.max(1, Math.ceil(rows.length / MOST_ROWS));
  const shown = rows.filter((_, i) => i % step === 0);
  const caption = step > 1 ? `${text.title} (${shown.length} of ${rows.length} rows)` : text.title;
  return html`<figure class="chart">
<figcaption>${text.title}</figcaption>
${paragraph(text.about)}
${key}
${svg(draw(WIDE), WIDE, 'wide', text)}
${svg(draw(NARROW), NARROW, 'narrow', text)}
${details('Numbers', table(caption, columns, shown))}
</figure>`;
}

/** A chart's place for axes; `from` is room for the labels on the left. */
export const frame = (width: number, tall: number, from = 56) => ({
  height: width > NARROW ? tall : Math.round(0.8 * tall),
  marginTop: 32,
  marginBottom: 44,
  marginLeft: from,
  marginRight: 16,
});

export const horizontal = ({ label, format, domain, log }: Axis, width: number): ScaleOptions => ({
  label,
  labelAnchor: 'center',
  labelArrow: 'none',
  labelOffset: 38,
  domain,
  nice: domain === undefined,
  type: log ? 'log' : 'linear',
  tickFormat: format ?? short,
  ticks: width > NARROW ? 7 : 4,
});

export const vertical = ({ label, format, domain, log }: Axis): ScaleOptions => ({
  label,
  labelArrow: 'none',
  domain,
  nice: domain === undefined,
  type: log ? 'log' : 'linear',
  tickFormat: format ?? short,
  ticks: 5,
});

/** What the colours stand for; nothing for a single series. */
export function keyOf(names: readonly string[], mark: 'line' | 'area'): Html | undefined {
  if (names.length < 2) return undefined;
  return html`<ul class="legend">${names.map(
    (name, i) => html`<li>${mark === 'line' ? lineSample(i, dash(i)) : areaSample(i)}${name}</li>`,
  )}</ul>`;
}

export const lineSample = (series: number, dashes?: string): Html =>
  html`<svg viewBox="0 0 22 10" aria-hidden="true"><path d="M0 5H22" fill="none" stroke="${colour(series)}" stroke-width="2.5"${
    dashes && html` stroke-dasharray="${dashes}"`
  }/></svg>`;

const areaSample = (series: number): Html =>
  html`<svg viewBox="0 0 22 10" aria-hidden="true"><rect width="22" height="10" rx="2" fill="${colour(series)}"/></svg>`;

function svg(options: PlotOptions, width: number, className: string, { title, about }: ChartText): Html {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const element = plot({ ...options, width, document: document as unknown as Document });
  for (const style of element.querySelectorAll('style')) style.remove();
  // The picture is one image with one text; labels of its groups are names for style only.
  for (const group of element.querySelectorAll('[aria-label]')) {
    group.setAttribute('class', group.getAttribute('aria-label')!);
    group.removeAttribute('aria-label');
  }
  element.setAttribute('class', className);
  element.setAttribute('role', 'img');
  element.removeAttribute('font-family');
  element.removeAttribute('font-size');
  // Serialised, an attribute may keep a `<`; by this template no text does.
  return html`<svg aria-label="${`${title}. ${about}`}" ${new Html(rounded(element.outerHTML).slice('<svg '.length))}`;
}

/** Coordinates to a tenth of a pixel: a third of the bytes, and no difference to see. */
const rounded = (text: string): string =>
  text.replace(/(\s(?:d|x[12]?|y[12]?|cx|cy|r|width|height|transform)=")([^"]*)"/g, (_, start, numbers) => {
    const tenths = (number: string) => String(Number(Number(number).toFixed(1)));
    return `${start}${numbers.replace(/-?\d+\.\d{2,}/g, tenths)}"`;
  });

/** Refuses what cannot be drawn: a RangeError names the first number that is not finite. */
export function finite(values: ArrayLike<number>, name: string): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) throw new RangeError(`${name}[${i}] must be finite, got ${values[i]}`);
  }
}

/** RangeError unless the lists of a series hold finite numbers, as many as x. */
export function finiteSeries(name: string, x: Numbers, others: Record<string, Numbers | undefined>): void {
  finite(x, `${name}.x`);
  for (const [part, values] of Object.entries(others)) {
    if (values) finite(sized(values, `${name}.${part}`, x.length), `${name}.${part}`);
  }
}
