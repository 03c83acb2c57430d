import { list, options, real, sized } from '../../check.ts';
import { rowOfEntry } from '../csr.ts';
import { DirectedGraph } from '../graph.ts';
import type { ItemFeatures } from './input-rows.ts';
import type { NodeOf } from './masks.ts';

/** Edges between items, as parallel lists. */
export interface NewEdges {
  readonly source: ArrayLike<number | string>;
  readonly target: ArrayLike<number | string>;
  /** 1 when absent; added to the weight of an edge that is there. */
  readonly weight?: ArrayLike<number>;
  /** Needed where the graph has times. */
  readonly timestamp?: ArrayLike<number>;
}

const none: Partial<NewEdges> = {
  source: undefined,
  target: undefined,
  weight: undefined,
  timestamp: undefined,
};

/** The graph with further edges, and the nodes of each. The weight of an unweighted graph's new edges is refused. */
export function withEdges(
  graph: DirectedGraph,
  given: NewEdges,
  nodeOf: NodeOf,
): { graph: DirectedGraph; source: Uint32Array; target: Uint32Array } {
  const o = options<Partial<NewEdges>>(given, none, 'edges');
  const rows = sized(o.source!, 'source', o.source?.length as number).length;
  sized(o.target!, 'target', rows);
  const { weights, timestamps } = graph.out;
  if (o.weight && !weights) throw new TypeError('weight: the edges of this graph have no weights');
  if (timestamps && !o.timestamp)
    throw new TypeError('timestamp is needed: the edges of this graph have times');
  if (o.timestamp && !timestamps) throw new TypeError('timestamp: the edges of this graph have no times');
  const nodes = (list: ArrayLike<number | string>, name: string) =>
    Uint32Array.from({ length: rows }, (_, i) => nodeOf(list[i], `${name}[${i}]`));
  const source = nodes(o.source!, 'source');
  const target = nodes(o.target!, 'target');
  const weight = o.weight === undefined ? undefined : sized(o.weight, 'weight', rows);
  const timestamp = o.timestamp === undefined ? undefined : sized(o.timestamp, 'timestamp', rows);
  for (let i = 0; i < rows; i++) {
    if (weight) real(weight[i], `weight[${i}]`, Number.MIN_VALUE);
    if (timestamp) real(timestamp[i], `timestamp[${i}]`, 0);
  }
  const both = <T extends ArrayLike<number>>(old: T, more: ArrayLike<number>) => {
    const all = new Float64Array(old.length + rows);
    all.set(old);
    all.set(more, old.length);
    return all;
  };
  const ones = new Float64Array(rows).fill(1);
  const grown = DirectedGraph.fromEdges(
    both(rowOfEntry(graph.out), source),
    both(graph.out.indices, target),
    {
      weight: weights && both(weights, weight ?? ones),
      timestamp: timestamps && both(timestamps, timestamp!),
      ...(graph.ids ? { ids: graph.ids } : { nodeCount: graph.nodeCount }),
    },
  );
  return { graph: grown, source, target };
}

/** An item to add to a model. */
export interface AddedItem {
  readonly id: string;
  readonly features?: ItemFeatures;
  readonly category?: string;
}

/** Items to add, checked but for their features, which the encoder reads. */
export function addedItems(given: Iterable<AddedItem>): AddedItem[] {
  const none: Partial<AddedItem> = { id: undefined, features: undefined, category: undefined };
  return list(given, 'items').map((one, i) => {
    const item = options<Partial<AddedItem>>(one, none, `items[${i}]`);
    for (const key of ['id', 'category'] as const) {
      if (key === 'category' && item.category === undefined) continue;
      if (typeof item[key] !== 'string') {
        throw new TypeError(`items[${i}].${key} must be text, got ${typeof item[key]}`);
      }
    }
    return item as AddedItem;
  });
}

/** The graph with further nodes at the end, without edges. RangeError for an id that is there or given twice. */
export function withNodes(graph: DirectedGraph, ids: readonly string[]): DirectedGraph {
  const old = graph.ids ?? Array.from({ length: graph.nodeCount }, (_, u) => String(u));
  const { indices, weights, timestamps } = graph.out;
  return DirectedGraph.fromEdges(rowOfEntry(graph.out), indices, {
    weight: weights,
    timestamp: timestamps,
    ids: [...old, ...ids],
  });
}
