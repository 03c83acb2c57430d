/** Plain twins of assembly/nn/cholesky.ts. */

/** One index at a time, in f64, over the lower triangle; rounded to f32 at the end. */
export function spdSweep(a: Float32Array, _: unknown, n: number, start: number, width: number): number {
  const m = Float64Array.from(a);
  const at = (i: number, j: number) => (i >= j ? i * n + j : j * n + i);
  for (let k = start; k < start + width; k++) {
    const d = m[at(k, k)];
    if (!(d > 0 && d < Number.POSITIVE_INFINITY)) return k + 1;
    const column = Float64Array.from({ length: n }, (_, i) => m[at(i, k)]);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) if (i !== k && j !== k) m[at(i, j)] -= (column[i] * column[j]) / d;
    }
    for (let i = 0; i < n; i++) m[at(i, k)] = i === k ? -1 / d : column[i] / d;
  }
  a.set(m);
  return 0;
}

export function spdFinish(a: Float32Array, n: number): void {
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) a[j * n + i] = a[i * n + j] = -a[i * n + j];
}
