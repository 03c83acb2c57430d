import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { call, indices, LENGTHS, numbers, sameAsTwin } from '../../helpers/kernel.ts';
import * as twin from '../../reference/uncertainty/decide.ts';

const eighths = (n: number, seed: number) => Float32Array.from(indices(n, 9, seed), (x) => x / 8);
const sortedEighths = (n: number, seed: number) => eighths(n, seed).sort();

for (const n of LENGTHS) {
  test(`decideLevels, decideNested n=${n}`, () => {
    const rows = [new Uint8Array(n), eighths(n, 1), eighths(n, 2)];
    for (const levels of [1, 2, 5, 33]) {
      const high = eighths(levels, 3);
      high[0] = Infinity;
      const low = high.map((x, i) => (i % 2 ? x : x - 0.25));
      for (const limit of [Infinity, 0.75]) {
        const args = [...rows, sortedEighths(levels - 1, 4), high, low, n, levels, limit];
        sameAsTwin('decideLevels', twin.decideLevels, args);
      }
    }
    for (const [levels, bins] of [
      [1, 1],
      [3, 5],
      [2, 40],
    ]) {
      const inner = Float32Array.from(
        Array.from({ length: bins }, (_, b) => [...sortedEighths(levels - 1, b + 7)]).flat(),
      );
      const high = Uint32Array.from(indices(levels, bins + 1, 5));
      const low = high.map((b, i) => Math.min(b, indices(levels, bins + 1, 6)[i]));
      const args = [...rows, sortedEighths(bins - 1, 4), inner, high, low, n, levels, bins, 0.75];
      sameAsTwin('decideNested', twin.decideNested, args);
    }
  });
}

test('both stop at the first row that is not finite', () => {
  for (const bad of [Number.NaN, Infinity, -Infinity]) {
    for (const column of [1, 2]) {
      const rows = [new Uint8Array(9), numbers(9, 1), numbers(9, 2)];
      rows[column][6] = bad;
      const none = new Float32Array(0);
      const levels = [...rows, none, Float32Array.of(0), Float32Array.of(0), 9, 1, Infinity];
      const nested = [...rows, none, none, Uint32Array.of(0), Uint32Array.of(0), 9, 1, 1, Infinity];
      assert.is(call('decideLevels', levels).result, 6);
      assert.is(call('decideNested', nested).result, 6);
    }
  }
});

test.run();
