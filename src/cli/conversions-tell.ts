import type { ConversionLog } from '../delayed-feedback/log.ts';
import { leftText } from './conversions-features.ts';
import type { LeftOut } from './conversions-found.ts';
import { leaks } from './conversions-leaks.ts';
import type { LogInput } from './conversions-log.ts';
import { spanText } from './conversions-time.ts';
import { count, counted, type Output, percent } from './output.ts';

/** What was noticed and handled. */
export function notesOf(log: ConversionLog, left: readonly LeftOut[], absent: readonly string[]): string[] {
  const { outOfOrder, zeroWindow, convertedLate, signalsAfterConversion } = log.counts;
  const has = (n: number) => (n === 1 ? 'has' : 'have');
  return [
    outOfOrder > 0 ? `${counted(outOfOrder, 'row')} came before an earlier time: all were sorted` : '',
    zeroWindow > 0
      ? `${counted(zeroWindow, 'row')} ${has(zeroWindow)} a window of zero and are final at once`
      : '',
    convertedLate > 0
      ? `${counted(convertedLate, 'conversion')} came after the window and count as none`
      : '',
    signalsAfterConversion > 0
      ? `${counted(signalsAfterConversion, 'signal')} not before the conversion left out: they tell nothing then`
      : '',
    left.length > 0
      ? `no features: ${leftText(left)}. Name times of what comes before a conversion in --signals, the row's name in --id, others in --categorical or --numeric`
      : '',
    ...leaks(log).map(
      ({ name, auc }) =>
        `${name} alone tells which rows convert (AUC ${auc.toFixed(3)}): if it is known only afterwards, name it in --ignore`,
    ),
    absent.length > 0 ? `--ignore names ${absent.join(', ')}, but INPUT has no such column` : '',
  ].filter(Boolean);
}

/** What was read, for people. */
export function tellLog(
  out: Output,
  { log, file, found, unused, notes, scale, window }: LogInput,
  badRows: number,
): void {
  const { rows, positives, censored } = log.counts;
  const name = file === '-' ? 'standard input' : file;
  const within = window === undefined ? '' : ` within ${spanText(window)}`;
  const share = ` (${percent(positives / Math.max(rows, 1), 1)})`;
  const [first, last, end] = [log.time[0], log.time[rows - 1], log.end].map((time) => scale.shown(time));
  const watched = end === last ? '' : `; what came of them is taken as known until ${end} (--observed-until)`;
  out.line(`Read ${counted(rows, 'row')} from ${name}, ${first} to ${last}${watched}.`);
  out.line(`  ${count(positives)} converted${within}${share}, ${count(censored)} can still do so`);
  const kinds = log.features.columns.map(({ kind }) => kind);
  const numbers = kinds.filter((kind) => kind === 'numeric').length;
  const signals =
    log.signalNames.length > 0 ? `; ${counted(log.signalNames.length, 'signal')} before the conversion` : '';
  out.line(
    `  to learn from: ${counted(numbers, 'number')} and ${counted(kinds.length - numbers, 'category', 'categories')} a row${signals}`,
  );
  if (found) {
    const named = (kind: string) =>
      log.features.columns.flatMap((column) => (column.kind === kind ? [column.name] : [])).join(', ') ||
      'none';
    out.line(
      `  numbers: ${named('numeric')}; categories: ${named('categorical')} (--numeric and --categorical say otherwise)`,
    );
  }
  if (badRows > 0) out.line(`  ${counted(badRows, 'bad row')} left out`);
  if (unused.length > 0) out.line(`  not used: ${unused.join(', ')}`);
  for (const note of notes) out.line(`Note: ${note}.`);
}
