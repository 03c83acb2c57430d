/**
 * The arena: one WebAssembly memory cut into slices by a first-fit free list. A list rather than a stack, because two
 * asynchronous jobs on one engine release in any order. Slices are 16-byte aligned; memory only grows.
 */

const ALIGN = 16;
const PAGE = 65536;
/** Address 0 stays unused so that a null pointer is never a slice. */
const FIRST = 1024;
const MAX_BYTES = 2 ** 32 - PAGE;

export interface ArrayTypes {
  f32: Float32Array;
  f64: Float64Array;
  i32: Int32Array;
  u32: Uint32Array;
  u8: Uint8Array;
}
export type ElementType = keyof ArrayTypes;

const ARRAYS = { f32: Float32Array, f64: Float64Array, i32: Int32Array, u32: Uint32Array, u8: Uint8Array };

/** A named piece of the arena. `ptr` goes to kernels; `.array` is a view, taken anew after memory has grown. */
export class Slice<T extends ElementType = ElementType> {
  #view: ArrayTypes[T] | undefined;

  constructor(
    readonly arena: Arena,
    readonly type: T,
    readonly ptr: number,
    readonly length: number,
  ) {}

  /** A view of the whole slice. Take it once outside a loop, and again after anything that may allocate. */
  get array(): ArrayTypes[T] {
    const buffer = this.arena.memory.buffer;
    if (this.#view === undefined || this.#view.buffer !== buffer) {
      this.#view = new ARRAYS[this.type](buffer, this.ptr, this.length) as ArrayTypes[T];
    }
    return this.#view;
  }

  get bytes(): number {
    return this.length * ARRAYS[this.type].BYTES_PER_ELEMENT;
  }

  /** `length` elements from `start` as a slice of the same memory. It cannot be released, and ends with its parent. */
  part(start: number, length: number): Slice<T> {
    const whole = Number.isInteger(start) && Number.isInteger(length);
    if (!(whole && start >= 0 && length >= 0 && start + length <= this.length)) {
      throw new RangeError(`part ${start} + ${length} is outside a slice of ${this.length}`);
    }
    return new Slice(this.arena, this.type, this.ptr + start * ARRAYS[this.type].BYTES_PER_ELEMENT, length);
  }

  /** Copies values in, from the start; returns the slice. */
  set(values: ArrayLike<number>): this {
    this.array.set(values);
    return this;
  }

  fill(value: number): this {
    this.array.fill(value);
    return this;
  }

  /** A copy that lives outside the arena. */
  copy(): ArrayTypes[T] {
    return this.array.slice() as ArrayTypes[T];
  }
}

/** Bytes a slice takes. An empty one still gets an address of its own, so that it can be released. */
const stretchOf = (bytes: number) => Math.max(ALIGN, Math.ceil(bytes / ALIGN) * ALIGN);

export class Arena {
  /** Free stretches as [start, end), sorted, never adjacent. */
  #free: [start: number, end: number][];
  /** Every live slice by address. The slice itself, so that a stale one cannot release its address's next owner. */
  readonly #live = new Map<number, Slice>();
  #used = 0;
  #peak = 0;

  constructor(readonly memory: WebAssembly.Memory) {
    this.#free = [[FIRST, memory.buffer.byteLength]];
  }

  /** Space for `length` elements, zeroed unless told. RangeError when the memory cannot grow to hold them. */
  alloc<T extends ElementType>(type: T, length: number, zeroed = true): Slice<T> {
    const bytes = length * ARRAYS[type].BYTES_PER_ELEMENT;
    if (!(Number.isInteger(length) && length >= 0 && bytes < MAX_BYTES)) {
      throw new RangeError(`length must be a whole number of ${type} below 4 GiB, got ${length}`);
    }
    const size = stretchOf(bytes);
    let i = this.#free.findIndex(([start, end]) => end - start >= size);
    if (i < 0) {
      this.#grow(size);
      i = this.#free.length - 1;
    }
    const stretch = this.#free[i];
    const ptr = stretch[0];
    stretch[0] += size;
    if (stretch[0] === stretch[1]) this.#free.splice(i, 1);
    this.#used += size;
    this.#peak = Math.max(this.#peak, this.#used);
    const slice = new Slice(this, type, ptr, length);
    this.#live.set(ptr, slice);
    if (zeroed) slice.array.fill(0);
    return slice;
  }

  /** Gives a slice's space back. Error when it is not live (released twice, a part, or of another arena). */
  release(slice: Slice): void {
    if (this.#live.get(slice.ptr) !== slice) {
      throw new Error(`slice at ${slice.ptr} is not live in this engine`);
    }
    const size = stretchOf(slice.bytes);
    this.#live.delete(slice.ptr);
    this.#used -= size;
    const start = slice.ptr;
    const end = start + size;
    let i = this.#free.findIndex(([at]) => at > start);
    if (i < 0) i = this.#free.length;
    const before = this.#free[i - 1];
    const after = this.#free[i];
    const joinsBefore = before !== undefined && before[1] === start;
    const joinsAfter = after !== undefined && after[0] === end;
    if (joinsBefore && joinsAfter) {
      before[1] = after[1];
      this.#free.splice(i, 1);
    } else if (joinsBefore) before[1] = end;
    else if (joinsAfter) after[0] = start;
    else this.#free.splice(i, 0, [start, end]);
  }

  stats(): { memoryBytes: number; usedBytes: number; peakBytes: number; slices: number } {
    return {
      memoryBytes: this.memory.buffer.byteLength,
      usedBytes: this.#used,
      peakBytes: this.#peak,
      slices: this.#live.size,
    };
  }

  #grow(size: number): void {
    const top = this.memory.buffer.byteLength;
    const last = this.#free.at(-1);
    const tail = last !== undefined && last[1] === top ? top - last[0] : 0;
    // A quarter more than asked, so that a growing job does not copy its memory at every step.
    const want = Math.ceil((size - tail) / PAGE);
    const generous = Math.min(
      Math.ceil((size - tail + top / 4) / PAGE),
      Math.floor((MAX_BYTES - top) / PAGE),
    );
    try {
      this.memory.grow(Math.max(want, generous));
    } catch {
      try {
        this.memory.grow(want);
      } catch (cause) {
        throw new RangeError(
          `out of memory: ${size} bytes asked with ${this.#used} in use; WebAssembly memory ends at 4 GiB`,
          { cause },
        );
      }
    }
    const end = this.memory.buffer.byteLength;
    if (tail > 0 && last) last[1] = end;
    else this.#free.push([top, end]);
  }
}
