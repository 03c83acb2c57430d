// What a request may say. Every rule is the negation of a positive test, so that NaN and undefined fail too.
import { badType, badValue, Refused } from './refused.js';

export const LIMITS = { bytes: 1 << 20, k: 100, items: 100, exclude: 10_000, rows: 10_000 };

/** How many answers: a whole number, 10 unless said. */
export function countOf(k) {
  if (k === undefined) return 10;
  if (typeof k !== 'number') throw badType('k', `a number, got ${shown(k)}`);
  if (!(Number.isInteger(k) && k >= 1 && k <= LIMITS.k)) {
    throw badValue('k', `a whole number from 1 to ${LIMITS.k}, got ${k}`);
  }
  return k;
}

/** The same from a query string, in which everything is text. */
export const countOfText = (text) => countOf(/^-?\d+(\.\d+)?$/.test(text ?? '') ? Number(text) : text);

/** Ids, each a text. */
export function idsOf(list, field, fewest, most) {
  if (!Array.isArray(list)) throw badType(field, `a list of ids, got ${shown(list)}`);
  if (!(list.length >= fewest && list.length <= most)) {
    throw badValue(field, `a list of ${fewest} to ${most} ids, got ${list.length}`);
  }
  list.forEach((id, i) => {
    if (typeof id !== 'string') throw badType(`${field}[${i}]`, `an id as text, got ${shown(id)}`);
  });
  return list;
}

/** Rows of a score and, where the policy looks at it, an uncertainty. */
export function rowsOf(list, needsUncertainty) {
  if (!Array.isArray(list)) throw badType('rows', `a list of { score, uncertainty }, got ${shown(list)}`);
  if (!(list.length <= LIMITS.rows)) throw badValue('rows', `at most ${LIMITS.rows}, got ${list.length}`);
  return list.map((row, i) => {
    fieldsOf(row, ['score', 'uncertainty'], `rows[${i}]`);
    const { score, uncertainty } = row;
    finite(score, `rows[${i}].score`);
    if (uncertainty !== undefined || needsUncertainty) finite(uncertainty, `rows[${i}].uncertainty`);
    return row;
  });
}

/** An object with no other fields than these: a misspelt `exlude` would be passed over in silence. */
export function fieldsOf(value, names, field) {
  const what = field ?? 'the body';
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const rule = `${what} must be an object with ${names.join(', ')}, got ${shown(value)}`;
    throw new Refused(400, 'wrong-type', rule, field);
  }
  const strange = Object.keys(value).find((name) => !names.includes(name));
  if (strange !== undefined) {
    const rule = `${what} has an unknown field ${shown(strange)}; known are ${names.join(', ')}`;
    const short = strange.slice(0, 60);
    throw new Refused(400, 'unknown-field', rule, field === undefined ? short : `${field}.${short}`);
  }
  return value;
}

function finite(x, field) {
  if (typeof x !== 'number') throw badType(field, `a number, got ${shown(x)}`);
  // The policy compares single-precision numbers, and beyond their range nothing is comparable.
  if (!Number.isFinite(Math.fround(x))) throw badValue(field, `a finite number, got ${x}`);
}

function shown(value) {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 60));
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' && value !== null
    ? 'an object'
    : value === undefined
      ? 'nothing'
      : String(value);
}
