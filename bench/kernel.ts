import b from 'benny';
import { Engine } from '../src/engine/engine.ts';
import type { Kernels } from '../src/engine/kernels.ts';
import { close, type Tolerance } from '../test/helpers/close.ts';
import { type Argument, type TypedArray, typeOf } from '../test/helpers/kernel.ts';

export const engine = await Engine.create();

/** A case beside the kernel: a peer or a limit, timed in the same run. */
export interface Rival {
  name: string;
  run: () => unknown;
}

export interface KernelBench {
  kernel: keyof Kernels;
  /** What is timed, in words and sizes: `1024 x 64 x 64`. */
  title: string;
  args: Argument[];
  /** The plain-TypeScript twin; checked against the kernel before anything is timed. Left out of the timing if slow. */
  twin: (...args: never[]) => unknown;
  tolerance?: Tolerance;
  /** Work in one call, for the rate beside the time: `{ count: 2 * m * n * k, unit: 'GFLOP/s', per: 1e9 }`. */
  work: { count: number; unit: string; per: number };
  rivals?: Rival[];
  timeTwin?: boolean;
}

/** One row of results: median seconds a call, the rate, and the kernel's ratio to the case (above 1 = kernel faster). */
export interface Row {
  title: string;
  name: string;
  seconds: number;
  margin: number;
  rate: number;
  unit: string;
  kernelIsFasterBy: number;
}

/**
 * Checks the kernel against its twin, then times kernel, twin and rivals with benny in one run. Each case repeats its
 * call until it lasts at least half a millisecond, because benny's own resolution ends near a microsecond.
 */
export async function benchKernel(spec: KernelBench): Promise<Row[]> {
  const pointers = new Map<TypedArray, number>();
  for (const a of spec.args) {
    if (a === null || typeof a === 'number' || pointers.has(a)) continue;
    pointers.set(a, engine.alloc(typeOf(a), a.length).ptr);
  }
  const memory = new Uint8Array(engine.memory.buffer);
  for (const [a, ptr] of pointers) memory.set(new Uint8Array(a.buffer, a.byteOffset, a.byteLength), ptr);
  const kernel = engine.kernels[spec.kernel] as (...args: number[]) => unknown;
  const raw = spec.args.map((a) => (a === null ? 0 : typeof a === 'number' ? a : pointers.get(a)!));

  const result = kernel(...raw);
  const expected = spec.twin(...(spec.args as never[]));
  if (typeof expected === 'number') close([result as number], [expected], spec.tolerance, spec.title);
  for (const [a, ptr] of pointers) {
    const after = new (a.constructor as Float32ArrayConstructor)(engine.memory.buffer, ptr, a.length);
    close(after, a, spec.tolerance, `${spec.kernel} ${spec.title}`);
  }

  const rivals = [...(spec.rivals ?? [])];
  if (spec.timeTwin !== false) {
    rivals.unshift({ name: 'twin', run: () => spec.twin(...(spec.args as never[])) });
  }
  return timeCases(
    `${spec.kernel} ${spec.title}`,
    { name: 'kernel', run: () => kernel(...raw) },
    rivals,
    spec.work,
  );
}

/** Times `first` and its rivals in one benny suite and prints and returns a row for each. */
export async function timeCases(
  title: string,
  first: Rival,
  rivals: Rival[],
  work: { count: number; unit: string; per: number },
): Promise<Row[]> {
  const cases = [first, ...rivals];
  const repeats = cases.map(({ run }) => {
    run();
    const start = performance.now();
    run();
    return Math.max(1, Math.ceil(0.5 / Math.max(performance.now() - start, 1e-4)));
  });
  let sink: unknown;
  const summary = await b.suite(
    title,
    ...cases.map(({ name, run }, i) =>
      b.add(
        name,
        () => {
          for (let r = 0; r < repeats[i]; r++) sink = run();
        },
        { minSamples: 20, maxTime: 1 },
      ),
    ),
  );
  if (sink === Symbol.for('never')) console.log(sink);
  const rows = summary.results.map((r, i): Row => {
    const seconds = r.details.median / repeats[i];
    return {
      title,
      name: r.name,
      seconds,
      margin: r.details.relativeMarginOfError,
      rate: work.count / seconds / work.per,
      unit: work.unit,
      kernelIsFasterBy: 0,
    };
  });
  for (const row of rows) row.kernelIsFasterBy = row.seconds / rows[0].seconds;
  for (const row of rows) {
    console.log(
      `${row.title.padEnd(44)} ${row.name.padEnd(14)} ${row.rate.toPrecision(4).padStart(9)} ${row.unit.padEnd(10)}` +
        ` +-${row.margin.toFixed(1)} %${row === rows[0] ? '' : `   kernel ${row.kernelIsFasterBy.toFixed(2)}x`}`,
    );
  }
  return rows;
}
