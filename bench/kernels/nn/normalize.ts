import { numbers } from '../../../test/helpers/kernel.ts';
import * as twin from '../../../test/reference/nn/normalize.ts';
import { benchKernel } from '../../kernel.ts';

const [rows, d] = [1024, 64];
const n = rows * d;
const x = numbers(n);
const y = new Float32Array(n);
const inverse = new Float32Array(rows);
twin.rowNormalize(y, inverse, x, rows, d);
const tolerance = { absolute: 1e-6, relative: 1e-6 };

export default async () => [
  ...(await benchKernel({
    kernel: 'rowNormalize',
    title: '1024 x 64',
    args: [new Float32Array(n), new Float32Array(rows), x, rows, d],
    twin: twin.rowNormalize,
    tolerance,
    work: { count: 8 * n, unit: 'GB/s', per: 1e9 },
  })),
  ...(await benchKernel({
    kernel: 'rowNormalizeBackward',
    title: '1024 x 64',
    args: [new Float32Array(n), numbers(n, 2), y, inverse, rows, d],
    twin: twin.rowNormalizeBackward,
    tolerance,
    work: { count: 12 * n, unit: 'GB/s', per: 1e9 },
  })),
];
