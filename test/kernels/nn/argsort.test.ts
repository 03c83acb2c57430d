import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { argsort } from '../../../src/nn/argsort.ts';
import { call, engine, indices, LENGTHS, numbers, sameAsTwin } from '../../helpers/kernel.ts';
import * as twin from '../../reference/nn/argsort.ts';

const scratch = engine.alloc('u32', engine.kernels.argsortScratch(20_000)).ptr;

for (const n of [...LENGTHS, 2048, 20_000]) {
  test(`argsort n=${n}: distinct keys, many ties, sorted and reversed`, () => {
    const keys = numbers(n, 7);
    const ties = Float32Array.from(indices(n, 5), (x) => x - 2);
    const sorted = keys.slice().sort();
    for (const k of [keys, ties, sorted, sorted.slice().reverse(), new Float32Array(n)]) {
      sameAsTwin('argsort', twin.argsort, [new Uint32Array(n), k, scratch, n]);
    }
  });
}

test('argsort stays within argsortScratch', () => {
  for (const n of [0, 1, 67]) {
    const lent = new Uint32Array(engine.kernels.argsortScratch(n));
    call('argsort', [new Uint32Array(n), numbers(n), lent, n], 2);
  }
});

test('argsort: NaN of either sign last and in order, infinities at the ends, -0 before +0, denormals in place', () => {
  const keys = new Float32Array([
    NaN,
    0,
    -0,
    Infinity,
    1e-45,
    -Infinity,
    -1e-45,
    NaN,
    -0,
    0,
    3e38,
    -3e38,
    1,
    -1,
  ]);
  new Uint32Array(keys.buffer)[7] = 0xffc00001;
  const n = keys.length;
  sameAsTwin('argsort', twin.argsort, [new Uint32Array(n), keys, scratch, n]);
  const { after } = call('argsort', [new Uint32Array(n), keys, scratch, n]);
  assert.equal([...(after[0] as Uint32Array)], [5, 11, 13, 6, 2, 8, 1, 9, 4, 12, 10, 3, 0, 7]);
});

test('argsort of bit patterns drawn evenly is a sorted permutation', () => {
  const n = 20_000;
  const bits = Uint32Array.from(numbers(n, 3, 0, 2 ** 32));
  sameAsTwin('argsort', twin.argsort, [new Uint32Array(n), new Float32Array(bits.buffer), scratch, n]);
});

test('the wrapper lends its own scratch', () => {
  engine.scope((scope) => {
    const order = scope.alloc('u32', 4);
    argsort(engine, order, scope.from('f32', [3, -1, 2, -1]));
    assert.equal([...order.array], [1, 3, 2, 0]);
  });
});

test.run();
