import { dot, gridY, link, ruleX } from '@observablehq/plot';
import {
  type Axis,
  type ChartText,
  chart,
  colour,
  finiteSeries,
  frame,
  horizontal,
  keyOf,
  type Numbers,
  vertical,
} from '../chart.ts';
import { short } from '../format.ts';
import type { Html } from '../markup.ts';

export interface ScatterSeries {
  readonly name: string;
  readonly x: Numbers;
  readonly y: Numbers;
  /** One standard error of each y. */
  readonly error?: Numbers;
  /** How many rows each point stands for: the points' areas. */
  readonly weight?: Numbers;
}

export interface ScatterChart extends ChartText {
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly ScatterSeries[];
  /** The line y = x, where both axes show the same quantity: a reliability diagram. */
  readonly diagonal?: boolean;
}

/** Points with error bars. RangeError for numbers that are not finite. */
export function scatterChart({ title, about, x, y, series, diagonal = false }: ScatterChart): Html {
  for (const { name, x, y, error, weight } of series) finiteSeries(name, x, { y, error, weight });
  const [tickX, tickY] = [x.format ?? short, y.format ?? short];
  const hasError = series.some(({ error }) => error);
  const hasWeight = series.some(({ weight }) => weight);
  const heaviest = extremes(series.map(({ weight }) => weight ?? []))[1];
  const ends = x.domain ?? extremes(series.flatMap(({ x, y }) => [x, y]));
  return chart({
    text: { title, about },
    key: keyOf(
      series.map(({ name }) => name),
      'area',
    ),
    draw: (width) => ({
      ...frame(width, 380),
      x: horizontal(x, width),
      y: vertical(y),
      marks: [
        gridY({ ticks: 5, strokeOpacity: 0.16 }),
        ...(diagonal && ends[0] < ends[1]
          ? [
              link([0], {
                x1: [ends[0]],
                y1: [ends[0]],
                x2: [ends[1]],
                y2: [ends[1]],
                strokeDasharray: '4 4',
              }),
            ]
          : []),
        ...series.flatMap(({ x, y, error, weight }, s) => {
          const points = { length: x.length };
          const end = (sign: number) => Array.from(y, (value, i) => value + sign * error![i]);
          const radius = weight && Array.from(weight, (w) => 2 + 8 * Math.sqrt(Math.max(0, w) / heaviest));
          return [
            ...(error
              ? [ruleX(points, { x, y1: end(-1), y2: end(1), stroke: colour(s), strokeOpacity: 0.7 })]
              : []),
            dot(points, {
              x,
              y,
              r: radius ? { value: radius, scale: null } : 4,
              fill: colour(s),
              fillOpacity: 0.8,
            }),
          ];
        }),
      ],
    }),
    columns: [
      { title: 'Series' },
      { title: x.label, number: true },
      { title: y.label, number: true },
      ...(hasError ? [{ title: '± standard error', number: true }] : []),
      ...(hasWeight ? [{ title: 'rows', number: true }] : []),
    ],
    rows: series.flatMap(({ name, x, y, error, weight }) =>
      Array.from(x, (at, i) => ({
        cells: [
          name,
          tickX(at),
          tickY(y[i]),
          ...(hasError ? [error ? tickY(error[i]) : '\u2013'] : []),
          ...(hasWeight ? [weight ? short(weight[i]) : '\u2013'] : []),
        ],
      })),
    ),
  });
}

/** The smallest and the largest number of all lists. */
function extremes(lists: readonly ArrayLike<number>[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const list of lists) {
    for (let i = 0; i < list.length; i++) {
      low = Math.min(low, list[i]);
      high = Math.max(high, list[i]);
    }
  }
  return [low, high];
}
