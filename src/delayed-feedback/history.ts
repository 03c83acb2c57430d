import { DataError } from '../check.ts';
import type { ConversionLog } from './log.ts';

/** Rows of the history whose label is final. DataError when there are none, or all of one class. */
export function historyRows(log: ConversionLog, pretrainUntil: number): Uint32Array {
  const rows: number[] = [];
  let positives = 0;
  for (let i = 0, n = log.rowsBefore(pretrainUntil); i < n; i++) {
    if (log.mature[i] === 0) continue;
    rows.push(i);
    if (log.delay[i] !== Infinity) positives++;
  }
  const when = `of the ${rows.length} rows of the history whose label is final`;
  if (rows.length === 0) {
    throw new DataError('no row of the history has a final label: there is nothing to learn from', {
      code: 'no-history',
    });
  }
  if (positives === 0)
    throw new DataError(`none ${when} converted: nothing to learn`, { code: 'all-negative' });
  if (positives === rows.length)
    throw new DataError(`all ${when} converted: nothing to learn`, { code: 'all-positive' });
  return Uint32Array.from(rows);
}
