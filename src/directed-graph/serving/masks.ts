import { Bitset } from '../../nn/bitset.ts';
import type { DirectedGraph } from '../graph.ts';

/** Items by number or id, or a set made once by `RelatedProducts.mask` and used for many calls. */
export type ItemSet = Bitset | Iterable<number | string>;

export interface MaskOptions {
  /** Items never to answer, beside the query itself. */
  exclude?: ItemSet;
  /** Answer nothing else. */
  allow?: ItemSet;
  /** Items that can be sold now: answer nothing else. With `allow`, an answer must be in both. */
  inStock?: ItemSet;
}

/** The node of an id or number, or a TypeError or RangeError that names the argument. */
export type NodeOf = (item: number | string, name: string) => number;

export function itemSet(size: number, items: ItemSet, name: string, nodeOf: NodeOf): Bitset {
  if (items instanceof Bitset) {
    if (items.size !== size) throw new RangeError(`${name} must be of size ${size}, got ${items.size}`);
    return items;
  }
  if (typeof items === 'string' || typeof items?.[Symbol.iterator] !== 'function') {
    throw new TypeError(`${name} must be a Bitset or a list of items, got ${typeof items}`);
  }
  const set = new Bitset(size);
  for (const item of items) {
    try {
      set.set(nodeOf(item, name));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const rule = `${name} must hold items of the model alone: ${error.message}`;
      throw new RangeError(`${rule} (leave out those with graph.findId(id) < 0)`, { cause: error });
    }
  }
  return set;
}

/**
 * The items no query may answer: exclude or not allow or not inStock, word by word; 313 words for 10,000 items, so
 * nothing is kept or rebuilt between calls.
 */
export function barredItems(size: number, options: MaskOptions, nodeOf: NodeOf): Bitset {
  const barred = new Bitset(size);
  const { words } = barred;
  if (options.exclude !== undefined) words.set(itemSet(size, options.exclude, 'exclude', nodeOf).words);
  for (const name of ['allow', 'inStock'] as const) {
    const items = options[name];
    if (items === undefined) continue;
    const kept = itemSet(size, items, name, nodeOf).words;
    for (let i = 0; i < words.length; i++) words[i] |= ~kept[i];
  }
  return barred;
}

/** `barred` with the query's own items, and with `known` also what they lead to in the graph. */
export function barredFor(
  barred: Bitset,
  graph: DirectedGraph,
  nodes: readonly number[],
  known: boolean,
): Bitset {
  const set = new Bitset(barred.size);
  set.words.set(barred.words);
  const { indptr, indices } = graph.out;
  for (const node of nodes) {
    set.set(node);
    if (known) for (let e = indptr[node]; e < indptr[node + 1]; e++) set.set(indices[e]);
  }
  return set;
}

/** How many of [0, size) are not barred. */
export function countFree(barred: Bitset): number {
  let taken = 0;
  const { words, size } = barred;
  for (let i = 0; i < words.length; i++) {
    let w = i === words.length - 1 && size % 32 > 0 ? words[i] & ((1 << (size % 32)) - 1) : words[i];
    w -= (w >>> 1) & 0x55555555;
    w = (w & 0x33333333) + ((w >>> 2) & 0x33333333);
    taken += (((w + (w >>> 4)) & 0xf0f0f0f) * 0x1010101) >>> 24;
  }
  return size - taken;
}
