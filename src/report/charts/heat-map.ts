import { line, rect } from '@observablehq/plot';
import { sized } from '../../check.ts';
import {
  type Axis,
  type ChartText,
  chart,
  colour,
  finite,
  frame,
  horizontal,
  lineSample,
  type Numbers,
  vertical,
} from '../chart.ts';
import { short } from '../format.ts';
import { type Html, html } from '../markup.ts';
import { rising } from './histogram.ts';
import type { LineSeries } from './line.ts';

export interface HeatMap extends ChartText {
  readonly x: Axis;
  readonly y: Axis;
  /** Rising edges of the columns and of the rows. */
  readonly columns: Numbers;
  readonly rows: Numbers;
  /** f64[rows x columns], row-major from the lowest row; NaN where there is nothing. */
  readonly values: Numbers;
  /** What a cell shows. */
  readonly value: Axis;
  /** Drawn over the cells, such as a decision boundary. */
  readonly line?: LineSeries;
}

/** The series whose colour the line has: far from that of the cells. */
const OVER = 3;

/**
 * Cells under a line, stronger the higher their value: opacity carries it, so that it reads alike on light and dark.
 * RangeError for edges that do not rise and values that are infinite.
 */
export function heatMap({ title, about, x, y, columns, rows, values, value, line: over }: HeatMap): Html {
  rising(columns, 'columns');
  rising(rows, 'rows');
  const wide = columns.length - 1;
  sized(values, 'values', wide * (rows.length - 1));
  const cells = Array.from(values, (value, i) => {
    const [row, column] = [Math.floor(i / wide), i % wide];
    return { x1: columns[column], x2: columns[column + 1], y1: rows[row], y2: rows[row + 1], value };
  }).filter((cell) => !Number.isNaN(cell.value));
  const given = cells.map((cell) => cell.value);
  finite(given, 'values');
  if (over) finite(sized(over.y, 'line.y', over.x.length), 'line.y');
  const [low, high] = value.domain ?? [
    given.reduce((a, b) => Math.min(a, b), Infinity),
    given.reduce((a, b) => Math.max(a, b), -Infinity),
  ];
  const share = (v: number) => (high > low ? Math.min(1, Math.max(0, (v - low) / (high - low))) : 1);
  const strength = given.map((v) => 0.05 + 0.95 * share(v));
  const tick = value.format ?? short;
  const [tickX, tickY] = [x.format ?? short, y.format ?? short];
  const domain = (axis: Axis, edges: Numbers): Axis => ({
    ...axis,
    domain: axis.domain ?? [edges[0], edges[edges.length - 1]],
  });
  return chart({
    text: { title, about },
    key:
      given.length > 0
        ? html`<ul class="legend"><li>${value.label}: ${tick(low)} <span class="ramp"></span> ${tick(high)}</li>${
            over && html`<li>${lineSample(OVER)}${over.name}</li>`
          }</ul>`
        : undefined,
    draw: (width) => ({
      ...frame(width, 420),
      x: horizontal(domain(x, columns), width),
      y: vertical(domain(y, rows)),
      marks: [
        rect(cells, {
          x1: 'x1',
          x2: 'x2',
          y1: 'y1',
          y2: 'y2',
          fill: colour(0),
          fillOpacity: { value: strength, scale: null },
          inset: 0.5,
        }),
        // A wider line in the colour of the ground keeps the line apart from strong cells.
        ...(over
          ? [
              { stroke: 'var(--surface)', strokeWidth: 6 },
              { stroke: colour(OVER), strokeWidth: 2.5 },
            ].map((pen) => line({ length: over.x.length }, { x: over.x, y: over.y, ...pen }))
          : []),
      ],
    }),
    columns: [
      { title: x.label, number: true },
      { title: y.label, number: true },
      { title: value.label, number: true },
    ],
    rows: cells.map(({ x1, x2, y1, y2, value }) => ({
      cells: [`${tickX(x1)} to ${tickX(x2)}`, `${tickY(y1)} to ${tickY(y2)}`, tick(value)],
    })),
  });
}
