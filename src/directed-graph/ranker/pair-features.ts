import type { Slice } from '../../engine/arena.ts';
import type { Engine } from '../../engine/engine.ts';
import { degrees } from '../baselines/adjacency.ts';
import type { Embedding } from '../embedding-scorer.ts';
import type { DirectedGraph } from '../graph.ts';
import { MAX_QUERIES } from '../scorer.ts';
import { finished } from '../steps.ts';
import { embeddingFeatures, logDegrees } from './dense-source.ts';
import { featureSources, type GraphFeatureOptions, keptFeatures } from './kept.ts';
import type { Evidence, FeatureSource } from './source.ts';

/** Upper ends of the buckets of in-degree: 0, 1, 2, 3-5, 6-10, 11-20, 21-40, 41-80, more. */
const BUCKET_ENDS = [0, 1, 2, 5, 10, 20, 40, 80, Infinity];
export const BUCKETS = BUCKET_ENDS.length;
/** Floats of a block at most (except that one query always fits). */
const BLOCK_FLOATS = 1e8;
/** Columns after the features: standardised log in-degree(v), log out-degree(u), log out-degree(v). */
export const DEGREE_COLUMNS = 3;
/** Buckets of rare targets: in-degree <= 5. */
export const RARE_BUCKETS = 4;

/** Computes all features that a train graph and the nodes' text give without training. */
export function graphFeatures(
  engine: Engine,
  graph: DirectedGraph,
  given: GraphFeatureOptions & { signal?: AbortSignal } = {},
): FeatureSource[] {
  const { signal, ...set } = given;
  return featureSources(engine, graph, finished(keptFeatures(engine, graph, set), signal));
}

/** A trained embedding as one more feature. */
export function embeddingFeature(engine: Engine, embedding: Embedding): FeatureSource {
  return embeddingFeatures(engine, embedding);
}

/** Every feature of every (query, node) pair, a batch at a time, and what is known of the nodes themselves. */
export class PairFeatures {
  readonly names: readonly string[];
  /** What each feature rests on, for explanations. */
  readonly evidence: readonly Evidence[];
  /** Standardised log(1 + degree) of every node, and the bucket of its in-degree. */
  readonly inDegree: Float32Array;
  readonly outDegree: Float32Array;
  readonly bucket: Uint8Array;

  constructor(
    readonly engine: Engine,
    readonly graph: DirectedGraph,
    readonly sources: readonly FeatureSource[],
    private readonly blockFloats = BLOCK_FLOATS,
  ) {
    this.names = sources.flatMap(({ names }) => names);
    this.evidence = sources.flatMap(({ evidence }) => evidence);
    this.inDegree = standardised(logDegrees(engine, degrees(graph.in)));
    this.outDegree = standardised(logDegrees(engine, degrees(graph.out)));
    this.bucket = Uint8Array.from(degrees(graph.in), (d) => BUCKET_ENDS.findIndex((end) => d <= end));
  }

  get count(): number {
    return this.names.length;
  }

  /** Queries of one `compute` at most: MAX_QUERIES, fewer where the block would be larger than 400 MB. */
  get batch(): number {
    const column = Math.max(1, this.count * this.nodeCount);
    return Math.max(1, Math.min(MAX_QUERIES, Math.floor(this.blockFloats / column)));
  }

  get nodeCount(): number {
    return this.graph.nodeCount;
  }

  /** Floats of a block for the largest batch. */
  get blockLength(): number {
    return this.count * this.nodeCount * this.batch;
  }

  /** Fills `block`, f32[features x nodes x queries.length], from its start. */
  compute(queries: Uint32Array, block: Slice<'f32'>): void {
    const length = this.nodeCount * queries.length;
    let at = 0;
    for (const source of this.sources) {
      const parts = source.names.map((_, i) => block.part((at + i) * length, length));
      source.write(queries, parts);
      at += parts.length;
    }
  }
}

/** (x - mean) / standard deviation; zeros when all are equal. */
function standardised(x: Float32Array): Float32Array {
  let mean = 0;
  for (const value of x) mean += value / x.length;
  let square = 0;
  for (const value of x) square += ((value - mean) * (value - mean)) / x.length;
  const scale = square > 1e-12 ? 1 / Math.sqrt(square) : 0;
  return x.map((value) => (value - mean) * scale);
}
