import { gridY, rectY, ruleY } from '@observablehq/plot';
import { sized } from '../../check.ts';
import {
  type Axis,
  type ChartText,
  chart,
  colour,
  finite,
  frame,
  horizontal,
  type Numbers,
  vertical,
} from '../chart.ts';
import { count, short } from '../format.ts';
import type { Html } from '../markup.ts';

export interface Histogram extends ChartText {
  readonly x: Axis;
  /** What is counted. */
  readonly of: string;
  /** Rising edges of the bins; above 0 for a logarithmic axis. */
  readonly edges: Numbers;
  /** How many are in each bin: one number fewer than edges. */
  readonly counts: Numbers;
  /** How a bin is named in the table of numbers. */
  readonly bin?: (low: number, high: number) => string;
}

/** Counts by bin. RangeError for edges that do not rise or counts that are not finite. */
export function histogram({ title, about, x, of, edges, counts, bin }: Histogram): Html {
  rising(edges, 'edges');
  finite(sized(counts, 'counts', edges.length - 1), 'counts');
  const tick = x.format ?? short;
  const named = bin ?? ((low: number, high: number) => `${tick(low)} to ${tick(high)}`);
  const bins = Array.from(counts, (n, i) => ({ low: edges[i], high: edges[i + 1], n }));
  const domain = x.domain ?? ([edges[0], edges[edges.length - 1]] as const);
  return chart({
    text: { title, about },
    draw: (width) => ({
      ...frame(width, 300),
      x: horizontal({ ...x, domain }, width),
      y: vertical({ label: of }),
      marks: [
        gridY({ ticks: 5, strokeOpacity: 0.16 }),
        rectY(bins, { x1: 'low', x2: 'high', y: 'n', fill: colour(0), inset: 0.75, rx: 1.5 }),
        ruleY([0], { strokeOpacity: 0.5 }),
      ],
    }),
    columns: [
      { title: x.label, number: true },
      { title: of, number: true },
    ],
    rows: bins.map(({ low, high, n }) => ({ cells: [named(low, high), count(n)] })),
  });
}

/** Refuses edges of bins that are not finite or do not rise. */
export function rising(edges: ArrayLike<number>, name: string): void {
  finite(edges, name);
  for (let i = 1; i < edges.length; i++) {
    if (!(edges[i] > edges[i - 1])) {
      throw new RangeError(`${name}[${i}] must be above ${edges[i - 1]}, got ${edges[i]}`);
    }
  }
}
