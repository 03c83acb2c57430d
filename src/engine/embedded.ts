import { kernelsDeflated } from './kernels-inline.ts';

/**
 * The bytes of the kernels that the package carries: `#kernels` of package.json where no condition says otherwise. They
 * are deflated before they become text: 16 kB on a gzipped wire, where base64 of the plain bytes is 22.
 */
export async function embeddedKernels(): Promise<BufferSource> {
  const packed = Uint8Array.from(atob(kernelsDeflated), (char) => char.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Response(stream).arrayBuffer();
}
