import type { DirectedGraph } from '../../src/directed-graph/graph.ts';
import type { RankModel } from '../../src/directed-graph/ranker/fit.ts';
import { ModelScorer } from '../../src/directed-graph/ranker/model-scorer.ts';
import { PairFeatures } from '../../src/directed-graph/ranker/pair-features.ts';
import type { FeatureSource } from '../../src/directed-graph/ranker/source.ts';
import { groupBySource, queryNodes, ranksInRow } from '../../src/directed-graph/ranking.ts';
import type { Pairs } from '../../src/directed-graph/scorer.ts';
import type { Slice } from '../../src/engine/arena.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { hitRate, meanReciprocalRank } from '../../src/nn/metrics.ts';

/** hitRate@10, mrr@10 of test edges without the query's train neighbours, and hitRate@10 of rare targets. */
export interface TestResult {
  hit: number;
  mrr: number;
  rare: number;
  /** Rank of each test edge. */
  ranks: Float64Array;
}

/** Ranks the test edges by several models that read the same features, computed once a batch. */
export function testModels<N extends string>(
  engine: Engine,
  features: PairFeatures,
  test: Pairs,
  models: Record<N, RankModel>,
): Record<N, TestResult> {
  const { nodeCount: n, graph } = features;
  const grouped = groupBySource(test.source, n);
  const nodes = queryNodes(n, grouped);
  const all = (Object.keys(models) as N[]).map((name) => ({
    name,
    scorer: new ModelScorer(engine, features, models[name]),
    ranks: new Float64Array(test.source.length),
  }));
  engine.scope(({ alloc }) => {
    const block = alloc('f32', features.blockLength);
    const scores = alloc('f32', n * features.batch);
    const targets = alloc('u32', test.source.length);
    const counts = alloc('u32', 2 * test.source.length);
    for (let start = 0; start < nodes.length; start += features.batch) {
      const batch = nodes.slice(start, start + features.batch);
      features.compute(batch, block);
      for (const { scorer, ranks } of all) {
        scorer.score(batch, block, scores);
        batch.forEach((node, q) => {
          const row = scores.part(q * n, n);
          const mine = grouped.order.subarray(grouped.indptr[node], grouped.indptr[node + 1]);
          targets.array.set(mine.map((at) => test.target[at]));
          const shown = { node, scores: row.array, ptr: row.ptr };
          ranksInRow(engine, shown, graph.out, targets, counts, mine.length, (i, rank) => {
            ranks[mine[i]] = rank;
          });
        });
      }
    }
  });
  const results = {} as Record<N, TestResult>;
  for (const { name, scorer, ranks } of all) {
    scorer.dispose();
    results[name] = judged(ranks, test, graph);
  }
  return results;
}

function judged(ranks: Float64Array, test: Pairs, train: DirectedGraph): TestResult {
  const rare = ranks.filter((_, i) => train.inDegree(test.target[i]) <= 5);
  return { hit: hitRate(ranks, 10), mrr: meanReciprocalRank(ranks, 10), rare: hitRate(rare, 10), ranks };
}

/** The features `names` of a source; undefined when it has none of them. The source stays the caller's to dispose. */
function selected(
  engine: Engine,
  source: FeatureSource,
  names: ReadonlySet<string>,
): FeatureSource | undefined {
  const kept = source.names.filter((name) => names.has(name));
  if (kept.length === 0) return undefined;
  if (kept.length === source.names.length) return { ...source, dispose() {} };
  return {
    names: kept,
    evidence: source.evidence.filter((_, i) => names.has(source.names[i])),
    write(queries, out) {
      engine.scope(({ alloc }) => {
        const rest = [...out];
        const all = source.names.map((name): Slice<'f32'> => {
          return names.has(name) ? rest.shift()! : alloc('f32', out[0].length);
        });
        source.write(queries, all);
      });
    },
    dispose() {},
  };
}

/** `selected` of several sources over one graph. */
export function featuresOf(
  engine: Engine,
  train: DirectedGraph,
  sources: readonly FeatureSource[],
  names?: Iterable<string>,
): PairFeatures {
  if (!names) return new PairFeatures(engine, train, sources);
  const set = new Set(names);
  return new PairFeatures(
    engine,
    train,
    sources.map((s) => selected(engine, s, set)).filter((s): s is FeatureSource => s !== undefined),
  );
}
