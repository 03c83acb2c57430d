import { test } from 'uvu';
import { close } from '../../helpers/close.ts';
import { call, indices, LENGTHS, numbers, sameAsTwin } from '../../helpers/kernel.ts';
import * as twin from '../../reference/nn/embedding.ts';

const TABLE = 9;

for (const n of LENGTHS) {
  test(`gatherRows and scatterAddRows n=${n}, rows repeated`, () => {
    for (const d of [0, 1, 3, 4, 7, 16, 19]) {
      const table = numbers(TABLE * d);
      const index = indices(n, TABLE, d + 1);
      sameAsTwin('gatherRows', twin.gatherRows, [new Float32Array(n * d), table, index, n, d]);
      for (const alpha of [1, -0.25]) {
        sameAsTwin('scatterAddRows', twin.scatterAddRows, [table, numbers(n * d, 2), index, n, d, alpha], {
          absolute: 1e-5,
        });
      }
    }
  });
}

test('golden: two gradients of one row add up, the other rows stay', () => {
  const table = Float32Array.of(1, 2, 3, 4, 5, 6);
  const grad = Float32Array.of(10, 20, 100, 200);
  const { after } = call('scatterAddRows', [table, grad, Uint32Array.of(1, 1), 2, 2, 0.5]);
  close(after[0] as Float32Array, [1, 2, 58, 114, 5, 6]);
  const got = call('gatherRows', [new Float32Array(4), table, Uint32Array.of(2, 0), 2, 2]).after[0];
  close(got as Float32Array, [5, 6, 1, 2]);
});

test('scatter of ones counts, and gather is its transpose: <gather(t), g> = <t, scatter(g)>', () => {
  const [n, d] = [500, 3];
  const index = indices(n, TABLE, 5);
  const counts = call('scatterAddRows', [
    new Float32Array(TABLE * d),
    new Float32Array(n * d).fill(1),
    index,
    n,
    d,
    1,
  ]).after[0] as Float32Array;
  close(
    counts,
    Float64Array.from({ length: TABLE * d }, (_, i) => index.filter((r) => r === Math.floor(i / d)).length),
  );

  const inner = (a: Float32Array, b: Float32Array) => a.reduce((sum, v, i) => sum + v * b[i], 0);
  const [table, g] = [numbers(TABLE * d), numbers(n * d, 2)];
  const gathered = call('gatherRows', [new Float32Array(n * d), table, index, n, d]).after[0] as Float32Array;
  const scattered = call('scatterAddRows', [new Float32Array(TABLE * d), g, index, n, d, 1])
    .after[0] as Float32Array;
  close([inner(gathered, g)], [inner(table, scattered)], { absolute: 1e-3 });
});

test('NaN stays in its row', () => {
  const table = new Float32Array(10);
  const grad = numbers(10, 2);
  grad[7] = Number.NaN;
  sameAsTwin('scatterAddRows', twin.scatterAddRows, [table, grad, Uint32Array.of(0, 1), 2, 5, 1]);
  table[3] = Number.NaN;
  sameAsTwin('gatherRows', twin.gatherRows, [new Float32Array(10), table, Uint32Array.of(1, 0), 2, 5]);
});

test.run();
