/** Plain twins of assembly/directed-graph/message.ts. */

import { philoxLanes } from '../nn/activation.ts';

type Floats = Float32Array | Float64Array;

export function maskEdges(
  masked: Uint32Array,
  held: Uint32Array,
  edges: number,
  rate65536: number,
  seed: number,
  stream: number,
  step: number,
): number {
  masked.fill(0, 0, Math.ceil(edges / 32));
  let count = 0;
  let lanes: number[] = [];
  for (let e = 0; e < edges; e++) {
    if (e % 8 === 0) lanes = philoxLanes(e / 8, seed, stream, step);
    if (lanes[e % 8] < rate65536) {
      masked[Math.floor(e / 32)] |= 1 << (e % 32);
      held[count++] = e;
    }
  }
  return count;
}

function isMasked(masked: Uint32Array | null, edge: Uint32Array | null, e: number): boolean {
  const bit = edge ? edge[e] : e;
  return masked !== null && ((masked[Math.floor(bit / 32)] >>> (bit % 32)) & 1) === 1;
}

export function maskedDegrees(
  degree: Floats,
  indptr: Uint32Array,
  edge: Uint32Array | null,
  weight: Floats | null,
  masked: Uint32Array | null,
  rows: number,
): void {
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let e = indptr[i]; e < indptr[i + 1]; e++) {
      if (!isMasked(masked, edge, e)) sum += weight ? weight[e] : 1;
    }
    degree[i] = sum;
  }
}

export function edgeWeights(
  out: Floats,
  indptr: Uint32Array,
  index: Uint32Array,
  edge: Uint32Array | null,
  weight: Floats | null,
  masked: Uint32Array | null,
  rowScale: Floats | null,
  columnScale: Floats | null,
  rows: number,
): void {
  for (let i = 0; i < rows; i++) {
    for (let e = indptr[i]; e < indptr[i + 1]; e++) {
      const w = (weight?.[e] ?? 1) * (rowScale?.[i] ?? 1) * (columnScale?.[index[e]] ?? 1);
      out[e] = isMasked(masked, edge, e) ? 0 : w;
    }
  }
}

export function mix(
  y: Floats,
  base: Floats | null,
  a: Floats | null,
  b: Floats | null,
  c: Floats | null,
  n: number,
  ca: number,
  cb: number,
  cc: number,
): void {
  for (let i = 0; i < n; i++) {
    y[i] = (base?.[i] ?? 0) + ca * (a?.[i] ?? 0) + cb * (b?.[i] ?? 0) + cc * (c?.[i] ?? 0);
  }
}
