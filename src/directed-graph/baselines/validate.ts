import type { Engine } from '../../engine/engine.ts';
import { hitRate } from '../../nn/metrics.ts';
import type { DirectedGraph } from '../graph.ts';
import { rankPairs } from '../ranking.ts';
import type { Pairs, Scorer } from '../scorer.ts';

/** The pairs of at most `limit` distinct sources, spread evenly over the sources in rising order. */
export function pairsOfSources(pairs: Pairs, limit: number): Pairs {
  const sources = [...new Set(pairs.source)].sort((a, b) => a - b);
  if (sources.length <= limit) return pairs;
  const kept = new Set(
    Array.from({ length: limit }, (_, i) => sources[Math.floor((i * sources.length) / limit)]),
  );
  const keep = (_: number, i: number) => kept.has(pairs.source[i]);
  return { source: pairs.source.filter(keep), target: pairs.target.filter(keep) };
}

/** HitRate@10 of a scorer on validation pairs with train neighbours taken out; the scorer stays alive. */
export function validationHitRate(
  engine: Engine,
  scorer: Scorer,
  train: DirectedGraph,
  validation: Pairs,
): number {
  return hitRate(rankPairs(engine, scorer, train.nodeCount, validation, train.out), 10);
}
