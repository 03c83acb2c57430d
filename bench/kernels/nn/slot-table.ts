import { indices, numbers } from '../../../test/helpers/kernel.ts';
import { slotTable } from '../../../test/helpers/slots.ts';
import * as twin from '../../../test/reference/nn/slot-table.ts';
import { benchKernel } from '../../kernel.ts';

// A batch of 256 rows of 32 fields hashed to 2^18 slots, all different: the worst a cache can meet.
const [rows, fields, slots] = [256, 32, 1 << 18];
const index = indices(rows * fields, slots);
const none = new Float32Array(0);
const tolerance = { absolute: 1e-4, relative: 1e-5 };
const work = { count: rows / 1e6, unit: 'M rows/s', per: 1 };

export default async () => {
  const out = [];
  for (const d of [1, 2]) {
    const dense = slotTable(1, d, 2);
    const sizes = [rows, fields, 0, d];
    const title = `256 x 32 of 2^18, d ${d}`;
    out.push(
      ...(await benchKernel({
        kernel: 'linearForward',
        title,
        args: [new Float32Array(rows * d), slotTable(slots, d), dense, index, none, null, ...sizes],
        twin: twin.linearForward,
        tolerance,
        work,
      })),
      // Repeated, the gradients pile up and no slot is touched anew: the same loads and stores.
      ...(await benchKernel({
        kernel: 'linearBackward',
        title,
        args: [
          slotTable(slots, d),
          dense,
          new Uint32Array(rows * fields),
          0,
          index,
          none,
          null,
          numbers(rows * d),
          ...sizes,
        ],
        twin: twin.linearBackward,
        tolerance,
        work,
      })),
    );
  }
  for (const d of [1, 2, 8]) {
    const table = slotTable(slots, d);
    for (let s = 0; s < slots; s++) table.fill(0.5, (s * 4 + 3) * d, (s * 4 + 4) * d);
    const [rate, pull] = [new Float32Array(d).fill(0.05), new Float32Array(d).fill(1e-6)];
    const n = rows * fields;
    const args = [index, rate, pull, n, d, 1 / rows];
    const title = `8,192 of 2^18, d ${d}`;
    const slotsWork = { count: n / 1e6, unit: 'M slots/s', per: 1 };
    out.push(
      ...(await benchKernel({
        kernel: 'slotAdagrad',
        title,
        args: [table.slice(), ...args],
        twin: twin.slotAdagrad,
        tolerance,
        work: slotsWork,
      })),
      ...(await benchKernel({
        kernel: 'slotAdam',
        title,
        args: [table.slice(), ...args, 0.9, 0.999, 1e-8],
        twin: twin.slotAdam,
        tolerance,
        work: slotsWork,
      })),
    );
  }
  return out;
};
