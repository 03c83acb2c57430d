export type Nesting = 'uncertainty-first' | 'score-first';

export interface GridOptions {
  /** Levels of uncertainty, 1 to 1000, each of which must hold rows; unless given as many as do, up to 5. */
  levels?: number;
  /** Bins of score in each level, 2 to 100,000; levels x bins at most a million. */
  bins: number;
  /** Which of the two is cut first; the other is cut anew inside each piece. */
  nesting: Nesting;
  /** Edges of score: at geometric quantiles up to 1 - `tail`, at equal counts, or at equal steps. */
  edges: 'tail' | 'count' | 'width';
  /** Share of the rows above the highest edge of score, for 'tail': from 1e-9 to 0.5. */
  tail: number;
}

/** Levels unless asked otherwise, where the rows have uncertainties for so many. */
export const LEVELS = 5;

export const gridDefaults: GridOptions = {
  levels: undefined,
  bins: 60,
  nesting: 'uncertainty-first',
  edges: 'tail',
  tail: 5e-4,
};
