import type { Slice } from '../engine/arena.ts';
import type { Engine } from '../engine/engine.ts';
import type { RowStore } from '../nn/tabular/rows.ts';
import type { Visitor } from './clock.ts';
import type { WeightHealth } from './health.ts';
import { FLAG, type OpenRows } from './open-rows.ts';
import type { Posterior } from './posterior.ts';

/** What an entry of a chunk is. */
const ENTRY = {
  arrival: 0,
  /** Open at an age: a new posterior, and the bucket before is survived. */
  visit: 1,
  conversion: 2,
  /** The label is finally 0. */
  expiry: 3,
  /** The end of the bucket in which the row converted: only now do the hazards learn of it, with its cohort. */
  cohort: 4,
} as const;

export const CHUNK = 256;
/** The upper half of a row's flags counts its entries in the chunk. */
const PASS = 16;

/**
 * Telescoping posteriors. At each visit of a row only the change of V = P(y = 1 | x, age, signals) becomes a gradient,
 * -(V' - V) on the logit; from p0 at the arrival to V = y at the end the changes of a row add up to y - p0, so the
 * posterior decides only how early the information arrives.
 * Entries are collected into chunks of 256; what a chunk computes, it computes from the parameters at its start.
 */
export class Telescoping implements Visitor {
  readonly #rows: OpenRows;
  readonly #posterior: Posterior;
  readonly #store: RowStore;
  /** Cap on the factor of a gradient. */
  readonly #cap: number;
  readonly #health: WeightHealth;
  /** Told when no row is waiting in the chunk: the places of finished rows may be taken again. */
  readonly #flushed: () => void;

  // The chunk: row, entry, bucket before and after, signals, and how often the row stood in it before.
  readonly #row = new Uint32Array(CHUNK);
  readonly #entry = new Uint8Array(CHUNK);
  readonly #before = new Uint8Array(CHUNK);
  readonly #after = new Uint8Array(CHUNK);
  readonly #signals = new Uint8Array(CHUNK);
  readonly #pass = new Uint8Array(CHUNK);
  #count = 0;

  // One pass in the arena.
  readonly #ids: Slice<'u32'>;
  readonly #from: Slice<'u32'>;
  readonly #bucket: Slice<'u32'>;
  readonly #window: Slice<'f32'>;
  readonly #shift: Slice<'f32'>;
  readonly #label: Slice<'f32'>;
  readonly #value: Slice<'f32'>;
  readonly #next: Slice<'f32'>;
  readonly #arrival: Slice<'f32'>;
  readonly #hazard: Slice<'f32'>;
  readonly #entries = new Uint8Array(CHUNK);

  constructor(
    readonly engine: Engine,
    rows: OpenRows,
    store: RowStore,
    posterior: Posterior,
    health: WeightHealth,
    cap: number,
    flushed: () => void,
  ) {
    this.#rows = rows;
    this.#store = store;
    this.#posterior = posterior;
    this.#health = health;
    this.#cap = cap;
    this.#flushed = flushed;
    const f32 = () => engine.alloc('f32', CHUNK);
    const u32 = () => engine.alloc('u32', CHUNK);
    [this.#ids, this.#from, this.#bucket] = [u32(), u32(), u32()];
    [this.#window, this.#shift, this.#label, this.#value] = [f32(), f32(), f32(), f32()];
    [this.#next, this.#arrival, this.#hazard] = [f32(), f32(), f32()];
  }

  arrive(row: number): number {
    this.#push(row, ENTRY.arrival, 0, 0);
    return this.#dueAfter(row, 0);
  }

  /** Takes up a row of the history that is still open at `age` (or whose bucket is): it teaches the hazards alone. */
  enrol(row: number, age: number): number {
    const { ages } = this.#posterior;
    const bucket = ages.openAt(age);
    this.#rows.bucket[row] = bucket;
    return this.#dueAfter(row, bucket);
  }

  convert(row: number, _age: number): void {
    const { bucket, due } = this.#rows;
    this.#push(row, ENTRY.conversion, bucket[row], 0);
    // Past the last age nothing is pending in an endless window.
    if (due[row] === Infinity) this.#push(row, ENTRY.cohort, bucket[row], 0);
  }

  close(row: number): void {
    this.#push(row, ENTRY.expiry, this.#rows.bucket[row], 0);
  }

  visit(row: number, age: number): number {
    const { bucket, flags, window } = this.#rows;
    const before = bucket[row];
    if ((flags[row] & FLAG.converted) !== 0) {
      this.#push(row, ENTRY.cohort, before, 0);
      return Infinity;
    }
    if (age >= window[row]) {
      this.#push(row, ENTRY.expiry, before, 0);
      return Infinity;
    }
    bucket[row] = before + 1;
    this.#push(row, ENTRY.visit, before, before + 1);
    return this.#dueAfter(row, before + 1);
  }

  /** Works off what is collected. */
  flush(): void {
    if (this.#count === 0) return;
    const { flags } = this.#rows;
    let passes = 0;
    for (let i = 0; i < this.#count; i++) {
      flags[this.#row[i]] &= PASS - 1;
      passes = Math.max(passes, this.#pass[i]);
    }
    for (let pass = 0; pass <= passes; pass++) this.#work(pass);
    this.#count = 0;
    this.#flushed();
  }

  dispose(): void {
    this.engine.release(this.#ids, this.#from, this.#bucket, this.#window, this.#shift, this.#label);
    this.engine.release(this.#value, this.#next, this.#arrival, this.#hazard);
  }

  /** Age of the visit that follows in this bucket: its end, or the window's if that comes first. */
  #dueAfter(row: number, bucket: number): number {
    return Math.min(this.#posterior.ages.end(bucket), this.#rows.window[row]);
  }

  #push(row: number, entry: number, before: number, after: number): void {
    const { flags, signals } = this.#rows;
    // Entries of one row must follow each other: each takes the next pass over the chunk.
    if (this.#count === CHUNK || flags[row] >= 16 * PASS - PASS) this.flush();
    const i = this.#count++;
    this.#row[i] = row;
    this.#entry[i] = entry;
    this.#before[i] = before;
    this.#after[i] = after;
    this.#signals[i] = signals[row];
    this.#pass[i] = flags[row] >> 4;
    flags[row] += PASS;
  }

  /** One pass: a batch of different rows. Those with a gradient come first, arrivals after them. */
  #work(pass: number): void {
    const steps = this.#gather(pass);
    const ids = this.#ids.array;
    let n = steps;
    for (let i = 0; i < this.#count; i++) {
      if (this.#pass[i] === pass && this.#entry[i] === ENTRY.arrival) ids[n++] = this.#row[i];
    }
    const { model } = this.#posterior;
    model.forward(this.#store, this.#ids, n);
    if (steps > 0) this.#learn(steps);
    if (n > steps) this.#arrive(steps, n);
  }

  /** Puts the entries of a pass that have a gradient into the arena; returns how many. Views are taken once. */
  #gather(pass: number): number {
    const posterior = this.#posterior;
    const { arrival, value, window } = this.#rows;
    const [ids, from, bucket] = [this.#ids.array, this.#from.array, this.#bucket.array];
    const [width, shift, label] = [this.#window.array, this.#shift.array, this.#label.array];
    const [last, first] = [this.#value.array, this.#arrival.array];
    const { buckets } = posterior.table;
    let n = 0;
    for (let i = 0; i < this.#count; i++) {
      const entry = this.#entry[i];
      if (this.#pass[i] !== pass || entry === ENTRY.arrival) continue;
      const row = this.#row[i];
      const visit = entry === ENTRY.visit;
      this.#entries[n] = entry;
      ids[n] = row;
      width[n] = window[row];
      last[n] = value[row];
      first[n] = arrival[row];
      bucket[n] = this.#before[i];
      // Only a visit asks for a posterior; from past the last bucket there is nothing to multiply.
      from[n] = visit ? this.#after[i] : buckets;
      shift[n] = visit ? posterior.shift(this.#after[i], this.#signals[i]) : 1;
      label[n] = entry === ENTRY.cohort ? 1 : entry === ENTRY.conversion ? -1 : 0;
      n++;
    }
    return n;
  }

  /** Keeps the logits and probabilities of the arrivals at places [start, end) of the pass. */
  #arrive(start: number, end: number): void {
    const { arrival, value } = this.#rows;
    const { slice, first, stride } = this.#posterior.model.logit;
    const z = slice.array;
    const z0 = this.#arrival.array;
    for (let i = start; i < end; i++) z0[i - start] = z[first + i * stride];
    this.engine.kernels.sigmoid(this.#next.ptr, this.#arrival.ptr, end - start);
    const ids = this.#ids.array;
    const p0 = this.#next.array;
    for (let i = start; i < end; i++) {
      arrival[ids[i]] = z0[i - start];
      value[ids[i]] = p0[i - start];
    }
  }

  #learn(n: number): void {
    const { flags, value, window } = this.#rows;
    const posterior = this.#posterior;
    const { model, table } = posterior;
    const ids = this.#ids.array;
    posterior.evaluate(this.#next, model.hazard, this.#from, this.#window, this.#shift, n);
    const next = this.#next.array;
    const before = this.#value.array;
    for (let i = 0; i < n; i++) {
      const entry = this.#entries[i];
      if ((flags[ids[i]] & FLAG.history) !== 0 || entry === ENTRY.cohort) next[i] = before[i];
      else if (entry === ENTRY.conversion) next[i] = 1;
      else if (entry === ENTRY.expiry) next[i] = 0;
    }
    const { dLogit, logit } = model;
    this.engine.kernels.visitGradient(
      dLogit.ptr,
      this.#next.ptr,
      this.#value.ptr,
      logit.ptr,
      this.#arrival.ptr,
      n,
      dLogit.stride,
      this.#cap,
    );
    posterior.gradient(this.#hazard, this.#bucket, this.#window, this.#label, n);
    model.step(this.#store, this.#ids, n);
    const label = this.#label.array;
    const hazard = this.#hazard.array;
    const bucket = this.#bucket.array;
    const d = dLogit.slice.array;
    for (let i = 0; i < n; i++) {
      if (label[i] >= 0) table.add(bucket[i], window[ids[i]], hazard[i], hazard[i] - label[i]);
      if (next[i] === before[i]) continue;
      value[ids[i]] = next[i];
      const factor = Math.abs(d[dLogit.first + i * dLogit.stride] / (next[i] - before[i]));
      this.#health.add(factor);
    }
    table.step(true);
  }
}
