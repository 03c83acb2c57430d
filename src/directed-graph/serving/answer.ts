import type { AnswerSource } from './fallback.ts';
import type { Reason } from './reasons.ts';

export interface Recommendation {
  node: number;
  id: string;
  /**
   * The log-probability of being bought next among all items (for a cart, its mean over the items), the vectors' log-odds
   * up to a constant, or a share of counts: of one source comparable, across sources not.
   */
  score: number;
  /** Whether the training graph has an edge from the query, or from an item of the cart. */
  known: boolean;
  source: AnswerSource;
  /** Why this source answers. */
  reason: string;
  /** The strongest first, with `explain`. */
  explanation?: Reason[];
}

/** An item that the model was not trained on, embedded by `RelatedProducts.embedNew`. */
export interface NewItem {
  /** f32[dim] each, as the rows of the embedding. */
  readonly source: Float32Array;
  readonly target: Float32Array;
  /** The popularity term of items with as many in-edges. */
  readonly bias: number;
  /** What it leads to. */
  readonly out: readonly number[];
  readonly in: readonly number[];
  /** Known items with like features, and how alike (cosine). */
  readonly like: readonly { readonly node: number; readonly cosine: number }[];
}

/** One thing to ask: known items, new ones, and ids that nothing is known of. */
export interface Query {
  readonly nodes: readonly number[];
  readonly news: readonly NewItem[];
  readonly unknown: readonly string[];
}
