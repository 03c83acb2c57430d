import { integer, list, real } from '../../check.ts';
import { MAX_VALUE } from '../features.ts';
import type { NewItem, Query } from './answer.ts';
import type { NodeOf } from './masks.ts';

/** An item to ask about: an id, a node's number, or one made by `embedNew`. */
export type Item = string | number | NewItem;

/** What every list of items looks like at run time. */
export const isList = (given: unknown): boolean => Array.isArray(given) || ArrayBuffer.isView(given);

/**
 * What is said to be made by `embedNew`, checked to the last number: one that is not finite would leave every answer out.
 * TypeError for another object, RangeError for other lengths or numbers.
 */
export function newItem(
  item: NewItem,
  name: string,
  { dim, nodeCount }: { dim: number; nodeCount: number },
): NewItem {
  for (const side of ['source', 'target'] as const) {
    const vector = item?.[side];
    if (!(vector instanceof Float32Array)) {
      throw new TypeError(
        `${name} must be an id, a node or an item made by embedNew: its ${side} is no Float32Array`,
      );
    }
    if (vector.length !== dim) {
      throw new RangeError(`${name} must be embedded by this model: ${vector.length} numbers, not ${dim}`);
    }
    // Within 1e15 every score is finite too.
    const wrong = vector.findIndex((x) => !(Math.abs(x) <= MAX_VALUE));
    if (wrong >= 0) real(vector[wrong], `${name}.${side}[${wrong}]`, -MAX_VALUE, MAX_VALUE);
  }
  real(item.bias, `${name}.bias`, -MAX_VALUE, MAX_VALUE);
  for (const side of ['out', 'in'] as const) {
    list(item[side], `${name}.${side}`).forEach((node, i) => {
      integer(node, `${name}.${side}[${i}]`, 0, nodeCount - 1);
    });
  }
  list(item.like, `${name}.like`).forEach((like, i) => {
    integer(like?.node, `${name}.like[${i}].node`, 0, nodeCount - 1);
    real(like.cosine, `${name}.like[${i}].cosine`, -MAX_VALUE, MAX_VALUE);
  });
  return item;
}

/** An item or a cart, checked; each counts once. An id that no node has is set aside when `lenient`, else a RangeError. */
export function queryOf(
  given: Item | readonly Item[],
  sizes: { dim: number; nodeCount: number },
  nodeOf: NodeOf,
  findId: (id: string) => number,
  lenient: boolean,
): Query {
  const items = isList(given) ? Array.from(given as Item[]) : [given as Item];
  if (items.length === 0) throw new RangeError('query must hold at least one item, got an empty cart');
  const nodes = new Set<number>();
  const news = new Set<NewItem>();
  const unknown = new Set<string>();
  for (const item of items) {
    if (typeof item === 'object' && item !== null) news.add(newItem(item, 'query', sizes));
    else if (lenient && typeof item === 'string' && findId(item) < 0) unknown.add(item);
    else nodes.add(nodeOf(item, 'query'));
  }
  return { nodes: [...nodes], news: [...news], unknown: [...unknown] };
}
