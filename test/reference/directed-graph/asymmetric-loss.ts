/** Plain twins of assembly/directed-graph/asymmetric-loss.ts. */

type Floats = Float32Array | Float64Array;

export function pairScores(
  score: Floats,
  a: Floats,
  b: Floats,
  ai: Uint32Array,
  bi: Uint32Array,
  n: number,
  d: number,
): void {
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let c = 0; c < d; c++) sum += a[ai[i] * d + c] * b[bi[i] * d + c];
    score[i] = sum;
  }
}

export function pairScoresBackward(
  da: Floats,
  db: Floats,
  a: Floats,
  b: Floats,
  ai: Uint32Array,
  bi: Uint32Array,
  g: Floats,
  n: number,
  d: number,
): void {
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < d; c++) {
      da[ai[i] * d + c] += g[i] * b[bi[i] * d + c];
      db[bi[i] * d + c] += g[i] * a[ai[i] * d + c];
    }
  }
}
