/** Times and ages are in the log's unit, times from its origin too. */
export interface FlipOptions {
  /** Age above 0 at which rows are looked at; it has to be given. */
  elapsed: number;
  /**
   * Time: rows exposed before are learned from. When absent, the latest time before which 99 % of the rows have a final
   * label.
   */
  pretrainUntil: number | undefined;
  /** Learn from the log's signals beside the features. */
  signals: boolean;
  /** Passes over the history, 1 to 1,000. */
  epochs: number;
  /** Step length, 0 to 1e6. */
  learningRate: number;
  /** Pull of the weights in use towards 0 a batch of 256 rows, 0 to 1e6. */
  l2: number;
  /** Slots of the feature table as a power of two, 1 to 24. */
  bits: number;
  /** Quantile buckets of a number, 2 to 1,024. */
  buckets: number;
  /** A whole number from 0 to 2^32 - 1: the same gives the same model, bit for bit. */
  seed: number;
  /** Ends the work, which is then rejected with the signal's reason. */
  signal: AbortSignal | undefined;
}

export const flipDefaults: FlipOptions = {
  elapsed: 0,
  pretrainUntil: undefined,
  signals: true,
  epochs: 8,
  learningRate: 0.05,
  l2: 1e-4,
  bits: 16,
  buckets: 20,
  seed: 0,
  signal: undefined,
};
