/** Plain twins of assembly/nn/factorization.ts, pair by pair. */

type Floats = Float32Array | Float64Array;

/** The vectors v x of a row's features in columns [from, from + k): those of its slots, then of its numbers. */
function vectors(
  table: Floats,
  dense: Floats,
  index: Uint32Array,
  x: Floats,
  r: number,
  fields: number,
  numbers: number,
  d: number,
  from: number,
  k: number,
): number[][] {
  const block = (of: Floats, slot: number, scale: number) =>
    Array.from({ length: k }, (_, c) => scale * of[slot * 4 * d + from + c]);
  return [
    ...Array.from({ length: fields }, (_, f) => block(table, index[r * fields + f], 1)),
    ...Array.from({ length: numbers }, (_, j) => block(dense, j, x[r * numbers + j])),
  ];
}

export function pairForward(
  out: Floats,
  sums: Floats,
  table: Floats,
  dense: Floats,
  index: Uint32Array,
  x: Floats,
  ids: Uint32Array | null,
  rows: number,
  fields: number,
  numbers: number,
  heads: number,
  k: number,
): void {
  const d = heads * k;
  for (let i = 0; i < rows; i++) {
    for (let h = 0; h < heads; h++) {
      const v = vectors(table, dense, index, x, ids ? ids[i] : i, fields, numbers, d, h * k, k);
      for (let c = 0; c < k; c++) sums[i * d + h * k + c] = v.reduce((sum, row) => sum + row[c], 0);
      for (let a = 0; a < v.length; a++) {
        for (let b = a + 1; b < v.length; b++) {
          for (let c = 0; c < k; c++) out[i * heads + h] += v[a][c] * v[b][c];
        }
      }
    }
  }
}

export function pairBackward(
  table: Floats,
  dense: Floats,
  touched: Uint32Array,
  known: number,
  sums: Floats,
  index: Uint32Array,
  x: Floats,
  ids: Uint32Array | null,
  g: Floats,
  rows: number,
  fields: number,
  numbers: number,
  heads: number,
  k: number,
): number {
  const d = heads * k;
  let n = known;
  for (let i = 0; i < rows; i++) {
    const r = ids ? ids[i] : i;
    const add = (of: Floats, slot: number, scale: number) => {
      for (let c = 0; c < d; c++) {
        const rest = sums[i * d + c] - scale * of[slot * 4 * d + c];
        of[(slot * 4 + 3) * d + c] += scale * g[i * heads + Math.floor(c / k)] * rest + 0;
      }
    };
    for (let f = 0; f < fields; f++) {
      const slot = index[r * fields + f];
      touched[n] = slot;
      if (Object.is(table[(slot * 4 + 3) * d], -0)) n++;
      add(table, slot, 1);
    }
    for (let j = 0; j < numbers; j++) add(dense, j, x[r * numbers + j]);
  }
  return n;
}
