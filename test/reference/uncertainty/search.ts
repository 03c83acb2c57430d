/** How many of the `count` ascending edges from `from` on are <= x. */
export function upperBound(edges: ArrayLike<number>, from: number, count: number, x: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (edges[from + middle] <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}
