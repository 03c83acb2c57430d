import type { ConversionLog } from '../delayed-feedback/log.ts';
import { rocAuc } from '../nn/metrics.ts';
import type { FeatureColumn } from '../nn/tabular/table.ts';

/** An honest feature of a conversion alone has an AUC of .6 to .8. */
const TOO_GOOD = 0.98;
/** Words that come more rarely than this tell of their rows only because there are so few. */
const FEWEST_PER_WORD = 20;

/**
 * Features that alone tell which rows convert: most likely the outcome itself under another name, or something written
 * down afterwards. `name` and AUC over the rows whose label is final.
 */
export function leaks(log: ConversionLog): { name: string; auc: number }[] {
  const rows: number[] = [];
  for (let i = 0; i < log.rows; i++) if (log.mature[i] === 1) rows.push(i);
  const label = Uint8Array.from(rows, (row) => (log.delay[row] === Infinity ? 0 : 1));
  return log.features.columns.flatMap((column) => {
    const score = scoreOf(column, rows, label);
    const auc = score ? rocAuc(label, score) : Number.NaN;
    const best = Math.max(auc, 1 - auc);
    return best >= TOO_GOOD ? [{ name: column.name, auc: best }] : [];
  });
}

function scoreOf(
  column: FeatureColumn,
  rows: readonly number[],
  label: Uint8Array,
): Float64Array | undefined {
  if (column.kind === 'numeric') {
    // A missing value is as telling as any number.
    const lowest = column.values.reduce((least, v) => (v < least ? v : least), 0) - 1;
    return Float64Array.from(rows, (row) => (Number.isNaN(column.values[row]) ? lowest : column.values[row]));
  }
  const seen = new Float64Array(column.levels.length);
  const converted = new Float64Array(column.levels.length);
  rows.forEach((row, i) => {
    seen[column.codes[row]]++;
    converted[column.codes[row]] += label[i];
  });
  if (seen.filter((n) => n > 0).length * FEWEST_PER_WORD > rows.length) return undefined;
  return Float64Array.from(rows, (row) => converted[column.codes[row]] / seen[column.codes[row]]);
}
