/** Plain twins of assembly/engine/vector.ts. */

export function dot(a: Float32Array, b: Float32Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}

export function axpy(y: Float32Array, x: Float32Array, n: number, alpha: number): void {
  for (let i = 0; i < n; i++) y[i] += alpha * x[i];
}

export function scale(y: Float32Array, x: Float32Array, n: number, alpha: number): void {
  for (let i = 0; i < n; i++) y[i] = alpha * x[i];
}

export function transpose(out: Float32Array, x: Float32Array, rows: number, cols: number): void {
  for (let r = 0; r < rows; r++) for (let c = 0; c < cols; c++) out[c * rows + r] = x[r * cols + c];
}

export function allFinite(x: Float32Array, n: number): number {
  return x.subarray(0, n).every(Number.isFinite) ? 1 : 0;
}
