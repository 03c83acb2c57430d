import type { Slice } from '../engine/arena.ts';
import type { Engine } from '../engine/engine.ts';
import type { SparseMatrix } from './aggregate.ts';

/** The largest block that will be asked for. */
export interface BlockSize {
  /** Frontier nodes at most. */
  rows: number;
  /** Picked edges at most: the sum of the frontier's budgets. */
  entries: number;
  /** Nodes of the multi-hop fill at most. */
  fill?: number;
}

/**
 * One sampled hop. Slices are reserved at their largest; `rows`, `entries` and `nodeCount` say how much is in use.
 * Unbiased sums scale row i by available[i] / (indptr[i + 1] - indptr[i]).
 */
export class Block {
  rows = 0;
  entries = 0;
  fillEntries = 0;
  /** Distinct nodes in use of `nodes`. */
  nodeCount = 0;
  readonly #engine: Engine;
  readonly #slices: Slice[];
  /** u32[rows + 1] */
  readonly indptr: Slice<'u32'>;
  /** u32[entries], places in `nodes` */
  readonly indices: Slice<'u32'>;
  /** u32[entries], positions of the picked edges in `graph.out` */
  readonly edges: Slice<'u32'>;
  /** u32[rows], edges there were to pick from */
  readonly available: Slice<'u32'>;
  /** u32[nodeCount], the frontier first, then new nodes in order of appearance */
  readonly nodes: Slice<'u32'>;
  /** f64[nodeCount], when sampled with `limit`: the earliest limit a node was reached under, for the next hop */
  readonly limits: Slice<'f64'>;
  readonly fillIndptr: Slice<'u32'>;
  readonly fillIndices: Slice<'u32'>;
  /** f32[fillEntries], share of the walks that ended there */
  readonly fillShare: Slice<'f32'>;

  /** @internal */
  constructor(
    engine: Engine,
    readonly size: Required<BlockSize>,
    nodeCount: number,
    temporal: boolean,
  ) {
    const nodes = Math.min(size.rows + size.entries + size.fill, nodeCount);
    this.#engine = engine;
    this.indptr = engine.alloc('u32', size.rows + 1);
    this.indices = engine.alloc('u32', size.entries);
    this.edges = engine.alloc('u32', size.entries);
    this.available = engine.alloc('u32', size.rows);
    this.nodes = engine.alloc('u32', nodes);
    this.limits = engine.alloc('f64', temporal ? nodes : 0);
    this.fillIndptr = engine.alloc('u32', size.rows + 1);
    this.fillIndices = engine.alloc('u32', size.fill);
    this.fillShare = engine.alloc('f32', size.fill);
    this.#slices = [
      this.indptr,
      this.indices,
      this.edges,
      this.available,
      this.nodes,
      this.limits,
      this.fillIndptr,
      this.fillIndices,
      this.fillShare,
    ];
  }

  /** The picked edges as a matrix of ones over `nodes`. */
  get matrix(): SparseMatrix {
    return { rows: this.rows, indptr: this.indptr, indices: this.indices };
  }

  /** The multi-hop fill as a matrix of shares over `nodes`. */
  get fillMatrix(): SparseMatrix {
    return {
      rows: this.rows,
      indptr: this.fillIndptr,
      indices: this.fillIndices,
      weights: this.fillShare,
    };
  }

  dispose(): void {
    this.#engine.release(...this.#slices.splice(0));
  }
}
