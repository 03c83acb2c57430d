/** AdaGrad weights of signal patterns, added to a model's logit: one a set of signals seen by e. */
export class PatternWeights {
  readonly weight: Float64Array;
  readonly square: Float64Array;
  readonly #gradient: Float64Array;

  constructor(
    patterns: number,
    readonly batch: number,
  ) {
    this.weight = new Float64Array(patterns);
    this.square = new Float64Array(patterns).fill(1e-8);
    this.#gradient = new Float64Array(patterns);
  }

  add(pattern: number, gradient: number): void {
    this.#gradient[pattern] += gradient;
  }

  step(rate: number): void {
    for (let s = 0; s < this.weight.length; s++) {
      const g = this.#gradient[s] / this.batch;
      if (g === 0) continue;
      this.#gradient[s] = 0;
      this.square[s] += g * g;
      this.weight[s] -= (rate * g) / Math.sqrt(this.square[s]);
    }
  }
}
