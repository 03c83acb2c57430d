export interface FlipOptions {
  /** Age at which rows are looked at, in the log's unit. */
  elapsed: number;
  /**
   * Time, in the log's unit and origin: rows exposed before are learned from. When absent, the latest time before which
   * 99 % of the rows have a final label.
   */
  pretrainUntil: number | undefined;
  /** Signals beside the features. */
  signals: boolean;
  epochs: number;
  learningRate: number;
  l2: number;
  bits: number;
  buckets: number;
  seed: number;
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
