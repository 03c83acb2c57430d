import type { EncodedRows, RowStore } from '../nn/tabular/rows.ts';

/** Rows put to these places, zeros between. */
export function spread(rows: EncodedRows, places: ArrayLike<number>, count: number): EncodedRows {
  const { fields, numbers } = rows;
  const index = new Uint32Array(count * fields);
  const values = new Float32Array(count * numbers);
  for (let i = 0; i < places.length; i++) {
    index.set(rows.index.subarray(i * fields, (i + 1) * fields), places[i] * fields);
    values.set(rows.values.subarray(i * numbers, (i + 1) * numbers), places[i] * numbers);
  }
  return { ...rows, rows: count, index, values };
}

/** Copies of a store's rows. */
export function rowsAt(
  { fields, numbers, slots, index, values }: RowStore,
  places: readonly number[],
): EncodedRows {
  const out = {
    rows: places.length,
    fields,
    numbers,
    slots,
    index: new Uint32Array(places.length * fields),
    values: new Float32Array(places.length * numbers),
  };
  places.forEach((place, i) => {
    out.index.set(index.array.subarray(place * fields, (place + 1) * fields), i * fields);
    out.values.set(values.array.subarray(place * numbers, (place + 1) * numbers), i * numbers);
  });
  return out;
}

/** One row of encoded rows, without a copy. */
export const rowOf = ({ fields, numbers, slots, index, values }: EncodedRows, i: number): EncodedRows => ({
  rows: 1,
  fields,
  numbers,
  slots,
  index: index.subarray(i * fields, (i + 1) * fields),
  values: values.subarray(i * numbers, (i + 1) * numbers),
});
