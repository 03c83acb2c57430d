import { numbers } from '../../../test/helpers/kernel.ts';
import * as twin from '../../../test/reference/uncertainty/beta.ts';
import { benchKernel } from '../../kernel.ts';

const n = 1 << 12;
const doubles = (seed: number, low: number, high: number) => Float64Array.from(numbers(n, seed, low, high));
const work = { count: n, unit: 'M rows/s', per: 1e6 };

export default async () => [
  ...(await benchKernel({
    kernel: 'betaEntropy',
    title: '4,096',
    args: [new Float64Array(n), doubles(1, 0.5, 100), doubles(2, 0.5, 100), n],
    twin: twin.betaEntropy,
    tolerance: { absolute: 1e-11 },
    work,
  })),
  ...(await benchKernel({
    kernel: 'evidenceLoss',
    title: '4,096',
    args: [new Float32Array(2 * n), numbers(2 * n, 3, -5, 5), numbers(n, 4, 0, 1), null, n, 1e-3],
    twin: twin.evidenceLoss,
    tolerance: { absolute: 1e-6, relative: 1e-6 },
    work,
  })),
  // The twin integrates at 60,000 points: an oracle, not a peer, so it is not timed.
  ...(await benchKernel({
    kernel: 'posteriorMeans',
    title: '16 rows',
    args: [
      new Float64Array(16),
      doubles(5, 0, 5).slice(0, 16),
      doubles(6, 5, 60).slice(0, 16),
      16,
      1.5,
      4,
      5,
    ],
    twin: twin.posteriorMeans,
    tolerance: { relative: 1e-9 },
    work: { count: 16, unit: 'M rows/s', per: 1e6 },
    timeTwin: false,
  })),
];
