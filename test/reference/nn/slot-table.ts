/** Plain twins of assembly/nn/slot-table.ts. A block of a slot is value[d], a[d], b[d], gradient[d]. */

type Floats = Float32Array | Float64Array;

const untouched = (x: number) => Object.is(x, -0);

export function linearForward(
  out: Floats,
  table: Floats,
  dense: Floats,
  index: Uint32Array,
  x: Floats,
  ids: Uint32Array | null,
  rows: number,
  fields: number,
  numbers: number,
  d: number,
): void {
  for (let i = 0; i < rows; i++) {
    const r = ids ? ids[i] : i;
    for (let c = 0; c < d; c++) {
      let z = dense[c];
      for (let f = 0; f < fields; f++) z += table[index[r * fields + f] * 4 * d + c];
      for (let j = 0; j < numbers; j++) z += x[r * numbers + j] * dense[(j + 1) * 4 * d + c];
      out[i * d + c] = z;
    }
  }
}

/** gradient of a slot += g (from place `at`) times x. */
function add(table: Floats, slot: number, g: Floats, at: number, x: number, d: number): void {
  for (let c = 0; c < d; c++) table[(slot * 4 + 3) * d + c] += x * g[at + c] + 0;
}

export function linearBackward(
  table: Floats,
  dense: Floats,
  touched: Uint32Array,
  known: number,
  index: Uint32Array,
  x: Floats,
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
      touched[n] = slot;
      if (untouched(table[(slot * 4 + 3) * d])) n++;
      add(table, slot, g, i * d, 1, d);
    }
    add(dense, 0, g, i * d, 1, d);
    for (let j = 0; j < numbers; j++) add(dense, j + 1, g, i * d, x[r * numbers + j], d);
  }
  return n;
}

export function slotAdagrad(
  table: Floats,
  touched: Uint32Array | null,
  rate: Floats,
  pull: Floats,
  n: number,
  d: number,
  scale: number,
): void {
  for (let i = 0; i < n; i++) {
    const slot = touched ? touched[i] : i;
    for (let c = 0; c < d; c++) {
      const [w, a, b, e] = [0, 1, 2, 3].map((k) => (slot * 4 + k) * d + c);
      const g = table[e] === 0 ? 0 : scale * table[e] + pull[c] * (table[w] - table[b]);
      table[a] += g * g;
      table[w] -= (rate[c] * g) / Math.sqrt(table[a]);
      table[e] = -0;
    }
  }
}

export function slotAdam(
  table: Floats,
  touched: Uint32Array | null,
  rate: Floats,
  pull: Floats,
  n: number,
  d: number,
  scale: number,
  b1: number,
  b2: number,
  eps: number,
): void {
  for (let i = 0; i < n; i++) {
    const slot = touched ? touched[i] : i;
    for (let c = 0; c < d; c++) {
      const [w, m, v, e] = [0, 1, 2, 3].map((k) => (slot * 4 + k) * d + c);
      const g = scale * table[e] + pull[c] * table[w];
      table[m] = b1 * table[m] + (1 - b1) * g;
      table[v] = b2 * table[v] + (1 - b2) * g * g;
      table[w] -= (rate[c] * table[m]) / (Math.sqrt(table[v]) + eps);
      table[e] = -0;
    }
  }
}
