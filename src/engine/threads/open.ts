import { embeddedKernels } from '#kernels';
import type { Kernels } from '../kernels.ts';
import { isModule, type KernelSource, kernelModule } from '../module.ts';
import { SHARED_PAGES, sharedModule } from './shared-module.ts';
import { Team, type ThreadWorker } from './team.ts';

export interface Threads {
  memory: WebAssembly.Memory;
  team: Team;
}

/** Kernels over shared memory and the threads that work in it; or in words why this runtime has none. */
export async function openThreads(
  threads: number,
  given: KernelSource | undefined,
  spawn: (() => ThreadWorker) | undefined,
): Promise<Threads | string> {
  if (typeof SharedArrayBuffer === 'undefined') {
    return globalThis.crossOriginIsolated === false
      ? 'the page is not cross-origin isolated: it must be served with Cross-Origin-Opener-Policy: same-origin and ' +
          'Cross-Origin-Embedder-Policy: require-corp'
      : 'this runtime has no SharedArrayBuffer';
  }
  try {
    const start = spawn ?? (await import('#worker')).spawn;
    const source = given ?? (await embeddedKernels());
    const module = isModule(source) ? source : await kernelModule(sharedModule(source as BufferSource));
    if (!takesMemory(module)) {
      return 'the compiled module has a memory of its own; threads need kernels.threads.wasm';
    }
    const memory = new WebAssembly.Memory(SHARED_PAGES);
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    if (typeof exports.dot !== 'function') return 'the module is not the kernels of this package';
    const team = await Team.start(exports as unknown as Kernels, { module, memory, threads }, start);
    return { memory, team };
  } catch (error) {
    return `threads did not start: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** The kernels to go on with alone: those given, unless they are for shared memory. */
export async function aloneKernels(given: KernelSource | undefined): Promise<WebAssembly.Module> {
  const module = await kernelModule(given);
  return takesMemory(module) ? kernelModule() : module;
}

function takesMemory(module: WebAssembly.Module): boolean {
  const imports = WebAssembly.Module.imports(module);
  return imports.length === 1 && imports[0].kind === 'memory';
}
