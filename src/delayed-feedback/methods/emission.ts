/** What an emitted example is, of a stream that shows a row more than once. */
export const KIND = {
  /** First emission of a row that has converted by then. */
  positive: 0,
  /** First emission of a row that has not: a true or a fake negative. */
  negative: 1,
  /** A conversion after the row's first emission. */
  late: 2,
  /** The row again with its final label. */
  final: 3,
} as const;

/** When a method shows a row to the model, and with what label. Ages are cut at the row's window. */
export interface StreamRule {
  /** At once with label 0, at age e, at the end of the update with the label by then, with the truth, or never. */
  readonly first: 'exposure' | 'elapsed' | 'update' | 'truth' | 'never';
  /** Conversions after the first emission are shown when they happen. */
  readonly late: boolean;
  /** Rows that were not shown again as late conversions are shown with their final label when the window ends. */
  readonly final: boolean;
  /** The row is shown at each of the horizons, not once at e. */
  readonly horizons?: true;
}

/** A batch of emissions, filled to `count`. */
export interface Emissions {
  count: number;
  /** u8 each: the label shown, the kind, the stage (number of the age, for several ages), the signals seen. */
  readonly label: Uint8Array;
  readonly kind: Uint8Array;
  readonly stage: Uint8Array;
  readonly pattern: Uint8Array;
}

/** Predictions of the weight models for a batch; only those that the method asks for are filled. */
export interface NuisanceValues {
  /** P(converts after e | x) */
  readonly late: Float32Array;
  /** P(stays a negative | x, not converted by e), and the same given the signals seen by e. */
  readonly stays: Float32Array;
  readonly staysSignals: Float32Array;
  /** P(converted by e | x, converts) */
  readonly early: Float32Array;
  /** P(delay > e | x, converts), exponential delays. */
  readonly survival: Float32Array;
  /** p(open, signals | converts) / p(open, signals | does not) at the stage's age, and the weight of the stage. */
  readonly evidence: Float32Array;
  readonly stageWeight: Float32Array;
}
export type NuisanceName = keyof NuisanceValues;

/**
 * A published scheme: a stream and the loss that belongs to it. The loss of an example is
 *   -a log p - b log(1 - p),   its gradient on the logit  a (p - 1) + b p,
 * with a and b constants of the step (stop-gradient). `p` is the model's own output.
 */
export interface Scheme {
  readonly rule: StreamRule;
  readonly needs: readonly NuisanceName[];
  weigh(batch: Emissions, p: Float32Array, nuisance: NuisanceValues, a: Float32Array, b: Float32Array): void;
  /** The answer from the model's output, where they differ. */
  output?(p: number): number;
}

/** Plain cross-entropy of the label shown. */
export function plain({ count, label }: Emissions, a: Float32Array, b: Float32Array): void {
  for (let i = 0; i < count; i++) {
    a[i] = label[i];
    b[i] = 1 - label[i];
  }
}
