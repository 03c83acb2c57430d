import { numbers } from '../../../test/helpers/kernel.ts';
import * as twin from '../../../test/reference/engine/vector.ts';
import { benchKernel } from '../../kernel.ts';

const n = 1 << 16;
const flops = { count: 2 * n, unit: 'GFLOP/s', per: 1e9 };
const bytes = { count: 8 * n, unit: 'GB/s', per: 1e9 };
const tolerance = { relative: 1e-3, absolute: 1e-3 };

export default async () => [
  ...(await benchKernel({
    kernel: 'dot',
    title: '65,536',
    args: [numbers(n), numbers(n, 2), n],
    twin: twin.dot,
    tolerance,
    work: flops,
  })),
  ...(await benchKernel({
    kernel: 'axpy',
    title: '65,536',
    args: [numbers(n), numbers(n, 2), n, 1e-9],
    twin: twin.axpy,
    tolerance,
    work: flops,
  })),
  ...(await benchKernel({
    kernel: 'scale',
    title: '65,536',
    args: [numbers(n), numbers(n, 2), n, 0.5],
    twin: twin.scale,
    tolerance,
    work: bytes,
  })),
  ...(await benchKernel({
    kernel: 'transpose',
    title: '256 x 256',
    args: [numbers(n), numbers(n, 2), 256, 256],
    twin: twin.transpose,
    tolerance,
    work: bytes,
  })),
  ...(await benchKernel({
    kernel: 'allFinite',
    title: '65,536',
    args: [numbers(n), n],
    twin: twin.allFinite,
    work: { ...bytes, count: 4 * n },
  })),
];
