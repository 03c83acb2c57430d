/** Plain twins of assembly/nn/embedding.ts. */

type Floats = Float32Array | Float64Array;

export function gatherRows(out: Floats, table: Floats, index: Uint32Array, n: number, d: number): void {
  for (let i = 0; i < n; i++) for (let c = 0; c < d; c++) out[i * d + c] = table[index[i] * d + c];
}

export function scatterAddRows(
  table: Floats,
  grad: Floats,
  index: Uint32Array,
  n: number,
  d: number,
  alpha: number,
): void {
  for (let i = 0; i < n; i++) for (let c = 0; c < d; c++) table[index[i] * d + c] += alpha * grad[i * d + c];
}
