import { DataError } from '../check.ts';
import { roundUp } from './open-rows.ts';

/**
 * Ages at which open rows are visited, shared by all: bucket j is (ages[j-1], ages[j]], bucket 0 from 0 to the first
 * age, both included. Past the last age one bucket remains.
 */
export class AgeBuckets {
  /** f32[buckets]: where each bucket begins; 0, then the ages. */
  readonly edge: Float32Array;

  constructor(readonly ages: readonly number[]) {
    for (let k = 0; k < ages.length; k++) {
      if (!(ages[k] > (k === 0 ? 0 : ages[k - 1]) && Number.isFinite(ages[k]))) {
        throw new RangeError(`ages must rise from above 0, got ${ages[k]} at ${k}`);
      }
    }
    if (!(ages.length >= 1 && ages.length <= 64))
      throw new RangeError(`ages must be 1 to 64, got ${ages.length}`);
    this.edge = Float32Array.of(0, ...ages.map(roundUp));
  }

  get count(): number {
    return this.edge.length;
  }

  /** The bucket in which a row of this age converts when it does so now. */
  of(age: number): number {
    let j = 0;
    while (j + 1 < this.edge.length && age > this.edge[j + 1]) j++;
    return j;
  }

  /** The bucket that a row still open at this age is in: ages on an edge begin the next. */
  openAt(age: number): number {
    let j = 0;
    while (j + 1 < this.edge.length && age >= this.edge[j + 1]) j++;
    return j;
  }

  /** Where bucket j ends; Infinity for the last. */
  end(j: number): number {
    return j + 1 < this.edge.length ? this.edge[j + 1] : Infinity;
  }
}

/** Each age is a multiple of the one before: 2 at first, falling towards 1.3, because late changes are worth a look. */
const RATIO = { first: 2, last: 1.3, fall: 0.6 };
/** Where the first and the last age lie in the longest windows. */
const FIRST = 1 / 300;
const LAST = 0.9;

/**
 * Ages for rows with these delays (of those that converted) and windows: from a three-hundredth of the longest windows
 * (99 % are shorter), or where a sixth of the delays ends if that is earlier, to nine tenths. Whole numbers when all
 * delays are. By products alone, so that the same data give the same ages everywhere.
 */
export function agesFor(delays: ArrayLike<number>, windows: ArrayLike<number>): number[] {
  const rising = (values: ArrayLike<number>) =>
    Float64Array.from(values)
      .filter((x) => x > 0 && Number.isFinite(x))
      .sort();
  const [late, widths] = [rising(delays), rising(windows)];
  if (late.length === 0)
    throw new DataError('no conversion after its exposure: nothing to learn delays from', {
      code: 'no-delays',
    });
  const whole = late.every((d) => Number.isInteger(d));
  const longest =
    widths.length > 0 ? widths[Math.floor(0.99 * (widths.length - 1))] : late[late.length - 1] / LAST;
  const first = Math.min(FIRST * longest, late[Math.floor(late.length / 6)]);
  const ages: number[] = [];
  let age = whole ? Math.max(1, first) : first;
  for (let ratio = RATIO.first; age <= LAST * longest && ages.length < 40; age *= ratio) {
    const next = whole ? Math.round(age) : Number(age.toPrecision(3));
    if (next > (ages.at(-1) ?? 0)) ages.push(next);
    if (ages.length > 1) ratio = RATIO.last + (ratio - RATIO.last) * RATIO.fall;
  }
  return ages.length > 0 ? ages : [first];
}
