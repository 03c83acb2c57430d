/** Plain twins of assembly/nn/field-embedding.ts. */

type Floats = Float32Array | Float64Array;

export function embedFields(
  out: Floats,
  table: Floats,
  index: Uint32Array,
  x: Floats,
  ids: Uint32Array | null,
  rows: number,
  fields: number,
  numbers: number,
  d: number,
): void {
  let at = 0;
  for (let i = 0; i < rows; i++) {
    const r = ids ? ids[i] : i;
    for (let f = 0; f < fields; f++) {
      for (let c = 0; c < d; c++) out[at++] = table[index[r * fields + f] * 4 * d + c];
    }
    for (let j = 0; j < numbers; j++) out[at++] = x[r * numbers + j];
  }
}

export function embedFieldsBackward(
  table: Floats,
  touched: Uint32Array,
  known: number,
  index: Uint32Array,
  ids: Uint32Array | null,
  g: Floats,
  rows: number,
  fields: number,
  numbers: number,
  d: number,
): number {
  let n = known;
  for (let i = 0; i < rows; i++) {
    const r = ids ? ids[i] : i;
    for (let f = 0; f < fields; f++) {
      const slot = index[r * fields + f];
      const gradient = (slot * 4 + 3) * d;
      touched[n] = slot;
      if (Object.is(table[gradient], -0)) n++;
      for (let c = 0; c < d; c++) table[gradient + c] += g[i * (fields * d + numbers) + f * d + c] + 0;
    }
  }
  return n;
}
