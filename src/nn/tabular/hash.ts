/** Integer hashes for feature slots: own code, the same bits everywhere; no defence against chosen collisions. */

/** The finaliser of MurmurHash3 (Appleby): a bijection of u32 in which every input bit reaches every output bit. */
export function mix32(x: number): number {
  let h = x >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** FNV-1a over the UTF-16 code units of a text, one step a unit, then mixed. */
export function hashText(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return mix32(h);
}

/** A hash of two u32, in which their order matters: a column's salt and a value, or the two sides of a cross. */
export function hashPair(a: number, b: number): number {
  return mix32(Math.imul(mix32(a), 0x9e3779b1) + b);
}

/** The slot of a hash in a table of `slots` = 2^bits: its top bits. */
export function slotOf(hash: number, bits: number): number {
  return hash >>> (32 - bits);
}
