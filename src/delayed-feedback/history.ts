import { DataError } from '../check.ts';
import type { ConversionLog } from './log.ts';

/** Where the history ends unless told: the latest time before which 99 % of the rows are final at the end of the log. */
export function maturedUntil(log: ConversionLog): number {
  let open = 0;
  let best = 0;
  for (let i = 0; i < log.rows; i++) {
    if (log.mature[i] === 0) open++;
    if (open <= 0.01 * (i + 1)) best = i + 1;
  }
  return best < log.rows ? log.time[best] : log.end;
}

/** Rows of the history whose label is final. DataError when there are none, or all of one class. */
export function historyRows(log: ConversionLog, pretrainUntil: number): Uint32Array {
  if (log.rows === 0)
    throw new DataError('the log has no rows: nothing to learn from', { code: 'no-history' });
  const rows: number[] = [];
  let positives = 0;
  for (let i = 0, n = log.rowsBefore(pretrainUntil); i < n; i++) {
    if (log.mature[i] === 0) continue;
    rows.push(i);
    if (log.delay[i] !== Infinity) positives++;
  }
  const fail = (which: string, code: string): never => {
    // Where the log begins shows that a bound was thought of from another origin, or in another unit.
    throw new DataError(`${which}: nothing to learn from; the log begins at ${log.time[0]}`, { code });
  };
  const before = `before pretrainUntil (${pretrainUntil})`;
  const final = `of the ${rows.length} rows ${before} whose label is final`;
  if (rows.length === 0) fail(`no row ${before} has a final label`, 'no-history');
  if (positives === 0) fail(`none ${final} converted`, 'all-negative');
  if (positives === rows.length) fail(`all ${final} converted`, 'all-positive');
  return Uint32Array.from(rows);
}
