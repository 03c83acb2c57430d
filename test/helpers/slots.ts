import { numbers } from './kernel.ts';

/** A slot table of d coordinates: values, two optimiser quarters (the second positive) and untouched gradients. */
export function slotTable(slots: number, d: number, seed = 1): Float32Array {
  const table = numbers(slots * 4 * d, seed, 0.05, 2);
  for (let s = 0; s < slots; s++) {
    for (let c = 0; c < d; c++) {
      table[s * 4 * d + c] -= 1;
      table[(s * 4 + 3) * d + c] = -0;
    }
  }
  return table;
}

/** The gradients, f32[slots x d], of a slot table. */
export function gradients(table: ArrayLike<number>, d: number): number[] {
  return Array.from({ length: table.length / 4 }, (_, i) => table[(Math.floor(i / d) * 4 + 3) * d + (i % d)]);
}
