import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { invertSpd } from '../../src/nn/cholesky.ts';
import { gemm } from '../../src/nn/linear.ts';
import { close } from '../helpers/close.ts';
import { engine, numbers } from '../helpers/kernel.ts';

for (const n of [0, 1, 2, 127, 128, 129, 400]) {
  test(`invertSpd: the inverse times the matrix is the identity, n=${n}`, () => {
    engine.scope((scope) => {
      const x = scope.from('f32', numbers(n * n));
      const a = scope.alloc('f32', n * n);
      for (let i = 0; i < n; i++) a.array[i * (n + 1)] = n / 4 + 1;
      gemm(engine, 'NT', a, x, x, n, n, n, 1);
      const inverse = scope.from('f32', a.copy());
      const steps: number[] = [];
      invertSpd(engine, inverse, n, (done) => steps.push(done));
      assert.is(steps.length, Math.ceil(n / 128));
      assert.is(steps.at(-1) ?? 0, n);
      const identity = scope.alloc('f32', n * n);
      gemm(engine, 'NN', identity, inverse, a, n, n, n);
      const expected = new Float32Array(n * n);
      for (let i = 0; i < n; i++) expected[i * (n + 1)] = 1;
      close(identity.array, expected, { absolute: 1e-4 });
      for (let i = 0; i < n; i++)
        for (let j = 0; j < i; j++) assert.is(inverse.array[i * n + j], inverse.array[j * n + i]);
    });
  });
}

test('invertSpd refuses a matrix that is not positive definite, and releases its scratch', () => {
  engine.scope((scope) => {
    const slices = engine.stats().slices;
    const a = scope.from('f32', [1, 2, 2, 1]);
    assert.throws(() => invertSpd(engine, a, 2), /positive definite: row 1 of 2/);
    assert.throws(() => invertSpd(engine, a, 3), /a must have 9 entries/);
    assert.is(engine.stats().slices, slices + 1);
  });
});

test.run();
