/**
 * One idiom for every argument check: the negation of a positive test, so that undefined, text and NaN all fail.
 * Each helper takes the value and its name and returns the value. Wrong kind is a TypeError, wrong amount a
 * RangeError; the message says name, rule and value.
 */

const show = (value: unknown): string => {
  if (typeof value === 'string')
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value);
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    return `${value.constructor.name}(${(value as { length?: number }).length ?? 0})`;
  }
  if (typeof value === 'function') return 'a function';
  if (value instanceof Promise) return 'a promise: await it first';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
};

/** A whole number in [min, max], both inclusive. */
export function integer(value: unknown, name: string, min: number, max = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, got ${show(value)}`);
  if (!(Number.isInteger(value) && value >= min && value <= max)) {
    throw new RangeError(`${name} must be a whole number from ${min} to ${max}, got ${value}`);
  }
  return value;
}

/** A finite number in [min, max], both inclusive. */
export function real(value: unknown, name: string, min = -Number.MAX_VALUE, max = Number.MAX_VALUE): number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, got ${show(value)}`);
  if (!(value >= min && value <= max)) {
    throw new RangeError(`${name} must be a finite number from ${min} to ${max}, got ${value}`);
  }
  return value;
}

/** One of a fixed list of words. */
export function oneOf<T extends string>(value: unknown, name: string, words: readonly T[]): T {
  if (!words.includes(value as T)) {
    throw new RangeError(`${name} must be one of ${words.join(', ')}, got ${show(value)}`);
  }
  return value as T;
}

export function flag(value: unknown, name: string): boolean {
  if (typeof value !== 'boolean') throw new TypeError(`${name} must be true or false, got ${show(value)}`);
  return value;
}

/** An object of a class, said as `what`: 'a DirectedGraph'. The class is not asked for its name, which bundlers change. */
export function instance<T>(value: T, kind: { prototype: T }, name: string, what: string): T {
  if (value instanceof (kind as unknown as new () => object)) return value;
  throw wrongKind(value, name, what);
}

export const wrongKind = (value: unknown, name: string, what: string): TypeError =>
  new TypeError(`${name} must be ${what}, got ${show(value)}`);

/** An object of named parts, said as `what`. A list, a Map or a promise is none: its parts would be missed. */
export function object<T>(value: T, name: string, what: string): T {
  const is = typeof value === 'object' && value !== null && !(Symbol.iterator in value);
  if (is && !(value instanceof Promise)) return value;
  throw wrongKind(value, name, what);
}

/** An array or typed array of exactly `length` entries. */
export function sized<T extends ArrayLike<unknown>>(value: T, name: string, length: number): T {
  if (!(value != null && typeof value === 'object' && typeof value.length === 'number')) {
    throw new TypeError(`${name} must be an array, got ${show(value)}`);
  }
  if (!(value.length === length))
    throw new RangeError(`${name} must have ${length} entries, got ${value.length}`);
  return value;
}

/** The same of numbers alone: null, text and undefined, which compare as if they were some, are no numbers. */
export function numbers(
  values: ArrayLike<number>,
  name: string,
  length: number,
  rule = 'a number',
): ArrayLike<number> {
  sized(values, name, length);
  // The entries of a typed array are all of one kind.
  const looked = ArrayBuffer.isView(values) ? Math.min(1, length) : length;
  for (let i = 0; i < looked; i++) {
    if (typeof values[i] !== 'number')
      throw new TypeError(`${name}[${i}] must be ${rule}, got ${show(values[i])}`);
  }
  return values;
}

/** The entries of an array, typed array or other iterable. Text is no list, though its characters could be gone through. */
export function list<T>(value: Iterable<T>, name: string): T[] {
  if (!(typeof value === 'object' && typeof value?.[Symbol.iterator] === 'function')) {
    throw new TypeError(`${name} must be a list, got ${show(value)}`);
  }
  return Array.from(value);
}

/** Defaults overlaid with the caller's options; a key that is not in the defaults is refused by name. */
export function options<T extends object>(given: Partial<T> | undefined, defaults: T, name: string): T {
  if (given === undefined) return { ...defaults };
  object(given, name, 'an object of options');
  const result = { ...defaults };
  for (const key of Object.keys(given)) {
    if (!Object.hasOwn(defaults, key)) {
      throw new TypeError(
        `${name}: unknown option ${show(key)}; known are ${Object.keys(defaults).join(', ')}`,
      );
    }
    const value = given[key as keyof T];
    if (value !== undefined) result[key as keyof T] = value as T[keyof T];
  }
  return result;
}

/** Where in a file something is wrong. Lines count from 1 and the header is line 1; columns are by name. */
export interface DataErrorPlace {
  /** Short machine-readable name of the rule, e.g. `missing-column`, `bad-number`, `truncated`. */
  code: string;
  file?: string;
  line?: number;
  column?: string;
}

/** A file or table that breaks a rule. `message` already names file, line, column, rule and value. */
export class DataError extends Error {
  override readonly name = 'DataError';
  readonly code: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: string;

  constructor(message: string, place: DataErrorPlace, cause?: unknown) {
    const at = [
      place.file,
      place.line === undefined ? undefined : `line ${place.line}`,
      place.column && `column ${place.column}`,
    ]
      .filter(Boolean)
      .join(', ');
    super(at ? `${at}: ${message}` : message, cause === undefined ? undefined : { cause });
    this.code = place.code;
    this.file = place.file;
    this.line = place.line;
    this.column = place.column;
  }
}

/** An abort signal that has fired becomes its reason, thrown here. */
export function notAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw signal.reason ?? new DOMException('aborted', 'AbortError');
}
