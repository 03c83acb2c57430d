import type { Slice } from '../../engine/arena.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Csr } from '../csr.ts';
import { groupBySource, queryNodes } from '../ranking.ts';
import type { Pairs } from '../scorer.ts';
import type { Ranker } from './ranker.ts';

/** What the ranker knows of each pair (u, v). */
export interface PairFacts {
  /** f32[pairs x features], each feature divided by its standard deviation. */
  readonly x: Float32Array;
  /** The ranker's score. */
  readonly score: Float64Array;
  /** log of the sum over candidates w of exp score(u, w): without u and its train neighbours. */
  readonly logSum: Float64Array;
}

/** Computes facts of pairs, each source's features once. */
export function pairFacts(ranker: Ranker, pairs: Pairs): PairFacts {
  const { engine, features, model } = ranker;
  const { nodeCount: n, count, graph } = features;
  const length = pairs.source.length;
  const facts: PairFacts = {
    x: new Float32Array(length * count),
    score: new Float64Array(length),
    logSum: new Float64Array(length),
  };
  const grouped = groupBySource(pairs.source, n);
  const nodes = queryNodes(n, grouped);
  engine.scope(({ alloc }) => {
    const scores = alloc('f32', n * features.batch);
    const scratch = alloc('f32', n);
    for (let start = 0; start < nodes.length; start += features.batch) {
      const batch = nodes.slice(start, start + features.batch);
      const d = batch.length;
      const block = ranker.scoreBatch(batch, scores);
      batch.forEach((u, q) => {
        const row = scores.part(q * n, n);
        const sum = logSumOfRow(engine, row, scratch, u, graph.out);
        const values = block.array;
        const score = row.array;
        for (let i = grouped.indptr[u]; i < grouped.indptr[u + 1]; i++) {
          const at = grouped.order[i];
          const v = pairs.target[at];
          facts.score[at] = score[v];
          facts.logSum[at] = sum;
          for (let f = 0; f < count; f++) {
            facts.x[at * count + f] = values[(f * n + v) * d + q] * model.scale[f];
          }
        }
      });
    }
  });
  return facts;
}

/** log sum exp of a row of scores f32[n] without the query and its `removed` neighbours. `scratch` f32[n]. */
export function logSumOfRow(
  engine: Engine,
  row: Slice<'f32'>,
  scratch: Slice<'f32'>,
  u: number,
  removed: Csr,
): number {
  const z = scratch.array;
  z.set(row.array);
  z[u] = -Infinity;
  for (let e = removed.indptr[u]; e < removed.indptr[u + 1]; e++) z[removed.indices[e]] = -Infinity;
  let most = -Infinity;
  for (let v = 0; v < z.length; v++) if (z[v] > most) most = z[v];
  if (most === -Infinity) return 0;
  for (let v = 0; v < z.length; v++) z[v] = Math.max(z[v] - most, -100);
  engine.kernels.exp(scratch.ptr, scratch.ptr, z.length);
  let sum = 0;
  for (let v = 0; v < z.length; v++) sum += z[v];
  return most + engine.kernels.logF64(sum);
}
