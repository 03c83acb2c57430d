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
  const rows: number[] = [];
  let positives = 0;
  for (let i = 0, n = log.rowsBefore(pretrainUntil); i < n; i++) {
    if (log.mature[i] === 0) continue;
    rows.push(i);
    if (log.delay[i] !== Infinity) positives++;
  }
  const fail = (which: string, code: string): never => {
    // Times from another origin than the caller thought of are seen by where the log begins.
    const begins = log.rows > 0 ? `the log begins at ${log.time[0]}` : 'the log has no rows';
    throw new DataError(`${which}: there is nothing to learn from; ${begins}`, { code });
  };
  const before = `before pretrainUntil (${pretrainUntil})`;
  const final = `of the ${rows.length} rows ${before} whose label is final`;
  if (rows.length === 0) fail(`no row ${before} has a final label`, 'no-history');
  if (positives === 0) fail(`none ${final} converted`, 'all-negative');
  if (positives === rows.length) fail(`all ${final} converted`, 'all-positive');
  return Uint32Array.from(rows);
}
