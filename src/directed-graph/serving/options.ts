import { flag, integer, oneOf, options, real } from '../../check.ts';
import { type Catalogue, type Categories, categoriesOf } from './catalogue.ts';
import type { MaskOptions } from './masks.ts';

export interface RecommendOptions extends MaskOptions {
  /** Answers at most. */
  k?: number;
  /** Also leave out what the graph already knows to follow the query: only new suggestions. */
  excludeKnown?: boolean;
  /** 0 ranks by score alone, 1 picks each answer to be as unlike those before it as can be (MMR). */
  diversity?: number;
  /** Answers of one category at most. Needs a catalogue; items without a category are not counted. */
  maxPerCategory?: number;
  /** Times log(1 + in-degree) added to each score: 0 as trained, negative for less popular answers. */
  popularity?: number;
  /** Why each answer is given: true for the five strongest reasons, or how many. */
  explain?: boolean | number;
  /** The model's answers below this score are left out, and nothing takes their place. */
  minScore?: number;
  /**
   * What ranks: the ranker, where the model has one, with log P(answer | query) as score; or the learned vectors alone,
   * which also rank new items and items without an edge.
   */
  rank?: 'ranker' | 'embedding';
  /** false: an unknown item is a RangeError, and only the model answers. */
  fallback?: boolean;
  /** Categories, instead of the model's own. */
  catalogue?: Catalogue;
}

export const recommendDefaults: RecommendOptions = {
  k: 10,
  exclude: undefined,
  allow: undefined,
  inStock: undefined,
  excludeKnown: false,
  diversity: 0,
  maxPerCategory: undefined,
  popularity: 0,
  explain: false,
  minScore: undefined,
  rank: 'ranker',
  fallback: true,
  catalogue: undefined,
};

/** The options with every value checked. */
export interface Serving extends MaskOptions {
  readonly k: number;
  readonly excludeKnown: boolean;
  readonly diversity: number;
  readonly perCategory: number;
  readonly popularity: number;
  /** Reasons a answer; 0 for none. */
  readonly reasons: number;
  readonly minScore: number | undefined;
  readonly rank: 'ranker' | 'embedding';
  readonly fallback: boolean;
  readonly categories: Categories | undefined;
}

export function servingOptions(
  given: RecommendOptions | undefined,
  nodeCount: number,
  catalogue: Catalogue | undefined,
): Serving {
  const o = options<RecommendOptions>(given, recommendDefaults, 'recommend');
  const k = Math.min(integer(o.k, 'k', 1, 1e6), nodeCount);
  const all = o.catalogue === undefined ? catalogue : o.catalogue;
  const categories = all === undefined ? undefined : categoriesOf(all, nodeCount);
  const perCategory =
    o.maxPerCategory === undefined ? Infinity : integer(o.maxPerCategory, 'maxPerCategory', 1, 1e6);
  if (o.maxPerCategory !== undefined && !categories) {
    throw new TypeError('maxPerCategory needs a catalogue with the category of each item');
  }
  return {
    k,
    exclude: o.exclude,
    allow: o.allow,
    inStock: o.inStock,
    excludeKnown: flag(o.excludeKnown, 'excludeKnown'),
    diversity: real(o.diversity, 'diversity', 0, 1),
    perCategory,
    popularity: real(o.popularity, 'popularity', -1000, 1000),
    reasons: typeof o.explain === 'boolean' ? (o.explain ? 5 : 0) : integer(o.explain, 'explain', 0, 1000),
    minScore: o.minScore === undefined ? undefined : real(o.minScore, 'minScore'),
    rank: oneOf(o.rank, 'rank', ['ranker', 'embedding']),
    fallback: flag(o.fallback, 'fallback'),
    categories,
  };
}
