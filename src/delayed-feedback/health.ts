/** How far the weights of a stream can be trusted. */
export interface HealthReport {
  /** Examples shown to the model with a weight above 0. */
  examples: number;
  /** (sum w)^2 / sum w^2 (Kish): as many equally weighted examples would tell as much; and its share of the examples. */
  effective: number;
  effectiveShare: number;
  largest: number;
  /** Share of the examples whose weight was cut. */
  clippedShare: number;
  /** Why the answer is not to be trusted, when the numbers say so. */
  warning?: string;
}

/** Sums over the weights of all examples. */
export class WeightHealth {
  #n = 0;
  #sum = 0;
  #squares = 0;
  #largest = 0;
  #clipped = 0;

  add(weight: number, clipped = false): void {
    if (weight === 0) return;
    this.#n++;
    this.#sum += weight;
    this.#squares += weight * weight;
    if (weight > this.#largest) this.#largest = weight;
    if (clipped) this.#clipped++;
  }

  report(): HealthReport {
    const examples = this.#n;
    const effective = examples === 0 ? 0 : (this.#sum * this.#sum) / this.#squares;
    const effectiveShare = examples === 0 ? 0 : effective / examples;
    const clippedShare = examples === 0 ? 0 : this.#clipped / examples;
    const report: HealthReport = {
      examples,
      effective,
      effectiveShare,
      largest: this.#largest,
      clippedShare,
    };
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
    if (examples > 0 && effectiveShare < 0.1) {
      report.warning =
        `the weights are worth ${percent(effectiveShare)} of the examples: a few examples decide; ` +
        'clip the weights or choose another method';
    } else if (clippedShare > 0.05) {
      report.warning = `${percent(clippedShare)} of the weights were cut: the result leans towards what is seen early`;
    } else if (this.#largest > 0.01 * this.#sum && examples >= 1000) {
      report.warning = `one example has ${percent(this.#largest / this.#sum)} of all weight`;
    }
    return report;
  }

  state(): number[] {
    return [this.#n, this.#sum, this.#squares, this.#largest, this.#clipped];
  }

  restore(state: readonly number[]): void {
    if (!(state.length === 5 && state.every((x) => x >= 0)))
      throw new RangeError('health must be 5 numbers from 0');
    const [n, sum, squares, largest, clipped] = state;
    this.#n = n;
    this.#sum = sum;
    this.#squares = squares;
    this.#largest = largest;
    this.#clipped = clipped;
  }
}
