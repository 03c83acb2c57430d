/** Plain twin of assembly/nn/argsort.ts: JavaScript's sort is stable. */

const before = (x: number, y: number) => {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
  if (x === 0 && y === 0) return Number(Object.is(y, -0)) - Number(Object.is(x, -0));
  return x < y ? -1 : x > y ? 1 : 0;
};

export function argsort(order: Uint32Array, keys: Float32Array, _scratch: unknown, n: number): void {
  const indices = Array.from({ length: n }, (_, i) => i);
  order.set(indices.sort((i, j) => before(keys[i], keys[j])));
}
