/** Plain twins of assembly/nn/normalize.ts. */

type Floats = Float32Array | Float64Array;

export function rowNormalize(y: Floats, inverse: Floats, x: Floats, rows: number, d: number): void {
  for (let i = 0; i < rows; i++) {
    let square = 0;
    for (let c = 0; c < d; c++) square += x[i * d + c] ** 2;
    const length = Math.sqrt(square);
    inverse[i] = length < 1e-9 ? 0 : 1 / length;
    for (let c = 0; c < d; c++) y[i * d + c] = length < 1e-9 ? 0 : x[i * d + c] / length;
  }
}

export function rowNormalizeBackward(
  dx: Floats,
  dy: Floats,
  y: Floats,
  inverse: Floats,
  rows: number,
  d: number,
): void {
  for (let i = 0; i < rows; i++) {
    let along = 0;
    for (let c = 0; c < d; c++) along += y[i * d + c] * dy[i * d + c];
    for (let c = i * d; c < (i + 1) * d; c++) dx[c] = inverse[i] * (dy[c] - y[c] * along);
  }
}
