/// <reference lib="esnext.disposable" preserve="true" />
import { integer, options } from '../check.ts';
import { Arena, type ElementType, type Slice } from './arena.ts';
import type { Kernels } from './kernels.ts';
import { exportsOf, isModule, type KernelSource, kernelModule } from './module.ts';
import type { Team, ThreadWorker } from './threads/team.ts';

export interface EngineOptions {
  /** A compiled module or the bytes of kernels.wasm; the embedded kernels when absent. */
  module?: KernelSource;
  /** Threads that share the work, the calling one among them; 1 unless given. They change no bit of any result. */
  threads?: number;
  /** Makes a worker that runs `fletching/worker`, where the package's own way of starting one does not fit. */
  spawn?: () => ThreadWorker;
}

/** What `scope` hands to its body: allocations that end with the scope. */
export interface Scope {
  alloc<T extends ElementType>(type: T, length: number): Slice<T>;
  /** A slice holding a copy of `values`. */
  from<T extends ElementType>(type: T, values: ArrayLike<number>): Slice<T>;
  /** Numbers for a kernel to work in, with what was there before still in them. */
  scratch(length: number): Slice<'f32'>;
}

/**
 * One instance of the kernels and the memory they work in. TypeScript owns the arena: kernels never allocate.
 * Calls are synchronous, on one thread or shared among several; two jobs on an engine may interleave at their awaits.
 */
export class Engine {
  /** Both undefined once disposed. */
  #kernels: Kernels | undefined;
  #arena: Arena | undefined;

  /** The slices of a fork, which end with it. */
  readonly #owned: Set<Slice> | undefined;
  /** The other threads, or why there are none. */
  readonly #team: Team | string | undefined;

  private constructor(kernels: Kernels, arena: Arena, team?: Team | string, owned?: Set<Slice>) {
    this.#kernels = kernels;
    this.#arena = arena;
    this.#team = team;
    this.#owned = owned;
  }

  /**
   * Compiles (or takes) the kernels and makes an instance. TypeError when the module is not the kernels. Where several
   * threads cannot be had it works with one, and `threadsReason` says why.
   */
  static async create(given?: EngineOptions): Promise<Engine> {
    const known = { module: undefined, threads: 1, spawn: undefined };
    const { module, threads, spawn } = options<EngineOptions>(given, known, 'Engine.create');
    if (integer(threads, 'threads', 1, 64) === 1) return Engine.fromModule(await kernelModule(module));
    const { aloneKernels, openThreads } = await import('./threads/open.ts');
    const opened = await openThreads(threads as number, module, spawn);
    if (typeof opened !== 'string') {
      return new Engine(opened.team.kernels, new Arena(opened.memory), opened.team);
    }
    const alone = Engine.fromModule(await aloneKernels(module));
    return new Engine(alone.kernels, alone.#live(), opened);
  }

  /** The synchronous form, for workers that were handed a compiled module. */
  static fromModule(module: WebAssembly.Module): Engine {
    if (!isModule(module)) throw new TypeError('module must be a WebAssembly.Module');
    const imports = WebAssembly.Module.imports(module);
    if (imports.length > 0) {
      throw new TypeError(`module must import nothing, but imports ${imports[0].module}.${imports[0].name}`);
    }
    const exports = exportsOf(module);
    const { memory } = exports;
    if (!(memory instanceof WebAssembly.Memory) || typeof exports.dot !== 'function') {
      throw new TypeError('module must be the kernels of this package: it exports no memory or no dot()');
    }
    return new Engine(exports as unknown as Kernels, new Arena(memory));
  }

  /**
   * An engine over the same memory whose slices end with its `dispose`: a long job takes one, so that nothing it
   * allocated outlives it, whatever was thrown where.
   */
  fork(): Engine {
    return new Engine(this.kernels, this.#live(), this.#team, new Set());
  }

  /** The raw kernels. They trust their callers: pointers and counts are not checked. */
  get kernels(): Kernels {
    return this.#kernels ?? disposed();
  }

  /** Threads at work: as many as asked for, or fewer for `threadsReason`. */
  get threads(): number {
    return typeof this.#team === 'object' ? this.#team.threads : 1;
  }

  /** Why there are fewer threads than asked for; undefined when there are not. */
  get threadsReason(): string | undefined {
    return typeof this.#team === 'object' ? this.#team.reason : this.#team;
  }

  get memory(): WebAssembly.Memory {
    return this.#live().memory;
  }

  /** Zeroed space for `length` elements that lives until `release`. */
  alloc<T extends ElementType>(type: T, length: number): Slice<T> {
    return this.#take(type, length, true);
  }

  /** A slice holding a copy of `values`. */
  from<T extends ElementType>(type: T, values: ArrayLike<number>): Slice<T> {
    return this.alloc(type, values.length).set(values);
  }

  release(...slices: (Slice | undefined)[]): void {
    for (const slice of slices) {
      if (!slice) continue;
      this.#live().release(slice);
      this.#owned?.delete(slice);
    }
  }

  /**
   * Runs `body` with allocations that are released when it returns, throws, or, if it is asynchronous, settles.
   */
  scope<R>(body: (scope: Scope) => R): R {
    const owned: Slice[] = [];
    const own = <T extends ElementType>(slice: Slice<T>): Slice<T> => {
      owned.push(slice);
      return slice;
    };
    const end = () => {
      if (this.#arena) this.release(...owned);
    };
    let result: R;
    try {
      result = body({
        alloc: (type, length) => own(this.alloc(type, length)),
        from: (type, values) => own(this.from(type, values)),
        scratch: (length) => own(this.#take('f32', length, false)),
      });
    } catch (error) {
      end();
      throw error;
    }
    if (result instanceof Promise) return result.finally(end) as R;
    end();
    return result;
  }

  /** Bytes of WebAssembly memory, bytes in live slices now and at most, and the number of live slices. */
  stats(): { memoryBytes: number; usedBytes: number; peakBytes: number; slices: number } {
    return this.#live().stats();
  }

  /** Lets go of the memory (a fork, of its slices). Every later call is refused. Safe to call twice. */
  dispose(): void {
    if (this.#arena && this.#owned) this.release(...this.#owned);
    else if (typeof this.#team === 'object') this.#team.end();
    this.#kernels = undefined;
    this.#arena = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #take<T extends ElementType>(type: T, length: number, zeroed: boolean): Slice<T> {
    const slice = this.#live().alloc(type, length, zeroed);
    this.#owned?.add(slice);
    return slice;
  }

  #live(): Arena {
    return this.#arena ?? disposed();
  }
}

function disposed(): never {
  throw new Error('this engine has been disposed');
}
