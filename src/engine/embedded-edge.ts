import module from '../kernels.wasm?module';

/** The kernels as Vercel's edge runtime hands them over, which compiles no bytes: `#kernels` under `edge-light`. */
export const embeddedKernels = async (): Promise<WebAssembly.Module> => module;
