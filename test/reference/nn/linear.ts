/** Plain twins of assembly/nn/linear.ts. */

type Arrays = [c: Float32Array, a: Float32Array, b: Float32Array, scratch: unknown];
type Sizes = [m: number, k: number, n: number, beta: number];

/** c[m x n] = beta c + a b, where a(i, p) is at i * ai + p * ap and b(p, j) at p * bp + j * bj. Sums in f64. */
function product(
  [c, a, b]: Arrays,
  [m, k, n, beta]: Sizes,
  ai: number,
  ap: number,
  bp: number,
  bj: number,
): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum += a[i * ai + p * ap] * b[p * bp + j * bj];
      c[i * n + j] = beta === 0 ? sum : sum + beta * c[i * n + j];
    }
  }
}

export function gemmNN(...args: [...Arrays, ...Sizes]): void {
  const [c, a, b, scratch, m, k, n, beta] = args;
  product([c, a, b, scratch], [m, k, n, beta], k, 1, n, 1);
}

export function gemmNT(...args: [...Arrays, ...Sizes]): void {
  const [c, a, b, scratch, m, k, n, beta] = args;
  product([c, a, b, scratch], [m, k, n, beta], k, 1, 1, k);
}

export function gemmTN(...args: [...Arrays, ...Sizes]): void {
  const [c, a, b, scratch, m, k, n, beta] = args;
  product([c, a, b, scratch], [m, k, n, beta], 1, m, n, 1);
}
