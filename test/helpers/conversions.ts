import { ConversionLog, type LogColumns, type LogOptions } from '../../src/delayed-feedback/log.ts';
import { categoricalColumn, numericColumn } from '../../src/nn/tabular/table.ts';
import { numbers } from './kernel.ts';

export interface SmallLog {
  rows?: number;
  seed?: number;
  /** Length of the stream; exposures are spread evenly over it. */
  days?: number;
  window?: number;
  options?: Partial<LogOptions>;
}

/**
 * A log whose right answer is plain: rows of kind 'hot' convert with probability .6, 'cold' with .1, exponential delays
 * of mean 2, a cart half way to seven of ten conversions and without a conversion to one of ten rows.
 */
export function smallColumns({ rows = 2000, seed = 1, days = 40, window = 10 }: SmallLog = {}): LogColumns & {
  conversionDelay: Float64Array;
} {
  const u = Array.from({ length: 5 }, (_, k) => numbers(rows, 10 * seed + k, 0, 1));
  const hot = Array.from(u[0], (x) => x < 0.4);
  const delay = Float64Array.from(u[1], (x, i) => {
    const d = -2 * Math.log(1 - u[2][i]);
    return x < (hot[i] ? 0.6 : 0.1) && d <= window ? d : Number.NaN;
  });
  const cart = Float64Array.from(u[3], (x, i) => {
    if (!Number.isNaN(delay[i])) return x < 0.7 ? delay[i] / 2 : Number.NaN;
    return x < 0.1 ? 3 * u[4][i] : Number.NaN;
  });
  return {
    id: Array.from({ length: rows }, (_, i) => `r${i}`),
    time: Float64Array.from({ length: rows }, (_, i) => (i * days) / rows),
    conversionDelay: delay,
    signalDelays: { cart },
    features: {
      rows,
      columns: [
        categoricalColumn(
          'kind',
          hot.map((h) => (h ? 'hot' : 'cold')),
        ),
        numericColumn('noise', u[4]),
      ],
    },
  };
}

export function smallLog(given: SmallLog = {}): ConversionLog {
  const { days = 40, window = 10 } = given;
  return new ConversionLog(smallColumns(given), { window, end: days + window, ...given.options });
}
