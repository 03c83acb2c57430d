import type { Kernels } from '../kernels.ts';
import { CUTS, type Cut, isShared, PRODUCT, productColumns, productRows, RESULTS, widthOf } from './cuts.ts';
import { type Call, type Start, share } from './share.ts';

/** What a worker must be able to do: Web Workers and those of `node:worker_threads` are. */
export interface ThreadWorker {
  postMessage(message: unknown): void;
  terminate(): unknown;
  unref?(): void;
  on?(event: string, listener: (value: unknown) => void): unknown;
  addEventListener?(event: string, listener: (value: unknown) => void): unknown;
}

/** Pieces a thread: neighbourhoods differ in size, and a thread may be kept from its processor. */
const PIECES = 4;
/** Whole cache lines of output, tiles of products and blocks of random numbers. */
const ALIGN = 16;
/** Milliseconds in which a worker must start, and in which a piece that one has taken must be done. */
const START = 20_000;
const PATIENCE = 60_000;

/** Threads that share the calling thread's kernel calls. Every output is computed whole, by one of them. */
export class Team {
  /** The kernels, of which the larger calls are shared. */
  readonly kernels: Kernels;
  /** Why there are fewer threads than asked for. */
  reason: string | undefined;
  readonly #workers: ThreadWorker[];
  readonly #int: Int32Array;
  readonly #num: Float64Array;
  readonly #functions: Call[];
  readonly #patience: number;
  readonly #canWait = canWait();
  #broken: string | undefined;
  #ended = false;

  private constructor(exports: Kernels, workers: ThreadWorker[], start: Start, patience: number) {
    this.#workers = workers;
    this.#patience = patience;
    this.#int = new Int32Array(start.control);
    this.#num = new Float64Array(start.control);
    this.#functions = start.names.map((name) => exports[name as keyof Kernels] as Call);
    this.kernels = this.#shared(exports, start.names);
    workers.forEach((worker, i) => void this.#watch(worker, i));
  }

  /**
   * Starts `threads - 1` workers over the memory of `exports`, an instance of kernels.threads.wasm. Error when one does
   * not start.
   */
  static async start(
    exports: Kernels,
    at: { module: WebAssembly.Module; memory: WebAssembly.Memory; threads: number },
    spawn: () => ThreadWorker,
    patience = PATIENCE,
  ): Promise<Team> {
    const { module, memory, threads } = at;
    const control = new SharedArrayBuffer((96 + RESULTS + 512) * 8);
    const names = [...Object.keys(CUTS), PRODUCT];
    const start = (thread: number): Start => ({ module, memory, control, names, thread });
    const workers: ThreadWorker[] = [];
    try {
      const ready: Promise<void>[] = [];
      for (let thread = 1; thread < threads; thread++) {
        const worker = spawn();
        workers.push(worker);
        ready.push(started(worker));
        worker.postMessage(start(thread));
      }
      await Promise.all(ready);
    } catch (error) {
      for (const worker of workers) worker.terminate();
      throw error;
    }
    // A process may end while its workers sleep.
    for (const worker of workers) worker.unref?.();
    return new Team(exports, workers, start(0), patience);
  }

  /** Threads at work, the calling one among them. */
  get threads(): number {
    return 1 + this.#workers.length;
  }

  end(): void {
    this.#ended = true;
    for (const worker of this.#workers.splice(0)) worker.terminate();
  }

  /** A worker that ends by itself is missed no more than its help: what it has not taken others take. */
  #watch(worker: ThreadWorker, i: number): void {
    const lost = (why: unknown) => {
      const at = this.#workers.indexOf(worker);
      if (this.#ended || at < 0) return;
      this.#workers.splice(at, 1);
      this.reason = `worker ${i + 1} ended: ${textOf(why)}`;
    };
    listen(worker, 'error', lost);
    listen(worker, 'exit', (code) => lost(`exit code ${code}`));
  }

  /** The kernels with those that can be cut replaced; what is too small is still called as it is. */
  #shared(exports: Kernels, names: readonly string[]): Kernels {
    const all = exports as unknown as Readonly<Record<string, Call>>;
    const kernels: Record<string, Call> = { ...all };
    const { threads } = this;
    const size = (cut: Cut, args: readonly number[]): number =>
      cut.scratch ? aligned(all[cut.scratch.size](...cut.scratch.of.map((i) => args[i]))) : 0;
    names.forEach((name, i) => {
      const cut = CUTS[name as keyof Kernels];
      if (!cut) return;
      const alone = all[name];
      kernels[name] = (...args) => {
        if (!isShared(cut, args)) return alone(...args);
        return this.#run(i, cut, args, size(cut, args));
      };
    });
    const product = names.indexOf(PRODUCT);
    // Row and column strides of a and b as the forms store them.
    const forms: Record<string, (m: number, k: number, n: number) => number[]> = {
      gemmNN: (_, k, n) => [k, 1, n, 1],
      gemmNT: (_, k) => [k, 1, 1, k],
      gemmTN: (m, _, n) => [1, m, n, 1],
    };
    for (const [name, strides] of Object.entries(forms)) {
      const alone = all[name];
      kernels[name] = (c, a, b, scratch, m, k, n, beta) => {
        const args = [c, a, b, scratch, m, k, n, n, ...strides(m, k, n), 1, beta];
        const cut = m >= n ? productRows : productColumns;
        if (!isShared(cut, args)) return alone(c, a, b, scratch, m, k, n, beta);
        return this.#run(product, cut, args, size(cut, args));
      };
    }
    // Threads work in scratch of their own, one after the other: a caller brings room for all.
    for (const { scratch } of [productRows, ...Object.values(CUTS)]) {
      if (scratch) kernels[scratch.size] = (...args) => threads * aligned(all[scratch.size](...args));
    }
    return kernels as unknown as Kernels;
  }

  /** Hands out a call, takes part, and waits for the rest. Returns the sum of the results, if they are added. */
  #run(kernel: number, cut: Cut, args: readonly number[], scratch: number): number {
    if (this.#broken !== undefined) throw new Error(this.#broken);
    const int = this.#int;
    const num = this.#num;
    const units = args[cut.count];
    const block = cut.sum ?? cut.grain ?? ALIGN;
    const grain = Math.ceil(units / (PIECES * this.threads) / block) * block;
    const pieces = Math.ceil(units / grain);
    if (pieces === 1) return this.#functions[kernel](...args);
    int[64] = kernel;
    int[65] = args.length;
    int[66] = cut.count;
    int[67] = units;
    int[68] = grain;
    int[69] = cut.sum ?? 0;
    int[70] = cut.scratch?.at ?? -1;
    int[71] = pieces;
    num.set(args, 40);
    num.fill(0, 64, 64 + args.length);
    for (const [pointer, width] of cut.move) {
      // A null pointer stays null.
      if (args[pointer] !== 0) num[64 + pointer] = 4 * widthOf(width, args);
    }
    if (cut.first !== undefined) num[64 + cut.first] = 1;
    num[88] = 4 * scratch;
    Atomics.store(int, 16, 0);
    Atomics.store(int, 0, pieces);
    Atomics.add(int, 32, 1);
    Atomics.notify(int, 32);
    share(int, num, this.#functions, 0);
    this.#wait(pieces);
    if (int[48] !== 0) this.#fail(String.fromCharCode(...num.subarray(8289, 8289 + num[8288])));
    let total = 0;
    if (cut.sum !== undefined) for (let i = 0; i * cut.sum < units; i++) total += num[96 + i];
    return total;
  }

  /** Until all pieces are done. Asleep where the host allows that; a browser's page has to spin. */
  #wait(pieces: number): void {
    const int = this.#int;
    let until = 0;
    for (let turn = 0; ; turn++) {
      const done = Atomics.load(int, 16);
      if (done === pieces) return;
      if (turn < 20_000) continue;
      if (turn % 1000 === 0 || this.#canWait) {
        const now = performance.now();
        if (until === 0) until = now + this.#patience;
        else if (now > until)
          this.#fail(`a worker took a piece of work and is gone for ${this.#patience} ms`);
      }
      if (this.#canWait) Atomics.wait(int, 16, done, 100);
    }
  }

  /** What is in memory can no longer be trusted: this call and all later ones are refused. */
  #fail(why: string): never {
    this.#broken = `the threads of this engine have failed: ${why}`;
    this.end();
    throw new Error(this.#broken);
  }
}

const aligned = (floats: number) => Math.ceil(floats / 4) * 4;

/** Whether this thread may sleep; the main thread of a page may not. */
function canWait(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
}

function listen(worker: ThreadWorker, event: string, listener: (value: unknown) => void): void {
  if (worker.on) worker.on(event, listener);
  else worker.addEventListener?.(event, listener);
}

/** Its first message; anything else, or nothing, is a failure to start. */
function started(worker: ThreadWorker): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`no answer within ${START} ms`)), START);
    const fail = (why: unknown) => {
      clearTimeout(late);
      reject(new Error(textOf(why)));
    };
    listen(worker, 'message', () => {
      clearTimeout(late);
      resolve();
    });
    listen(worker, 'error', fail);
    listen(worker, 'messageerror', fail);
    listen(worker, 'exit', (code) => fail(`exit code ${code}`));
  });
}

/** An error, or the event that stands for one. */
function textOf(why: unknown): string {
  const message = (why as { message?: unknown } | undefined)?.message;
  return typeof message === 'string' && message !== ''
    ? message
    : typeof why === 'string'
      ? why
      : 'its script did not load';
}
