import type { Body } from '../nn/tabular/options.ts';
import type { MethodName } from './methods/names.ts';

export interface ConversionProgress {
  phase: 'history' | 'stream';
  /** Rows seen, and rows there are. */
  step: number;
  total: number;
  loss: number;
  elapsedMs: number;
  etaMs: number;
}

/** Times and ages are in the log's unit. What is undefined is chosen from the history; see `resolveOptions`. */
export interface ConversionOptions {
  method: MethodName;
  /** Rows exposed before are the history, learned with their final labels; the others are streamed. */
  pretrainUntil: number | undefined;
  /** Where the stream ends, exclusive. */
  until: number | undefined;
  /** Length of a step of the evaluation. */
  step: number | undefined;
  /** Age of the first emission of the published schemes: e. */
  elapsed: number | undefined;
  /** Waiting time of `wait`. */
  wait: number | undefined;
  /** Ages of the visits of `telescoping`, and of the emissions of `gdfm`. */
  ages: readonly number[] | undefined;
  horizons: readonly number[] | undefined;
  /** Cap on the factor of a telescoping gradient (R). */
  cap: number;
  /** Importance weights are cut here, and scaled to a mean of 1 a batch. */
  clip: number;
  selfNormalise: boolean;
  /** The weight models of the published schemes go on learning from rows as they mature. */
  refresh: boolean;
  body: Body;
  /** Slots of the feature table as a power of two; quantile buckets of a number. */
  bits: number;
  buckets: number;
  /** Passes over the history. */
  epochs: number;
  /** Step length over the history and in the stream: .05 and .1, or .001 and .001 for mlp. */
  pretrainRate: number | undefined;
  learningRate: number | undefined;
  /** Factor on AdaGrad's sums between history and stream. */
  warm: number;
  l2: number;
  width: number;
  hidden: readonly number[];
  dropout: number;
  seed: number;
  signal: AbortSignal | undefined;
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
