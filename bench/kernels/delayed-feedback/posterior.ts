import { indices, numbers } from '../../../test/helpers/kernel.ts';
import * as twin from '../../../test/reference/delayed-feedback/posterior.ts';
import { benchKernel } from '../../kernel.ts';

const n = 256;
const buckets = 15;
const edge = Float32Array.from({ length: buckets }, (_, j) => j * j * 0.1);
const work = { count: n, unit: 'M rows/s', per: 1e6 };
const tolerance = { absolute: 2e-6, relative: 2e-5 };

/** One chunk of visits, with one window for all rows and with windows of their own. */
export default async () => {
  const rows = [];
  for (const bins of [1, 24]) {
    const factor = numbers(buckets * bins, 4, 0.001, 0.2);
    const x = numbers(n * 2, 1, -4, 2);
    const at = indices(n, buckets, 2);
    const window = numbers(n, 3, 5, 30);
    rows.push(
      ...(await benchKernel({
        kernel: 'openPosterior',
        title: `${buckets} buckets, ${bins} bins`,
        args: [new Float32Array(n), x, at, window, numbers(n, 5, 0.5, 2), factor, edge, n, 2, buckets, bins],
        twin: twin.openPosterior,
        tolerance,
        work,
      })),
      ...(await benchKernel({
        kernel: 'hazardGradient',
        title: `${bins} bins`,
        args: [
          new Float32Array(2 * n),
          new Float32Array(n),
          x,
          at,
          window,
          Float32Array.from(indices(n, 3, 6), (v) => v - 1),
          factor,
          edge,
          n,
          2,
          bins,
        ],
        twin: twin.hazardGradient,
        tolerance,
        work,
      })),
    );
  }
  const unit = (seed: number) => numbers(n, seed, 0, 1);
  rows.push(
    ...(await benchKernel({
      kernel: 'visitGradient',
      title: '256 visits',
      args: [
        new Float32Array(2 * n),
        unit(1),
        unit(2),
        numbers(2 * n, 3, -4, 4),
        numbers(n, 4, -4, 4),
        n,
        2,
        1,
      ],
      twin: twin.visitGradient,
      tolerance,
      work,
    })),
  );
  return rows;
};
