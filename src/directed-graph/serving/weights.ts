import type { NodeFeatures } from '../features.ts';
import type { EncoderOptions } from '../options.ts';
import { hasTable, parameterShapes, usesFeatures } from '../parameter-shapes.ts';

/** What a trained encoder is: enough to embed a node again, or one that it has never seen. */
export interface EncoderWeights {
  /** Values by name, see `weightShapes`. */
  readonly parameters: Readonly<Record<string, Float32Array>>;
  /** Learned rows, f32[nodes x dim] for each table: none, one, or one a role. */
  readonly tables: readonly Float32Array[];
  readonly features?: {
    /** Weighted by idf, rows of unit length. */
    readonly rows: NodeFeatures;
    /** f32[columns] */
    readonly idf: Float32Array;
  };
}

/** The shape of every parameter of `EncoderWeights` for these switches; the bias is the embedding's. */
export function weightShapes(options: EncoderOptions, columns: number): Record<string, number[]> {
  const csr = { indptr: new Uint32Array(1), indices: new Uint32Array(0), weights: new Float32Array(0) };
  const features = usesFeatures(options) ? { rows: 0, columns, csr } : undefined;
  const shape = { nodeCount: 0, capacity: [], features, coView: false };
  return parameterShapes({ ...options, bias: false }, shape);
}

/**
 * The encoder with a table of learned rows, all 0, beside the features that are its only input: the same vectors, and rows
 * that can be trained. Any other encoder as it is.
 */
export function withTable(
  options: EncoderOptions,
  weights: EncoderWeights,
  nodeCount: number,
): { encoder: EncoderOptions; weights: EncoderWeights } {
  if (options.input !== 'features') return { encoder: options, weights };
  const encoder: EncoderOptions = { ...options, input: 'features+learned' };
  const tables = Array.from({ length: tableCount(encoder) }, () => new Float32Array(nodeCount * options.dim));
  return { encoder, weights: { ...weights, tables } };
}

export const tableCount = (options: EncoderOptions): number =>
  hasTable(options) ? (options.tied ? 1 : 2) : 0;
