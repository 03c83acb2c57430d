import { inflated } from '../inflate.ts';
import type { Kernels } from '../kernels.ts';
import { type KernelSource, kernelModule } from '../module.ts';
import { Team, type ThreadWorker } from './team.ts';

/** Pages of the shared memory: it grows to 4 GiB, as the memory of one thread does. */
const PAGES = { initial: 1, maximum: 65_536, shared: true };

export interface Threads {
  memory: WebAssembly.Memory;
  team: Team;
}

/** Kernels over shared memory and the threads that work in it; or in words why this runtime has none. */
export async function openThreads(
  threads: number,
  source: KernelSource | undefined,
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
    const module = await kernelModule(source ?? (await threadKernels()));
    if (WebAssembly.Module.imports(module).length === 0) {
      return 'the module given is kernels.wasm, which has a memory of its own; threads need kernels.threads.wasm';
    }
    const memory = new WebAssembly.Memory(PAGES);
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    const team = await Team.start(exports as unknown as Kernels, { module, memory, threads }, start);
    return { memory, team };
  } catch (error) {
    return `threads did not start: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function threadKernels(): Promise<BufferSource> {
  const { kernelsDeflated } = await import('./kernels-inline.ts');
  return inflated(kernelsDeflated);
}
