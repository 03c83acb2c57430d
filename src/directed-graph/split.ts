import { integer, oneOf, options, real, sized } from '../check.ts';
import { checkEngine } from '../engine/check-engine.ts';
import type { Engine } from '../engine/engine.ts';
import { countingSort, permuted, rowOfEntry } from './csr.ts';
import { DirectedGraph, type EdgeOptions } from './graph.ts';
import type { Pairs } from './scorer.ts';

/** Edges as rows: the arguments of `DirectedGraph.fromEdges` in one object. */
export interface EdgeRows extends EdgeOptions {
  source: ArrayLike<number>;
  target: ArrayLike<number>;
}

export interface SplitOptions {
  /**
   * `random`: edges shuffled. `temporal`: the latest edges, those of one time together. `cold-node`: every edge that
   * touches a chosen node.
   */
  kind?: 'random' | 'temporal' | 'cold-node';
  /** Key of the shuffle, u32. */
  seed?: number;
  /** Share of the edges (of the connected nodes, for `cold-node`). */
  validation?: number;
  test?: number;
}

export const splitDefaults = {
  kind: 'random' as const,
  seed: 0,
  /** 80/10/10 */
  validation: 0.1,
  test: 0.1,
};

export interface Split {
  /** All nodes, training edges only: the only graph a model may see. */
  readonly train: DirectedGraph;
  readonly validation: Pairs;
  readonly test: Pairs;
  /** All edges: what the strict filter of an evaluation removes. */
  readonly known: DirectedGraph;
  /** u8[known.edgeCount]: 0 train, 1 validation, 2 test. */
  readonly part: Uint8Array;
}

const VALIDATION = 1;
const TEST = 2;
/** Streams of the shuffles, so that edges and nodes of one seed are not shuffled alike. */
const EDGE_STREAM = 0x53504c45;
const NODE_STREAM = 0x53504c4e;

/** Splits the merged edges of a graph, or of rows, into train, validation and test. */
export function splitEdges(engine: Engine, input: DirectedGraph | EdgeRows, given?: SplitOptions): Split {
  checkEngine(engine);
  const o = options<Required<SplitOptions>>(given, splitDefaults, 'splitEdges');
  oneOf(o.kind, 'kind', ['random', 'temporal', 'cold-node']);
  const seed = integer(o.seed, 'seed', 0, 2 ** 32 - 1);
  const validation = real(o.validation, 'validation', 0, 1);
  const test = real(o.test, 'test', 0, 1 - validation);
  const known = graphOf(input);
  const m = known.edgeCount;
  const part = new Uint8Array(m);
  if (o.kind === 'random') {
    const order = shuffled(engine, m, seed, EDGE_STREAM);
    const tests = Math.round(test * m);
    const ends = tests + Math.round(validation * m);
    for (let i = 0; i < Math.min(ends, m); i++) part[order[i]] = i < tests ? TEST : VALIDATION;
  } else if (o.kind === 'temporal') {
    const { timestamps } = known.out;
    if (!timestamps) throw new RangeError('a temporal split needs timestamps, and the edges have none');
    const sorted = timestamps.slice().sort();
    const from = cut(sorted, 1 - validation - test);
    const late = cut(sorted, 1 - test);
    for (let e = 0; e < m; e++) {
      if (timestamps[e] > late) part[e] = TEST;
      else if (timestamps[e] > from) part[e] = VALIDATION;
    }
  } else {
    const sources = rowOfEntry(known.out);
    const cold = new Uint8Array(known.nodeCount);
    let connected = 0;
    for (let u = 0; u < known.nodeCount; u++) if (known.outDegree(u) + known.inDegree(u) > 0) connected++;
    const tests = Math.round(test * connected);
    const ends = Math.min(tests + Math.round(validation * connected), connected);
    let chosen = 0;
    for (const u of shuffled(engine, known.nodeCount, seed, NODE_STREAM)) {
      if (chosen === ends) break;
      if (known.outDegree(u) + known.inDegree(u) > 0) cold[u] = chosen++ < tests ? TEST : VALIDATION;
    }
    for (let e = 0; e < m; e++) part[e] = Math.max(cold[sources[e]], cold[known.out.indices[e]]);
  }
  return parted(known, part);
}

/**
 * The split that labels say. `labels` are aligned with the rows the graph was built from, before merging; where rows of
 * one edge differ, the strictest wins: test, then val, then train.
 */
export function splitFromLabels(
  input: DirectedGraph | EdgeRows,
  labels: ArrayLike<'train' | 'val' | 'test'>,
): Split {
  const known = graphOf(input);
  sized(labels, 'labels', known.edgeOfRow.length);
  const part = new Uint8Array(known.edgeCount);
  for (let row = 0; row < labels.length; row++) {
    const label = ['train', 'val', 'test'].indexOf(labels[row]);
    if (label < 0) {
      throw new RangeError(
        `labels[${row}] must be one of train, val, test, got ${JSON.stringify(labels[row])}`,
      );
    }
    const e = known.edgeOfRow[row];
    if (e >= 0 && label > part[e]) part[e] = label;
  }
  return parted(known, part);
}

function graphOf(input: DirectedGraph | EdgeRows): DirectedGraph {
  if (input instanceof DirectedGraph) return input;
  if (!(input?.source && input.target))
    throw new TypeError('edges must be a DirectedGraph, or rows with source and target');
  const { source, target, ...rest } = input;
  return DirectedGraph.fromEdges(source, target, rest);
}

function parted(known: DirectedGraph, part: Uint8Array): Split {
  const sources = rowOfEntry(known.out);
  const pairs = (label: number): Pairs => {
    let count = 0;
    for (const p of part) if (p === label) count++;
    const edges = new Uint32Array(count);
    count = 0;
    for (let e = 0; e < part.length; e++) if (part[e] === label) edges[count++] = e;
    return {
      source: permuted(sources, edges, new Uint32Array(count)),
      target: permuted(known.out.indices, edges, new Uint32Array(count)),
    };
  };
  return {
    train: known.filterEdges(part.map((p) => (p === 0 ? 1 : 0))),
    validation: pairs(VALIDATION),
    test: pairs(TEST),
    known,
    part,
  };
}

/** The value up to which (inclusive) lies about `share` of a sorted list; -1 when that is none of it. */
function cut(sorted: Float64Array, share: number): number {
  const count = Math.round(share * sorted.length);
  return count > 0 ? sorted[Math.min(count, sorted.length) - 1] : -1;
}

/** 0 .. n - 1 sorted by 32 random bits each (ties, one pair in 2^33, by index). */
function shuffled(engine: Engine, n: number, seed: number, stream: number): Uint32Array {
  const bits = engine.scope((scope) => {
    const slice = scope.alloc('u32', n);
    engine.kernels.randomBits(slice.ptr, n, seed, stream, 0);
    return slice.copy();
  });
  const low = bits.map((b) => b & 0xffff);
  const high = bits.map((b) => b >>> 16);
  return countingSort(high, countingSort(low, undefined, 65_536, n), 65_536, n);
}
