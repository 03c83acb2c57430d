/** Bytes from what assembly/embed.mjs wrote: deflated, in base64. */
export function inflated(text: string): Promise<ArrayBuffer> {
  const packed = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Response(stream).arrayBuffer();
}
