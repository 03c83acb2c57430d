import { test } from 'uvu';
import { indices, LENGTHS, numbers, sameAsTwin } from '../../helpers/kernel.ts';
import * as twin from '../../reference/directed-graph/score.ts';

for (const n of LENGTHS) {
  const k = Math.min(n, 5);
  test(`rankCounts n=${n}`, () => {
    sameAsTwin('rankCounts', twin.rankCounts, [new Uint32Array(2 * k), numbers(n), indices(k, n, 3), n, k]);
  });
  test(`rankCounts n=${n} with many ties, both zeros and infinities`, () => {
    const row = Float32Array.from(numbers(n), (x) => [0, -0, 1, Infinity, -Infinity][Math.floor(x + 2.5)]);
    sameAsTwin('rankCounts', twin.rankCounts, [new Uint32Array(2 * k), row, indices(k, n, 4), n, k]);
  });
}

test('rankCounts of no targets', () => {
  sameAsTwin('rankCounts', twin.rankCounts, [new Uint32Array(0), numbers(9), new Uint32Array(0), 9, 0]);
});

test.run();
