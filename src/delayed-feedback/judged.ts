import { DataError } from '../check.ts';
import { type ConversionLog, checkLog } from './log.ts';

/**
 * The part of a log that can be judged, unless bounds are given: it ends, exclusively, after the last row whose label is
 * final, and a third of such rows is history. DataError `no-final-labels` when nothing is left to judge.
 */
export function judgedStream(
  log: ConversionLog,
  given: { pretrainUntil?: number; until?: number },
): { pretrainUntil: number; until: number } {
  checkLog(log);
  const final = log.time.filter((_, i) => log.mature[i] === 1);
  if (final.length === 0) {
    throw new DataError('no label is final yet: nothing can be judged', { code: 'no-final-labels' });
  }
  const last = final[final.length - 1];
  const {
    pretrainUntil = final[Math.floor(final.length / 3)],
    until = last + 1e-9 * Math.max(1, Math.abs(last)),
  } = given;
  if (given.until === undefined && !(until > pretrainUntil)) {
    throw new DataError('no row of the stream has a final label: nothing can be judged', {
      code: 'no-final-labels',
    });
  }
  return { pretrainUntil, until };
}
