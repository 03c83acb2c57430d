import { indices, numbers } from '../../../test/helpers/kernel.ts';
import { slotTable } from '../../../test/helpers/slots.ts';
import * as twin from '../../../test/reference/nn/field-embedding.ts';
import { benchKernel } from '../../kernel.ts';

const [rows, fields, slots, d] = [256, 32, 1 << 16, 8];
const index = indices(rows * fields, slots);
const sizes = [rows, fields, 0, d];
const none = new Float32Array(0);
const work = { count: rows / 1e6, unit: 'M rows/s', per: 1 };

export default async () => [
  ...(await benchKernel({
    kernel: 'embedFields',
    title: '256 x 32 of 2^16, width 8',
    args: [new Float32Array(rows * fields * d), slotTable(slots, d), index, none, null, ...sizes],
    twin: twin.embedFields,
    work,
  })),
  ...(await benchKernel({
    kernel: 'embedFieldsBackward',
    title: '256 x 32 of 2^16, width 8',
    args: [
      slotTable(slots, d),
      new Uint32Array(rows * fields),
      0,
      index,
      null,
      numbers(rows * fields * d),
      ...sizes,
    ],
    twin: twin.embedFieldsBackward,
    tolerance: { absolute: 1e-4 },
    work,
  })),
];
