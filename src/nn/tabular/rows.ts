import { integer, sized } from '../../check.ts';
import type { Slice } from '../../engine/arena.ts';
import type { Engine } from '../../engine/engine.ts';

/** What rows have: slots (all below `slots`) and plain numbers. */
export interface RowShape {
  readonly fields: number;
  readonly numbers: number;
  readonly slots: number;
}

/** Encoded rows on the host: a slot for each field, and plain numbers beside. Row-major. */
export interface EncodedRows extends RowShape {
  readonly rows: number;
  /** u32[rows x fields] */
  readonly index: Uint32Array;
  /** f32[rows x numbers] */
  readonly values: Float32Array;
}

/** Rows from slots hashed elsewhere (crosses, say): index u32[rows x fields], values f32[rows x numbers]. */
export function encodedRows(
  shape: RowShape,
  index: Uint32Array,
  values: Float32Array = new Float32Array(0),
): EncodedRows {
  const { fields, numbers, slots } = shape;
  const rows = fields > 0 ? index.length / fields : values.length / numbers;
  integer(rows, 'rows (index.length / fields)', 0);
  return { rows, fields, numbers, slots, index, values: sized(values, 'values', rows * numbers) };
}

/** What a model reads: the same matrices in the arena. */
export interface ArenaRows extends RowShape {
  readonly index: Slice<'u32'>;
  readonly values: Slice<'f32'>;
}

/**
 * Rows in the arena, addressed by their number. `append` adds at the end and grows by half as needed; `write` replaces
 * rows in place, so that a stream can reuse the places of finished ones. Take `index` and `values` anew after either.
 */
export class RowStore implements ArenaRows {
  readonly fields: number;
  readonly numbers: number;
  readonly slots: number;
  #index: Slice<'u32'>;
  #values: Slice<'f32'>;
  #rows = 0;
  #capacity: number;

  constructor(
    readonly engine: Engine,
    { fields, numbers, slots }: RowShape,
    capacity = 0,
  ) {
    this.fields = integer(fields, 'fields', 0, 65535);
    this.numbers = integer(numbers, 'numbers', 0, 65535);
    this.slots = integer(slots, 'slots', 1, 2 ** 24);
    integer(capacity, 'capacity', 0);
    this.#index = engine.alloc('u32', capacity * fields);
    this.#values = engine.alloc('f32', capacity * numbers);
    this.#capacity = capacity;
  }

  /** A store that holds exactly these rows. */
  static from(engine: Engine, rows: EncodedRows): RowStore {
    const store = new RowStore(engine, rows, rows.rows);
    store.append(rows);
    return store;
  }

  get rows(): number {
    return this.#rows;
  }

  get index(): Slice<'u32'> {
    return this.#index;
  }

  get values(): Slice<'f32'> {
    return this.#values;
  }

  /** Adds rows at the end; returns the number of the first. */
  append(rows: EncodedRows): number {
    const first = this.#rows;
    this.#check(rows, 0, rows.rows);
    const need = first + rows.rows;
    if (need > this.#capacity) {
      const capacity = Math.max(need, Math.ceil(this.#capacity * 1.5));
      this.#index = this.#moved('u32', this.#index, capacity * this.fields);
      this.#values = this.#moved('f32', this.#values, capacity * this.numbers);
      this.#capacity = capacity;
    }
    this.#rows = need;
    this.#copy(first, rows, 0, rows.rows);
    return first;
  }

  /** Replaces the rows from `first` on by `count` of `rows` from its row `from` on (all unless given). */
  write(first: number, rows: EncodedRows, from = 0, count = rows.rows - from): void {
    integer(from, 'from', 0, rows.rows);
    integer(count, 'count', 0, rows.rows - from);
    integer(first, 'first', 0, this.#rows - count);
    this.#check(rows, from, count);
    this.#copy(first, rows, from, count);
  }

  dispose(): void {
    this.engine.release(this.#index, this.#values);
  }

  #check(rows: EncodedRows, from: number, count: number): void {
    const { fields, numbers, slots } = this;
    if (!(rows.fields === fields && rows.numbers === numbers)) {
      throw new RangeError(
        `rows have ${rows.fields} fields and ${rows.numbers} numbers; this store keeps ${fields} and ${numbers}`,
      );
    }
    const index = sized(rows.index, 'index', rows.rows * fields);
    sized(rows.values, 'values', rows.rows * numbers);
    // Kernels trust the slots: one too large would write beyond the table.
    for (let e = from * fields; e < (from + count) * fields; e++) {
      if (!(index[e] < slots)) throw new RangeError(`index[${e}] must be below ${slots}, got ${index[e]}`);
    }
  }

  #copy(first: number, rows: EncodedRows, from: number, count: number): void {
    const { fields, numbers } = this;
    const part = <T extends Uint32Array | Float32Array>(of: T, width: number) =>
      of.subarray(from * width, (from + count) * width);
    this.#index.array.set(part(rows.index, fields), first * fields);
    this.#values.array.set(part(rows.values, numbers), first * numbers);
  }

  #moved<T extends 'u32' | 'f32'>(type: T, from: Slice<T>, length: number): Slice<T> {
    const to = this.engine.alloc(type, length);
    to.set(from.array);
    this.engine.release(from);
    return to;
  }
}
