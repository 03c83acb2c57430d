import { options } from '../check.ts';
import { DirectedGraph } from './graph.ts';

/** What is used of a graphology graph (directed, undirected, mixed or multi): its shape only, nothing is imported. */
export interface GraphologyLike {
  readonly order: number;
  readonly size: number;
  forEachNode(callback: (node: string) => void): void;
  forEachEdge(
    callback: (
      edge: string,
      attributes: Record<string, unknown>,
      source: string,
      target: string,
      sourceAttributes: Record<string, unknown>,
      targetAttributes: Record<string, unknown>,
      undirected: boolean,
    ) => void,
  ): void;
}

export interface GraphologyOptions {
  /** Edge attribute that holds the weight; every edge weighs 1 when absent. */
  weight?: string;
  /** Edge attribute that holds epoch seconds; edges have no times when absent. */
  timestamp?: string;
}

/**
 * The same graph in typed arrays: node keys become ids in the order of the graph, an undirected edge becomes one edge
 * each way, parallel edges are merged. TypeError naming the edge when an attribute is not a number.
 */
export function fromGraphology(graph: GraphologyLike, given?: GraphologyOptions): DirectedGraph {
  const { weight, timestamp } = options<GraphologyOptions>(
    given,
    { weight: undefined, timestamp: undefined },
    'fromGraphology',
  );
  if (!(typeof graph?.forEachNode === 'function' && typeof graph.forEachEdge === 'function')) {
    throw new TypeError(`graph must be a graphology graph, got ${graph === null ? 'null' : typeof graph}`);
  }
  const node = new Map<string, number>();
  graph.forEachNode((key) => {
    node.set(key, node.size);
  });
  const source = new Uint32Array(2 * graph.size);
  const target = new Uint32Array(2 * graph.size);
  const weights = weight === undefined ? undefined : new Float64Array(2 * graph.size);
  const times = timestamp === undefined ? undefined : new Float64Array(2 * graph.size);
  let rows = 0;
  graph.forEachEdge((edge, attributes, from, to, _source, _target, undirected) => {
    const number = (name: string) => {
      const value = attributes[name];
      if (typeof value !== 'number') {
        throw new TypeError(`edge ${edge}: attribute ${name} must be a number, got ${typeof value}`);
      }
      return value;
    };
    for (const [a, b] of undirected
      ? [
          [from, to],
          [to, from],
        ]
      : [[from, to]]) {
      source[rows] = node.get(a)!;
      target[rows] = node.get(b)!;
      if (weights) weights[rows] = number(weight!);
      if (times) times[rows] = number(timestamp!);
      rows++;
    }
  });
  return DirectedGraph.fromEdges(source.subarray(0, rows), target.subarray(0, rows), {
    weight: weights?.subarray(0, rows),
    timestamp: times?.subarray(0, rows),
    ids: [...node.keys()],
  });
}
