import type { ConversionsEvaluation, Health } from './evaluation.ts';

/** Everything the page of a conversions model is made of: plain values, times and ages in days. */
export interface ConversionsContent {
  readonly file: string;
  readonly bytes: number;
  /** Version of the program. */
  readonly version: string;
  readonly method: string;
  /** The window of all rows; absent where each has its own. */
  readonly window?: number;
  readonly signals: readonly string[];
  readonly features: readonly { readonly name: string; readonly kind: string }[];
  /** What the training read, in words. */
  readonly read: readonly (readonly [name: string, value: string])[];
  /** Rows of the log of the training, for comparison with the evaluation. */
  readonly rows?: number;
  readonly curve: DelayPart;
  readonly health: Health;
  readonly open: OpenPart;
  readonly evaluation?: ConversionsEvaluation;
  /** Which method to use, what it gains, and whether to trust it. */
  readonly verdict: readonly string[];
  /** What each method does, by its name. */
  readonly methodWords: Readonly<Record<string, string>>;
  /** Every setting, nested. */
  readonly card: unknown;
  /** Command lines that make this page again. */
  readonly commands: readonly string[];
}

/** Arrays of one length, an entry an age; shares are in [0, 1]. */
export interface DelayPart {
  readonly age: readonly number[];
  readonly converted: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** Of all conversions, and of all labels. */
  readonly known: readonly number[];
  readonly final: readonly number[];
}

/** Rows that can still change. */
export interface OpenPart {
  readonly rows: number;
  /** Those that have not converted, most likely first. */
  readonly waiting: readonly { readonly id: string; readonly age: number; readonly probability: number }[];
  /** How many of `waiting` the page lists. */
  readonly listed: number;
}
