import { invertSpd } from '../../../src/nn/cholesky.ts';
import { gemm } from '../../../src/nn/linear.ts';
import { close } from '../../../test/helpers/close.ts';
import { numbers } from '../../../test/helpers/kernel.ts';
import { spdFinish, spdSweep, spdUpdate } from '../../../test/reference/nn/cholesky.ts';
import { engine, type Row, timeCases } from '../../kernel.ts';
import { simdPeak } from '../../peers/limits.ts';

/** The inverse of an n x n matrix, counted as n^3 flops: what factor, invert and multiply need on one triangle. */
export default async () => {
  const peak = await simdPeak();
  const rows: Row[] = [];
  for (const n of [256, 1024, 3072]) {
    const x = engine.from('f32', numbers(n * n));
    const a = engine.alloc('f32', n * n);
    const work = engine.alloc('f32', n * n);
    for (let i = 0; i < n; i++) a.array[i * (n + 1)] = n / 4;
    gemm(engine, 'NT', a, x, x, n, n, n, 1);
    const run = () => {
      work.array.set(a.array);
      invertSpd(engine, work, n);
    };
    const plain = () => {
      const copy = a.copy();
      const scratch = new Float32Array(engine.kernels.spdScratch(n, n));
      spdSweep(copy, scratch, n, 0, n);
      spdUpdate(copy, scratch, null, n, n, n, 0);
      spdFinish(copy, n);
      return copy;
    };
    if (n === 256) {
      run();
      close(work.array, plain(), { absolute: 1e-6 }, 'invertSpd');
    }
    rows.push(
      ...(await timeCases(
        `invertSpd ${n} x ${n}`,
        { name: 'kernel', run },
        [{ name: 'peak', run: () => peak(n ** 3) }, ...(n === 256 ? [{ name: 'twin', run: plain }] : [])],
        { count: n ** 3, unit: 'GFLOP/s', per: 1e9 },
      )),
    );
    engine.release(x, a, work);
  }
  return rows;
};
