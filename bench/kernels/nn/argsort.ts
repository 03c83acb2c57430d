import { numbers } from '../../../test/helpers/kernel.ts';
import * as twin from '../../../test/reference/nn/argsort.ts';
import { benchKernel, engine, type Row } from '../../kernel.ts';

export default async () => {
  const rows: Row[] = [];
  for (const n of [1000, 100_000, 1_000_000]) {
    const keys = numbers(n);
    const order = new Uint32Array(n);
    const scratch = engine.alloc('u32', engine.kernels.argsortScratch(n));
    rows.push(
      ...(await benchKernel({
        kernel: 'argsort',
        title: n.toLocaleString('en'),
        args: [order, keys, scratch.ptr, n],
        twin: twin.argsort,
        timeTwin: n <= 100_000,
        work: { count: n, unit: 'Mkeys/s', per: 1e6 },
        // What a caller without the kernel would write: the typed array's own sort of indices by key.
        rivals: [
          {
            name: 'typed sort',
            run: () => Uint32Array.from(order, (_, i) => i).sort((i, j) => keys[i] - keys[j]),
          },
          // Sorts values only, so it is a limit rather than a peer.
          { name: 'values only', run: () => keys.slice().sort() },
        ],
      })),
    );
    engine.release(scratch);
  }
  return rows;
};
