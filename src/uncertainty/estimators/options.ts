export interface NetworkOptions {
  /** Networks that differ by their seed, 1 to 100; their mean is the score. 1, for 'ensemble' 5, whose spread needs several. */
  members: number;
  /** Units of each hidden layer, 1 to 4096 each; at least one layer. The last one is what 'laplace' inverts a matrix of. */
  hidden: readonly number[];
  /** Share of hidden units dropped in training, and in the passes of 'dropout': 0 to 0.95, above 0 for 'dropout'. */
  dropout: number;
  /** Passes over the rows, 1 to 10,000. */
  epochs: number;
  /** Step length of Adam, 0 to 1e6. */
  learningRate: number;
  /** Rows of a step, 1 to 65,536. */
  batch: number;
  /** Of the weights, the order of rows and the dropout, 0 to 2^31; the same seed gives the same bits. */
  seed: number;
  /** Rejects with its reason between two steps. */
  signal?: AbortSignal;
  /** Rows seen of those of all passes and members, and the mean loss of the pass so far. */
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
  /** Passes over the rows, 1 to 10,000; unless given 3, and of small tables as many as 40 steps take. */
  epochs: number | undefined;
  /**
   * Where the uncertainty comes from. Last-layer Laplace unless asked otherwise: of those compared on real bookings the only
   * one that never made the prediction worse by more than chance.
   */
  estimator: EstimatorName;
  /** Passes of 'dropout', 2 to 10,000. */
  passes: number;
  /** Slots of the hashed features as a power of two, 1 to 24; 16 are 65,536. */
  bits: number;
}

export const scorerDefaults: ScorerOptions = {
  ...networkDefaults,
  epochs: undefined,
  estimator: 'laplace',
  passes: 20,
  bits: 16,
};
