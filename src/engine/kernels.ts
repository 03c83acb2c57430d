/**
 * The kernels' interface, one signature a line, in the order of assembly/index.ts. Pointers are byte offsets into the
 * engine's memory, counts are i32, scalars f32 or f64. The doc line above each kernel in assembly/ gives the shapes.
 */
export interface Kernels {
  // engine/vector
  allFinite(x: number, n: number): number;
  axpy(y: number, x: number, n: number, alpha: number): void;
  dot(a: number, b: number, n: number): number;
  scale(y: number, x: number, n: number, alpha: number): void;
  transpose(out: number, x: number, rows: number, cols: number): void;
  // engine/math
  exp(out: number, x: number, n: number): void;
  expF64(x: number): number;
  log(out: number, x: number, n: number): void;
  logF64(x: number): number;
  sigmoid(out: number, x: number, n: number): void;
  softplus(out: number, x: number, n: number): void;
  // engine/random
  philoxBlock(out: number, c0: number, c1: number, c2: number, c3: number, k0: number, k1: number): void;
  randomBits(out: number, n: number, seed: number, stream: number, step: number): void;
  randomIntegers(out: number, n: number, bound: number, seed: number, stream: number, step: number): void;
  randomNormal(out: number, n: number, scale: number, seed: number, stream: number, step: number): void;
  randomUniform(out: number, n: number, seed: number, stream: number, step: number): void;
}
