/** Plain twins of assembly/directed-graph/score.ts. */

export function rankCounts(
  counts: Uint32Array,
  row: Float32Array,
  targets: Uint32Array,
  n: number,
  k: number,
): void {
  for (let t = 0; t < k; t++) {
    counts[2 * t] = 0;
    counts[2 * t + 1] = 0;
    for (let i = 0; i < n; i++) {
      if (row[i] > row[targets[t]]) counts[2 * t]++;
      else if (row[i] === row[targets[t]]) counts[2 * t + 1]++;
    }
  }
}
