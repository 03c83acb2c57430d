import { Engine } from '../../src/engine/engine.ts';
import type { Kernels } from '../../src/engine/kernels.ts';
import { close, type Tolerance } from './close.ts';

export const engine = await Engine.create();

/** Below, at, a multiple of, and not a multiple of the lane count and of the unrolled step; and zero. */
export const LENGTHS = [0, 1, 3, 4, 16, 64, 67];

export type TypedArray = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array;
export type Argument = number | TypedArray | null;

/** The arena's name for an array's elements; whole numbers of four bytes are all `u32` to it. */
export function typeOf(a: TypedArray): 'f32' | 'f64' | 'u8' | 'u32' {
  if (a instanceof Float32Array) return 'f32';
  if (a instanceof Float64Array) return 'f64';
  return a instanceof Uint8Array ? 'u8' : 'u32';
}

/** Deterministic test numbers in [low, high), independent of the code under test. */
export function numbers(n: number, seed = 1, low = -2, high = 2): Float32Array {
  const out = new Float32Array(n);
  let state = (seed * 2654435761 + 12345) >>> 0;
  for (let i = 0; i < n; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    out[i] = low + (high - low) * (state / 2 ** 32);
  }
  return out;
}

/** Deterministic whole numbers in [0, bound). */
export function indices(n: number, bound: number, seed = 1): Uint32Array {
  return Uint32Array.from(numbers(n, seed, 0, bound), (x) => Math.min(bound - 1, Math.floor(x)));
}

/** Where memory ended, and how many of its last bytes the arena does not know of. */
let last = { end: 0, free: 0 };

/** Makes the last `bytes` of memory free: pages grown here are not the arena's, and serve until it grows past them. */
function pageAtEnd(bytes: number): void {
  if (engine.memory.buffer.byteLength === last.end && bytes <= last.free) return;
  const pages = Math.ceil(bytes / 65536) + 1;
  engine.memory.grow(pages);
  last = { end: engine.memory.buffer.byteLength, free: pages * 65536 };
}

/**
 * Calls a kernel with typed arrays in place of pointers (null is the null pointer; the same array twice is the same
 * memory) and returns the arrays as they are afterwards, in the order of the arguments. The array at position `flush`
 * ends exactly at the end of memory, so that reading or writing past it traps.
 */
export function call(
  name: keyof Kernels,
  args: Argument[],
  flush = -1,
): { result: number; after: Argument[] } {
  return engine.scope((scope) => {
    const pointers = new Map<TypedArray, number>();
    for (const a of args) {
      if (a === null || typeof a === 'number' || pointers.has(a)) continue;
      if (args.indexOf(a) === flush) continue;
      pointers.set(a, scope.alloc(typeOf(a), a.length).ptr);
    }
    const end = flush >= 0 ? args[flush] : null;
    if (end !== null && typeof end !== 'number') {
      pageAtEnd(end.byteLength);
      pointers.set(end, engine.memory.buffer.byteLength - end.byteLength);
    }
    const bytes = new Uint8Array(engine.memory.buffer);
    for (const [a, ptr] of pointers) bytes.set(new Uint8Array(a.buffer, a.byteOffset, a.byteLength), ptr);
    const kernel = engine.kernels[name] as (...args: number[]) => number;
    const result = kernel(
      ...args.map((a) => (a === null ? 0 : typeof a === 'number' ? a : pointers.get(a)!)),
    );
    const after = args.map((a) => {
      if (a === null || typeof a === 'number') return a;
      const copy = a.slice() as TypedArray;
      const ptr = pointers.get(a)!;
      new Uint8Array(copy.buffer).set(new Uint8Array(engine.memory.buffer, ptr, a.byteLength));
      return copy;
    });
    return { result, after };
  });
}

/**
 * Runs a kernel and its twin on the same arguments, once as is and once with each array flush against the end of
 * memory, and compares every array (so that a write to an input shows) and the result.
 */
export function sameAsTwin(
  name: keyof Kernels,
  twin: (...args: never[]) => unknown,
  args: Argument[],
  tolerance: Tolerance = {},
): void {
  const copies = new Map<TypedArray, TypedArray>();
  const forTwin = args.map((a) => {
    if (a === null || typeof a === 'number') return a;
    if (!copies.has(a)) copies.set(a, a.slice() as TypedArray);
    return copies.get(a)!;
  });
  const expected = twin(...(forTwin as never[]));
  for (let flush = -1; flush < args.length; flush++) {
    if (flush >= 0 && (args[flush] === null || typeof args[flush] === 'number')) continue;
    const { result, after } = call(name, args, flush);
    const where = `${name}${flush >= 0 ? ` with argument ${flush} at the end of memory` : ''}`;
    if (typeof expected === 'number') close([result], [expected], tolerance, `${where}: result`);
    after.forEach((a, i) => {
      if (a !== null && typeof a !== 'number') {
        close(a, forTwin[i] as TypedArray, tolerance, `${where}: argument ${i}`);
      }
    });
  }
}
