import type { Slice } from '../engine/arena.ts';
import type { Engine } from '../engine/engine.ts';

type Matrix = Slice<'f32'>;
type Index = Slice<'u32'>;

/** score[n] = <a[ai[n]], b[bi[n]]>, rows of d. */
export function pairScores(
  engine: Engine,
  score: Matrix,
  a: Matrix,
  b: Matrix,
  ai: Index,
  bi: Index,
  n: number,
  d: number,
): void {
  engine.kernels.pairScores(score.ptr, a.ptr, b.ptr, ai.ptr, bi.ptr, n, d);
}

/** Adds the gradients of `pairScores` to da and db, given g[n] = d loss / d score[n]. */
export function pairScoresBackward(
  engine: Engine,
  da: Matrix,
  db: Matrix,
  a: Matrix,
  b: Matrix,
  ai: Index,
  bi: Index,
  g: Matrix,
  n: number,
  d: number,
): void {
  engine.kernels.pairScoresBackward(da.ptr, db.ptr, a.ptr, b.ptr, ai.ptr, bi.ptr, g.ptr, n, d);
}
