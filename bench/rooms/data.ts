import { existsSync } from 'node:fs';
import { type NodeFeatures, nodeFeatures } from '../../src/directed-graph/features.ts';
import { DirectedGraph } from '../../src/directed-graph/graph.ts';
import { type Split, splitFromLabels } from '../../src/directed-graph/split.ts';
import { columns, dataset, texts } from '../../test/helpers/data.ts';

export interface RoomData {
  split: Split;
  features?: NodeFeatures;
  /** Words of the nodes' descriptions, for a set without features. */
  text?: NodeFeatures;
  /** The train graph with the weights of the file, when it has any; `split` is without. */
  weighted?: DirectedGraph;
}

/** A graph data set with the split that its folder gives, or undefined when it is not on this machine. */
export function loadGraph(name: string): RoomData | undefined {
  const folder = dataset(name);
  if (folder === undefined) return undefined;
  const { source, target } = columns(`${folder}/edges.csv.gz`, ['source', 'target']);
  const labels = texts(`${folder}/split.csv.gz`, ['split']).split as ('train' | 'val' | 'test')[];
  const nodeCount = texts(`${folder}/nodes.csv.gz`, ['id']).id.length;
  const split = splitFromLabels({ source, target, nodeCount }, labels);
  const path = `${folder}/features.csv.gz`;
  const weighted = weightedTrain(folder, labels, nodeCount);
  if (!existsSync(path)) return { split, weighted, text: descriptions(folder, nodeCount) };
  const { node, feature, value } = columns(path, ['node', 'feature', 'value']);
  return { split, weighted, features: nodeFeatures(node, feature, value, nodeCount) };
}

/** The train edges with their weights, or undefined when the file has none. */
function weightedTrain(
  folder: string,
  labels: readonly string[],
  nodeCount: number,
): DirectedGraph | undefined {
  let edges: Record<'source' | 'target' | 'weight', Float64Array>;
  try {
    edges = columns(`${folder}/edges.csv.gz`, ['source', 'target', 'weight']);
  } catch {
    return undefined;
  }
  const train = (values: Float64Array) => values.filter((_, i) => labels[i] === 'train');
  const { source, target, weight } = edges;
  return DirectedGraph.fromEdges(train(source), train(target), { weight: train(weight), nodeCount });
}

/** The distinct words of each node's description, or undefined when nodes have none. */
function descriptions(folder: string, nodeCount: number): NodeFeatures | undefined {
  const path = `${folder}/nodes.csv.gz`;
  let lines: string[];
  try {
    lines = texts(path, ['description']).description;
  } catch {
    return undefined;
  }
  const words = new Map<string, number>();
  const node: number[] = [];
  const feature: number[] = [];
  lines.forEach((line, u) => {
    for (const word of new Set(line.toUpperCase().split(/\s+/).filter(Boolean))) {
      if (!words.has(word)) words.set(word, words.size);
      node.push(u);
      feature.push(words.get(word) as number);
    }
  });
  return nodeFeatures(node, feature, undefined, nodeCount);
}
