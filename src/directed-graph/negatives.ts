import { integer, oneOf, options } from '../check.ts';
import type { Slice } from '../engine/arena.ts';
import type { Engine } from '../engine/engine.ts';
import { quarterPower } from './budgets.ts';
import { rowOfEntry } from './csr.ts';
import type { DirectedGraph } from './graph.ts';
import { reverseEdges } from './reverse.ts';
import type { Pairs } from './scorer.ts';

export interface NegativeOptions {
  /** `uniform` over nodes, or `popularity`: proportional to (in-degree + .5)^.75. */
  kind?: 'uniform' | 'popularity';
  /** Key of every draw, u32. */
  seed?: number;
}

export interface DrawOptions {
  /** Two uses with the same step must differ in stream, u32. */
  stream?: number;
  /** Batch number, u32. */
  step?: number;
  /** u32[rows], rows dividing the number drawn: no negative of row i is exclude[i] (its query, say). */
  exclude?: Slice<'u32'>;
}

const negativeDefaults = { kind: 'popularity' as const, seed: 0 };
const drawDefaults = { stream: 0, step: 0, exclude: undefined };

/** Draws target nodes with replacement from a fixed distribution; item i of a draw depends on its key and i only. */
export class NegativeSampler {
  readonly #engine: Engine;
  readonly #seed: number;
  readonly #threshold: Slice<'u32'> | undefined;
  readonly #alias: Slice<'u32'> | undefined;
  readonly #scratch: Slice<'u32'>;
  readonly nodeCount: number;
  /** f32[nodeCount]: ln of each node's probability, for the logQ correction of a sampled softmax. */
  readonly logQ: Slice<'f32'>;

  constructor(engine: Engine, graph: DirectedGraph, given?: NegativeOptions) {
    const o = options<Required<NegativeOptions>>(given, negativeDefaults, 'NegativeSampler');
    oneOf(o.kind, 'kind', ['uniform', 'popularity']);
    this.#seed = integer(o.seed, 'seed', 0, 2 ** 32 - 1);
    const n = integer(graph.nodeCount, 'nodeCount', 1);
    this.#engine = engine;
    this.nodeCount = n;
    this.#scratch = engine.alloc('u32', 8);
    this.logQ = engine.alloc('f32', n);
    const q = this.logQ.array;
    if (o.kind === 'uniform') q.fill(1 / n);
    else {
      const weight = new Float64Array(n);
      let total = 0;
      for (let v = 0; v < n; v++) total += weight[v] = quarterPower(graph.inDegree(v) + 0.5, 3);
      for (let v = 0; v < n; v++) q[v] = weight[v] / total;
      const table = aliasTable(weight);
      this.#threshold = engine.from('u32', table.threshold);
      this.#alias = engine.from('u32', table.alias);
    }
    engine.kernels.log(this.logQ.ptr, this.logQ.ptr, n);
  }

  /** Fills `into` with nodes. */
  draw(into: Slice<'u32'>, given?: DrawOptions): Slice<'u32'> {
    const { stream, step, exclude } = options<DrawOptions>(given, drawDefaults, 'draw');
    integer(stream, 'stream', 0, 2 ** 32 - 1);
    integer(step, 'step', 0, 2 ** 32 - 1);
    if (exclude && !(exclude.length > 0 && into.length % exclude.length === 0)) {
      throw new RangeError(`exclude must have a divisor of ${into.length} entries, got ${exclude.length}`);
    }
    if (exclude && this.nodeCount < 2) throw new RangeError('exclude needs a graph of at least 2 nodes');
    this.#engine.kernels.drawNegatives(
      into.ptr,
      this.#threshold?.ptr ?? 0,
      this.#alias?.ptr ?? 0,
      exclude?.ptr ?? 0,
      this.#scratch.ptr,
      into.length,
      exclude ? into.length / exclude.length : 1,
      this.nodeCount,
      this.#seed,
      stream!,
      step!,
    );
    return into;
  }

  dispose(): void {
    this.#engine.release(this.#scratch, this.logQ, this.#threshold, this.#alias);
  }
}

/**
 * Walker's alias table in Vose's order: column v keeps v with probability threshold / 2^32 and gives alias[v]
 * otherwise. Only f64 sums and products, so the table is the same everywhere.
 */
export function aliasTable(weight: Float64Array): { threshold: Uint32Array; alias: Uint32Array } {
  const n = weight.length;
  let total = 0;
  for (let v = 0; v < n; v++) total += weight[v];
  const scaled = weight.map((w) => (w * n) / total);
  const threshold = new Uint32Array(n).fill(2 ** 32 - 1);
  const alias = Uint32Array.from({ length: n }, (_, v) => v);
  const small: number[] = [];
  const large: number[] = [];
  for (let v = 0; v < n; v++) (scaled[v] < 1 ? small : large).push(v);
  while (small.length > 0 && large.length > 0) {
    const s = small.pop()!;
    const l = large[large.length - 1];
    threshold[s] = Math.floor(scaled[s] * 2 ** 32);
    alias[s] = l;
    scaled[l] -= 1 - scaled[s];
    if (scaled[l] < 1) small.push(large.pop()!);
  }
  // What is left differs from 1 by rounding only and keeps itself: its alias is itself.
  return { threshold, alias };
}

/** Positions in `graph.out` of the edges that nobody goes back along. */
export function oneWayEdges(graph: DirectedGraph, reverse = reverseEdges(graph)): Uint32Array {
  let count = 0;
  for (const back of reverse) if (back < 0) count++;
  const edges = new Uint32Array(count);
  count = 0;
  for (let e = 0; e < reverse.length; e++) if (reverse[e] < 0) edges[count++] = e;
  return edges;
}

/** The one-way edges turned round: pairs that are no edges and differ from edges by direction alone. */
export function reversedNegatives(graph: DirectedGraph, reverse?: Int32Array): Pairs {
  const edges = oneWayEdges(graph, reverse);
  const sources = rowOfEntry(graph.out);
  return {
    source: edges.map((e) => graph.out.indices[e]),
    target: edges.map((e) => sources[e]),
  };
}
