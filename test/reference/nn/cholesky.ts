/** Plain twins of assembly/nn/cholesky.ts. */

/** Where the panels of a sweep of `w` rows begin in its scratch: columns before, then after it, n x w each. */
const panels = (w: number) => 2 * (w + 1) * w + w * w;

/**
 * One index at a time, in f64, over the lower triangle; rounded to f32 at the end. Writes the rows and columns swept,
 * and the panels by which `spdUpdate` changes the others.
 */
export function spdSweep(
  a: Float32Array,
  scratch: Float32Array,
  n: number,
  start: number,
  width: number,
): number {
  const m = Float64Array.from(a);
  const at = (i: number, j: number) => (i >= j ? i * n + j : j * n + i);
  const end = start + width;
  for (let k = start; k < end; k++) {
    const d = m[at(k, k)];
    if (!(d > 0 && d < Number.POSITIVE_INFINITY)) return k + 1;
    const column = Float64Array.from({ length: n }, (_, i) => m[at(i, k)]);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) if (i !== k && j !== k) m[at(i, j)] -= (column[i] * column[j]) / d;
    }
    for (let i = 0; i < n; i++) m[at(i, k)] = i === k ? -1 / d : column[i] / d;
  }
  const before = panels(width);
  const after = before + n * width;
  for (let i = 0; i < n; i++) {
    const swept = i >= start && i < end;
    for (let k = start; k < end; k++) {
      scratch[before + i * width + k - start] = swept ? 0 : a[at(i, k)];
      scratch[after + i * width + k - start] = swept ? 0 : m[at(i, k)];
    }
  }
  for (let i = 0; i < n; i++) for (let k = start; k < end; k++) a[at(i, k)] = m[at(i, k)];
  return 0;
}

/** a[i, j] -= sum over k of after[i, k] before[j, k], for columns j of the lower triangle. */
export function spdUpdate(
  a: Float32Array,
  scratch: Float32Array,
  _: unknown,
  n: number,
  width: number,
  columns: number,
  first: number,
): void {
  const before = panels(width);
  const after = before + n * width;
  for (let j = first; j < first + columns; j++) {
    for (let i = j; i < n; i++) {
      let sum = 0;
      for (let k = 0; k < width; k++) sum += scratch[after + i * width + k] * scratch[before + j * width + k];
      a[i * n + j] -= sum;
    }
  }
}

export function spdFinish(a: Float32Array, n: number): void {
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) a[j * n + i] = a[i * n + j] = -a[i * n + j];
}
