/** What a reason rests on. u is an item asked about, v the answer, w an item between them. */
export type ReasonKind =
  /** Customers who bought u bought v itself next. */
  | 'next'
  /** w is bought next after u. */
  | 'next-of-query'
  /** w is bought before u. */
  | 'before-query'
  /** Customers who bought w bought v next. */
  | 'leads-here'
  /** w is bought next after v. */
  | 'next-of-answer'
  /** w has features like those of u, which is new. */
  | 'like-query'
  /** w has features like those of u, and customers who bought w bought v next. */
  | 'like-leads-here'
  /** w is bought next after u, and v has features like those of w. */
  | 'like-next'
  /** u and v have like features. */
  | 'words'
  /** v is bought next after items that are bought like u, or like what follows u. */
  | 'walks'
  /** u's, or v's, own features and learned row. */
  | 'query'
  | 'answer'
  | 'popularity'
  /** How much v sells at all, as the ranker weighs it. */
  | 'sales'
  /** The dial that lifts products few others lead to. */
  | 'rare'
  | 'category'
  /** The chance that the arrow points from u to v and not back; 0 at best. */
  | 'direction'
  /** What the ranker's network makes of all other reasons together. */
  | 'network'
  /** Several items in the cart, where one of them alone speaks for the answer. */
  | 'cart'
  /** The product of the two vectors, where the model file holds no more. */
  | 'match'
  /** All weaker reasons together. */
  | 'rest'
  /** What the chances of all other items take away: the same for every answer of a query, so its share is 0. */
  | 'others';

export interface Reason {
  readonly kind: ReasonKind;
  /** The item it rests on: u, v or w. */
  readonly node?: number;
  readonly id?: string;
  /** The part of the score, with its sign. The parts of an answer of the model add up to its score. */
  readonly contribution: number;
  /** |contribution| over the sum of all |contributions|: shares of an answer add up to 1. */
  readonly share: number;
}

/** A reason as words for people. `name` gives the name of an item by its id. */
export function reasonText(reason: Reason, name: (id: string) => string = (id) => id): string {
  if (typeof reason?.kind !== 'string') {
    throw new TypeError('reason must be one of an explanation; the `reason` of an answer is text already');
  }
  const w = reason.id === undefined ? 'it' : name(reason.id);
  switch (reason.kind) {
    case 'next':
      return `customers who bought ${w} bought it next`;
    case 'next-of-query':
      return `goes with ${w}, which is bought next as well`;
    case 'before-query':
      return `goes with ${w}, which is bought before`;
    case 'leads-here':
      return `also bought by customers who bought ${w}`;
    case 'next-of-answer':
      return `customers who bought it next buy ${w}`;
    case 'like-query':
      return `${w} is like the new item`;
    case 'query':
    case 'answer':
      return `what the model learned of ${w} itself`;
    case 'popularity':
      return reason.contribution < 0 ? 'seldom bought (counts against it)' : 'often bought';
    case 'like-leads-here':
      return `customers who bought ${w}, which is described alike, bought it next`;
    case 'like-next':
      return `is described like ${w}, which is bought next`;
    case 'words':
      return `is described like ${w}`;
    case 'walks':
      return 'bought next after similar products';
    case 'sales':
      return reason.contribution < 0 ? 'how much it sells counts against it' : 'how much it sells in general';
    case 'rare':
      return 'lifted as a product that few lead to';
    case 'category':
      return 'much bought in the same category';
    case 'direction':
      return `may rather be bought before ${w}`;
    case 'network':
      return 'the reasons taken together';
    case 'cart':
      return 'one item of the cart speaks for it';
    case 'others':
      return 'what else could be bought';
    case 'match':
      return `fits ${w}`;
    case 'rest':
      return 'weaker reasons together';
  }
}
