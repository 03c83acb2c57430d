import type { Engine } from '../engine/engine.ts';

/**
 * A signal comes at one of these equally likely fractions of the delay. As many as look continuous, and finite, so that
 * every probability below is a finite sum of the delay's distribution function instead of an integral.
 */
export const FRACTIONS: readonly number[] = Array.from({ length: 64 }, (_, j) => (j + 0.5) / 64);

/** The law of a simulation: delay's shape, window, and each signal's probability for those who convert and do not. */
export interface Law {
  shape: number;
  window: number;
  cart: readonly [number, number];
  revisit: readonly [number, number];
}

/** Exact importance weights of the published schemes at one age e, a method each; `delayed` is P(y = 1, delay > e | x). */
export interface ExactWeights {
  delayed: number;
  fnw: { positive: number; negative: number };
  esdfm: { positive: number; negative: number };
  defer: { positive: number; negative: number };
  fsiw: { positive: number; negative: number };
}

/**
 * What really governs each row: it would convert at all with probability `raw`, after a Weibull delay of its own scale;
 * what falls beyond the window does not count. A signal of those who would convert comes at a fraction of their delay;
 * of the others at a fraction of a delay of the same law.
 */
export class ExposureTruth {
  readonly #engine: Engine;
  readonly #law: Law;

  constructor(
    engine: Engine,
    law: Law,
    /** f64[rows]: P(would convert, however late). */
    readonly raw: Float64Array,
    /** f64[rows]: scale of the delay in days. */
    readonly scale: Float64Array,
  ) {
    this.#engine = engine;
    this.#law = law;
  }

  /** F(e) of a row: P(delay <= age | would convert). */
  cumulative(row: number, age: number): number {
    if (!(age > 0)) return 0;
    if (age === Infinity) return 1;
    const { expF64, logF64 } = this.#engine.kernels;
    return 1 - expF64(-expF64(this.#law.shape * logF64(age / this.scale[row])));
  }

  /** P(y = 1 | x): converts inside the window. */
  probability(row: number): number {
    return this.raw[row] * this.cumulative(row, this.#law.window);
  }

  /** P(y = 1, delay > age | x). */
  delayed(row: number, age: number): number {
    const { window } = this.#law;
    return this.raw[row] * (this.cumulative(row, window) - this.cumulative(row, Math.min(age, window)));
  }

  /** P(y = 1 | x, not converted by `age`). */
  flip(row: number, age: number): number {
    return (
      this.delayed(row, age) / (1 - this.raw[row] * this.cumulative(row, Math.min(age, this.#law.window)))
    );
  }

  /** The same given which signals were seen by `age`: bit 0 cart, bit 1 revisit. */
  flipGiven(row: number, age: number, pattern: number): number {
    const { window } = this.#law;
    const raw = this.raw[row];
    const converts = raw * this.#patternAnd(row, age, age, window, pattern);
    const late = raw * this.#patternAnd(row, age, Math.max(age, window), Infinity, pattern);
    const never = (1 - raw) * this.#patternOfOthers(row, age, pattern);
    return converts / (converts + late + never);
  }

  /** P(these signals by `age`, no others, from < delay <= to | would convert). */
  #patternAnd(row: number, age: number, from: number, to: number, pattern: number): number {
    const n = FRACTIONS.length;
    let sum = 0;
    // With j fractions of the delay at or below `age`, the delay is from age / FRACTIONS[j] to age / FRACTIONS[j - 1].
    for (let j = 0; j <= n; j++) {
      const low = Math.max(from, j === n ? 0 : age / FRACTIONS[j]);
      const high = Math.min(to, j === 0 ? Infinity : age / FRACTIONS[j - 1]);
      if (!(high > low)) continue;
      const mass = this.cumulative(row, high) - this.cumulative(row, low);
      sum += mass * this.#seen(pattern, ([ifSo]) => (ifSo * j) / n);
    }
    return sum;
  }

  /** P(these signals by `age` and no others | would never convert). */
  #patternOfOthers(row: number, age: number, pattern: number): number {
    const by = FRACTIONS.reduce((sum, f) => sum + this.cumulative(row, age / f), 0) / FRACTIONS.length;
    return this.#seen(pattern, ([, ifNot]) => ifNot * by);
  }

  #seen(pattern: number, probability: (signal: readonly [number, number]) => number): number {
    return [this.#law.cart, this.#law.revisit].reduce((product, signal, s) => {
      const p = probability(signal);
      return product * ((pattern >> s) & 1 ? p : 1 - p);
    }, 1);
  }

  /** The importance weights that schemes estimate, at the age e of their first emission (below the window). */
  weights(row: number, age: number): ExactWeights {
    const p = this.probability(row);
    const delayed = this.delayed(row, age);
    const realNegative = (1 - p) / (1 - p + delayed);
    return {
      delayed,
      fnw: { positive: 1 + p, negative: (1 - p) * (1 + p) },
      esdfm: { positive: 1 + delayed, negative: (1 + delayed) * realNegative },
      defer: { positive: p / (p - delayed / 2), negative: (1 - p) / (1 - p + delayed / 2) },
      fsiw: { positive: p / (p - delayed), negative: realNegative },
    };
  }
}
