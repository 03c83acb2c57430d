import { integer, options, real, sized } from '../../check.ts';
import { MAX_NODES } from '../csr.ts';
import { MAX_VALUE, type NodeFeatures } from '../features.ts';
import type { RowEncoder } from './rows.ts';
import { type EncoderWeights, tableCount } from './weights.ts';

/** Features of one item: columns of the training features, and their values (1 when absent). */
export interface ItemFeatures {
  readonly feature: ArrayLike<number>;
  readonly value?: ArrayLike<number>;
}

/** A sparse row as the encoder reads it: weighted by idf, unit length. */
export interface FeatureRow {
  readonly indices: number[];
  readonly values: number[];
}

/** Base rows of the nodes, X Wx + table: one array for both roles, or one each. */
export function inputRows(encoder: RowEncoder, nodes: Uint32Array): Float32Array[] {
  const { weights, options } = encoder;
  const d = options.dim;
  return Array.from({ length: Math.max(1, tableCount(options)) }, (_, i) => {
    const table = weights.tables[i];
    const base = new Float32Array(nodes.length * d);
    const features = weights.features?.rows.csr;
    nodes.forEach((u, k) => {
      const row = base.subarray(k * d, (k + 1) * d);
      if (table) row.set(table.subarray(u * d, (u + 1) * d));
      if (!features) return;
      const [from, to] = [features.indptr[u], features.indptr[u + 1]];
      encoder.project(row, features.indices.subarray(from, to), features.weights.subarray(from, to));
    });
    return base;
  });
}

/** Base rows of a new item: its projected features; the tables, which have no row for it, add nothing. */
export function newInputRow(encoder: RowEncoder, row: FeatureRow | undefined): Float32Array[] {
  return Array.from({ length: Math.max(1, tableCount(encoder.options)) }, () => {
    const base = new Float32Array(encoder.options.dim);
    if (row) encoder.project(base, row.indices, row.values);
    return base;
  });
}

/** The features with further rows at the end. */
export function withRows(features: NodeFeatures, more: readonly (FeatureRow | undefined)[]): NodeFeatures {
  const { csr, rows, columns } = features;
  const counts = more.map((row) => row?.indices.length ?? 0);
  const total = counts.reduce((a, b) => a + b, csr.indices.length);
  const indptr = new Uint32Array(rows + more.length + 1);
  const indices = new Uint32Array(total);
  const weights = new Float32Array(total);
  indptr.set(csr.indptr);
  indices.set(csr.indices);
  weights.set(csr.weights);
  more.forEach((row, i) => {
    const from = indptr[rows + i];
    indptr[rows + i + 1] = from + counts[i];
    indices.set(row?.indices ?? [], from);
    weights.set(row?.values ?? [], from);
  });
  return { rows: rows + more.length, columns, csr: { indptr, indices, weights } };
}

/**
 * A new item's features as the encoder reads them. Columns that training never saw are left out. TypeError when the model
 * has no features; RangeError for a column that is no whole number below 2^24 or a value beyond 1e15.
 */
export function featureRow(
  { features }: EncoderWeights,
  given: ItemFeatures | undefined,
): FeatureRow | undefined {
  if (given === undefined) return undefined;
  if (!features) throw new TypeError('this model was trained without features, so a new item can have none');
  const none: Partial<ItemFeatures> = { feature: undefined, value: undefined };
  const { feature, value } = options<Partial<ItemFeatures>>(given, none, 'features');
  const columns = sized(feature!, 'features.feature', feature?.length as number);
  const entries = columns.length;
  if (value !== undefined) sized(value, 'features.value', entries);
  for (let i = 0; i < entries; i++) {
    integer(columns[i], `features.feature[${i}]`, 0, MAX_NODES - 1);
    if (value) real(value[i], `features.value[${i}]`, -MAX_VALUE, MAX_VALUE);
  }
  // By value within a feature, so that the order of the entries does not reach the sums.
  const order = Array.from({ length: entries }, (_, i) => i).sort(
    (a, b) => columns[a] - columns[b] || (value ? value[a] - value[b] : 0),
  );
  const values = new Map<number, number>();
  for (const i of order) {
    const f = columns[i];
    if (f < features.idf.length)
      values.set(f, (values.get(f) ?? 0) + (value ? value[i] : 1) * features.idf[f]);
  }
  let square = 0;
  for (const x of values.values()) square += x * x;
  const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
  const indices = [...values.keys()];
  return { indices, values: indices.map((f) => Math.fround(values.get(f)! * scale)) };
}
