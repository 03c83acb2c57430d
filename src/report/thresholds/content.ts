import type { Numbers } from '../chart.ts';

/** What a policy does on labelled rows; shares are of 1, intervals at 95 %. */
export interface Point {
  readonly name: string;
  readonly recall: number;
  readonly recallInterval: readonly [number, number];
  /** NaN when nothing is flagged. */
  readonly precision: number;
  readonly precisionInterval: readonly [number, number];
  /** Share of the rows that are acted on. */
  readonly acts: number;
}

/** Positivity over (score, uncertainty), and where the policy begins to act. */
export interface Plane {
  /** Rising edges; values are row-major from the lowest uncertainty, NaN where there are too few rows. */
  readonly score: Numbers;
  readonly uncertainty: Numbers;
  readonly rate: Numbers;
  readonly boundary: { readonly score: Numbers; readonly uncertainty: Numbers };
  /** Cells of fewer rows are empty. */
  readonly fewest: number;
}

export interface Reliability {
  readonly score: Numbers;
  readonly rate: Numbers;
  readonly error: Numbers;
  readonly rows: Numbers;
  /** Mean distance of score and rate, by rows. */
  readonly ece: number;
}

/** The values of the page of a decision policy. */
export interface ThresholdsContent {
  readonly file: string;
  readonly bytes: number;
  readonly version: string;
  readonly method: string;
  /** As asked for; one of the two. */
  readonly precision?: number;
  readonly recall?: number;
  /** What is promised, if anything. */
  readonly statement?: string;
  readonly verdict: readonly string[];
  /** Rows that were judged on, how many were positive, and how they were set apart. */
  readonly rows: number;
  readonly positives: number;
  readonly how: string;
  /** The policy first, then what it is compared with. */
  readonly points: readonly [Point, ...Point[]];
  /** Recall above that of one threshold, with its paired interval; absent for one threshold. */
  readonly gain?: { readonly gain: number; readonly interval: readonly [number, number] };
  readonly plane?: Plane;
  readonly curves: readonly {
    readonly name: string;
    readonly recall: Numbers;
    readonly precision: Numbers;
  }[];
  readonly reliability?: Reliability;
  /** How much better the labels are predicted with the uncertainty than without, in thousandths of a nat. */
  readonly likelihood?: { readonly millinats: number; readonly standardError: number };
  /** Everything else that is known, nested. */
  readonly card: unknown;
  readonly commands: readonly string[];
}
