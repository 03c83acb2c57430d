import { integer, oneOf, options } from '../check.ts';
import type { Slice } from '../engine/arena.ts';
import type { Engine } from '../engine/engine.ts';
import { rowOfEntry } from './csr.ts';
import type { DirectedGraph } from './graph.ts';
import { Block, type BlockSize } from './sampled-block.ts';

/** `out`: a node's targets are sampled (source pass); `in`: its sources (target pass). */
export type Direction = 'out' | 'in';

export interface SamplerOptions {
  /** Key of every draw, u32. */
  seed?: number;
  /** Keep edge times in the arena, so that `limit` can be used. */
  temporal?: boolean;
  /** Random walks a node for the multi-hop fill; 0 keeps no memory for it. */
  walks?: number;
}

export interface BlockOptions {
  /** Most neighbours of a node. */
  fanout?: number;
  /** u32[nodeCount]: most neighbours of each node, instead of `fanout`. */
  budgets?: Slice<'u32'>;
  /** f32[edges] in the order of the direction's entries, or f32[nodeCount] of the neighbour; uniform when absent. */
  weights?: Slice<'f32'>;
  /** f64[frontier] epoch seconds: edges later than a node's limit do not exist for it. */
  limit?: Slice<'f64'>;
  /** Nodes with fewer neighbours than their budget get nodes of short walks: out,in,out (`alternating`) or out,out. */
  fill?: 'none' | 'alternating' | 'forward';
  /** Two uses with the same step must differ in stream: hops, directions. u32. */
  stream?: number;
  /** Batch number, u32. */
  step?: number;
}

const samplerDefaults = { seed: 0, temporal: false, walks: 0 };
export const blockDefaults = {
  /** neighbours a node */
  fanout: 10,
  budgets: undefined,
  weights: undefined,
  limit: undefined,
  fill: 'none' as const,
  stream: 0,
  step: 0,
};

/**
 * Neighbourhood sampling without replacement for mini-batches, keyed by (seed, stream, step, node): the order of a
 * frontier changes no pick. The graph is copied into the arena once; a block allocates nothing.
 */
export class NeighbourSampler {
  readonly #engine: Engine;
  readonly #owned: Slice[] = [];
  readonly #seed: number;
  readonly #walks: number;
  readonly #adjacency: Record<Direction, Slice<'u32'>>;
  readonly #times: Record<Direction, Slice<'f64'>> | undefined;
  readonly #maxDegree: Record<Direction, number>;
  readonly #mask: Slice<'u32'>;
  #masked = false;
  readonly #scratch: Slice<'u32'>;
  readonly #walkScratch: Slice<'u32'> | undefined;
  readonly #table: Slice<'u32'>;
  readonly #source: Uint32Array;
  readonly #base: Record<Direction, Uint32Array>;
  /** u32[nodeCount] each: edges of a node that are not masked. */
  readonly degrees: Record<Direction, Slice<'u32'>>;

  constructor(
    engine: Engine,
    readonly graph: DirectedGraph,
    given?: SamplerOptions,
  ) {
    const { seed, temporal, walks } = options<Required<SamplerOptions>>(
      given,
      samplerDefaults,
      'NeighbourSampler',
    );
    this.#engine = engine;
    this.#seed = integer(seed, 'seed', 0, 2 ** 32 - 1);
    this.#walks = integer(walks, 'walks', 0, 65_535);
    if (temporal && !graph.out.timestamps) {
      throw new RangeError('temporal needs a graph with timestamps, and this one has none');
    }
    const n = graph.nodeCount;
    const m = graph.edgeCount;
    this.#source = rowOfEntry(graph.out);
    const degreesOf = (indptr: Uint32Array) => {
      const d = new Uint32Array(n);
      for (let u = 0; u < n; u++) d[u] = indptr[u + 1] - indptr[u];
      return d;
    };
    this.#base = { out: degreesOf(graph.out.indptr), in: degreesOf(graph.in.indptr) };
    const largest = (d: Uint32Array) => d.reduce((a, b) => Math.max(a, b), 0);
    this.#maxDegree = { out: largest(this.#base.out), in: largest(this.#base.in) };
    const alloc = <T extends 'u32' | 'f64'>(type: T, length: number) => {
      const slice = engine.alloc(type, length);
      this.#owned.push(slice);
      return slice;
    };
    try {
      const pack = (direction: Direction) => {
        const slice = alloc('u32', n + 1 + 2 * m);
        const { indptr, indices } = graph[direction];
        slice.array.set(indptr);
        slice.array.set(indices, n + 1);
        const position = slice.array.subarray(n + 1 + m);
        if (direction === 'in') position.set(graph.inEdge);
        else for (let e = 0; e < m; e++) position[e] = e;
        return slice;
      };
      this.#adjacency = { out: pack('out'), in: pack('in') };
      if (temporal) {
        this.#times = {
          out: alloc('f64', m).set(graph.out.timestamps!),
          in: alloc('f64', m).set(graph.in.timestamps!),
        };
      }
      this.degrees = { out: alloc('u32', n).set(this.#base.out), in: alloc('u32', n).set(this.#base.in) };
      this.#mask = alloc('u32', Math.ceil(m / 32));
      const d = Math.max(this.#maxDegree.out, this.#maxDegree.in);
      this.#scratch = alloc('u32', 8 + 2 * Math.ceil(d / 64) + 3 * d);
      if (walks > 0) this.#walkScratch = alloc('u32', 8 + n + walks);
      this.#table = alloc('u32', n);
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** Space for blocks of up to `rows` frontier nodes, `entries` picked edges and `fill` nodes of walks. */
  reserve(given: BlockSize): Block {
    const { rows, entries, fill } = options<Required<BlockSize>>(
      given,
      { rows: 0, entries: 0, fill: 0 },
      'reserve',
    );
    const size = {
      rows: integer(rows, 'rows', 0, this.graph.nodeCount),
      entries: integer(entries, 'entries', 0, 2 ** 31 - 1),
      fill: integer(fill, 'fill', 0, 2 ** 31 - 1),
    };
    return new Block(this.#engine, size, this.graph.nodeCount, this.#times !== undefined);
  }

  /**
   * Hides the edges whose bits are set (bit e % 32 of word e / 32 for position e in `graph.out`) from every later
   * block and from `degrees`; undefined shows all again. O(nodes + edges / 32 + hidden edges).
   */
  setMask(mask: Uint32Array | undefined): void {
    const n = this.graph.nodeCount;
    const words = this.#mask.length;
    if (mask !== undefined && mask.length !== words) {
      throw new RangeError(`mask must have ${words} words of 32 edges, got ${mask.length}`);
    }
    const out = this.degrees.out.set(this.#base.out).array;
    const into = this.degrees.in.set(this.#base.in).array;
    this.#masked = mask !== undefined && n > 0;
    if (!mask) return;
    this.#mask.set(mask);
    const { indices } = this.graph.out;
    for (let w = 0; w < words; w++) {
      for (let bits = mask[w]; bits !== 0; bits &= bits - 1) {
        const e = 32 * w + 31 - Math.clz32(bits & -bits);
        if (!(e < indices.length)) throw new RangeError(`mask has a bit for edge ${e} of ${indices.length}`);
        out[this.#source[e]]--;
        into[indices[e]]--;
      }
    }
  }

  /**
   * Samples the neighbours of `frontier` (distinct nodes) in one direction into `into` and numbers the nodes that
   * occur. RangeError when a node is not of the graph, occurs twice, or the block is too small.
   */
  block(
    into: Block,
    frontier: Uint32Array | { nodes: Slice<'u32'>; nodeCount: number },
    direction: Direction,
    given?: BlockOptions,
  ): Block {
    const o = options<BlockOptions>(given, blockDefaults, 'block');
    oneOf(direction, 'direction', ['out', 'in']);
    const fill = oneOf(o.fill, 'fill', ['none', 'alternating', 'forward']);
    const fanout = integer(o.fanout, 'fanout', 0, 2 ** 31 - 1);
    const stream = integer(o.stream, 'stream', 0, 2 ** 32 - 1);
    const step = integer(o.step, 'step', 0, 2 ** 32 - 1);
    const { kernels } = this.#engine;
    const n = this.graph.nodeCount;
    const m = this.graph.edgeCount;
    if (o.budgets && o.budgets.length !== n) {
      throw new RangeError(`budgets must have ${n} entries, got ${o.budgets.length}`);
    }
    if (o.weights && o.weights.length !== m && o.weights.length !== n) {
      throw new RangeError(`weights must have ${m} (edges) or ${n} (nodes) entries, got ${o.weights.length}`);
    }
    if (fill !== 'none' && !this.#walkScratch) {
      throw new Error('fill needs a sampler made with walks above 0');
    }
    const rows = this.#frontier(into, frontier);
    if (o.limit && !(this.#times && o.limit.length >= rows)) {
      throw new RangeError(`limit needs a temporal sampler and ${rows} entries, got ${o.limit.length}`);
    }
    this.#fits(into, rows, direction, fanout, o.budgets, fill !== 'none');

    into.rows = rows;
    const frontierPtr = into.nodes.ptr;
    const mask = this.#masked ? this.#mask.ptr : 0;
    const adjacency = this.#adjacency[direction].ptr;
    const time = o.limit ? this.#times![direction].ptr : 0;
    const limit = o.limit?.ptr ?? 0;
    const budget = o.budgets?.ptr ?? 0;
    const degree = this.degrees[direction].ptr;
    // Per-edge wins when a graph has as many edges as nodes.
    const perNode = o.weights && o.weights.length !== m ? 1 : 0;
    const { indptr, indices, edges, available, nodes } = into;
    const max = this.#maxDegree[direction];
    // biome-ignore format: outputs, inputs, counts, scalars
    into.entries = o.weights
      ? kernels.sampleWeighted(
          indptr.ptr, indices.ptr, edges.ptr, available.ptr, this.#scratch.ptr,
          frontierPtr, budget, adjacency, o.weights.ptr, mask, time, limit,
          n, m, rows, fanout, max, perNode, this.#seed, stream, step)
      : kernels.sampleUniform(
          indptr.ptr, indices.ptr, edges.ptr, available.ptr, this.#scratch.ptr,
          frontierPtr, budget, adjacency, mask, degree, time, limit,
          n, m, rows, fanout, max, this.#seed, stream, step);
    into.fillEntries = 0;
    if (fill !== 'none') {
      const other: Direction = fill === 'forward' ? direction : direction === 'out' ? 'in' : 'out';
      // biome-ignore format: outputs, inputs, counts, scalars
      into.fillEntries = kernels.walkFill(
        into.fillIndptr.ptr, into.fillIndices.ptr, into.fillShare.ptr, this.#walkScratch!.ptr,
        frontierPtr, budget, indptr.ptr, indices.ptr, adjacency, this.#adjacency[other].ptr, mask,
        time, o.limit ? this.#times![other].ptr : 0, limit,
        n, m, rows, fanout, this.#walks, fill === 'forward' ? 2 : 3, this.#seed, stream, step);
    } else into.fillIndptr.fill(0);
    const table = this.#table.ptr;
    let known = kernels.relabel(indices.ptr, nodes.ptr, table, indices.ptr, into.entries, rows);
    const { fillIndices } = into;
    known = kernels.relabel(fillIndices.ptr, nodes.ptr, table, fillIndices.ptr, into.fillEntries, known);
    kernels.relabelReset(table, nodes.ptr, known);
    into.nodeCount = known;
    if (o.limit) earliest(into, o.limit.array);
    return into;
  }

  /** Bytes of arena this sampler holds, blocks not counted. */
  stats(): { bytes: number } {
    return { bytes: this.#owned.reduce((sum, slice) => sum + slice.bytes, 0) };
  }

  dispose(): void {
    this.#engine.release(...this.#owned.splice(0));
  }

  /** Copies the frontier to the front of `into.nodes` and numbers it in the table. */
  #frontier(into: Block, frontier: Uint32Array | { nodes: Slice<'u32'>; nodeCount: number }): number {
    const ids =
      frontier instanceof Uint32Array ? frontier : frontier.nodes.array.subarray(0, frontier.nodeCount);
    const rows = ids.length;
    if (!(rows <= into.size.rows)) {
      throw new RangeError(`frontier must have at most ${into.size.rows} nodes, got ${rows}`);
    }
    for (let i = 0; i < rows; i++) {
      if (!(ids[i] < this.graph.nodeCount)) {
        throw new RangeError(
          `frontier[${i}] must be a node from 0 to ${this.graph.nodeCount - 1}, got ${ids[i]}`,
        );
      }
    }
    into.nodes.array.set(ids);
    const { kernels } = this.#engine;
    const { nodes, indptr } = into;
    const known = kernels.relabel(indptr.ptr, nodes.ptr, this.#table.ptr, nodes.ptr, rows, 0);
    if (known !== rows) {
      kernels.relabelReset(this.#table.ptr, nodes.ptr, known);
      throw new RangeError(`frontier must have distinct nodes, got ${known} distinct of ${rows}`);
    }
    return rows;
  }

  /** RangeError, with the table emptied, when the largest outcome does not fit the block. */
  #fits(
    into: Block,
    rows: number,
    direction: Direction,
    fanout: number,
    budgets: Slice<'u32'> | undefined,
    fill: boolean,
  ): void {
    const ids = into.nodes.array;
    const degree = this.degrees[direction].array;
    const budget = budgets?.array;
    let entries = 0;
    let missing = 0;
    for (let i = 0; i < rows; i++) {
      const k = budget ? budget[ids[i]] : fanout;
      entries += Math.min(k, degree[ids[i]]);
      missing += Math.min(k, this.#walks);
    }
    const short =
      entries > into.size.entries
        ? `${entries} entries and the block holds ${into.size.entries}`
        : fill && missing > into.size.fill
          ? `fill ${missing} and the block holds ${into.size.fill}`
          : undefined;
    if (short === undefined) return;
    this.#engine.kernels.relabelReset(this.#table.ptr, into.nodes.ptr, rows);
    throw new RangeError(`the frontier may need ${short}`);
  }
}

/** The earliest limit under which each node of a block was reached. */
function earliest(block: Block, limit: Float64Array): void {
  const limits = block.limits.array;
  limits.fill(Infinity, 0, block.nodeCount);
  limits.set(limit.subarray(0, block.rows));
  for (const [indptr, indices] of [
    [block.indptr.array, block.indices.array],
    [block.fillIndptr.array, block.fillIndices.array],
  ]) {
    for (let i = 0; i < block.rows; i++) {
      for (let e = indptr[i]; e < indptr[i + 1]; e++) {
        if (limit[i] < limits[indices[e]]) limits[indices[e]] = limit[i];
      }
    }
  }
}
