import type { CertificateKind } from './certificate.ts';
import { type GridOptions, gridDefaults } from './grid-options.ts';

export type Method = 'single' | 'surface' | 'dynamic' | 'isotonic';

export interface BoundaryOptions extends GridOptions {
  /** Exactly one of the two, above 0 and below 1. */
  precision?: number;
  recall?: number;
  /** 'auto' takes the surface where the uncertainty pays by more than two standard errors, and else one threshold. */
  method: Method | 'auto';
  /** Given, the certified mode is on: 'single', 'surface' and 'auto' with a precision. Usual: 0.9. */
  confidence?: number;
  certificate: CertificateKind;
  /** Rows that an isotonic rate must rest on. */
  minBlock: number;
  /** The third answer: below `negatives` safely negative rows, or above an uncertainty. */
  abstain?: AbstainOptions;
  seed: number;
}

export interface AbstainOptions {
  /** Rows are "negative" only where at least this share of those under the boundary is; between, "abstain". */
  negatives?: number;
  /** "abstain" above this uncertainty, whatever the score. */
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
