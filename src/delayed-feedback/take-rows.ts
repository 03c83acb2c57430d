import type { FeatureTable } from '../nn/tabular/table.ts';

/** A table of these rows of another, in this order. */
export function takeRows(table: FeatureTable, rows: ArrayLike<number>): FeatureTable {
  return {
    rows: rows.length,
    columns: table.columns.map((column) =>
      column.kind === 'numeric'
        ? { ...column, values: Float64Array.from(rows, (row) => column.values[row]) }
        : { ...column, codes: Uint32Array.from(rows, (row) => column.codes[row]) },
    ),
  };
}
