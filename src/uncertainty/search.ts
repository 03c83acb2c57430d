/** How many of the `count` ascending edges from `from` on are <= x: a value on an edge lies above it. */
export function upperBound(edges: Float32Array, from: number, count: number, x: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (edges[from + middle] <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many of the ascending values are < x. */
export function lowerBound(sorted: Float32Array, x: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < x) low = middle + 1;
    else high = middle;
  }
  return low;
}
