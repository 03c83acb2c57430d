export interface NetworkOptions {
  /** Networks that differ by their seed; their mean is the score. */
  members: number;
  hidden: readonly number[];
  /** Share of hidden units dropped in training, and in the passes of 'dropout'. */
  dropout: number;
  epochs: number;
  learningRate: number;
  batch: number;
  seed: number;
  signal?: AbortSignal;
  onProgress?: (progress: { phase: 'train'; step: number; total: number; loss: number }) => void;
}

export const networkDefaults: NetworkOptions = {
  members: 1,
  hidden: [64, 32],
  dropout: 0.1,
  epochs: 3,
  learningRate: 0.002,
  batch: 256,
  seed: 1,
  signal: undefined,
  onProgress: undefined,
};

export const ESTIMATORS = ['laplace', 'ensemble', 'dropout', 'evidence', 'counts'] as const;
export type EstimatorName = (typeof ESTIMATORS)[number];

export interface ScorerOptions extends Omit<NetworkOptions, 'epochs'> {
  /** Passes over the rows; unless given 3, and of small tables as many as 40 steps take. */
  epochs: number | undefined;
  /** Last-layer Laplace unless asked otherwise: the one that never did harm on real data (section 3.8). */
  estimator: EstimatorName;
  /** Passes of 'dropout'. */
  passes: number;
  /** Slots of the hashed features, as a power of two. */
  bits: number;
}

export const scorerDefaults: ScorerOptions = {
  ...networkDefaults,
  epochs: undefined,
  estimator: 'laplace',
  passes: 20,
  bits: 16,
};
