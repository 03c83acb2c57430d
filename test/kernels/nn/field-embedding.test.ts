import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close } from '../../helpers/close.ts';
import { call, indices, LENGTHS, numbers, sameAsTwin } from '../../helpers/kernel.ts';
import { gradients, slotTable } from '../../helpers/slots.ts';
import * as twin from '../../reference/nn/field-embedding.ts';

const SLOTS = 23;
const ROWS = 9;

for (const fields of LENGTHS.filter((n) => n <= 16)) {
  test(`embedFields and its backward, fields=${fields}`, () => {
    for (const d of [4, 8, 20]) {
      for (const [plain, count, withIds] of [
        [0, 0, false],
        [0, 5, true],
        [3, ROWS, false],
        [1, 7, true],
      ] as const) {
        const table = slotTable(SLOTS, d);
        const index = indices(ROWS * fields, SLOTS, 3);
        const ids = withIds ? indices(count, ROWS, 5) : null;
        const sizes = [count, fields, plain, d];
        const width = fields * d + plain;
        const out = new Float32Array(count * width);
        sameAsTwin('embedFields', twin.embedFields, [
          out,
          table,
          index,
          numbers(ROWS * plain, 4),
          ids,
          ...sizes,
        ]);
        const touched = new Uint32Array(1 + count * fields);
        const args = [table, touched, 1, index, ids, numbers(count * width, 6), ...sizes];
        sameAsTwin('embedFieldsBackward', twin.embedFieldsBackward, args, { absolute: 1e-5 });
      }
    }
  });
}

test('the backward is the transpose of the forward: <embed(t), g> = <t, back(g)>', () => {
  const [fields, d, count] = [6, 8, ROWS];
  const table = slotTable(SLOTS, d);
  const index = indices(ROWS * fields, SLOTS, 3);
  const g = numbers(count * fields * d, 6);
  const none = new Float32Array(0);
  const out = call('embedFields', [new Float32Array(g.length), table, index, none, null, count, fields, 0, d])
    .after[0] as Float32Array;
  const { result, after } = call('embedFieldsBackward', [
    table,
    new Uint32Array(count * fields),
    0,
    index,
    null,
    g,
    count,
    fields,
    0,
    d,
  ]);
  assert.is(result, new Set(index).size);
  const back = gradients(after[0] as Float32Array, d);
  const values = back.map((_, i) => table[Math.floor(i / d) * 4 * d + (i % d)]);
  const inner = (a: ArrayLike<number>, b: ArrayLike<number>) =>
    Array.from(a, (v, i) => v * b[i]).reduce((x, y) => x + y);
  close([inner(out, g)], [inner(values, back)], { absolute: 1e-3 });
});

test('a NaN embedding stays in its place', () => {
  const table = slotTable(3, 4);
  table[17] = Number.NaN;
  sameAsTwin('embedFields', twin.embedFields, [
    new Float32Array(12),
    table,
    Uint32Array.of(0, 1, 2),
    new Float32Array(0),
    null,
    3,
    1,
    0,
    4,
  ]);
});

test.run();
