import type { NewItem, Query } from './answer.ts';
import type { NodeOf } from './masks.ts';

/** An item to ask about: an id, a node's number, or one made by `embedNew`. */
export type Item = string | number | NewItem;

const isNew = (item: Item): item is NewItem =>
  typeof item === 'object' && item !== null && item.source instanceof Float32Array;

/** An item or a cart, checked. An id that no node has is set aside when `lenient`, else a RangeError. */
export function queryOf(
  given: Item | readonly Item[],
  dim: number,
  nodeOf: NodeOf,
  findId: (id: string) => number,
  lenient: boolean,
): Query {
  const items =
    Array.isArray(given) || ArrayBuffer.isView(given) ? Array.from(given as Item[]) : [given as Item];
  if (items.length === 0) throw new RangeError('query must hold at least one item, got an empty cart');
  const nodes = new Set<number>();
  const news = new Set<NewItem>();
  const unknown = new Set<string>();
  for (const item of items) {
    if (isNew(item)) {
      if (item.source.length !== dim) {
        throw new RangeError(
          `query must be embedded by this model: ${item.source.length} numbers, not ${dim}`,
        );
      }
      news.add(item);
    } else if (lenient && typeof item === 'string' && findId(item) < 0) unknown.add(item);
    else nodes.add(nodeOf(item, 'query'));
  }
  return { nodes: [...nodes], news: [...news], unknown: [...unknown] };
}
