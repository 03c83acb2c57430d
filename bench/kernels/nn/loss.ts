import { indices, numbers } from '../../../test/helpers/kernel.ts';
import * as twin from '../../../test/reference/nn/loss.ts';
import { benchKernel } from '../../kernel.ts';

const [rows, negatives] = [256, 1024];
const n = rows * negatives;
const tolerance = { absolute: 1e-6, relative: 1e-5 };

export default async () => [
  // Both losses leave their gradient in place of their input, so a repeated call works on small numbers: same work.
  ...(await benchKernel({
    kernel: 'sampledSoftmax',
    title: '256 x 1024',
    args: [
      numbers(n),
      new Float32Array(rows),
      numbers(rows, 2),
      numbers(negatives, 3),
      indices(rows, 5000, 4),
      indices(negatives, 5000, 5),
      rows,
      negatives,
      1,
    ],
    twin: twin.sampledSoftmax,
    tolerance,
    work: { count: n, unit: 'G/s', per: 1e9 },
  })),
  ...(await benchKernel({
    kernel: 'logisticLoss',
    title: '65,536 weighted',
    args: [numbers(65_536, 1, -8, 8), numbers(65_536, 2, 0, 3), 65_536, -1, 1, 1],
    twin: twin.logisticLoss,
    tolerance,
    work: { count: 65_536, unit: 'G/s', per: 1e9 },
  })),
  ...(await benchKernel({
    kernel: 'softLogistic',
    title: '65,536 weighted, by ids',
    args: [
      new Float32Array(65_536),
      numbers(65_536, 1, -8, 8),
      numbers(65_536, 2, 0, 1),
      numbers(65_536, 3, 0, 3),
      null,
      indices(65_536, 65_536, 4),
      65_536,
      1,
    ],
    twin: twin.softLogistic,
    tolerance,
    work: { count: 65_536, unit: 'G/s', per: 1e9 },
  })),
  ...(await benchKernel({
    kernel: 'addColumnSums',
    title: '1024 x 64',
    args: [new Float32Array(64), numbers(65_536), 1024, 64],
    twin: twin.addColumnSums,
    tolerance: { absolute: 1e-3 },
    work: { count: 4 * 65_536, unit: 'GB/s', per: 1e9 },
  })),
];
