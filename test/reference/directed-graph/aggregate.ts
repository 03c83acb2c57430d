/** Plain twins of assembly/directed-graph/aggregate.ts. */

export function gather(
  y: Float32Array,
  x: Float32Array,
  indptr: Uint32Array,
  index: Uint32Array,
  weight: Float32Array | null,
  rows: number,
  d: number,
  beta: number,
): void {
  for (let i = 0; i < rows; i++) {
    for (let c = 0; c < d; c++) {
      let sum = beta === 0 ? 0 : beta * y[i * d + c];
      for (let e = indptr[i]; e < indptr[i + 1]; e++) sum += (weight ? weight[e] : 1) * x[index[e] * d + c];
      y[i * d + c] = sum;
    }
  }
}

export function scatter(
  dx: Float32Array,
  dy: Float32Array,
  indptr: Uint32Array,
  index: Uint32Array,
  weight: Float32Array | null,
  rows: number,
  d: number,
  stride: number,
): void {
  for (let i = 0; i < rows; i++) {
    for (let e = indptr[i]; e < indptr[i + 1]; e++) {
      for (let c = 0; c < d; c++) {
        dx[index[e] * stride + c] += (weight ? weight[e] : 1) * dy[i * stride + c];
      }
    }
  }
}
