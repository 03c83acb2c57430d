import { test } from 'uvu';
import { close } from '../../helpers/close.ts';
import { type Argument, call, indices, LENGTHS, numbers, sameAsTwin } from '../../helpers/kernel.ts';
import { gradients, slotTable } from '../../helpers/slots.ts';
import { numericGradient } from '../../reference/engine/math.ts';
import * as twin from '../../reference/nn/factorization.ts';

const SLOTS = 23;
const ROWS = 9;
const TOLERANCE = { absolute: 2e-4, relative: 2e-5 };

function batch(fields: number, plain: number, count: number, withIds: boolean): Argument[] {
  return [
    indices(ROWS * fields, SLOTS, 3),
    numbers(ROWS * plain, 4),
    withIds ? indices(count, ROWS, 5) : null,
  ];
}

for (const fields of LENGTHS.filter((n) => n <= 16)) {
  test(`pairs forward and backward, fields=${fields}`, () => {
    for (const [heads, k] of [
      [1, 4],
      [1, 8],
      [3, 4],
      [2, 12],
    ]) {
      for (const [plain, count, withIds] of [
        [0, 0, false],
        [0, 5, true],
        [3, ROWS, false],
      ] as const) {
        const d = heads * k;
        const [table, dense] = [slotTable(SLOTS, d), slotTable(plain, d, 2)];
        const rows = batch(fields, plain, count, withIds);
        const sizes = [count, fields, plain, heads, k];
        const out = numbers(count * heads, 7);
        const sums = new Float32Array(count * d);
        sameAsTwin('pairForward', twin.pairForward, [out, sums, table, dense, ...rows, ...sizes], TOLERANCE);
        const touched = new Uint32Array(1 + count * fields);
        const g = numbers(count * heads, 6);
        const args = [table, dense, touched, 1, numbers(count * d, 8), ...rows, g, ...sizes];
        sameAsTwin('pairBackward', twin.pairBackward, args, TOLERANCE);
      }
    }
  });
}

test('the gradient of the pairs matches central differences, with repeated slots in a row', () => {
  const [heads, k, fields, plain, count] = [2, 4, 3, 2, 5];
  const d = heads * k;
  const [table, dense] = [slotTable(4, d), slotTable(plain, d, 2)].map((t) => Float64Array.from(t));
  const index = indices(ROWS * fields, 4, 3);
  const [, x, ids] = batch(fields, plain, count, true) as [unknown, Float32Array, Uint32Array];
  const g = numbers(count * heads, 6);
  const sums = new Float64Array(count * d);
  const loss = () => {
    const out = new Float64Array(count * heads);
    twin.pairForward(out, sums, table, dense, index, x, ids, count, fields, plain, heads, k);
    return out.reduce((sum, z, i) => sum + z * g[i], 0);
  };
  loss();
  const touched = new Uint32Array(count * fields);
  const args = [Float32Array.from(table), Float32Array.from(dense), touched, 0, Float32Array.from(sums)];
  const { after } = call('pairBackward', [...args, index, x, ids, g, count, fields, plain, heads, k]);
  for (const [which, of] of [table, dense].entries()) {
    const numeric = numericGradient(loss, of);
    const values = Float64Array.from(
      { length: of.length / 4 },
      (_, i) => numeric[Math.floor(i / d) * 4 * d + (i % d)],
    );
    close(gradients(after[which] as Float32Array, d), values, { absolute: 2e-4 });
  }
});

test('golden: two features give the product of their vectors', () => {
  const table = new Float32Array(32).fill(-0);
  table.set([1, 2, 3, 4]);
  table.set([5, 6, 7, 8], 16);
  const none = new Float32Array(0);
  const sums = new Float32Array(4);
  const { after } = call('pairForward', [
    Float32Array.of(0.5),
    sums,
    table,
    none,
    Uint32Array.of(0, 1),
    none,
    null,
    1,
    2,
    0,
    1,
    4,
  ]);
  close(after[0] as Float32Array, [70.5]);
  close(after[1] as Float32Array, [6, 8, 10, 12]);
});

test('NaN reaches its own row only', () => {
  const table = slotTable(4, 4);
  table[2 * 16 + 1] = Number.NaN;
  const none = new Float32Array(0);
  const index = Uint32Array.of(0, 1, 2, 3);
  sameAsTwin(
    'pairForward',
    twin.pairForward,
    [new Float32Array(2), new Float32Array(8), table, none, index, none, null, 2, 2, 0, 1, 4],
    TOLERANCE,
  );
});

test.run();
