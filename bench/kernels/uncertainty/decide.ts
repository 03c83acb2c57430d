import { numbers } from '../../../test/helpers/kernel.ts';
import * as twin from '../../../test/reference/uncertainty/decide.ts';
import { benchKernel } from '../../kernel.ts';

const n = 1 << 18;
const work = { count: n, unit: 'M rows/s', per: 1e6 };
const rows = [new Uint8Array(n), numbers(n, 1, 0, 1), numbers(n, 2, 0, 1)];
const even = (count: number) => Float32Array.from({ length: count }, (_, i) => (i + 1) / (count + 1));

export default async () => {
  const out = [];
  for (const levels of [5, 201]) {
    const high = numbers(levels, 3, 0.3, 1);
    out.push(
      ...(await benchKernel({
        kernel: 'decideLevels',
        title: `262,144 rows, ${levels} levels`,
        args: [...rows, even(levels - 1), high, high.map((x) => x - 0.2), n, levels, 0.9],
        twin: twin.decideLevels,
        work,
      })),
    );
  }
  const [levels, bins] = [6, 60];
  const inner = Float32Array.from(
    { length: bins * (levels - 1) },
    (_, i) => ((i % (levels - 1)) + 1) / levels,
  );
  const high = Uint32Array.of(20, 30, 35, 40, 50, 60);
  out.push(
    ...(await benchKernel({
      kernel: 'decideNested',
      title: '262,144 rows, 6 x 60',
      args: [...rows, even(bins - 1), inner, high, high, n, levels, bins, Infinity],
      twin: twin.decideNested,
      work,
    })),
  );
  return out;
};
