import type { Body } from '../nn/tabular/options.ts';
import type { MethodName } from './methods/names.ts';

/** How far a training or an evaluation is. */
export interface ConversionProgress {
  /** What is learned: the history with its final labels, or the stream as its labels arrived. */
  phase: 'history' | 'stream';
  /** Rows seen of `total`, over all epochs of the history; in an evaluation, steps of the stream over all methods. */
  step: number;
  total: number;
  /** Mean log loss so far: of the epoch, or of the evaluation's step. NaN where none is measured. */
  loss: number;
  /** Milliseconds since the phase began (an evaluation: since its beginning), and those still to come at that speed. */
  elapsedMs: number;
  etaMs: number;
}

/**
 * Times and ages are in the log's unit, times from its origin too. What is undefined is chosen from the log; "the longest
 * window" is the one than which 99 % of the history's are shorter, or its longest delay where no window ends.
 */
export interface ConversionOptions {
  /** How late labels are learned from; `methodText` says what each name does. */
  method: MethodName;
  /**
   * Time: rows exposed before are the history, learned with their final labels; the others are streamed. When absent, the
   * latest time before which 99 % of the rows have a final label.
   */
  pretrainUntil: number | undefined;
  /** Time at which the stream ends, exclusive, not before `pretrainUntil`; the end of the log when absent. */
  until: number | undefined;
  /** Duration above 0: how much is predicted ahead, then learned from, in an evaluation. A 40th of the stream when absent. */
  step: number | undefined;
  /**
   * Age above 0 at which `fsiw`, `dfm`, `esdfm`, `defer`, `defuse`, `softLabel` and `engagement` first look at a row. When
   * absent, `step` if that is given, else the age by which a third of the history's conversions is in, at least a 24th of
   * the step.
   */
  elapsed: number | undefined;
  /** Age above 0 at which `wait` uses a row. When absent, a third of the window (of its upper quartile), or longest delay. */
  wait: number | undefined;
  /**
   * Ages at which `telescoping` looks at an open row again: 1 to 64, rising from above 0. When absent, from a 300th of the
   * longest window (or where a sixth of the delays ends) to nine tenths, each 2 to 1.3 times the one before.
   */
  ages: readonly number[] | undefined;
  /**
   * Ages at which `gdfm` looks at a row, rising from above 0. When absent, six in a geometric row from a quarter of
   * `elapsed` to the longest window.
   */
  horizons: readonly number[] | undefined;
  /**
   * Most that `telescoping` scales a change of a row's probability by, 1 to 100. The scale is p / p0 or (1 - p) / (1 - p0),
   * where p0 is what the model said when the row arrived and p what it says now; at 1 no step is larger than the change.
   */
  cap: number;
  /** Largest importance weight of the published schemes, from .001; Infinity for none. */
  clip: number;
  /** Scale the importance weights to a mean of 1 a batch. */
  selfNormalise: boolean;
  /** The weight models of the published schemes go on learning from rows as they mature. */
  refresh: boolean;
  /** What the model is made of: a weight a word, factorisation machine, or embeddings under hidden layers. */
  body: Body;
  /** Slots of the feature table as a power of two, 1 to 24. */
  bits: number;
  /** Quantile buckets of a number, 2 to 1,024. */
  buckets: number;
  /** Passes over the history, 0 to 1,000. */
  epochs: number;
  /** Step length over the history, 0 to 100; .05, or .001 for mlp, when absent. */
  pretrainRate: number | undefined;
  /** Step length in the stream, 0 to 100; .1, or .001 for mlp, when absent. */
  learningRate: number | undefined;
  /** Factor on AdaGrad's sums between history and stream, 1e-6 to 1: below 1 the stream's first steps are longer. */
  warm: number;
  /** Pull of the weights in use towards 0 a batch of 256 rows, 0 to 1e6. */
  l2: number;
  /** Numbers in the vectors of fm and mlp: a multiple of 4, 4 to 256. */
  width: number;
  /** Units of the hidden layers of mlp, first to last, each 1 to 4,096. */
  hidden: readonly number[];
  /** Share of the hidden units of mlp that a training step leaves out, 0 to .95. */
  dropout: number;
  /** A whole number from 0 to 2^32 - 1: the same gives the same model, bit for bit. */
  seed: number;
  /** Ends the work, which is then rejected with the signal's reason. */
  signal: AbortSignal | undefined;
  /** Told now and then how far the work is. */
  onProgress: ((progress: ConversionProgress) => void) | undefined;
}

export const conversionDefaults: ConversionOptions = {
  method: 'telescoping',
  pretrainUntil: undefined,
  until: undefined,
  step: undefined,
  elapsed: undefined,
  wait: undefined,
  ages: undefined,
  horizons: undefined,
  cap: 1,
  clip: Infinity,
  selfNormalise: false,
  refresh: false,
  body: 'logistic',
  bits: 16,
  buckets: 20,
  epochs: 5,
  pretrainRate: undefined,
  learningRate: undefined,
  warm: 0.1,
  l2: 1e-6,
  width: 8,
  hidden: [32],
  dropout: 0,
  seed: 0,
  signal: undefined,
  onProgress: undefined,
};

/** Options with every choice made. */
export type Resolved = {
  [K in keyof ConversionOptions]-?: K extends 'signal' | 'onProgress'
    ? ConversionOptions[K]
    : Exclude<ConversionOptions[K], undefined>;
};
