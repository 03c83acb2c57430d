import module from '../kernels.wasm';

/** The kernels as Cloudflare's runtime hands them over, which compiles no bytes: `#kernels` under `workerd`. */
export const embeddedKernels = async (): Promise<WebAssembly.Module> => module;
