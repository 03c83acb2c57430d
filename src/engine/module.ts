import { kernelsBase64 } from './kernels-inline.ts';

/** What the kernels may be given as: a compiled module, or the bytes of kernels.wasm. */
export type KernelSource = WebAssembly.Module | ArrayBuffer | ArrayBufferView;

/** The kernels as a compiled module: the one given, or the embedded bytes compiled. */
export async function kernelModule(source?: KernelSource): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  return WebAssembly.compile((source ?? embedded()) as BufferSource);
}

function embedded(): Uint8Array {
  const text = atob(kernelsBase64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
