export interface EvaluateOptions {
  /**
   * What is taken out of each ranking beside the query itself: its `train` neighbours (validation edges stay in), or
   * `all` its other known targets.
   */
  filter: 'train' | 'all';
  /** Seed of the random non-edges; they are the same for every scorer. */
  seed: number;
  /** Measure existence, direction and the three classes. Without them only the sources of test edges are scored. */
  pairs: boolean;
  /** Keep the rank of every test edge, for paired comparisons (`verdict`). */
  ranks: boolean;
  signal?: AbortSignal;
}

export const evaluateDefaults: EvaluateOptions = {
  filter: 'train',
  seed: 0,
  pairs: true,
  ranks: false,
  signal: undefined,
};
