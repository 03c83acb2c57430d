import { indices, numbers } from '../../../test/helpers/kernel.ts';
import { slotTable } from '../../../test/helpers/slots.ts';
import * as twin from '../../../test/reference/nn/factorization.ts';
import { benchKernel } from '../../kernel.ts';

const [rows, fields, slots, k] = [256, 32, 1 << 16, 8];
const index = indices(rows * fields, slots);
const none = new Float32Array(0);
const sizes = [rows, fields, 0, 1, k];
const tolerance = { absolute: 1e-3, relative: 1e-4 };
const work = { count: rows / 1e6, unit: 'M rows/s', per: 1 };

export default async () => [
  ...(await benchKernel({
    kernel: 'pairForward',
    title: '256 x 32 of 2^16, width 8',
    args: [
      new Float32Array(rows),
      new Float32Array(rows * k),
      slotTable(slots, k),
      none,
      index,
      none,
      null,
      ...sizes,
    ],
    twin: twin.pairForward,
    tolerance,
    work,
  })),
  ...(await benchKernel({
    kernel: 'pairBackward',
    title: '256 x 32 of 2^16, width 8',
    args: [
      slotTable(slots, k),
      none,
      new Uint32Array(rows * fields),
      0,
      numbers(rows * k),
      index,
      none,
      null,
      numbers(rows, 2),
      ...sizes,
    ],
    twin: twin.pairBackward,
    tolerance,
    work,
  })),
];
