/** Pages of the memory that threads share: it grows to 4 GiB, as the memory of one thread does. */
export const SHARED_PAGES = { initial: 1, maximum: 65_536, shared: true } as const;

/** An import section (WebAssembly specification 5.5.5): env.memory, shared, of 1 to 65,536 pages. */
const IMPORT = [2, 18, 1, 3, ...codes('env'), 6, ...codes('memory'), 2, 3, 1, 128, 128, 4];
const [CUSTOM, TYPE, IMPORTS, MEMORY] = [0, 1, 2, 5];

/**
 * The bytes of kernels.wasm as those of kernels.threads.wasm: the same code, with the memory taken from outside. So the
 * package need not carry the kernels twice. Bytes that import something stay as they are, and so do those that are no
 * module, for the compiler to refuse.
 */
export function sharedModule(given: BufferSource): Uint8Array<ArrayBuffer> {
  const bytes = ArrayBuffer.isView(given)
    ? new Uint8Array(given.buffer, given.byteOffset, given.byteLength)
    : new Uint8Array(given);
  if (!WebAssembly.validate(given)) return bytes.slice();
  const parts: (Uint8Array | number[])[] = [bytes.subarray(0, 8)];
  let imported = false;
  for (let at = 8; at < bytes.length; ) {
    const id = bytes[at];
    if (id === IMPORTS) return bytes.slice();
    let size = 0;
    let content = at + 1;
    // Seven bits a byte, least first.
    for (let unit = 1, more = true; more; unit *= 128) {
      const byte = bytes[content++];
      size += (byte & 127) * unit;
      more = byte > 127;
    }
    const end = content + size;
    if (!imported && id !== CUSTOM && id !== TYPE) {
      parts.push(IMPORT);
      imported = true;
    }
    if (id !== MEMORY) parts.push(bytes.subarray(at, end));
    at = end;
  }
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let place = 0;
  for (const part of parts) {
    joined.set(part, place);
    place += part.length;
  }
  return joined;
}

function codes(text: string): number[] {
  return Array.from(text, (char) => char.charCodeAt(0));
}
