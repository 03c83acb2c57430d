import type { Visitor } from './clock.ts';
import { KIND, type StreamRule } from './methods/emission.ts';
import { FLAG, type OpenRows } from './open-rows.ts';

/** An example for the model: a row with the label it shows now. */
export type Emit = (row: number, label: number, kind: number, stage: number) => void;

export interface EmitterOptions {
  readonly rule: StreamRule;
  /** Ages of the emissions: one for most streams, rising for one with horizons. */
  readonly ages: readonly number[];
  /** Final label of a row, for the stream that knows the truth. */
  readonly truth?: (row: number) => number;
  /** Told of every row when its window has ended, for weight models that go on learning. */
  readonly matured?: (row: number, label: number) => void;
}

/**
 * Shows rows to the model by the rule of a published scheme. `bucket` of a row counts its emissions at fixed ages,
 * `arrival` keeps the signals at the first of them and `value` the age of the conversion.
 */
export class Emitter implements Visitor {
  readonly #rows: OpenRows;
  readonly #set: EmitterOptions;
  readonly #ages: Float32Array;
  readonly #emit: Emit;
  /** Rows that wait for the end of the update, in the order of their exposure. */
  readonly #waiting = new Set<number>();

  constructor(rows: OpenRows, set: EmitterOptions, emit: Emit) {
    this.#rows = rows;
    this.#set = set;
    this.#ages = Float32Array.from(set.ages);
    this.#emit = emit;
  }

  arrive(row: number): number {
    const { first } = this.#set.rule;
    const { window } = this.#rows;
    if (first === 'truth') this.#emit(row, this.#set.truth!(row), KIND.final, 0);
    if (first === 'exposure') this.#first(row, 0);
    if (first === 'update') this.#waiting.add(row);
    return first === 'elapsed' ? Math.min(this.#ages[0], window[row]) : window[row];
  }

  convert(row: number, age: number): void {
    const { rule } = this.#set;
    this.#rows.value[row] = age;
    if (!rule.late || this.#rows.bucket[row] === 0) return;
    this.#emit(row, 1, KIND.late, 0);
  }

  close(row: number): void {
    const { first, final } = this.#set.rule;
    // A known outcome is shown at once where the row was not shown yet.
    if (first === 'elapsed' && this.#rows.bucket[row] === 0) this.#first(row, 0);
    if (this.#waiting.delete(row)) this.#first(row, 0);
    if (final) this.#emit(row, 0, KIND.final, 0);
    this.#set.matured?.(row, 0);
  }

  visit(row: number, _age: number): number {
    const { bucket, flags, window } = this.#rows;
    const { rule } = this.#set;
    const converted = (flags[row] & FLAG.converted) !== 0 ? 1 : 0;
    // Its window ends before the update does: its place may be taken by another row until then.
    if (this.#waiting.delete(row)) this.#first(row, converted);
    const stage = bucket[row];
    const shown = rule.first !== 'elapsed' || stage >= this.#ages.length;
    if (!shown) {
      this.#first(row, converted);
      const next = stage + 1 < this.#ages.length ? this.#ages[stage + 1] : Infinity;
      // A horizon past the window would only repeat what the window's end says.
      if (this.#rows.due[row] < window[row]) return Math.min(next, window[row]);
    }
    const again = rule.final && !(rule.late && converted === 1 && (flags[row] & FLAG.early) === 0);
    if (again) this.#emit(row, converted, KIND.final, 0);
    this.#set.matured?.(row, converted);
    return Infinity;
  }

  /** The end of an update: rows that waited for it, conversions first. */
  finish(): void {
    const { flags } = this.#rows;
    for (const label of [1, 0]) {
      for (const row of this.#waiting) {
        const converted = (flags[row] & FLAG.converted) !== 0 ? 1 : 0;
        if (converted === label) this.#first(row, label);
      }
    }
    this.#waiting.clear();
  }

  #first(row: number, converted: number): void {
    const { arrival, bucket, flags, signals } = this.#rows;
    if (bucket[row] === 0) {
      if (converted === 1) flags[row] |= FLAG.early;
      arrival[row] = signals[row];
    }
    this.#emit(row, converted, converted === 1 ? KIND.positive : KIND.negative, bucket[row]);
    bucket[row]++;
  }
}
