import { axisY, gridX, rect, ruleX, ruleY, text } from '@observablehq/plot';
import { sized } from '../../check.ts';
import {
  type Axis,
  type ChartText,
  chart,
  colour,
  finite,
  horizontal,
  keyOf,
  NARROW,
  type Numbers,
} from '../chart.ts';
import { short } from '../format.ts';
import { type Html, plain, shortened } from '../markup.ts';

export interface BarSeries {
  readonly name: string;
  /** A value for each label; NaN where there is none. */
  readonly values: Numbers;
  /** One standard error of each value. */
  readonly error?: Numbers;
}

export interface BarChart extends ChartText {
  /** The axis of the values; 0 is on it. */
  readonly x: Axis;
  /** What the labels are. */
  readonly of: string;
  readonly labels: readonly string[];
  /** Bars side by side at each label, in this order. */
  readonly series: readonly BarSeries[];
  /** With one series: the label to look at first; the others are grey. */
  readonly main?: number;
}

/** Pixels a character takes at most in the labels. */
const CHARACTER = 6.6;

/** Horizontal bars, grouped by label, with error bars. RangeError for values that are infinite. */
export function barChart({ title, about, x, of, labels, series, main }: BarChart): Html {
  for (const { name, values, error } of series) {
    sized(values, `${name}.values`, labels.length);
    const known = Array.from(values).filter((value) => !Number.isNaN(value));
    finite(known, `${name}.values`);
    if (error) sized(error, `${name}.error`, labels.length);
  }
  const tick = x.format ?? short;
  // Label i has the y from i to i + 1, of which the bars share all but a gap.
  const gap = series.length > 1 ? 0.22 : 0.3;
  const thick = (1 - gap) / series.length;
  const bars = series.flatMap(({ values, error }, s) =>
    Array.from(values, (value, i) => ({
      value,
      error: error && Number.isFinite(error[i]) ? error[i] : 0,
      top: i + gap / 2 + s * thick,
      fill: series.length > 1 || main === undefined ? colour(s) : colour(i === main ? 0 : 2),
    })).filter(({ value }) => !Number.isNaN(value)),
  );
  const most = Math.max(0, ...bars.map(({ value, error }) => value + error));
  const least = Math.min(0, ...bars.map(({ value }) => value));
  const longest = Math.max(1, ...labels.map((label) => [...label].length));
  return chart({
    text: { title, about },
    key: keyOf(
      series.map(({ name }) => name),
      'area',
    ),
    draw: (width) => {
      const marginLeft = Math.min(Math.ceil(CHARACTER * longest) + 12, Math.floor(0.42 * width));
      const fits = Math.floor((marginLeft - 12) / CHARACTER);
      return {
        height: labels.length * (series.length > 1 ? 15 * series.length + 12 : 30) + 52,
        marginTop: 4,
        marginBottom: 44,
        marginLeft,
        marginRight: 52,
        x: horizontal({ ...x, domain: x.domain ?? [least, most || 1] }, width),
        y: { domain: [0, labels.length], reverse: true, axis: null },
        marks: [
          gridX({ ticks: width > NARROW ? 7 : 4, strokeOpacity: 0.16 }),
          axisY(
            labels.map((_, i) => i + 0.5),
            {
              label: null,
              tickSize: 0,
              tickFormat: (at: number) => shortened(plain(labels[at - 0.5]), fits),
              fill: 'var(--ink)',
            },
          ),
          rect(bars, {
            x1: 0,
            x2: 'value',
            y1: 'top',
            y2: (bar) => bar.top + thick,
            fill: 'fill',
            inset: 0.5,
            insetLeft: 0,
            insetRight: 0,
            rx: 2,
          }),
          ruleX([0], { strokeOpacity: 0.5 }),
          ruleY(
            bars.filter(({ error }) => error > 0),
            {
              y: (bar) => bar.top + thick / 2,
              x1: (bar) => Math.max(least, bar.value - bar.error),
              x2: (bar) => bar.value + bar.error,
              stroke: 'var(--ink)',
              strokeWidth: 1.25,
            },
          ),
          text(bars, {
            y: (bar) => bar.top + thick / 2,
            x: (bar) => Math.max(0, bar.value + bar.error),
            text: (bar) => tick(bar.value),
            textAnchor: 'start',
            dx: 6,
            fontSize: series.length > 1 ? 11 : 12,
            fill: 'var(--ink)',
          }),
        ],
      };
    },
    columns: [
      { title: of },
      ...series.flatMap(({ name, error }) => [
        { title: name, number: true },
        ...(error ? [{ title: '± standard error', number: true }] : []),
      ]),
    ],
    rows: labels.map((label, i) => ({
      cells: [
        label,
        ...series.flatMap(({ values, error }) => [
          Number.isNaN(values[i]) ? '\u2013' : tick(values[i]),
          ...(error ? [Number.isFinite(error[i]) ? tick(error[i]) : '\u2013'] : []),
        ]),
      ],
      main: i === main,
    })),
  });
}
