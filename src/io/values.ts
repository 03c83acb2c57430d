/** How cells become numbers, times and text. Every rule of the readers about a single value stands here. */

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(?:([Zz])|([+-])(\d\d):?(\d\d))?)?$/;
const TENS = Array.from({ length: 16 }, (_, power) => 10 ** power);
const LONGEST_NUMBER = 400;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Text of `bytes[start, end)`. Throws TypeError when the bytes are not UTF-8. */
export function decode(bytes: Uint8Array, start: number, end: number): string {
  // Short ASCII, the common case, without the 0.5 microseconds of a TextDecoder call.
  if (end - start <= 32) {
    let high = 0;
    for (let i = start; i < end; i++) high |= bytes[i];
    if (high < 128) return String.fromCharCode.apply(null, bytes.subarray(start, end) as unknown as number[]);
  }
  return utf8.decode(bytes.subarray(start, end));
}

/** The same with damaged bytes replaced, cut to 500 bytes: for messages and rejects files only. */
export function preview(bytes: Uint8Array, start: number, end: number): string {
  return new TextDecoder().decode(bytes.subarray(start, Math.min(end, start + 500)));
}

/**
 * Finite decimal number in `bytes[start, end)`, or NaN. Spaces around it are allowed; hexadecimal, "NaN", "Infinity",
 * thousands separators and values beyond the range of a double are not numbers here.
 */
export function numberOfBytes(bytes: Uint8Array, start: number, end: number): number {
  // Up to 15 digits the digits and the power of ten are exact doubles, so one division rounds correctly
  // (Clinger 1990) and equals Number(text).
  let at = start;
  const negative = bytes[at] === 45;
  if (negative) at++;
  let digits = 0;
  let value = 0;
  let point = -1;
  for (; at < end; at++) {
    const digit = bytes[at] - 48;
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digits++;
    } else if (digit === -2 && point < 0) {
      point = digits;
    } else {
      break;
    }
  }
  if (at === end && digits > 0 && digits <= 15) {
    if (point >= 0) value /= TENS[digits - point];
    return negative ? -value : value;
  }
  return end - start > LONGEST_NUMBER ? Number.NaN : numberOfText(preview(bytes, start, end));
}

/** The same for text. */
export function numberOfText(text: string): number {
  if (text.length > LONGEST_NUMBER) return Number.NaN;
  const trimmed = text.trim();
  if (!DECIMAL.test(trimmed)) return Number.NaN;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : Number.NaN;
}

/**
 * A number as epoch seconds. Up to 1e11 (year 5138) it is seconds already; beyond, it is taken as milliseconds, and
 * in further steps of a thousand as micro- and nanoseconds (1e11 ms is March 1973, so dates since then are safe).
 */
export function secondsOfNumber(value: number): number {
  let seconds = value;
  for (let step = 0; step < 3 && Math.abs(seconds) > 1e11; step++) seconds /= 1000;
  return Math.abs(seconds) <= 1e11 ? seconds : Number.NaN;
}

/**
 * ISO 8601 date or date and time as epoch seconds, or NaN: `2024-03-01`, `2024-03-01 12:30`,
 * `2024-03-01T12:30:05.25Z`, `...+02:00`. Without a zone it is UTC, so the result does not depend on the machine.
 */
export function secondsOfText(text: string): number {
  if (text.length > 64) return Number.NaN;
  const match = ISO.exec(text.trim());
  if (match === null) return Number.NaN;
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((i) => Number(match[i] ?? 0));
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!(exists && hour < 24 && minute < 60 && second < 60)) return Number.NaN;
  const zone = match[9] === undefined ? 0 : Number(match[10]) * 3600 + Number(match[11]) * 60;
  if (!(zone < 86_400 && Number(match[11] ?? 0) < 60)) return Number.NaN;
  const fraction = match[7] === undefined ? 0 : Number(`0.${match[7]}`);
  const clock = hour * 3600 + minute * 60 + second + fraction;
  return date.getTime() / 1000 + clock - (match[9] === '-' ? -zone : zone);
}

/** A value as it appears in a message: quoted, at most 40 characters. */
export function shown(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value);
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return String(value);
}
