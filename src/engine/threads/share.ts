/**
 * What a thread does, main and workers alike. Both functions stand alone, without imports and inner functions, because
 * Node's workers are started from their text: that needs no file beside a bundle.
 *
 * A job is one kernel call cut along its output. `int` and `num` are views of one small shared buffer:
 *   int[0]  tickets left; whoever takes number t > 0 owns piece `pieces - t`. Counting down makes a stale taker
 *           harmless: it takes 0 or less, or a piece of the next job, whose words were written before its tickets.
 *   int[16] pieces done      int[32] jobs posted (what idle workers wait on)      int[48] set when a kernel threw
 *   int[64..71] kernel, number of arguments, which argument counts the units, units, units a piece, units a call when
 *           its results are added (else 0), which argument is scratch (else -1), pieces
 *   num[40..63] arguments, num[64..87] bytes each moves on a unit, num[88] bytes of scratch a thread
 *   num[96..] results in the order of the units      num[8288..] length and characters of an error's text
 */

/** A kernel as a job calls it; one without a result gives undefined, which nobody reads. */
export type Call = (...args: number[]) => number;

/** Takes pieces until none is left. */
export function share(int: Int32Array, num: Float64Array, kernels: readonly Call[], thread: number): void {
  const args: number[] = [];
  for (let ticket = Atomics.sub(int, 0, 1); ticket > 0; ticket = Atomics.sub(int, 0, 1)) {
    try {
      const kernel = kernels[int[64]];
      const count = int[66];
      const sum = int[69];
      const scratch = int[70];
      const from = (int[71] - ticket) * int[68];
      const end = Math.min(int[67], from + int[68]);
      const size = sum > 0 ? sum : int[68];
      args.length = int[65];
      for (let at = from; at < end; at += size) {
        for (let i = 0; i < args.length; i++) args[i] = num[40 + i] + num[64 + i] * at;
        args[count] = Math.min(size, end - at);
        if (scratch >= 0) args[scratch] += num[88] * thread;
        const result = kernel(...args);
        if (sum > 0) num[96 + at / sum] = result;
      }
    } catch (error) {
      const text = String(error).slice(0, 500);
      num[8288] = text.length;
      for (let i = 0; i < text.length; i++) num[8289 + i] = text.charCodeAt(i);
      Atomics.store(int, 48, 1);
    }
    Atomics.add(int, 16, 1);
  }
}

/** What a worker is sent to begin with. */
export interface Start {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  control: SharedArrayBuffer;
  /** Kernels by the number a job calls them by. */
  names: readonly string[];
  thread: number;
}

/** A worker's life: says that it is ready, then works on what is posted, asleep between jobs. Never returns. */
export function serve(start: Start, ready: (message: string) => void, work: typeof share): void {
  const { module, memory, control, names, thread } = start;
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const kernels = names.map((name) => exports[name] as Call);
  const int = new Int32Array(control);
  const num = new Float64Array(control);
  ready('ready');
  for (;;) {
    const posted = Atomics.load(int, 32);
    work(int, num, kernels, thread);
    Atomics.notify(int, 16);
    // About 0.1 ms: kernels follow each other faster than a sleeping thread wakes.
    let spins = 50_000;
    while (spins > 0 && Atomics.load(int, 32) === posted) spins--;
    if (spins === 0) Atomics.wait(int, 32, posted);
  }
}
