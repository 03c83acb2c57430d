import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close } from '../../helpers/close.ts';
import { type Argument, call, indices, LENGTHS, numbers, sameAsTwin } from '../../helpers/kernel.ts';
import { gradients, slotTable } from '../../helpers/slots.ts';
import { numericGradient } from '../../reference/engine/math.ts';
import * as twin from '../../reference/nn/slot-table.ts';

const SLOTS = 23;
const ROWS = 9;
const TOLERANCE = { absolute: 1e-5, relative: 1e-6 };

/** index, x, ids of a batch of `count` among ROWS rows. */
function batch(fields: number, plain: number, count: number, withIds: boolean): Argument[] {
  return [
    indices(ROWS * fields, SLOTS, 3),
    numbers(ROWS * plain, 4),
    withIds ? indices(count, ROWS, 5) : null,
  ];
}

for (const fields of LENGTHS) {
  test(`linear forward and backward, fields=${fields}`, () => {
    for (const d of [1, 2, 3, 4]) {
      for (const [plain, count, withIds] of [
        [0, 0, false],
        [0, 5, true],
        [3, ROWS, false],
        [1, 7, true],
      ] as const) {
        const [table, dense] = [slotTable(SLOTS, d), slotTable(1 + plain, d, 2)];
        const rows = batch(fields, plain, count, withIds);
        const sizes = [count, fields, plain, d];
        const out = new Float32Array(count * d);
        sameAsTwin('linearForward', twin.linearForward, [out, table, dense, ...rows, ...sizes], TOLERANCE);
        const touched = new Uint32Array(2 + count * fields);
        const args = [table, dense, touched, 2, ...rows, numbers(count * d, 6), ...sizes];
        sameAsTwin('linearBackward', twin.linearBackward, args, TOLERANCE);
      }
    }
  });
}

for (const d of LENGTHS) {
  test(`optimisers on slots, d=${d}, some coordinates without a gradient`, () => {
    const table = slotTable(SLOTS, d);
    for (let s = 0; s < SLOTS; s++) {
      for (let c = 0; c < d; c++) table[(s * 4 + 3) * d + c] = (s + c) % 3 === 0 ? 0 : s - 7 + c / 8;
    }
    const [rate, pull] = [numbers(d, 2, 0.01, 0.2), numbers(d, 3, 0, 0.5)];
    for (const [touched, n] of [
      [null, SLOTS],
      [Uint32Array.of(4, 0, 22, 9), 4],
      [null, 0],
    ] as const) {
      const args = [table, touched, rate, pull, n, d, 1 / 256];
      sameAsTwin('slotAdagrad', twin.slotAdagrad, args, TOLERANCE);
      sameAsTwin('slotAdam', twin.slotAdam, [...args, 0.9, 0.999, 1e-8], TOLERANCE);
    }
  });
}

test('the gradient of the linear score matches central differences', () => {
  for (const d of [1, 2, 3]) {
    const [fields, plain, count] = [5, 2, 7];
    const [table, dense] = [slotTable(SLOTS, d), slotTable(1 + plain, d, 2)].map((t) => Float64Array.from(t));
    const [index, x, ids] = batch(fields, plain, count, true) as [Uint32Array, Float32Array, Uint32Array];
    const g = numbers(count * d, 6);
    const loss = () => {
      const out = new Float64Array(count * d);
      twin.linearForward(out, table, dense, index, x, ids, count, fields, plain, d);
      return out.reduce((sum, z, i) => sum + z * g[i], 0);
    };
    const touched = new Uint32Array(count * fields);
    const sizes = [count, fields, plain, d];
    const args = [Float32Array.from(table), Float32Array.from(dense), touched, 0, index, x, ids, g, ...sizes];
    const { after } = call('linearBackward', args);
    for (const [k, of] of [table, dense].entries()) {
      const numeric = numericGradient(loss, of);
      const values = Float64Array.from(
        { length: of.length / 4 },
        (_, i) => numeric[Math.floor(i / d) * 4 * d + (i % d)],
      );
      close(gradients(after[k] as Float32Array, d), values, { absolute: 1e-5 });
    }
  }
});

test('each touched slot is listed once, in the order met, whatever its gradient; a step makes it untouched', () => {
  const table = slotTable(8, 1);
  const dense = slotTable(1, 1);
  const index = Uint32Array.of(3, 5, 3, 3, 6, 5);
  // Slot 3 gets 1 - 1 = 0 and slot 6 a -0: both count as touched.
  const g = Float32Array.of(1, -0.5, -0);
  const sizes = [3, 2, 0, 1];
  const given = [table, dense, new Uint32Array(6), 0, index, new Float32Array(0), null, g, ...sizes];
  const { result, after } = call('linearBackward', given);
  assert.is(result, 3);
  close((after[2] as Uint32Array).subarray(0, 3), [3, 5, 6]);
  close(gradients(after[0] as Float32Array, 1), [0, 0, 0, 0, 0, 1, 0, 0]);
  const one = Float32Array.of(0.1);
  const stepped = call('slotAdagrad', [after[0], Uint32Array.of(3, 5, 6), one, one, 3, 1, 1]).after[0];
  for (const e of gradients(stepped as Float32Array, 1)) assert.ok(Object.is(e, -0), `${e} for -0`);
});

test('golden: AdaGrad sums the duplicates of a batch first, and pulls towards the centre', () => {
  // value 1, squares 0.5, centre 0.25, gradient 2 + 1.
  const table = Float32Array.of(1, 0.5, 0.25, 3);
  const after = call('slotAdagrad', [table, null, Float32Array.of(0.1), Float32Array.of(2), 1, 1, 0.5])
    .after[0];
  const g = 0.5 * 3 + 2 * 0.75;
  close(after as Float32Array, [1 - (0.1 * g) / Math.sqrt(0.5 + g * g), 0.5 + g * g, 0.25, -0], {
    relative: 1e-6,
  });
});

test('one head without a gradient keeps its weight, squares and pull to itself', () => {
  for (const d of [1, 2, 3, 4]) {
    const table = slotTable(1, d);
    table.fill(0, 3 * d);
    table[4 * d - 1] = 2;
    const [rate, pull] = [new Float32Array(d).fill(0.1), new Float32Array(d).fill(1)];
    const after = call('slotAdagrad', [table, null, rate, pull, 1, d, 1]).after[0] as Float32Array;
    for (let c = 0; c < d; c++) {
      assert.is(after[c] === table[c] && after[d + c] === table[d + c], c < d - 1);
    }
  }
});

test('NaN reaches its own slots only', () => {
  const [table, dense] = [slotTable(6, 2), slotTable(1, 2)];
  const index = Uint32Array.of(0, 1, 2, 3);
  const g = Float32Array.of(1, Number.NaN, 1, 1);
  const args = [table, dense, new Uint32Array(4), 0, index, new Float32Array(0), null, g, 2, 2, 0, 2];
  sameAsTwin('linearBackward', twin.linearBackward, args);
  table[8] = Number.NaN;
  const forward = [new Float32Array(4), table, dense, index, new Float32Array(0), null, 2, 2, 0, 2];
  sameAsTwin('linearForward', twin.linearForward, forward, TOLERANCE);
});

test.run();
