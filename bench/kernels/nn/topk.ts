import { numbers } from '../../../test/helpers/kernel.ts';
import * as twin from '../../../test/reference/nn/topk.ts';
import { benchKernel, engine, type Row } from '../../kernel.ts';
import { readOnce } from '../../peers/limits.ts';

const n = 100_000;
const d = 64;

export default async () => {
  const read = await readOnce(n * d);
  const rows: Row[] = [];
  const items = numbers(n * d);
  const mask = Uint32Array.from({ length: Math.ceil(n / 32) }, (_, i) => (i % 3 === 0 ? 0x00010101 : 0));
  for (const [q, k] of [
    [1, 10],
    [1, 100],
    [64, 10],
  ]) {
    const scratch = engine.alloc('f32', engine.kernels.topKScratch(q));
    rows.push(
      ...(await benchKernel({
        kernel: 'topK',
        title: `${k} of ${n} x ${d}, ${q} queries, mask`,
        args: [
          new Float32Array(q * k),
          new Uint32Array(q * k),
          numbers(q * d, 2),
          items,
          null,
          mask,
          scratch.ptr,
          q,
          n,
          d,
          k,
          0,
        ],
        twin: twin.topK,
        tolerance: { absolute: 1e-4 },
        timeTwin: q === 1,
        work: { count: 4 * q * n * d, unit: 'GB/s', per: 1e9 },
        rivals: q === 1 ? [{ name: 'read once', run: read }] : [],
      })),
    );
    engine.release(scratch);
  }
  const row = numbers(n, 3);
  rows.push(
    ...(await benchKernel({
      kernel: 'topKRow',
      title: `10 of ${n}`,
      args: [new Float32Array(10), new Uint32Array(10), row, mask, n, 10],
      twin: twin.topKRow,
      work: { count: 4 * n, unit: 'GB/s', per: 1e9 },
    })),
  );
  return rows;
};
