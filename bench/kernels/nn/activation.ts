import { numbers } from '../../../test/helpers/kernel.ts';
import * as twin from '../../../test/reference/nn/activation.ts';
import { benchKernel } from '../../kernel.ts';

// A hidden layer of 1,024 x 64.
const n = 1 << 16;
const out = () => new Float32Array(n);
const bytes = (arrays: number) => ({ count: 4 * arrays * n, unit: 'GB/s', per: 1e9 });
const tolerance = { absolute: 3e-7, relative: 3e-7 };

export default async () => [
  ...(await benchKernel({
    kernel: 'relu',
    title: '65,536',
    args: [out(), numbers(n), n],
    twin: twin.relu,
    work: bytes(2),
  })),
  ...(await benchKernel({
    kernel: 'reluBackward',
    title: '65,536',
    args: [out(), numbers(n), numbers(n, 2), n],
    twin: twin.reluBackward,
    work: bytes(3),
  })),
  ...(await benchKernel({
    kernel: 'tanh',
    title: '65,536',
    args: [out(), numbers(n, 1, -5, 5), n],
    twin: twin.tanh,
    tolerance,
    work: { count: n, unit: 'G/s', per: 1e9 },
  })),
  ...(await benchKernel({
    kernel: 'tanhBackward',
    title: '65,536',
    args: [out(), numbers(n), numbers(n, 2, -1, 1), n],
    twin: twin.tanhBackward,
    tolerance,
    work: bytes(3),
  })),
  ...(await benchKernel({
    kernel: 'scaleColumns',
    title: '1024 x 64',
    args: [out(), numbers(n), numbers(64, 2), 1024, 64],
    twin: twin.scaleColumns,
    work: bytes(2),
  })),
  ...(await benchKernel({
    kernel: 'dropout',
    title: '65,536 keep 0.8',
    args: [out(), numbers(n), n, 52429, 42, 1, 2, 0],
    twin: twin.dropout,
    tolerance,
    work: { count: n, unit: 'G/s', per: 1e9 },
  })),
];
