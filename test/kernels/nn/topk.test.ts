import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close } from '../../helpers/close.ts';
import { call, engine, indices, numbers, sameAsTwin } from '../../helpers/kernel.ts';
import * as twin from '../../reference/nn/topk.ts';

const scratch = engine.alloc('f32', engine.kernels.topKScratch(64)).ptr;

/** Small whole numbers: sums are exact in any order, and ties are many. */
const whole = (n: number, seed: number) => Float32Array.from(indices(n, 7, seed), (x) => x - 3);
const bits = (words: number, seed: number) => Uint32Array.from(numbers(words, seed, 0, 2 ** 32));

for (const [q, n, d, k] of [
  [1, 0, 4, 3],
  [1, 1, 1, 1],
  [1, 7, 3, 10],
  [1, 8, 4, 8],
  [2, 67, 5, 1],
  [3, 513, 7, 20],
  [4, 513, 7, 20],
  [5, 31, 16, 5],
  [65, 600, 8, 3],
  [1, 530, 520, 4],
  [4, 9, 520, 4],
  [0, 9, 4, 2],
  [2, 9, 4, 0],
  [2, 9, 0, 4],
]) {
  test(`topK ${q} queries, ${n} x ${d} items, k ${k}, with and without bias and masks`, () => {
    const words = Math.ceil(n / 32);
    const args = (bias: Float32Array | null, mask: Uint32Array | null, stride: number) => [
      new Float32Array(q * k),
      new Uint32Array(q * k),
      whole(q * d, 1),
      whole(n * d, 2),
      bias,
      mask,
      scratch,
      q,
      n,
      d,
      k,
      stride,
    ];
    sameAsTwin('topK', twin.topK, args(null, null, 0));
    sameAsTwin('topK', twin.topK, args(whole(n, 3), bits(words, 4), 0));
    sameAsTwin('topK', twin.topK, args(null, bits(words * q, 5), words));
  });
}

test('topK stays within topKScratch', () => {
  for (const [q, d] of [
    [1, 3],
    [4, 3],
    [70, 20],
  ]) {
    const lent = new Float32Array(engine.kernels.topKScratch(q));
    const args = [new Float32Array(2 * q), new Uint32Array(2 * q), whole(q * d, 1), whole(530 * d, 2)];
    call('topK', [...args, null, null, lent, q, 530, d, 2, 0], 6);
  }
});

test('topK: a query has the same bits alone and in a batch, and the scores are those of brute force', () => {
  for (const d of [1, 6, 64, 515, 1030]) {
    const [q, n, k] = [11, 1003, 12];
    const queries = numbers(q * d, 1);
    const items = numbers(n * d, 2);
    const bias = numbers(n, 3);
    const run = (x: Float32Array, count: number) => {
      const empty = [new Float32Array(count * k), new Uint32Array(count * k)];
      const { after } = call('topK', [...empty, x, items, bias, null, scratch, count, n, d, k, 0]);
      return after as [Float32Array, Uint32Array];
    };
    const [scores, ids] = run(queries, q);
    for (let j = 0; j < q; j++) {
      const [alone, aloneIds] = run(queries.slice(j * d, (j + 1) * d), 1);
      assert.equal([...alone], [...scores.slice(j * k, (j + 1) * k)]);
      assert.equal([...aloneIds], [...ids.slice(j * k, (j + 1) * k)]);
      const all = Array.from({ length: n }, (_, i) => {
        let sum = bias[i];
        for (let c = 0; c < d; c++) sum += queries[j * d + c] * items[i * d + c];
        return sum;
      });
      const best = all.slice().sort((x, y) => y - x);
      close(alone, best.slice(0, k), { absolute: 2e-6 * (d + 10) });
      close(
        alone,
        Array.from(aloneIds, (i) => all[i]),
        { absolute: 2e-6 * (d + 10) },
      );
    }
  }
});

for (const n of [0, 1, 3, 4, 16, 67, 1000]) {
  test(`topKRow n=${n}: ties, masks, more asked than there are, rising and falling rows`, () => {
    const rising = Float32Array.from({ length: n }, (_, i) => i);
    for (const row of [whole(n, 1), rising, rising.slice().reverse()]) {
      for (const k of [0, 5, n + 3]) {
        for (const mask of [null, bits(Math.ceil(n / 32), 3)]) {
          sameAsTwin('topKRow', twin.topKRow, [new Float32Array(k), new Uint32Array(k), row, mask, n, k]);
        }
      }
    }
  });
}

test('topKRow: everything passed over leaves nothing', () => {
  const mask = new Uint32Array([0xffffffff, 0xffffffff]);
  sameAsTwin('topKRow', twin.topKRow, [new Float32Array(3), new Uint32Array(3), numbers(64), mask, 64, 3]);
});

test('topKRow: NaN and -infinity are never chosen, infinity wins', () => {
  const row = new Float32Array([NaN, 1, -Infinity, NaN, Infinity, 2, NaN, -3, NaN]);
  const args = [new Float32Array(6), new Uint32Array(6), row, null, 9, 6];
  sameAsTwin('topKRow', twin.topKRow, args);
  const { after } = call('topKRow', args);
  assert.equal([...(after[1] as Uint32Array)], [4, 5, 1, 7, 0xffffffff, 0xffffffff]);
  assert.equal([...(after[0] as Float32Array)], [Infinity, 2, 1, -3, -Infinity, -Infinity]);
});

test.run();
