import { rowOfEntry } from '../../src/directed-graph/csr.ts';
import { EmbeddingScorer } from '../../src/directed-graph/embedding-scorer.ts';
import type { NodeFeatures } from '../../src/directed-graph/features.ts';
import { DirectedGraph } from '../../src/directed-graph/graph.ts';
import { fitRankModel } from '../../src/directed-graph/ranker/fit.ts';
import {
  embeddingFeature,
  graphFeatures,
  PairFeatures,
} from '../../src/directed-graph/ranker/pair-features.ts';
import { Ranker } from '../../src/directed-graph/ranker/ranker.ts';
import { RelatedProducts } from '../../src/directed-graph/recommender.ts';
import { MAX_QUERIES, type Scorer } from '../../src/directed-graph/scorer.ts';
import { type Split, splitEdges, splitFromLabels } from '../../src/directed-graph/split.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { Matrix } from './carts.ts';

/** Every score of a scorer, f32[n x n]. */
export function allScores(engine: Engine, scorer: Scorer, n: number): Matrix {
  const all = new Float32Array(n * n);
  engine.scope(({ alloc }) => {
    const block = alloc('f32', MAX_QUERIES * n);
    for (let start = 0; start < n; start += MAX_QUERIES) {
      const batch = Uint32Array.from({ length: Math.min(MAX_QUERIES, n - start) }, (_, i) => start + i);
      const part = block.part(0, batch.length * n);
      scorer.score(batch, part);
      all.set(part.array, start * n);
    }
  });
  return all;
}

/**
 * A tenth of the edges held out; with `pairwise` an edge and its reverse together. Co-purchase edges come in pairs, and a
 * ranker fitted on one of a pair learns to read the other.
 */
function holdOut(engine: Engine, graph: DirectedGraph, pairwise: boolean): Split {
  const split = { kind: 'random', seed: 0, validation: 0.1, test: 0 } as const;
  if (!pairwise) return splitEdges(engine, graph, split);
  const from = rowOfEntry(graph.out);
  const to = graph.out.indices;
  const both = DirectedGraph.fromEdges(
    from.map((u, e) => Math.min(u, to[e])),
    to.map((v, e) => Math.max(v, from[e])),
    { nodeCount: graph.nodeCount },
  );
  const { train } = splitEdges(engine, both, split);
  const labels = Array.from(graph.edgeOfRow, (e) => {
    const [u, v] = [from[e], to[e]];
    return train.hasEdge(Math.min(u, v), Math.max(u, v)) ? 'train' : 'val';
  });
  return splitFromLabels(graph, labels);
}

/**
 * The recipe on a graph without test edges: embedding and ranker learn on nine tenths of it, what they score is all of
 * it. Yields all scores of the embedding, of the ranker without it (the control) and of the ranker.
 */
export async function* trainedScores(
  engine: Engine,
  graph: DirectedGraph,
  given: { text?: NodeFeatures; seed: number; pairwise: boolean },
): AsyncGenerator<[name: string, scores: Matrix]> {
  const { text, seed, pairwise } = given;
  const n = graph.nodeCount;
  const { train, validation } = holdOut(engine, graph, pairwise);
  const encoder = pairwise ? { maskReverse: true } : undefined;
  const model = await RelatedProducts.fit(train, { engine, validation, seed, encoder });
  const learned = model.embedding;
  model.attach(engine);
  const { source, target } = validation;
  model.addEdges({ source, target, weight: train.out.weights && new Float32Array(source.length).fill(1) });
  const whole = model.embedding;
  model.dispose();
  const scorer = new EmbeddingScorer(engine, whole);
  yield ['embedding', allScores(engine, scorer, n)];
  scorer.dispose();
  for (const name of ['control', 'ranker']) {
    const features = (g: DirectedGraph, vectors: typeof whole) => {
      const sources = graphFeatures(engine, g, { text });
      if (name === 'ranker') sources.push(embeddingFeature(engine, vectors));
      return new PairFeatures(engine, g, sources);
    };
    const fitting = features(train, learned);
    const { model: fitted } = fitRankModel(engine, fitting, validation, {
      seed,
      rareBoost: 0,
      queries: 2000,
    });
    for (const source of fitting.sources) source.dispose();
    const serving = features(graph, whole);
    const ranker = new Ranker(engine, serving, fitted, name, serving.sources);
    yield [name, allScores(engine, ranker, n)];
    ranker.dispose();
  }
}
