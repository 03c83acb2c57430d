import { numbers } from '../../../test/helpers/kernel.ts';
import * as twin from '../../../test/reference/uncertainty/grid.ts';
import { benchKernel } from '../../kernel.ts';

const n = 1 << 18;
const [levels, bins] = [10, 200];
const label = numbers(n, 3, 0, 1).map(Math.round);
const run = (pieces: number, count: number) =>
  Float32Array.from({ length: pieces * count }, (_, i) => ((i % count) + 1) / (count + 1));

export default async () => {
  const rows = [];
  for (const scoreFirst of [0, 1]) {
    const [a, b] = scoreFirst ? [bins, levels] : [levels, bins];
    rows.push(
      ...(await benchKernel({
        kernel: 'gridHistogram',
        title: `262,144 rows, 10 x 200, ${scoreFirst ? 'score' : 'uncertainty'} first`,
        args: [
          new Float64Array(levels * bins),
          new Float64Array(levels * bins),
          numbers(n, 1, 0, 1),
          numbers(n, 2, 0, 1),
          label,
          null,
          null,
          run(1, a - 1),
          run(a, b - 1),
          n,
          levels,
          bins,
          scoreFirst,
        ],
        twin: twin.gridHistogram,
        work: { count: n, unit: 'M rows/s', per: 1e6 },
      })),
    );
  }
  return rows;
};
