/** Plain twins of assembly/nn/linear.ts. */

type Arrays = [c: Float32Array, a: Float32Array, b: Float32Array, scratch: unknown];
type Sizes = [m: number, k: number, n: number];

/**
 * c[m x n] = beta c + alpha a b, where c(i, j) is at i * ci + j, a(i, p) at i * ai + p * ap and b(p, j) at
 * p * bp + j * bj. Sums in f64.
 */
export function product(
  ...args: [
    ...Arrays,
    ...Sizes,
    ci: number,
    ai: number,
    ap: number,
    bp: number,
    bj: number,
    alpha: number,
    beta: number,
  ]
): void {
  const [c, a, b, , m, k, n, ci, ai, ap, bp, bj, alpha, beta] = args;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum += a[i * ai + p * ap] * b[p * bp + j * bj];
      c[i * ci + j] = beta === 0 ? alpha * sum : alpha * sum + beta * c[i * ci + j];
    }
  }
}

export function gemmNN(...args: [...Arrays, ...Sizes, beta: number]): void {
  const [c, a, b, scratch, m, k, n, beta] = args;
  product(c, a, b, scratch, m, k, n, n, k, 1, n, 1, 1, beta);
}

export function gemmNT(...args: [...Arrays, ...Sizes, beta: number]): void {
  const [c, a, b, scratch, m, k, n, beta] = args;
  product(c, a, b, scratch, m, k, n, n, k, 1, 1, k, 1, beta);
}

export function gemmTN(...args: [...Arrays, ...Sizes, beta: number]): void {
  const [c, a, b, scratch, m, k, n, beta] = args;
  product(c, a, b, scratch, m, k, n, n, 1, m, n, 1, 1, beta);
}
