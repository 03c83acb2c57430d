/** Plain twin of assembly/uncertainty/variance.ts. */

export function welford(
  mean: Float32Array,
  squares: Float32Array,
  x: Float32Array,
  n: number,
  count: number,
): void {
  const share = Math.fround(1 / count);
  for (let i = 0; i < n; i++) {
    const gap = Math.fround(x[i] - mean[i]);
    mean[i] += Math.fround(gap * share);
    squares[i] += Math.fround(gap * Math.fround(x[i] - mean[i]));
  }
}
