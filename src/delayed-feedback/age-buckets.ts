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
    if (!(ages.length >= 1 && ages.length <= 64)) throw new RangeError(`1 to 64 ages, got ${ages.length}`);
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

/** Ages in a geometric row: from where the first sixth of the conversions is in, to eight tenths of the windows. */
const RATIO = 1.5;

/**
 * Ages for rows with these delays (of those that converted) and windows, none needing to be sorted. Whole numbers when
 * all delays are. Powers are products, so that the same data give the same ages everywhere.
 */
export function agesFor(delays: ArrayLike<number>, windows: ArrayLike<number>): number[] {
  const sorted = Float64Array.from(delays)
    .filter((d) => d > 0)
    .sort();
  const widths = Float64Array.from(windows)
    .filter((w) => w > 0 && Number.isFinite(w))
    .sort();
  if (sorted.length === 0)
    throw new RangeError('no conversion after its exposure: nothing to learn delays from');
  const whole = sorted.every((d) => Number.isInteger(d));
  const longest = Math.min(
    widths.length > 0 ? 0.8 * widths[Math.floor(0.99 * (widths.length - 1))] : Infinity,
    sorted[sorted.length - 1],
  );
  const ages: number[] = [];
  for (let age = sorted[Math.floor(sorted.length / 6)]; ages.length < 40; age *= RATIO) {
    const next = whole ? Math.floor(age) : Number(age.toPrecision(3));
    if (next > longest && ages.length > 0) break;
    if (next > (ages.at(-1) ?? 0)) ages.push(next);
  }
  return ages;
}
