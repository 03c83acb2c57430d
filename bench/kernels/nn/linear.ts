import { close } from '../../../test/helpers/close.ts';
import { numbers } from '../../../test/helpers/kernel.ts';
import { gemmNN, gemmNT, gemmTN, product } from '../../../test/reference/nn/linear.ts';
import { benchKernel, engine, type Row } from '../../kernel.ts';
import { simdPeak } from '../../peers/limits.ts';
import { tfjs } from '../../peers/tfjs.ts';

const forms = { gemmNN, gemmNT, gemmTN };
const shapes = [
  [1024, 64, 64],
  [1024, 128, 64],
  [4096, 128, 128],
  [1024, 1024, 1024],
];

export default async () => {
  const tf = await tfjs();
  const peak = await simdPeak();
  const rows: Row[] = [];
  for (const [m, k, n] of shapes) {
    for (const form of k === 1024 ? (['gemmNN'] as const) : (['gemmNN', 'gemmNT', 'gemmTN'] as const)) {
      const [transposeA, transposeB] = [form === 'gemmTN', form === 'gemmNT'];
      const a = numbers(m * k);
      const b = numbers(k * n, 2);
      const ta = tf.tensor2d(a, transposeA ? [k, m] : [m, k]);
      const tb = tf.tensor2d(b, transposeB ? [n, k] : [k, n]);
      const flops = 2 * m * k * n;
      const tolerance = { absolute: 1e-5 * k };
      const twinC = new Float32Array(m * n);
      forms[form](twinC, a, b, 0, m, k, n, 0);
      const peerC = tf.matMul(ta, tb, transposeA, transposeB);
      close(peerC.dataSync(), twinC, tolerance, 'tfjs-wasm');
      peerC.dispose();
      const scratch = engine.alloc('f32', engine.kernels.gemmScratch(m, k, n));
      rows.push(
        ...(await benchKernel({
          kernel: form,
          title: `${m} x ${k} x ${n}`,
          args: [new Float32Array(m * n), a, b, scratch.ptr, m, k, n, 0],
          twin: forms[form],
          timeTwin: m * k * n < 1e7,
          tolerance,
          work: { count: flops, unit: 'GFLOP/s', per: 1e9 },
          rivals: [
            { name: 'peak', run: () => peak(flops) },
            { name: 'tfjs-wasm', run: () => tf.matMul(ta, tb, transposeA, transposeB).dispose() },
            // tfjs is slow on transposed operands, so the fair peer transposes first.
            ...(form === 'gemmNN'
              ? []
              : [
                  {
                    name: 'tfjs transpose',
                    run: () =>
                      tf.tidy(() => {
                        tf.matMul(transposeA ? tf.transpose(ta) : ta, transposeB ? tf.transpose(tb) : tb);
                      }),
                  },
                ]),
          ],
        })),
      );
      engine.release(scratch);
      tf.dispose([ta, tb]);
    }
  }
  // Half the columns of a product of 4,096 x 128 x 128: what one of two threads computes of it.
  const scratch = engine.alloc('f32', engine.kernels.gemmScratch(4096, 128, 64));
  rows.push(
    ...(await benchKernel({
      kernel: 'product',
      title: '4096 x 128 x 64 of 128',
      args: [
        new Float32Array(4096 * 128),
        numbers(4096 * 128),
        numbers(128 * 128, 2),
        scratch.ptr,
        ...[4096, 128, 64, 128, 128, 1, 128, 1, 1, 0],
      ],
      twin: product,
      timeTwin: false,
      tolerance: { absolute: 1e-5 * 128 },
      work: { count: 2 * 4096 * 128 * 64, unit: 'GFLOP/s', per: 1e9 },
    })),
  );
  return rows;
};
