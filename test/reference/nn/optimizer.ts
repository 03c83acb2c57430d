/** Plain twins of assembly/nn/optimizer.ts. */

type Floats = Float32Array | Float64Array;

export function adam(
  p: Floats,
  g: Floats,
  m: Floats,
  v: Floats,
  n: number,
  rate: number,
  b1: number,
  b2: number,
  eps: number,
  decay: number,
): void {
  for (let i = 0; i < n; i++) {
    const mean = b1 * m[i] + (1 - b1) * g[i];
    const square = b2 * v[i] + (1 - b2) * g[i] ** 2;
    m[i] = mean;
    v[i] = square;
    p[i] = p[i] * decay - (rate * mean) / (Math.sqrt(square) + eps);
  }
}

export function adamRows(
  p: Floats,
  g: Floats,
  m: Floats,
  v: Floats,
  row: Uint32Array,
  n: number,
  d: number,
  rate: number,
  b1: number,
  b2: number,
  eps: number,
  decay: number,
): void {
  for (let i = 0; i < n; i++) {
    const [from, to] = [row[i] * d, (row[i] + 1) * d];
    const [pRow, mRow, vRow] = [p, m, v].map((table) => table.subarray(from, to));
    adam(pRow, g.subarray(i * d, (i + 1) * d), mRow, vRow, d, rate, b1, b2, eps, decay);
  }
}

export function adagrad(
  p: Floats,
  g: Floats,
  s: Floats,
  n: number,
  rate: number,
  pull: number,
  scale: number,
): void {
  for (let i = 0; i < n; i++) {
    const grad = scale * g[i] + pull * p[i];
    s[i] += grad * grad;
    p[i] -= (rate * grad) / Math.sqrt(s[i]);
  }
}
