/**
 * Adjacency in compressed sparse rows. Row pointers are always u32 and the last equals the number of entries
 * written. Neighbours of a row are sorted and distinct.
 */
export interface Csr {
  /** u32[rows + 1] */
  readonly indptr: Uint32Array;
  /** u32[edges], the neighbour of each entry */
  readonly indices: Uint32Array;
  /** f32[edges], or absent when every edge weighs 1 */
  readonly weights?: Float32Array;
  /** f64[edges] epoch seconds, or absent */
  readonly timestamps?: Float64Array;
}

/**
 * Nodes (or features) at most: beyond 2^24 one table of 64 numbers a node would not fit into WebAssembly's 4 GiB, and a
 * count claimed by mistake would only fill memory.
 */
export const MAX_NODES = 2 ** 24;

/** The transposed adjacency, and for each of its entries the position of the same edge in `csr`. */
export function transposeCsr(csr: Csr, columns: number): { csr: Csr; edge: Uint32Array } {
  const edges = csr.indices.length;
  const indptr = new Uint32Array(columns + 1);
  for (let e = 0; e < edges; e++) indptr[csr.indices[e] + 1]++;
  for (let v = 0; v < columns; v++) indptr[v + 1] += indptr[v];
  const next = indptr.slice(0, columns);
  const indices = new Uint32Array(edges);
  const edge = new Uint32Array(edges);
  for (let u = 0; u + 1 < csr.indptr.length; u++) {
    for (let e = csr.indptr[u]; e < csr.indptr[u + 1]; e++) {
      const at = next[csr.indices[e]]++;
      indices[at] = u;
      edge[at] = e;
    }
  }
  return {
    csr: {
      indptr,
      indices,
      weights: csr.weights && permuted(csr.weights, edge, new Float32Array(edges)),
      timestamps: csr.timestamps && permuted(csr.timestamps, edge, new Float64Array(edges)),
    },
    edge,
  };
}

/** out[i] = values[at[i]]. A loop, because `from` with a callback is ten times slower on 600,000 edges. */
export function permuted<T extends Uint32Array | Float32Array | Float64Array>(
  values: ArrayLike<number>,
  at: ArrayLike<number>,
  out: T,
): T {
  for (let i = 0; i < out.length; i++) out[i] = values[at[i]];
  return out;
}

/** Position of edge u -> v, or -1, by binary search in u's sorted neighbours. */
export function findEdge(csr: Csr, u: number, v: number): number {
  let low = csr.indptr[u];
  let high = csr.indptr[u + 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (csr.indices[middle] < v) low = middle + 1;
    else high = middle;
  }
  return low < csr.indptr[u + 1] && csr.indices[low] === v ? low : -1;
}

/** The row of every entry, u32[edges]: the sources of an `out` adjacency. */
export function rowOfEntry(csr: Csr): Uint32Array {
  const rows = new Uint32Array(csr.indices.length);
  for (let u = 0; u + 1 < csr.indptr.length; u++) rows.fill(u, csr.indptr[u], csr.indptr[u + 1]);
  return rows;
}

/** Stable counting sort: `order` (or 0 .. rows - 1) rearranged by key, keys in [0, bound). */
export function countingSort(
  key: ArrayLike<number>,
  order: Uint32Array | undefined,
  bound: number,
  rows: number,
): Uint32Array {
  const start = new Uint32Array(bound + 1);
  for (let i = 0; i < rows; i++) start[key[i] + 1]++;
  for (let k = 0; k < bound; k++) start[k + 1] += start[k];
  const sorted = new Uint32Array(rows);
  for (let i = 0; i < rows; i++) {
    const row = order ? order[i] : i;
    sorted[start[key[row]]++] = row;
  }
  return sorted;
}
