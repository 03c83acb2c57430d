import { test } from 'uvu';
import { gemm, gemmScratch } from '../../src/nn/linear.ts';
import { close } from '../helpers/close.ts';
import { engine } from '../helpers/kernel.ts';

test('gemm multiplies a known pair in all three forms, with and without scratch', () => {
  engine.scope((scope) => {
    const a = scope.from('f32', [1, 2, 3, 4, 5, 6]);
    const at = scope.from('f32', [1, 4, 2, 5, 3, 6]);
    const b = scope.from('f32', [7, 8, 9, 10, 11, 12]);
    const bt = scope.from('f32', [7, 9, 11, 8, 10, 12]);
    const c = scope.alloc('f32', 4);
    const expected = [58, 64, 139, 154];
    for (const scratch of [undefined, scope.alloc('f32', gemmScratch(engine, 2, 3, 2))]) {
      gemm(engine, 'NN', c, a, b, 2, 3, 2, 0, scratch);
      close(c.array, expected, {}, 'NN');
      gemm(engine, 'NT', c, a, bt, 2, 3, 2, 0, scratch);
      close(c.array, expected, {}, 'NT');
      gemm(engine, 'TN', c, at, b, 2, 3, 2, 1, scratch);
      close(
        c.array,
        expected.map((x) => 2 * x),
        {},
        'TN',
      );
    }
  });
});

test.run();
