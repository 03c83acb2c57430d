import type { Slice } from '../engine/arena.ts';
import type { Engine } from '../engine/engine.ts';
import type { SparseMatrix } from './aggregate.ts';
import { type Csr, rowOfEntry } from './csr.ts';
import type { DirectedGraph } from './graph.ts';
import type { Aggregation } from './options.ts';
import { reverseEdges } from './reverse.ts';

/** A linear map between node states: y = M x, and back through M^T when it is built (else by scatter). */
export interface Relation {
  readonly matrix: SparseMatrix;
  readonly transpose?: SparseMatrix;
}

/** One side of the message graph in the arena, with its weights and degrees of the current step. */
interface Side {
  readonly indptr: Slice<'u32'>;
  readonly indices: Slice<'u32'>;
  readonly base?: Slice<'f32'>;
  readonly edge?: Slice<'u32'>;
  readonly degree: Slice<'f32'>;
  readonly scale: Slice<'f32'>;
  readonly weights: Slice<'f32'>;
  /** The transpose's weights where they differ from the other side's (mean aggregation). */
  readonly backWeights: Slice<'f32'>;
}

/**
 * The graph that messages pass over in one step: the training graph less the edges held out for prediction, with
 * degrees and weights computed on what is left.
 */
export class MessageGraph {
  readonly nodeCount: number;
  readonly edgeCount: number;
  readonly masked: Slice<'u32'>;
  readonly held: Slice<'u32'>;
  readonly outSide: Side;
  readonly inSide: Side;
  readonly #aggregation: Aggregation;

  constructor(
    readonly engine: Engine,
    readonly graph: DirectedGraph,
    { aggregation, edgeWeights }: { aggregation: Aggregation; edgeWeights: boolean },
  ) {
    this.nodeCount = graph.nodeCount;
    this.edgeCount = graph.edgeCount;
    this.#aggregation = aggregation;
    this.masked = engine.alloc('u32', (this.edgeCount + 31) >>> 5);
    this.held = engine.alloc('u32', this.edgeCount);
    const side = (csr: Csr, edge?: Uint32Array): Side => ({
      indptr: engine.from('u32', csr.indptr),
      indices: engine.from('u32', csr.indices),
      base: edgeWeights && csr.weights ? engine.from('f32', csr.weights) : undefined,
      edge: edge && engine.from('u32', edge),
      degree: engine.alloc('f32', this.nodeCount),
      scale: engine.alloc('f32', this.nodeCount),
      weights: engine.alloc('f32', this.edgeCount),
      backWeights: engine.alloc('f32', aggregation === 'mean' ? this.edgeCount : 0),
    });
    this.outSide = side(graph.out);
    this.inSide = side(graph.in, graph.inEdge);
  }

  /** Bytes in the arena for a graph of these sizes. */
  static bytes(nodes: number, edges: number, aggregation: Aggregation, edgeWeights: boolean): number {
    return (
      4 * (nodes * 6 + edges * (6 + (aggregation === 'mean' ? 2 : 0) + (edgeWeights ? 2 : 0)) + edges / 32)
    );
  }

  /** Every edge passes messages: for inference. */
  unmask(): void {
    this.masked.fill(0);
    this.#weigh();
  }

  /**
   * Holds out a share of the edges for step `step`; returns how many, listed in `held` by position in `graph.out`.
   * With `reverse`, the reverse of each held-out edge is masked as well (but not listed).
   */
  mask(rate: number, reverse: boolean, key: { seed: number; stream: number; step: number }): number {
    const { masked, held, edgeCount } = this;
    const rate65536 = Math.round(rate * 65536);
    let count = this.engine.kernels.maskEdges(
      masked.ptr,
      held.ptr,
      edgeCount,
      rate65536,
      key.seed,
      key.stream,
      key.step,
    );
    if (count === 0 && rate > 0 && edgeCount > 0) {
      // On a handful of edges the draw may hold out none, and a step must predict something.
      const e = key.step % edgeCount;
      masked.array[e >>> 5] |= 1 << (e & 31);
      held.array[count++] = e;
    }
    if (reverse) this.#maskReverse(held.array.subarray(0, count));
    this.#weigh();
    return count;
  }

  /** Holds out these edges, listed by position in `graph.out`; with `reverse` their reverses as well. */
  hide(edges: Uint32Array, reverse: boolean): void {
    const bits = this.masked.fill(0).array;
    for (const e of edges) bits[e >>> 5] |= 1 << (e & 31);
    if (reverse) this.#maskReverse(edges);
    this.#weigh();
  }

  #maskReverse(edges: Uint32Array): void {
    const bits = this.masked.array;
    const back = this.reverseEdge;
    for (const e of edges) {
      const r = back[e];
      if (r >= 0) bits[r >>> 5] |= 1 << (r & 31);
    }
  }

  /** The two relations of the whole graph: `out` sums over out-neighbours, `in` over in-neighbours. */
  relations(): { out: Relation; in: Relation } {
    const { outSide, inSide, nodeCount: rows } = this;
    const matrix = (s: Side, weights: Slice<'f32'>): SparseMatrix => ({
      rows,
      indptr: s.indptr,
      indices: s.indices,
      weights,
    });
    const mean = this.#aggregation === 'mean';
    return {
      out: {
        matrix: matrix(outSide, outSide.weights),
        transpose: matrix(inSide, mean ? inSide.backWeights : inSide.weights),
      },
      in: {
        matrix: matrix(inSide, inSide.weights),
        transpose: matrix(outSide, mean ? outSide.backWeights : outSide.weights),
      },
    };
  }

  #reverse: Int32Array | undefined;
  /** For each edge the position of its reverse, or -1. */
  get reverseEdge(): Int32Array {
    this.#reverse ??= reverseEdges(this.graph);
    return this.#reverse;
  }

  #source: Uint32Array | undefined;
  /** For each edge its source. */
  get edgeSource(): Uint32Array {
    this.#source ??= rowOfEntry(this.graph.out);
    return this.#source;
  }

  dispose(): void {
    this.engine.release(this.masked, this.held);
    for (const s of [this.outSide, this.inSide]) {
      this.engine.release(s.indptr, s.indices, s.base, s.edge, s.degree, s.scale, s.weights, s.backWeights);
    }
  }

  #weigh(): void {
    const { kernels } = this.engine;
    const { nodeCount: n, masked } = this;
    for (const s of [this.outSide, this.inSide]) {
      kernels.maskedDegrees(s.degree.ptr, s.indptr.ptr, s.edge?.ptr ?? 0, s.base?.ptr ?? 0, masked.ptr, n);
      const degree = s.degree.array;
      const scale = s.scale.array;
      if (this.#aggregation === 'symmetric') {
        for (let i = 0; i < n; i++) scale[i] = degree[i] > 0 ? 1 / Math.sqrt(degree[i]) : 0;
      } else if (this.#aggregation === 'mean') {
        for (let i = 0; i < n; i++) scale[i] = degree[i] > 0 ? 1 / degree[i] : 0;
      }
    }
    const weigh = (to: Slice<'f32'>, s: Side, row: Slice<'f32'> | null, column: Slice<'f32'> | null) =>
      kernels.edgeWeights(
        to.ptr,
        s.indptr.ptr,
        s.indices.ptr,
        s.edge?.ptr ?? 0,
        s.base?.ptr ?? 0,
        masked.ptr,
        row?.ptr ?? 0,
        column?.ptr ?? 0,
        n,
      );
    const { outSide, inSide } = this;
    for (const [s, other] of [
      [outSide, inSide],
      [inSide, outSide],
    ]) {
      if (this.#aggregation === 'symmetric') weigh(s.weights, s, s.scale, other.scale);
      else if (this.#aggregation === 'mean') {
        weigh(s.weights, s, s.scale, null);
        weigh(s.backWeights, s, null, other.scale);
      } else weigh(s.weights, s, null, null);
    }
  }
}

/** y[n] = base + ca a + cb b + cc c; an absent term counts as 0. */
export function mix(
  engine: Engine,
  y: Slice<'f32'>,
  base: Slice<'f32'> | undefined,
  terms: readonly (readonly [coefficient: number, x: Slice<'f32'>])[],
  n: number,
): void {
  const [a, b, c] = terms;
  engine.kernels.mix(
    y.ptr,
    base?.ptr ?? 0,
    a?.[1].ptr ?? 0,
    b?.[1].ptr ?? 0,
    c?.[1].ptr ?? 0,
    n,
    a?.[0] ?? 0,
    b?.[0] ?? 0,
    c?.[0] ?? 0,
  );
}
