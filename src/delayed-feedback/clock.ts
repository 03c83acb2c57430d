import type { ConversionLog } from './log.ts';
import { FLAG, type OpenRows } from './open-rows.ts';
import { Wheel } from './wheel.ts';

/** What a method does at the moments of a row's life. Ages count from the exposure; Infinity means no further visit. */
export interface Visitor {
  /** The row was exposed; returns the age of its first visit. */
  arrive(row: number): number;
  /** The row converted inside its window; a pending visit stays. */
  convert(row: number, age: number): void;
  /** The row became a known negative before its window ended; no visit follows. */
  close(row: number): void;
  /** The pending visit; returns the age of the next. */
  visit(row: number, age: number): number;
}

/** Events in one list: at the same time an exposure comes first, then signals, then outcomes, then visits. */
export const EVENT = { exposure: 0, signal: 1, conversion: 2, negative: 3 } as const;

export interface Timeline {
  readonly time: Float64Array;
  readonly kind: Uint8Array;
  readonly row: Uint32Array;
  /** Number of the signal, for signals. */
  readonly signal: Uint8Array;
}

/** Runs rows through a visitor in order of time: events as they are told, visits as they fall due. */
export class Clock {
  readonly #wheel: Wheel;
  now: number;

  /** `release` is told of each row that needs no place any more. */
  constructor(
    readonly rows: OpenRows,
    readonly visitor: Visitor,
    start: number,
    longest: number,
    readonly release: (row: number) => void,
  ) {
    // 4,096 ticks for the longest age: short enough that few timers share one and sorting them is cheap.
    this.#wheel = new Wheel(rows, longest / 4096, longest, start);
    this.now = start;
  }

  /** Visits that are pending. */
  get pending(): number {
    return this.#wheel.pending;
  }

  /** Fires what falls due before `time`, and with `inclusive` at it. */
  advance(time: number, inclusive = false): void {
    const { rows, visitor } = this;
    for (;;) {
      const row = this.#wheel.next(time, inclusive);
      if (row < 0) break;
      if ((rows.flags[row] & FLAG.done) !== 0) {
        this.release(row);
        continue;
      }
      this.schedule(row, visitor.visit(row, rows.due[row]));
    }
    this.now = time;
  }

  /** Tells of one event; `row` must be open (exposed, not released). Call in order of time. */
  tell(time: number, kind: number, row: number, signal = 0): void {
    const { rows, visitor } = this;
    this.advance(time);
    if (kind === EVENT.exposure) this.schedule(row, visitor.arrive(row));
    else if (kind === EVENT.signal) rows.signals[row] |= 1 << signal;
    else this.#outcome(time, kind, row);
  }

  #outcome(time: number, kind: number, row: number): void {
    const { rows, visitor } = this;
    if ((rows.flags[row] & (FLAG.done | FLAG.converted)) !== 0) return;
    if (kind === EVENT.conversion) {
      visitor.convert(row, time - rows.time[row]);
      rows.flags[row] |= FLAG.converted;
    } else {
      visitor.close(row);
      rows.flags[row] |= FLAG.done;
    }
    // Without a pending visit nothing would ever give the place back.
    if (rows.due[row] === Infinity) this.release(row);
  }

  /** Sets the age of the row's next visit. */
  schedule(row: number, due: number): void {
    this.rows.due[row] = due;
    if (due !== Infinity) this.#wheel.add(row);
    else if (this.#finished(row)) this.release(row);
  }

  /** Puts the pending visits of a restored state back. */
  resume(): void {
    const { rows } = this;
    for (let row = 0; row < rows.capacity; row++) if (rows.isOpen(row)) this.#wheel.add(row);
  }

  /** No visit is pending and no event can come: a row with an endless window still waits for its outcome. */
  #finished(row: number): boolean {
    return this.rows.window[row] !== Infinity || (this.rows.flags[row] & (FLAG.converted | FLAG.done)) !== 0;
  }
}

/**
 * The events of the rows [from, to) of a log in order of time, and from `start` on those of the rows `history`, whose
 * exposure is past. Rows are numbered as in the log.
 */
export function timelineOf(
  log: ConversionLog,
  from: number,
  to: number,
  history: readonly number[] = [],
  start = -Infinity,
): Timeline {
  const most = (to - from + history.length) * (2 + log.signals.length);
  const time = new Float64Array(most);
  const kind = new Uint8Array(most);
  const row = new Uint32Array(most);
  const signal = new Uint8Array(most);
  let n = 0;
  const add = (t: number, k: number, r: number, s = 0) => {
    time[n] = t;
    kind[n] = k;
    row[n] = r;
    signal[n++] = s;
  };
  const outcome = (i: number) => {
    const t = log.time[i];
    const closed = Math.min(log.delay[i], log.closes[i]);
    log.signals.forEach((ages, s) => {
      if (ages[i] <= closed && ages[i] !== Infinity && t + ages[i] >= start)
        add(t + ages[i], EVENT.signal, i, s);
    });
    if (t + closed < start) return;
    if (log.delay[i] !== Infinity) add(t + log.delay[i], EVENT.conversion, i);
    else if (log.closes[i] < log.window[i]) add(t + log.closes[i], EVENT.negative, i);
  };
  for (const i of history) outcome(i);
  for (let i = from; i < to; i++) {
    add(log.time[i], EVENT.exposure, i);
    outcome(i);
  }
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  order.sort((a, b) => time[a] - time[b] || kind[a] - kind[b] || row[a] - row[b] || a - b);
  return {
    time: Float64Array.from(order, (i) => time[i]),
    kind: Uint8Array.from(order, (i) => kind[i]),
    row: Uint32Array.from(order, (i) => row[i]),
    signal: Uint8Array.from(order, (i) => signal[i]),
  };
}
