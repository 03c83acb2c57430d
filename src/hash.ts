/**
 * SHA-256 in hexadecimal over the bytes of typed arrays and text, each preceded by its length so that two lists never
 * join into the same bytes. Bytes are little-endian as WebAssembly's are. Error on a page that is not a secure context.
 */
export async function sha256(parts: readonly (ArrayBufferView | string | undefined)[]): Promise<string> {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) throw new Error('Web Crypto is missing: a page has it by https and on localhost only');
  const pieces = parts.map((part) => {
    if (part === undefined) return new Uint8Array(0);
    if (typeof part === 'string') return new TextEncoder().encode(part);
    return new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
  });
  const total = pieces.reduce((sum, piece) => sum + 8 + piece.length, 0);
  const joined = new Uint8Array(total);
  const view = new DataView(joined.buffer);
  let at = 0;
  for (const piece of pieces) {
    view.setUint32(at, piece.length, true);
    joined.set(piece, at + 8);
    at += 8 + piece.length;
  }
  const digest = new Uint8Array(await subtle.digest('SHA-256', joined));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
