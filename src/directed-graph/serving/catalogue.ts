import { sized } from '../../check.ts';
import { LONE_SURROGATE } from '../graph.ts';

/** What is known of the items beside their sales. */
export interface Catalogue {
  /** The category of each node; the empty text for none. */
  readonly category: readonly string[];
}

/** Categories by number; -1 for none. */
export interface Categories {
  readonly of: Int32Array;
  readonly names: readonly string[];
}

const made = new WeakMap<readonly string[], Categories>();

/** The catalogue's categories as numbers, made once for each list. An error for an entry that is not text. */
export function categoriesOf(catalogue: Catalogue, nodeCount: number): Categories {
  if (!(typeof catalogue === 'object' && catalogue !== null)) {
    throw new TypeError(`catalogue must be an object with the category of each node, got ${catalogue}`);
  }
  const { category } = catalogue;
  sized(category, 'catalogue.category', nodeCount);
  let found = made.get(category);
  if (!found) {
    const code = new Map<string, number>();
    const of = new Int32Array(nodeCount);
    for (let v = 0; v < nodeCount; v++) {
      const name = category[v];
      if (typeof name !== 'string') {
        throw new TypeError(`catalogue.category[${v}] must be text, got ${typeof name}`);
      }
      if (LONE_SURROGATE.test(name)) {
        throw new RangeError(`catalogue.category[${v}] must be well-formed Unicode`);
      }
      if (name !== '' && !code.has(name)) code.set(name, code.size);
      of[v] = name === '' ? -1 : code.get(name)!;
    }
    found = { of, names: [...code.keys()] };
    made.set(category, found);
  }
  return found;
}
