import { instance, integer } from '../check.ts';
import { checkEmbedding, type Embedding } from './embedding-scorer.ts';
import type { ModelCard } from './fit.ts';
import { DirectedGraph } from './graph.ts';
import type { RankerParts } from './ranker/ranker.ts';
import type { Catalogue } from './serving/catalogue.ts';
import type { EncoderWeights } from './serving/weights.ts';

/** What a model may hold beside its vectors. */
export interface ModelParts {
  /** The encoder, for new items, new edges and explanations; absent after training with a second relation. */
  readonly weights?: EncoderWeights;
  /** What ranks; without it the vectors do. */
  readonly ranker?: RankerParts;
  readonly catalogue?: Catalogue;
}

/** TypeError or RangeError for vectors or a card that are not those of the graph. */
export function checkParts(graph: DirectedGraph, embedding: Embedding, card: ModelCard): void {
  const { nodeCount: n, edgeCount } = instance(graph, DirectedGraph, 'graph', 'a DirectedGraph');
  checkEmbedding(embedding);
  const { nodeCount, dim } = embedding;
  integer(nodeCount, 'embedding.nodeCount', n, n);
  if (card?.kind !== 'related-products') throw new TypeError('card must be that of a model');
  integer(card.nodes, 'card.nodes', n, n);
  integer(card.edges, 'card.edges', edgeCount, edgeCount);
  integer(card.encoder?.dim, 'card.encoder.dim', dim, dim);
}
