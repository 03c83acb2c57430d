import { notAborted } from '../check.ts';
import type { Slice } from '../engine/arena.ts';
import type { Engine } from '../engine/engine.ts';
import { shuffle } from '../nn/tabular/fit.ts';
import type { RowStore } from '../nn/tabular/rows.ts';
import type { AgeBuckets } from './age-buckets.ts';
import type { HazardTable } from './hazard.ts';
import type { ConversionLog } from './log.ts';
import { roundUp } from './open-rows.ts';
import type { Column, PairedModel } from './paired-model.ts';
import { restoreArray } from './restore-array.ts';

const BATCH = 256;
/** Ridge of a signal shift, and the rows a pattern needs to have one. */
const RIDGE = 0.5;
const FEWEST = 5;

/**
 * P(y = 1 | x, age, signals) of an open row: discrete hazards shared over rows, q = 1 - prod (1 - h_j) over the buckets
 * left, and a shift of its logit for each pattern of signals at each age.
 */
export class Posterior {
  /** exp(T[k, s]) at k patterns + s: upon the hazards of training, and upon those that answers are made of. */
  readonly shifts: Float64Array;
  readonly servedShifts: Float64Array;
  readonly patterns: number;

  constructor(
    readonly engine: Engine,
    readonly ages: AgeBuckets,
    readonly model: PairedModel,
    readonly table: HazardTable,
    signals: number,
  ) {
    this.patterns = 1 << signals;
    this.shifts = new Float64Array(table.buckets * this.patterns).fill(1);
    this.servedShifts = this.shifts.slice();
  }

  shift(bucket: number, pattern: number): number {
    return this.shifts[bucket * this.patterns + pattern];
  }

  /** out[n] = posterior of rows open at the start of bucket `from`, with the hazards' logits in `x`. */
  evaluate(
    out: Slice<'f32'>,
    x: Column,
    from: Slice<'u32'>,
    window: Slice<'f32'>,
    shift: Slice<'f32'>,
    n: number,
    factor: Slice<'f32'> = this.table.factor,
  ): void {
    const { table } = this;
    this.engine.kernels.openPosterior(
      out.ptr,
      x.ptr,
      from.ptr,
      window.ptr,
      shift.ptr,
      factor.ptr,
      table.edge.ptr,
      n,
      x.stride,
      table.buckets,
      table.bins,
    );
  }

  /** Hazards of rows in their buckets into `hazard`, residuals into the model's `dHazard`. */
  gradient(
    hazard: Slice<'f32'>,
    bucket: Slice<'u32'>,
    window: Slice<'f32'>,
    label: Slice<'f32'>,
    n: number,
  ): void {
    const { table, model } = this;
    this.engine.kernels.hazardGradient(
      model.dHazard.ptr,
      hazard.ptr,
      model.hazard.ptr,
      bucket.ptr,
      window.ptr,
      label.ptr,
      table.factor.ptr,
      table.edge.ptr,
      n,
      model.dHazard.stride,
      table.bins,
    );
  }

  /** One epoch over every (row, bucket) of the history's rows, and then the signal shifts. Final labels. */
  async learn(
    log: ConversionLog,
    store: RowStore,
    rows: ArrayLike<number>,
    seed: number,
    signal?: AbortSignal,
  ): Promise<void> {
    const pairs = historyPairs(log, this.ages, rows);
    const n = pairs.row.length;
    const positive = pairs.label.reduce((sum, y) => sum + y, 0);
    const { kernels } = this.engine;
    this.table.start(kernels.logF64((positive + 0.5) / (n - positive + 0.5)));
    await this.engine.scope(async ({ alloc }) => {
      const order = alloc('u32', n);
      shuffle(
        this.engine,
        order,
        Uint32Array.from({ length: n }, (_, i) => i),
        seed,
        1000,
      );
      const [ids, bucket] = [alloc('u32', BATCH), alloc('u32', BATCH)];
      const [window, label, hazard] = [alloc('f32', BATCH), alloc('f32', BATCH), alloc('f32', BATCH)];
      let last = performance.now();
      for (let at = 0; at < n; at += BATCH) {
        const count = Math.min(BATCH, n - at);
        for (let i = 0; i < count; i++) {
          const pair = order.array[at + i];
          ids.array[i] = pairs.row[pair];
          bucket.array[i] = pairs.bucket[pair];
          window.array[i] = roundUp(log.window[pairs.row[pair]]);
          label.array[i] = pairs.label[pair];
        }
        this.model.forward(store, ids, count);
        this.gradient(hazard, bucket, window, label, count);
        clear(this.model.dLogit, count);
        this.model.step(store, ids, count);
        for (let i = 0; i < count; i++) {
          this.table.add(bucket.array[i], window.array[i], hazard.array[i], hazard.array[i] - label.array[i]);
        }
        this.table.step(false);
        if (performance.now() - last < 50) continue;
        await new Promise((resolve) => setTimeout(resolve));
        notAborted(signal);
        last = performance.now();
      }
    });
    this.#compare(log, store, pairs);
    if (log.signals.length > 0) {
      this.#learnShifts(log, store, rows, true, this.shifts);
      this.#learnShifts(log, store, rows, false, this.servedShifts);
    }
  }

  /** Compares the hazards of the history, as they are after it, with its conversions. */
  #compare(log: ConversionLog, store: RowStore, pairs: ReturnType<typeof historyPairs>): void {
    const { table, model } = this;
    table.happened.fill(0);
    table.expected.fill(0);
    this.engine.scope(({ alloc }) => {
      const [ids, bucket] = [alloc('u32', BATCH), alloc('u32', BATCH)];
      const [window, label, hazard] = [alloc('f32', BATCH), alloc('f32', BATCH), alloc('f32', BATCH)];
      for (let at = 0; at < pairs.row.length; at += BATCH) {
        const count = Math.min(BATCH, pairs.row.length - at);
        ids.array.set(pairs.row.subarray(at, at + count));
        bucket.array.set(pairs.bucket.subarray(at, at + count));
        for (let i = 0; i < count; i++) window.array[i] = roundUp(log.window[pairs.row[at + i]]);
        model.forward(store, ids, count);
        this.gradient(hazard, bucket, window, label, count);
        for (let i = 0; i < count; i++) {
          table.happened[bucket.array[i]] += pairs.label[at + i];
          table.expected[bucket.array[i]] += hazard.array[i];
        }
      }
    });
  }

  /**
   * P(converts later) of any rows open at these ages, without signals when no patterns are given. Answers, unlike what
   * training looks at, take the level from the conversion model and from the hazards only how it falls with age: where
   * rates change and the delays do not, odds(open at age a) are in proportion to odds(p). Hazards learn slowly: log loss of
   * the open rows of hotel_city on days 1,200, 1,300 and 1,400 .478, .520, .511, and .663, .544, .545 without this.
   */
  predict(
    store: RowStore,
    ids: ArrayLike<number>,
    ages: ArrayLike<number>,
    windows: ArrayLike<number>,
    patterns?: ArrayLike<number>,
    training = false,
  ): Float32Array {
    const factor = training ? this.table.factor : this.table.served();
    const out = new Float32Array(ids.length);
    this.engine.scope(({ alloc }) => {
      const [id, from] = [alloc('u32', BATCH), alloc('u32', BATCH)];
      const [window, shift, next, first] = Array.from({ length: 4 }, () => alloc('f32', BATCH));
      const tied = new Float64Array(BATCH).fill(1);
      for (let at = 0; at < ids.length; at += BATCH) {
        const count = Math.min(BATCH, ids.length - at);
        const bucket = Array.from({ length: count }, (_, i) => this.ages.openAt(ages[at + i]));
        for (let i = 0; i < count; i++) {
          id.array[i] = ids[at + i];
          from.array[i] = bucket[i];
          window.array[i] = roundUp(windows[at + i]);
          shift.array[i] = 1;
        }
        this.model.forward(store, id, count);
        if (!training) this.#tie(tied, window, shift, count, factor);
        this.evaluate(first, this.model.hazard, from, window, shift, count, factor);
        for (let i = 0; i < count; i++) from.array[i]++;
        this.evaluate(next, this.model.hazard, from, window, shift, count, factor);
        for (let i = 0; i < count; i++) {
          const width = windows[at + i];
          const [a, b] = [first.array[i], next.array[i]];
          const low = this.table.edge.array[bucket[i]];
          const high = Math.min(this.ages.end(bucket[i]), width);
          const gone = high === Infinity ? 0 : Math.min(1, Math.max(0, (ages[at + i] - low) / (high - low)));
          const q = width <= ages[at + i] ? 0 : a + (b - a) * gone;
          const odds =
            (q / (1 - q)) *
            tied[i] *
            (patterns ? this.servedShifts[bucket[i] * this.patterns + patterns[at + i]] : 1);
          // A model that has diverged is sure: its odds are infinite.
          out[at + i] = odds < Infinity ? odds / (1 + odds) : 1;
        }
      }
    });
    return out;
  }

  /** Odds of the conversion model over those that the hazards give a row at its arrival. */
  #tie(out: Float64Array, window: Slice<'f32'>, shift: Slice<'f32'>, n: number, factor: Slice<'f32'>): void {
    this.engine.scope(({ alloc }) => {
      const [start, whole] = [alloc('u32', n), alloc('f32', n)];
      start.fill(0);
      this.evaluate(whole, this.model.hazard, start, window, shift, n, factor);
      const { slice, first, stride } = this.model.logit;
      const z = slice.array;
      for (let i = 0; i < n; i++) {
        const p = whole.array[i];
        const odds = p > 0 && p < 1 ? (this.engine.kernels.expF64(z[first + i * stride]) * (1 - p)) / p : 1;
        // Times odds of 0 or Infinity it must stay a number.
        out[i] = Math.min(1e30, Math.max(1e-30, odds));
      }
    });
  }

  /** T[k, s] by Newton on the rows of the history that are open at age k with signals s. */
  #learnShifts(
    log: ConversionLog,
    store: RowStore,
    rows: ArrayLike<number>,
    training: boolean,
    shifts: Float64Array,
  ): void {
    const { kernels } = this.engine;
    for (let k = 1; k < this.table.buckets; k++) {
      const age = this.table.edge.array[k];
      const open = Array.from(rows).filter((r) => log.delay[r] > age && log.closes[r] > age);
      const windows = open.map((r) => log.window[r]);
      const plain = this.predict(store, open, Array(open.length).fill(age), windows, undefined, training);
      const groups = Array.from({ length: this.patterns }, () => ({ z: [] as number[], positives: 0 }));
      open.forEach((r, i) => {
        const group = groups[log.pattern(r, age)];
        const q = Math.max(1e-6, Math.min(1 - 1e-6, plain[i]));
        group.z.push(kernels.logF64(q / (1 - q)));
        if (log.delay[r] !== Infinity) group.positives++;
      });
      groups.forEach(({ z, positives }, s) => {
        if (z.length < FEWEST) return;
        let t = 0;
        for (let turn = 0; turn < 25; turn++) {
          let sum = 0;
          let spread = 0;
          for (const x of z) {
            const p = 1 / (1 + kernels.expF64(-(x + t)));
            sum += p;
            spread += p * (1 - p);
          }
          t += Math.max(-1, Math.min(1, (positives - sum - RIDGE * t) / (spread + RIDGE)));
        }
        shifts[k * this.patterns + s] = kernels.expF64(t);
      });
    }
  }
}

/** What training changes in a posterior and its models. */
export interface PosteriorState {
  model: ReturnType<PairedModel['state']>;
  table: Record<string, Float64Array>;
  shifts: Float64Array;
  servedShifts: Float64Array;
}

export function posteriorState({ model, table, shifts, servedShifts }: Posterior): PosteriorState {
  return {
    model: model.state(),
    table: table.state(),
    shifts: shifts.slice(),
    servedShifts: servedShifts.slice(),
  };
}

export function restorePosterior(posterior: Posterior, state: PosteriorState): void {
  posterior.model.restore(state.model);
  posterior.table.restore(state.table);
  restoreArray(posterior.shifts, state.shifts, 'shifts', 1e-30);
  restoreArray(posterior.servedShifts, state.servedShifts, 'servedShifts', 1e-30);
}

function clear({ slice, first, stride }: Column, count: number): void {
  const { array } = slice;
  for (let i = 0; i < count; i++) array[first + i * stride] = 0;
}

/** Every bucket that a row of the history entered open, with 1 where it converted in it. */
export function historyPairs(log: ConversionLog, ages: AgeBuckets, rows: ArrayLike<number>) {
  const row: number[] = [];
  const bucket: number[] = [];
  const label: number[] = [];
  for (let i = 0; i < rows.length; i++) {
    const r = rows[i];
    const converted = log.delay[r] === Infinity ? -1 : ages.of(log.delay[r]);
    for (let j = 0; j < ages.count; j++) {
      if (j > 0 && (converted >= 0 ? j > converted : !(log.closes[r] > ages.edge[j]))) break;
      row.push(r);
      bucket.push(j);
      label.push(j === converted ? 1 : 0);
    }
  }
  return { row: Uint32Array.from(row), bucket: Uint8Array.from(bucket), label: Uint8Array.from(label) };
}
