/** 36,012 */
export const count = (value: number): string => value.toLocaleString('en-US');

/** `3 rows`, `1 row` */
export const counted = (value: number, noun: string, plural = `${noun}s`): string =>
  `${count(value)} ${value === 1 ? noun : plural}`;

/** 312 kB */
export function size(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB'];
  let step = 0;
  let value = bytes;
  while (value >= 999.5 && step < 3) {
    value /= 1000;
    step++;
  }
  return `${step > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[step]}`;
}

/** `8 s`, `3 min 20 s`, `2 h 5 min` */
export function duration(seconds: number): string {
  if (!(seconds < 9.95)) {
    const s = Math.round(seconds);
    if (s < 60) return `${s} s`;
    if (s < 3600) return `${Math.floor(s / 60)} min${s % 60 > 0 ? ` ${s % 60} s` : ''}`;
    return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  }
  return seconds < 0.095 ? 'less than 0.1 s' : `${seconds.toFixed(1)} s`;
}

/** `47 %` of a share .47 */
export const percent = (share: number, digits = 0): string => `${(100 * share).toFixed(digits)} %`;

/** A number of any size in a few digits: `0.0123`, `1,204`, `1.2e+9`; a dash for what is not finite. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return '\u2013';
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e7 || size < 1e-4)) return value.toExponential(1);
  if (Number.isInteger(value)) return count(value);
  return size >= 1000 ? count(Math.round(value)) : String(Number(value.toPrecision(3)));
}
