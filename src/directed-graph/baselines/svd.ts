import type { Engine } from '../../engine/engine.ts';
import { type SvdOptions, truncatedSvd } from '../../nn/svd.ts';
import { EmbeddingScorer } from '../embedding-scorer.ts';
import type { DirectedGraph } from '../graph.ts';
import type { Scorer } from '../scorer.ts';
import { normalised, release, sparseOperator, upload } from './adjacency.ts';

/** Truncated SVD of Do^-1/4 A Di^-1/4: score(u, v) = (U S)_u . V_v. */
export function svd(engine: Engine, graph: DirectedGraph, given?: Partial<SvdOptions>): Scorer {
  const matrix = upload(engine, graph.out, normalised(engine, graph, 0.25).out);
  try {
    return factorised(engine, 'svd', matrix, given);
  } finally {
    release(engine, matrix);
  }
}

/** A scorer from the truncated SVD of any square sparse matrix. */
export function factorised(
  engine: Engine,
  name: string,
  matrix: ReturnType<typeof upload>,
  given?: Partial<SvdOptions>,
): Scorer {
  const { rank, u, s, v } = truncatedSvd(engine, sparseOperator(engine, matrix, matrix.rows), given);
  for (let i = 0; i < u.length; i++) u[i] *= s[i % rank];
  const embedding = { nodeCount: matrix.rows, dim: rank, source: u, target: v };
  return new EmbeddingScorer(engine, embedding, name);
}
