import { instantiateSync } from '@assemblyscript/loader';
import { embeddedKernels } from '#kernels';

/** What the kernels may be given as: a compiled module, or the bytes of kernels.wasm. */
export type KernelSource = WebAssembly.Module | ArrayBuffer | ArrayBufferView;

/** By its tag: Next's edge runtime hands over modules of another realm, which are no instances of WebAssembly.Module here. */
export const isModule = (value: unknown): value is WebAssembly.Module =>
  Object.prototype.toString.call(value) === '[object WebAssembly.Module]';

/** What a new instance exports. The loader takes modules of its own realm only. */
export const exportsOf = (module: WebAssembly.Module): Record<string, unknown> =>
  module instanceof WebAssembly.Module
    ? instantiateSync<Record<string, unknown>>(module, {}).exports
    : new WebAssembly.Instance(module, {}).exports;

/**
 * The kernels as a compiled module: the one given, the bytes given, or those of the package. Error where valid bytes may
 * not be compiled; CompileError for bytes that are not WebAssembly.
 */
export async function kernelModule(source?: KernelSource): Promise<WebAssembly.Module> {
  const found = (source ?? (await embeddedKernels())) as WebAssembly.Module | BufferSource;
  if (isModule(found)) return found;
  try {
    return await WebAssembly.compile(found);
  } catch (cause) {
    // Validation is allowed where compilation is not, so that the two tell bytes that are wrong from a policy.
    if (WebAssembly.validate(found)) throw new Error(FORBIDDEN, { cause });
    if (source === undefined) throw new Error(NO_SIMD, { cause });
    throw cause;
  }
}

const FORBIDDEN =
  'WebAssembly may not be compiled here. A page allows it by its Content-Security-Policy: ' +
  "script-src 'self' 'wasm-unsafe-eval'. An edge worker takes a module that is compiled when it is deployed: build with " +
  "the condition workerd or edge-light, or import it from 'fletching/kernels.wasm' and give it as the option module of " +
  'Engine.create';

const NO_SIMD = 'this runtime cannot compile the kernels: it has no WebAssembly SIMD';
