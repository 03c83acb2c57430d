import type { CertificateKind } from './certificate.ts';
import { type GridOptions, gridDefaults } from './grid-options.ts';

export type Method = 'single' | 'surface' | 'dynamic' | 'isotonic';

export interface BoundaryOptions extends GridOptions {
  /** Share of what is flagged that must be positive (with `cost`: positives per unit of it), above 0 and below 1. Or `recall`. */
  precision?: number;
  /** Share of the positives that must be flagged, above 0 and below 1; exactly one of the two is given. */
  recall?: number;
  /**
   * 'surface', the default, is one smooth boundary; 'dynamic' the best threshold of each level of uncertainty on a grid;
   * 'isotonic' one cut over rates that are monotone in each level; 'single' one threshold on the score. 'auto' takes the
   * surface where the uncertainty pays by more than two standard errors, and else one threshold.
   */
  method: Method | 'auto';
  /** Given, from 0.5 and below 1, the certified mode is on: 'single', 'surface' and 'auto' with a precision. Usual: 0.9. */
  confidence?: number;
  /**
   * How it is certified: 'crossFit' shapes and tests on all rows by turns, which was measured and finds more; 'split' tests on
   * 70 % of the rows that the shape has not seen, which is proven for independent rows.
   */
  certificate: CertificateKind;
  /** Rows, from 0, that each rate of 'isotonic' must rest on: rates of single rows promise .7 where .46 is true. */
  minBlock: number;
  /** The third answer: below `negatives` safely negative rows, or above an uncertainty. */
  abstain?: AbstainOptions;
  /** Of the folds of 'auto' and of certificates, 0 to 2^32 - 1; the same seed gives the same boundary. */
  seed: number;
}

export interface AbstainOptions {
  /**
   * Rows are "negative" only where at least this share of those under the line is, above 0 and below 1; up to the boundary
   * "abstain".
   */
  negatives?: number;
  /** "abstain" above this uncertainty, in its own unit, whatever the score. */
  uncertaintyAbove?: number;
}

export const boundaryDefaults: BoundaryOptions = {
  ...gridDefaults,
  precision: undefined,
  recall: undefined,
  method: 'surface',
  confidence: undefined,
  certificate: 'crossFit',
  minBlock: 30,
  abstain: undefined,
  seed: 1,
};
