import * as assert from 'uvu/assert';

export interface Tolerance {
  /** Largest |actual - expected| allowed. */
  absolute?: number;
  /** Largest |actual - expected| / |expected| allowed, beside `absolute`. */
  relative?: number;
}

/**
 * Compares arrays of numbers: NaN passes only where NaN is expected, and a difference passes only if it is within
 * absolute + relative |expected|. Prints the first five mismatches and the largest error.
 */
export function close(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { absolute = 0, relative = 0 }: Tolerance = {},
  what = 'arrays',
): void {
  assert.is(actual.length, expected.length, `${what}: length`);
  const wrong: string[] = [];
  let worst = 0;
  let count = 0;
  for (let i = 0; i < expected.length; i++) {
    const a = actual[i];
    const e = expected[i];
    if (Number.isNaN(e) ? Number.isNaN(a) : a === e) continue;
    const error = Math.abs(a - e);
    if (error <= absolute + relative * Math.abs(e)) continue;
    count++;
    worst = Math.max(worst, error);
    if (wrong.length < 5) wrong.push(`[${i}] ${a} for ${e}`);
  }
  if (count > 0) {
    assert.unreachable(
      `${what}: ${count} of ${expected.length} differ, largest error ${worst}: ${wrong.join('; ')}`,
    );
  }
}
