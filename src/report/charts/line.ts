import { areaY, dot, gridY, lineY, ruleX, text } from '@observablehq/plot';
import {
  type Axis,
  type ChartText,
  chart,
  colour,
  dash,
  finiteSeries,
  frame,
  horizontal,
  keyOf,
  type Numbers,
  vertical,
} from '../chart.ts';
import { short } from '../format.ts';
import type { Html } from '../markup.ts';

/** A line through points in the order given. */
export interface LineSeries {
  readonly name: string;
  readonly x: Numbers;
  readonly y: Numbers;
  /** A band around the line. */
  readonly low?: Numbers;
  readonly high?: Numbers;
}

export interface LineChart extends ChartText {
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly LineSeries[];
  /** A value stays until the next point: counts over time, thresholds. */
  readonly step?: boolean;
  /** A place on the x axis with its name. */
  readonly mark?: { readonly at: number; readonly label: string };
}

/** Several series over one x axis. RangeError for numbers that are not finite. */
export function lineChart({ title, about, x, y, series, step = false, mark }: LineChart): Html {
  for (const { name, x, y, low, high } of series) finiteSeries(name, x, { y, low, high });
  const curve = step ? 'step-after' : 'linear';
  const several = series.length > 1;
  const [tickX, tickY] = [x.format ?? short, y.format ?? short];
  return chart({
    text: { title, about },
    key: keyOf(
      series.map(({ name }) => name),
      'line',
    ),
    draw: (width) => ({
      ...frame(width, 320),
      x: horizontal(x, width),
      y: vertical(y),
      marks: [
        gridY({ ticks: 5, strokeOpacity: 0.16 }),
        ...(mark ? marked(mark) : []),
        ...series.flatMap(({ x, y, low, high }, i) => {
          const points = { length: x.length };
          return [
            ...(low && high
              ? [areaY(points, { x, y1: low, y2: high, curve, fill: colour(i), fillOpacity: 0.15 })]
              : []),
            lineY(points, { x, y, curve, stroke: colour(i), strokeWidth: 2.25, strokeDasharray: dash(i) }),
            ...(x.length === 1 ? [dot(points, { x, y, fill: colour(i), r: 3.5 })] : []),
          ];
        }),
      ],
    }),
    columns: [
      ...(several ? [{ title: 'Series' }] : []),
      { title: x.label, number: true },
      { title: y.label, number: true },
    ],
    rows: series.flatMap(({ name, x, y }) =>
      Array.from(x, (at, i) => ({ cells: [...(several ? [name] : []), tickX(at), tickY(y[i])] })),
    ),
  });
}

const marked = ({ at, label }: NonNullable<LineChart['mark']>) => [
  ruleX([at], { strokeDasharray: '3 3' }),
  text([label], {
    x: [at],
    text: [label],
    frameAnchor: 'top',
    textAnchor: 'end',
    dx: -6,
    fill: 'var(--soft)',
  }),
];
