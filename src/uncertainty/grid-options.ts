export type Nesting = 'uncertainty-first' | 'score-first';

export interface GridOptions {
  /** Levels of uncertainty. */
  levels: number;
  /** Bins of score. */
  bins: number;
  /** Which of the two is cut first; the other is cut anew inside each piece. */
  nesting: Nesting;
  /** Edges of score: at geometric quantiles up to 1 - `tail`, at equal counts, or at equal steps. */
  edges: 'tail' | 'count' | 'width';
  /** Share of the rows above the highest edge of score, for 'tail'. */
  tail: number;
}

export const gridDefaults: GridOptions = {
  levels: 5,
  bins: 60,
  nesting: 'uncertainty-first',
  edges: 'tail',
  tail: 5e-4,
};
