/** Plain twins of assembly/engine/random.ts. */

/** High 32 bits of a 32 x 32 product, by halves. */
function high(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const low = a0 * b0;
  const middle = a1 * b0 + (low >>> 16);
  const other = a0 * b1 + (middle & 0xffff);
  return (a1 * b1 + Math.floor(middle / 65536) + Math.floor(other / 65536)) >>> 0;
}

/** The four words of one Philox4x32-10 block. */
export function philox(
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
): [number, number, number, number] {
  for (let round = 0; round < 10; round++) {
    const n0 = (high(0xcd9e8d57, c2) ^ c1 ^ k0) >>> 0;
    const n2 = (high(0xd2511f53, c0) ^ c3 ^ k1) >>> 0;
    c1 = Math.imul(0xcd9e8d57, c2) >>> 0;
    c3 = Math.imul(0xd2511f53, c0) >>> 0;
    c0 = n0;
    c2 = n2;
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

export function philoxBlock(
  out: Uint32Array,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
): void {
  out.set(philox(c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0, k0 >>> 0, k1 >>> 0));
}

const word = (i: number, step: number, seed: number, stream: number) =>
  philox(i >> 2, step, 0, 0, seed, stream)[i & 3];

export function randomBits(out: Uint32Array, n: number, seed: number, stream: number, step: number): void {
  for (let i = 0; i < n; i++) out[i] = word(i, step, seed, stream);
}

export function randomUniform(
  out: Float32Array,
  n: number,
  seed: number,
  stream: number,
  step: number,
): void {
  for (let i = 0; i < n; i++) out[i] = Math.floor(word(i, step, seed, stream) / 256) / 2 ** 24;
}

/** The number in [0, bound) of 32 random bits, or -1 when the bits must be drawn again. */
export function bounded(bits: number, bound: number): number {
  const product = BigInt(bits) * BigInt(bound);
  return Number(product & 0xffffffffn) < 2 ** 32 % bound ? -1 : Number(product >> 32n);
}

export function randomIntegers(
  out: Uint32Array,
  n: number,
  bound: number,
  seed: number,
  stream: number,
  step: number,
): void {
  for (let i = 0; i < n; i++) {
    for (let redraw = 0; ; redraw++) {
      const x = bounded(philox(i, (step + redraw * 2 ** 20) >>> 0, 0, 0, seed, stream)[0], bound);
      if (x < 0) continue;
      out[i] = x;
      break;
    }
  }
}

/** Wichura's AS 241 (PPND7), the coefficients as published. */
export function normalQuantile(p: number): number {
  const rational = (x: number, a: number[], b: number[]) =>
    a.reduceRight((sum, c) => sum * x + c, 0) / b.reduceRight((sum, c) => sum * x + c, 0);
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    return (
      q *
      rational(
        0.180625 - q * q,
        [3.3871327179, 50.434271938, 159.29113202, 59.10937472],
        [1, 17.895169469, 78.757757664, 67.1875636],
      )
    );
  }
  const r = Math.sqrt(-Math.log(Math.min(p, 1 - p)));
  const x =
    r <= 5
      ? rational(
          r - 1.6,
          [1.4234372777, 2.75681539, 1.3067284816, 0.17023821103],
          [1, 0.7370016425, 0.12021132975],
        )
      : rational(
          r - 5,
          [6.657905115, 3.081226386, 0.42868294337, 0.017337203997],
          [1, 0.24197894225, 0.012258202635],
        );
  return q < 0 ? -x : x;
}

export function randomNormal(
  out: Float32Array,
  n: number,
  scale: number,
  seed: number,
  stream: number,
  step: number,
): void {
  for (let i = 0; i < n; i++) out[i] = normalQuantile((word(i, step, seed, stream) + 0.5) / 2 ** 32) * scale;
}
