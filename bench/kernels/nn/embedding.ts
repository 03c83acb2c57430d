import { indices, numbers } from '../../../test/helpers/kernel.ts';
import * as twin from '../../../test/reference/nn/embedding.ts';
import { benchKernel } from '../../kernel.ts';

// 4,096 rows of 64 out of a table of 100,000: 25.6 MB, more than the caches hold near a core.
const [n, d, size] = [4096, 64, 100_000];
const index = indices(n, size, 3);

export default async () => [
  ...(await benchKernel({
    kernel: 'gatherRows',
    title: '4096 of 100,000 x 64',
    args: [new Float32Array(n * d), numbers(size * d), index, n, d],
    twin: twin.gatherRows,
    work: { count: 8 * n * d, unit: 'GB/s', per: 1e9 },
  })),
  ...(await benchKernel({
    kernel: 'scatterAddRows',
    title: '4096 of 100,000 x 64',
    args: [numbers(size * d), numbers(n * d, 2), index, n, d, 1e-6],
    twin: twin.scatterAddRows,
    tolerance: { absolute: 1e-6 },
    work: { count: 12 * n * d, unit: 'GB/s', per: 1e9 },
  })),
];
