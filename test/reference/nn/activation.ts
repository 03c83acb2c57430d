/** Plain twins of assembly/nn/activation.ts, and the 16-bit Philox lanes that dropout and edge masks read. */

import { philox } from '../engine/random.ts';

type Floats = Float32Array | Float64Array;

export function relu(y: Floats, x: Floats, n: number): void {
  for (let i = 0; i < n; i++) y[i] = Math.max(x[i], 0);
}

export function reluBackward(dx: Floats, dy: Floats, y: Floats, n: number): void {
  for (let i = 0; i < n; i++) dx[i] = y[i] > 0 ? dy[i] : 0;
}

export function tanh(y: Floats, x: Floats, n: number): void {
  for (let i = 0; i < n; i++) y[i] = Math.tanh(x[i]);
}

export function tanhBackward(dx: Floats, dy: Floats, y: Floats, n: number): void {
  for (let i = 0; i < n; i++) dx[i] = dy[i] * (1 - y[i] ** 2);
}

export function scaleColumns(y: Floats, x: Floats, m: Floats, rows: number, cols: number): void {
  for (let i = 0; i < rows * cols; i++) y[i] = x[i] * m[i % cols];
}

export function dropout(
  y: Floats,
  x: Floats,
  n: number,
  kept65536: number,
  seed: number,
  stream: number,
  step: number,
  first: number,
): void {
  let lanes: number[] = [];
  for (let i = 0; i < n; i++) {
    if (i % 8 === 0) lanes = philoxLanes((first + i) / 8, seed, stream, step);
    y[i] = lanes[i % 8] < kept65536 ? x[i] * (65536 / kept65536) : 0;
  }
}

/** The eight 16-bit numbers of Philox block `index` of (seed, stream, step). */
export function philoxLanes(index: number, seed: number, stream: number, step: number): number[] {
  return philox(index, step, 0, 0, seed, stream).flatMap((word) => [word & 0xffff, word >>> 16]);
}
