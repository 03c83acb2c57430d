import { test } from 'uvu';
import { close } from '../../helpers/close.ts';
import { call, indices, LENGTHS, numbers, sameAsTwin } from '../../helpers/kernel.ts';
import * as twin from '../../reference/uncertainty/grid.ts';

/** Ascending edges, some equal, in runs of `count`. */
const edges = (runs: number, count: number, seed: number) =>
  Float32Array.from(
    Array.from({ length: runs }, (_, r) => [...indices(count, 8, seed + r)].sort((a, b) => a - b)).flat(),
    (x) => x / 8,
  );

for (const n of LENGTHS) {
  test(`gridHistogram n=${n}, with scores on the edges`, () => {
    const score = Float32Array.from(indices(n, 9, 1), (x) => x / 8);
    const uncertainty = Float32Array.from(indices(n, 9, 2), (x) => x / 8);
    const label = Float32Array.from(indices(n, 3, 3), (x) => x / 2);
    for (const [levels, bins] of [
      [1, 1],
      [3, 5],
      [4, 1],
      [1, 17],
    ]) {
      for (const scoreFirst of [0, 1]) {
        const [a, b] = scoreFirst ? [bins, levels] : [levels, bins];
        for (const [weight, cost] of [
          [null, null],
          [numbers(n, 7, 0, 2), numbers(n, 8, 0, 2)],
        ]) {
          const cells = levels * bins;
          const sums = [new Float64Array(cells).fill(1), new Float64Array(cells)];
          const rows = [score, uncertainty, label, weight, cost];
          const args = [
            ...sums,
            ...rows,
            edges(1, a - 1, 4),
            edges(a, b - 1, 5),
            n,
            levels,
            bins,
            scoreFirst,
          ];
          sameAsTwin('gridHistogram', twin.gridHistogram, args);
        }
      }
    }
  });
}

test('gridHistogram puts a value on an edge into the cell above, and NaN labels into their cell', () => {
  const { after } = call('gridHistogram', [
    new Float64Array(4),
    new Float64Array(4),
    Float32Array.of(0.5, 0.4, 0.5),
    Float32Array.of(0.1, 0.2, 0.2),
    Float32Array.of(1, 1, Number.NaN),
    null,
    null,
    Float32Array.of(0.2),
    Float32Array.of(0.5, 0.5),
    3,
    2,
    2,
    0,
  ]);
  close(after[0] as Float64Array, [0, 1, 1, Number.NaN]);
  close(after[1] as Float64Array, [0, 1, 1, 1]);
});

test.run();
