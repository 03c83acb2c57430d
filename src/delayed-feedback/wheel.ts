import type { OpenRows } from './open-rows.ts';

/** Parts of a tick that are told apart by the first sort, and a number above every place. */
const PARTS = 2 ** 20;
const PLACES = 2 ** 32;
/** Above every rate that is of use, so that no product with a time is infinite. */
const FASTEST = 1e200;

/**
 * Hashed timing wheel (Varghese and Lauck 1987) over open rows, keyed by time + due: putting a row in costs the same
 * however many are open. Timers of one tick are sorted when the wheel reaches it, so rows fire by time, then place.
 */
export class Wheel {
  readonly #rows: OpenRows;
  /** Ticks in a unit of time, counted from here: at times as large as epoch seconds a tick of an hour still counts. */
  readonly #rate: number;
  readonly #origin: number;
  readonly #mask: number;
  /** First row of each spoke's list, -1 for none. */
  readonly #heads: Int32Array;
  #tick: number;
  /** Rows of the present tick, sorted, fired up to `#at`. */
  #present: number[] = [];
  #at = 0;
  #pending = 0;

  /** `quantum` is the length of a tick; `longest` the age up to which timers are common. Starts at `time`. */
  constructor(rows: OpenRows, quantum: number, longest: number, time: number) {
    this.#rows = rows;
    this.#rate = Math.min(1 / quantum, FASTEST);
    this.#origin = time;
    let spokes = 16;
    while (spokes < 65536 && spokes * quantum < longest) spokes *= 2;
    this.#mask = spokes - 1;
    this.#heads = new Int32Array(spokes).fill(-1);
    this.#tick = 0;
  }

  /** Timers that have not fired. */
  get pending(): number {
    return this.#pending;
  }

  /** Puts a row in at its due age; one whose due is Infinity is left out. */
  add(row: number): void {
    const { due, link } = this.#rows;
    if (due[row] === Infinity) return;
    this.#pending++;
    const tick = this.#tickOf(row);
    if (tick <= this.#tick) {
      this.#insert(row);
      return;
    }
    const spoke = tick & this.#mask;
    link[row] = this.#heads[spoke];
    this.#heads[spoke] = row;
  }

  /** The next row due before `time` (at or before it when `inclusive`), taken out; -1 when there is none. */
  next(time: number, inclusive: boolean): number {
    const last = this.#tickAt(time);
    for (let idle = 0; ; idle++) {
      if (this.#at < this.#present.length) {
        const row = this.#present[this.#at];
        const t = this.#timeOf(row);
        if (!(t < time || (inclusive && t === time))) return -1;
        this.#at++;
        this.#pending--;
        return row;
      }
      this.#present.length = 0;
      this.#at = 0;
      if (!(this.#tick < last)) return -1;
      // Nothing pending: no tick between has anything to fire. After a whole turn without a row, whatever is pending is far.
      if (this.#pending === 0) this.#tick = last;
      else this.#tick = idle > this.#mask ? Math.min(last, this.#nearest()) : this.#tick + 1;
      this.#collect();
    }
  }

  #timeOf(row: number): number {
    return this.#rows.time[row] + this.#rows.due[row];
  }

  #tickAt(time: number): number {
    return Math.floor((time - this.#origin) * this.#rate);
  }

  #tickOf(row: number): number {
    return this.#tickAt(this.#timeOf(row));
  }

  /** The earliest tick of the rows in the spokes. */
  #nearest(): number {
    let least = Infinity;
    for (const head of this.#heads) {
      for (let row = head; row >= 0; row = this.#rows.link[row]) least = Math.min(least, this.#tickOf(row));
    }
    return least;
  }

  /** Room for sorting, kept between ticks. */
  #keys = new Float64Array(256);

  /** Moves the rows of the present tick from their spoke to `#present`; those of later turns stay. */
  #collect(): void {
    const { due, link, time } = this.#rows;
    const tick = this.#tick;
    const [rate, origin] = [this.#rate, this.#origin];
    let keys = this.#keys;
    let count = 0;
    let keep = -1;
    for (let row = this.#heads[tick & this.#mask]; row >= 0; ) {
      const after = link[row];
      const at = (time[row] + due[row] - origin) * rate;
      if (Math.floor(at) === tick) {
        if (count === keys.length) {
          keys = new Float64Array(2 * count);
          keys.set(this.#keys);
          this.#keys = keys;
        }
        keys[count++] = Math.floor((at - tick) * PARTS) * PLACES + row;
      } else {
        link[row] = keep;
        keep = row;
      }
      row = after;
    }
    this.#heads[tick & this.#mask] = keep;
    this.#present = this.#sorted(keys.subarray(0, count));
  }

  /** By time, then place. Whole numbers in a typed array sort natively; a second look settles equal parts of a tick. */
  #sorted(keys: Float64Array): number[] {
    keys.sort();
    const rows: number[] = [];
    let last = -1;
    for (let i = 0; i < keys.length; i++) {
      const part = Math.floor(keys[i] / PLACES);
      const row = keys[i] - part * PLACES;
      let j = i;
      if (part === last) for (; j > 0 && this.#after(rows[j - 1], row); j--) rows[j] = rows[j - 1];
      rows[j] = row;
      last = part;
    }
    return rows;
  }

  #after(a: number, b: number): boolean {
    const [s, t] = [this.#timeOf(a), this.#timeOf(b)];
    return s > t || (s === t && a > b);
  }

  #insert(row: number): void {
    let low = this.#at;
    let high = this.#present.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#after(this.#present[middle], row)) high = middle;
      else low = middle + 1;
    }
    this.#present.splice(low, 0, row);
  }
}
