const word = new Float32Array(1);
const bits = new Int32Array(word.buffer);

/** floor(2 log2(1 + x)) of x >= 0 from the bits of 1 + x as f32: the upper half of an octave is a bin of its own. */
export function log2Bin(x: number): number {
  word[0] = Math.fround(1 + Math.max(0, Math.fround(x)));
  const upper = (bits[0] & 0x7fffff) >= 0x3504f3 ? 1 : 0;
  return 2 * ((bits[0] >> 23) - 127) + upper;
}
