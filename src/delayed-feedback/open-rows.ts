/** Marks of an open row. The upper half of the byte counts its entries in the chunk being collected. */
export const FLAG = {
  converted: 1,
  /** Converted by its first emission. */
  early: 2,
  /** Exposed before the stream: teaches the posterior, not the model. */
  history: 4,
  /** Nothing more to learn from it; its timer is still pending. */
  done: 8,
} as const;

export const ROW_BYTES = 31;

export interface OpenState {
  /** Places of the rows, and the free ones in the order in which they will be taken, last first. */
  place: Uint32Array;
  free: Uint32Array;
  time: Float64Array;
  window: Float32Array;
  due: Float32Array;
  arrival: Float32Array;
  value: Float32Array;
  bucket: Uint8Array;
  signals: Uint8Array;
  flags: Uint8Array;
}

/**
 * State of the rows whose label may still change, 31 bytes each: parallel arrays by place. A place is the number of
 * the row's features in the store, so finished rows' places are taken again. At most one timer is pending for a row.
 */
export class OpenRows {
  time: Float64Array;
  /** Age at which the window ends, rounded up so that a conversion at the very end is inside. */
  window: Float32Array;
  /** Age of the pending visit. */
  due: Float32Array;
  /** Logit of the model when the row arrived, and the last posterior. */
  arrival: Float32Array;
  value: Float32Array;
  /** The wheel's link. */
  link: Int32Array;
  /** Age bucket (or stage of a published stream), signals seen as bits, flags. */
  bucket: Uint8Array;
  signals: Uint8Array;
  flags: Uint8Array;
  readonly #free: number[] = [];
  #used = 0;

  constructor(capacity: number) {
    this.time = new Float64Array(capacity).fill(Number.NaN);
    this.window = new Float32Array(capacity);
    this.due = new Float32Array(capacity);
    this.arrival = new Float32Array(capacity);
    this.value = new Float32Array(capacity);
    this.link = new Int32Array(capacity);
    this.bucket = new Uint8Array(capacity);
    this.signals = new Uint8Array(capacity);
    this.flags = new Uint8Array(capacity);
  }

  get capacity(): number {
    return this.time.length;
  }

  /** Rows that are open now. */
  get count(): number {
    return this.#used - this.#free.length;
  }

  /** A free place for a row, growing by half when there is none. */
  take(): number {
    const place = this.#free.pop() ?? this.#used++;
    if (place >= this.capacity) this.#grow(Math.max(64, Math.ceil(this.capacity * 1.5)));
    return place;
  }

  /** The place is free again. */
  release(place: number): void {
    this.shut(place);
    this.#free.push(place);
  }

  /** Nothing more is to come for this row; its place is not given out again. */
  shut(place: number): void {
    this.time[place] = Number.NaN;
  }

  isOpen(place: number): boolean {
    return place < this.capacity && !Number.isNaN(this.time[place]);
  }

  /** Starts the row at this place; `window` may be Infinity. */
  open(place: number, time: number, window: number, flags = 0): void {
    this.time[place] = time;
    this.window[place] = roundUp(window);
    this.due[place] = Infinity;
    this.arrival[place] = 0;
    this.value[place] = 0;
    this.bucket[place] = 0;
    this.signals[place] = 0;
    this.flags[place] = flags;
  }

  /** Places of the open rows, rising. */
  places(): number[] {
    const found: number[] = [];
    for (let place = 0; place < this.capacity; place++) if (this.isOpen(place)) found.push(place);
    return found;
  }

  /** The open rows as named arrays; `restore` puts them back to their places. */
  state(): OpenState {
    const places = this.places();
    const take = <T extends Float64Array | Float32Array | Uint8Array>(from: T): T => {
      const to = from.slice(0, places.length) as T;
      places.forEach((place, i) => {
        to[i] = from[place];
      });
      return to;
    };
    return {
      place: Uint32Array.from(places),
      free: Uint32Array.from(this.#free),
      time: take(this.time),
      window: take(this.window),
      due: take(this.due),
      arrival: take(this.arrival),
      value: take(this.value),
      bucket: take(this.bucket),
      signals: take(this.signals),
      flags: take(this.flags),
    };
  }

  restore(state: OpenState): void {
    const { place, free } = state;
    this.#used = place.length + free.length;
    if (this.#used > this.capacity) this.#grow(this.#used);
    for (const name of ['time', 'window', 'due', 'arrival', 'value', 'bucket', 'signals', 'flags'] as const) {
      for (let i = 0; i < place.length; i++) this[name][place[i]] = state[name][i];
    }
    this.#free.length = 0;
    for (const at of free) this.#free.push(at);
  }

  #grow(capacity: number): void {
    const larger = <T extends { set(from: T): void }>(from: T, to: T) => {
      to.set(from);
      return to;
    };
    this.time = larger(this.time, new Float64Array(capacity).fill(Number.NaN));
    this.window = larger(this.window, new Float32Array(capacity));
    this.due = larger(this.due, new Float32Array(capacity));
    this.arrival = larger(this.arrival, new Float32Array(capacity));
    this.value = larger(this.value, new Float32Array(capacity));
    this.link = larger(this.link, new Int32Array(capacity));
    this.bucket = larger(this.bucket, new Uint8Array(capacity));
    this.signals = larger(this.signals, new Uint8Array(capacity));
    this.flags = larger(this.flags, new Uint8Array(capacity));
  }
}

const single = new Float32Array(1);
const bits = new Uint32Array(single.buffer);

/** The smallest f32 that is not below x >= 0. */
export function roundUp(x: number): number {
  single[0] = x;
  if (single[0] < x) bits[0]++;
  return single[0];
}
