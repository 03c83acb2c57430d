import type { OpenRows } from './open-rows.ts';

/**
 * Hashed timing wheel (Varghese and Lauck 1987) over open rows, keyed by time + due: putting a row in costs the same
 * however many are open. Timers of one tick are sorted when the wheel reaches it, so rows fire by time, then place.
 */
export class Wheel {
  readonly #rows: OpenRows;
  readonly #quantum: number;
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
    this.#quantum = quantum;
    let spokes = 16;
    while (spokes < 65536 && spokes * quantum < longest) spokes *= 2;
    this.#mask = spokes - 1;
    this.#heads = new Int32Array(spokes).fill(-1);
    this.#tick = Math.floor(time / quantum);
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
    for (;;) {
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
      const last = Math.floor(time / this.#quantum);
      if (this.#tick >= last) return -1;
      // Nothing pending: no tick between has anything to fire.
      this.#tick = this.#pending === 0 ? last : this.#tick + 1;
      this.#collect();
    }
  }

  #timeOf(row: number): number {
    return this.#rows.time[row] + this.#rows.due[row];
  }

  #tickOf(row: number): number {
    return Math.floor(this.#timeOf(row) / this.#quantum);
  }

  /** Moves the rows of the present tick from their spoke to `#present`; those of later turns stay. */
  #collect(): void {
    const { link } = this.#rows;
    const spoke = this.#tick & this.#mask;
    let row = this.#heads[spoke];
    let keep = -1;
    const found: number[] = [];
    while (row >= 0) {
      const after = link[row];
      if (this.#tickOf(row) === this.#tick) found.push(row);
      else {
        link[row] = keep;
        keep = row;
      }
      row = after;
    }
    this.#heads[spoke] = keep;
    if (found.length > 1) this.#sort(found);
    this.#present = found;
  }

  /** By time, then place. Whole numbers in a typed array sort natively; a last pass settles equal parts of a tick. */
  #sort(found: number[]): void {
    const start = this.#tick * this.#quantum;
    const scale = 2 ** 20 / this.#quantum;
    const keys = new Float64Array(found.length);
    for (let i = 0; i < found.length; i++) {
      const part = Math.max(0, Math.floor((this.#timeOf(found[i]) - start) * scale));
      keys[i] = part * 2 ** 32 + found[i];
    }
    keys.sort();
    for (let i = 0; i < keys.length; i++) {
      const row = keys[i] % 2 ** 32;
      let j = i;
      for (; j > 0 && this.#after(found[j - 1], row); j--) found[j] = found[j - 1];
      found[j] = row;
    }
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
