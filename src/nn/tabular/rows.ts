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
    this.#fit(rows);
    const need = first + rows.rows;
    if (need > this.#capacity) {
      const capacity = Math.max(need, Math.ceil(this.#capacity * 1.5));
      this.#index = this.#moved('u32', this.#index, capacity * this.fields);
      this.#values = this.#moved('f32', this.#values, capacity * this.numbers);
      this.#capacity = capacity;
    }
    this.#rows = need;
    this.#copy(first, rows);
    return first;
  }

  /** Replaces the rows from `first` on. */
  write(first: number, rows: EncodedRows): void {
    this.#fit(rows);
    integer(first, 'first', 0, this.#rows - rows.rows);
    this.#copy(first, rows);
  }

  dispose(): void {
    this.engine.release(this.#index, this.#values);
  }

  #fit(rows: EncodedRows): void {
    if (!(rows.fields === this.fields && rows.numbers === this.numbers)) {
      throw new RangeError(
        `rows have ${rows.fields} fields and ${rows.numbers} numbers; ` +
          `this store keeps ${this.fields} and ${this.numbers}`,
      );
    }
    const { slots } = this;
    // A loop, as it guards the memory of every table: `some` is ten times slower.
    const index = sized(rows.index, 'index', rows.rows * this.fields);
    for (let e = 0; e < index.length; e++) {
      if (!(index[e] < slots)) throw new RangeError(`index[${e}] must be below ${slots}, got ${index[e]}`);
    }
    sized(rows.values, 'values', rows.rows * this.numbers);
  }

  #copy(first: number, rows: EncodedRows): void {
    this.#index.array.set(rows.index, first * this.fields);
    this.#values.array.set(rows.values, first * this.numbers);
  }

  #moved<T extends 'u32' | 'f32'>(type: T, from: Slice<T>, length: number): Slice<T> {
    const to = this.engine.alloc(type, length);
    to.set(from.array);
    this.engine.release(from);
    return to;
  }
}
