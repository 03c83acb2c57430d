import { numbers } from '../../../test/helpers/kernel.ts';
import * as twin from '../../../test/reference/nn/optimizer.ts';
import { benchKernel } from '../../kernel.ts';

const n = 1 << 16;
const [rows, d, size] = [1024, 64, 20_000];
// Step 1,000 at the usual settings with a learning rate of 0.001.
const root = Math.sqrt(1 - 0.999 ** 1000);
const step = [(0.001 * root) / (1 - 0.9 ** 1000), 0.9, 0.999, 1e-8 * root, 1];
const tolerance = { absolute: 1e-6, relative: 1e-6 };
// Distinct rows in a scattered order: 7,919 is a prime that does not divide the table's size.
const row = Uint32Array.from({ length: rows }, (_, i) => (i * 7919) % size);

export default async () => [
  ...(await benchKernel({
    kernel: 'adam',
    title: '65,536',
    args: [numbers(n), numbers(n, 2), numbers(n, 3), numbers(n, 4, 0.01, 1), n, ...step],
    twin: twin.adam,
    tolerance,
    work: { count: 28 * n, unit: 'GB/s', per: 1e9 },
  })),
  ...(await benchKernel({
    kernel: 'adagrad',
    title: '65,536',
    args: [numbers(n), numbers(n, 2), numbers(n, 4, 0.01, 1), n, 0.05, 1e-6, 1 / 256],
    twin: twin.adagrad,
    tolerance,
    work: { count: 20 * n, unit: 'GB/s', per: 1e9 },
  })),
  ...(await benchKernel({
    kernel: 'adamRows',
    title: '1024 of 20,000 x 64',
    args: [
      numbers(size * d),
      numbers(rows * d, 2),
      numbers(size * d, 3),
      numbers(size * d, 4, 0.01, 1),
      row,
      rows,
      d,
      ...step,
    ],
    twin: twin.adamRows,
    tolerance,
    work: { count: 28 * rows * d, unit: 'GB/s', per: 1e9 },
  })),
];
