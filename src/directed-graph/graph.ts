import { integer, options, sized } from '../check.ts';
import { type Csr, countingSort, findEdge, MAX_NODES, permuted, transposeCsr } from './csr.ts';
import { edgesFromOrders, type OrderCounts, type OrderOptions, type Orders } from './orders.ts';

export interface EdgeOptions {
  /** Positive finite weight of each edge; 1 when absent. Weights of parallel edges are added. */
  weight?: ArrayLike<number>;
  /** Epoch seconds of each edge, >= 0. A merged edge carries its latest time, so it is never seen too early. */
  timestamp?: ArrayLike<number>;
  /** Number of nodes; one more than the largest index when absent. */
  nodeCount?: number;
  /** The name of each node, distinct; any text, `__proto__` too. Names are `String(index)` when absent. */
  ids?: readonly string[];
}

/**
 * A directed graph in CSR both ways. Nodes are 0 .. nodeCount - 1; parallel edges are merged, self-loops dropped, and
 * both are counted in `dropped`.
 */
export class DirectedGraph {
  #in: { csr: Csr; edge: Uint32Array } | undefined;

  private constructor(
    readonly nodeCount: number,
    /** Out-neighbours: row u lists the targets of u. */
    readonly out: Csr,
    readonly dropped: { readonly selfLoops: number; readonly merged: number },
    /** For each input row of `fromEdges`, the position of its edge in `out`, or -1 for a self-loop. */
    readonly edgeOfRow: Int32Array,
    readonly ids: readonly string[] | undefined,
    private readonly names: ReadonlyMap<string, number> | undefined,
    /** What was counted on the way, when the graph was made by `fromOrders`. */
    readonly orders?: OrderCounts,
  ) {}

  /**
   * A graph from parallel arrays of node indices. TypeError for a wrong kind, RangeError naming the row for an index
   * that is not a node, a weight that is not positive and finite, or a time that is negative.
   */
  static fromEdges(source: ArrayLike<number>, target: ArrayLike<number>, given?: EdgeOptions): DirectedGraph {
    const { weight, timestamp, nodeCount, ids } = options<EdgeOptions>(
      given,
      { weight: undefined, timestamp: undefined, nodeCount: undefined, ids: undefined },
      'fromEdges',
    );
    sized(source, 'source', source?.length);
    const rows = sized(target, 'target', source.length).length;
    // null is no column: it would leave the edges without weights in silence.
    if (weight !== undefined) sized(weight, 'weight', rows);
    if (timestamp !== undefined) sized(timestamp, 'timestamp', rows);
    let n = ids ? ids.length : nodeCount === undefined ? 0 : integer(nodeCount, 'nodeCount', 0, MAX_NODES);
    if (ids) integer(ids.length, 'number of ids', 0, MAX_NODES);
    if (ids && nodeCount !== undefined) integer(nodeCount, 'nodeCount', ids.length, ids.length);
    const names = ids && namesOf(ids);
    const last = n > 0 || ids || nodeCount !== undefined ? n - 1 : MAX_NODES - 1;
    // Whether the rows are those of a CSR as they stand, as a saved graph's are.
    let inOrder = true;
    for (let i = 0; i < rows; i++) {
      const u = source[i];
      const v = target[i];
      if (!(Number.isInteger(u) && u >= 0 && u <= last)) {
        throw new RangeError(`source[${i}] must be a node from 0 to ${last}, got ${nodeText(u)}`);
      }
      if (!(Number.isInteger(v) && v >= 0 && v <= last)) {
        throw new RangeError(`target[${i}] must be a node from 0 to ${last}, got ${nodeText(v)}`);
      }
      if (weight && !(Math.fround(weight[i]) > 0 && weight[i] <= MAX_F32)) {
        throw new RangeError(`weight[${i}] must be positive and finite, got ${weight[i]}`);
      }
      if (timestamp && !(timestamp[i] >= 0 && timestamp[i] < Infinity)) {
        throw new RangeError(`timestamp[${i}] must be epoch seconds from 0, got ${timestamp[i]}`);
      }
      if (ids === undefined && nodeCount === undefined) n = Math.max(n, u + 1, v + 1);
      if (u === v || (i > 0 && !(source[i - 1] < u || (source[i - 1] === u && target[i - 1] < v)))) {
        inOrder = false;
      }
    }
    if (inOrder) {
      const indptr = new Uint32Array(n + 1);
      const edgeOfRow = new Int32Array(rows);
      for (let e = 0; e < rows; e++) {
        indptr[source[e] + 1]++;
        edgeOfRow[e] = e;
      }
      for (let u = 0; u < n; u++) indptr[u + 1] += indptr[u];
      const out: Csr = {
        indptr,
        indices: new Uint32Array(target),
        weights: weight && new Float32Array(weight),
        timestamps: timestamp && new Float64Array(timestamp),
      };
      return new DirectedGraph(n, out, { selfLoops: 0, merged: 0 }, edgeOfRow, ids, names);
    }

    // Two counting sorts, by target and then stably by source, leave rows in (source, target) order.
    const order = countingSort(source, countingSort(target, undefined, n, rows), n, rows);
    const indptr = new Uint32Array(n + 1);
    const indices = new Uint32Array(rows);
    const weights = weight && new Float64Array(rows);
    const timestamps = timestamp && new Float64Array(rows);
    const edgeOfRow = new Int32Array(rows).fill(-1);
    let edges = 0;
    let selfLoops = 0;
    let previous = -1;
    for (const row of order) {
      const u = source[row];
      const v = target[row];
      if (u === v) {
        selfLoops++;
        continue;
      }
      if (previous < 0 || source[previous] !== u || target[previous] !== v) {
        indices[edges] = v;
        indptr[u + 1]++;
        edges++;
      }
      previous = row;
      const e = edges - 1;
      edgeOfRow[row] = e;
      if (weights && !((weights[e] += weight![row]) <= MAX_F32)) {
        throw new RangeError(`weight of edge ${u} -> ${v} must stay finite when added up, got ${weights[e]}`);
      }
      if (timestamps) timestamps[e] = Math.max(timestamps[e], timestamp![row]);
    }
    for (let u = 0; u < n; u++) indptr[u + 1] += indptr[u];
    const out: Csr = {
      indptr,
      indices: indices.slice(0, edges),
      weights: weights && Float32Array.from(weights.subarray(0, edges)),
      timestamps: timestamps?.slice(0, edges),
    };
    const dropped = { selfLoops, merged: rows - selfLoops - edges };
    return new DirectedGraph(n, out, dropped, edgeOfRow, ids, names);
  }

  /**
   * A "bought U, next V" graph from order lines; `orders` on the result holds the counts. See `Orders` and
   * `orderDefaults` for what counts as an edge.
   */
  static fromOrders(orders: Orders, given?: OrderOptions): DirectedGraph {
    const { source, target, weight, timestamp, ids, nodeCount, counts } = edgesFromOrders(orders, given);
    const graph = DirectedGraph.fromEdges(source, target, {
      weight,
      timestamp,
      ...(ids ? { ids } : { nodeCount }),
    });
    return new DirectedGraph(
      graph.nodeCount,
      graph.out,
      graph.dropped,
      graph.edgeOfRow,
      graph.ids,
      graph.names,
      counts,
    );
  }

  get edgeCount(): number {
    return this.out.indices.length;
  }

  /** In-neighbours: row v lists the sources that lead to v. */
  get in(): Csr {
    return this.#transposed().csr;
  }

  /** For each entry of `in`, the position of the same edge in `out`. */
  get inEdge(): Uint32Array {
    return this.#transposed().edge;
  }

  hasEdge(source: number, target: number): boolean {
    return findEdge(this.out, source, target) >= 0;
  }

  outDegree(node: number): number {
    return this.out.indptr[node + 1] - this.out.indptr[node];
  }

  inDegree(node: number): number {
    return this.in.indptr[node + 1] - this.in.indptr[node];
  }

  /** The name of a node. */
  idOf(node: number): string {
    return this.ids ? this.ids[node] : String(node);
  }

  /** The node of a name. RangeError when no node has it. */
  indexOf(id: string): number {
    const index = this.findId(id);
    if (index < 0) throw new RangeError(`no node has the id ${JSON.stringify(id)}`);
    return index;
  }

  /** The node of a name, or -1. */
  findId(id: string): number {
    if (!this.ids) {
      const index = Number(id);
      return Number.isInteger(index) && index >= 0 && index < this.nodeCount && String(index) === id
        ? index
        : -1;
    }
    return this.names!.get(id) ?? -1;
  }

  /**
   * The same nodes with only the edges for which `keep` (by position in `out`) is not 0. `edgeOfRow` of the result
   * counts the kept edges.
   */
  filterEdges(keep: ArrayLike<number>): DirectedGraph {
    sized(keep, 'keep', this.edgeCount);
    const { indptr, indices, weights, timestamps } = this.out;
    const picked = new Uint32Array(this.edgeCount);
    const kept = new Uint32Array(this.nodeCount + 1);
    let count = 0;
    for (let u = 0; u < this.nodeCount; u++) {
      for (let e = indptr[u]; e < indptr[u + 1]; e++) if (keep[e]) picked[count++] = e;
      kept[u + 1] = count;
    }
    const out: Csr = {
      indptr: kept,
      indices: permuted(indices, picked, new Uint32Array(count)),
      weights: weights && permuted(weights, picked, new Float32Array(count)),
      timestamps: timestamps && permuted(timestamps, picked, new Float64Array(count)),
    };
    const edgeOfRow = new Int32Array(count);
    for (let e = 0; e < count; e++) edgeOfRow[e] = e;
    const dropped = { selfLoops: 0, merged: 0 };
    return new DirectedGraph(this.nodeCount, out, dropped, edgeOfRow, this.ids, this.names, this.orders);
  }

  #transposed(): { csr: Csr; edge: Uint32Array } {
    this.#in ??= transposeCsr(this.out, this.nodeCount);
    return this.#in;
  }
}

const MAX_F32 = 3.4028234663852886e38;

export const LONE_SURROGATE = /\p{Surrogate}/u;

function namesOf(ids: readonly string[]): ReadonlyMap<string, number> {
  const names = new Map<string, number>();
  for (let i = 0; i < ids.length; i++) {
    if (typeof ids[i] !== 'string') throw new TypeError(`ids[${i}] must be text, got ${typeof ids[i]}`);
    // Half a surrogate pair has no UTF-8, so it could not be written to a model and read again.
    if (LONE_SURROGATE.test(ids[i])) throw new RangeError(`ids[${i}] must be well-formed Unicode`);
    names.set(ids[i], i);
    if (names.size !== i + 1)
      throw new RangeError(`ids must be distinct, got ${JSON.stringify(ids[i])} twice`);
  }
  return names;
}

/** Ids belong into `ids`, in the order of the nodes. */
const nodeText = (node: unknown): string =>
  typeof node === 'string'
    ? `${JSON.stringify(node)} (nodes are numbers, the option ids names them)`
    : String(node);
