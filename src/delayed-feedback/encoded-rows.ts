import type { EncodedRows, RowStore } from '../nn/tabular/rows.ts';

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
