import { existsSync } from 'node:fs';
import { type NodeFeatures, nodeFeatures } from '../../src/directed-graph/features.ts';
import { type Split, splitFromLabels } from '../../src/directed-graph/split.ts';
import { columns, dataset, texts } from '../../test/helpers/data.ts';

export interface RoomData {
  split: Split;
  features?: NodeFeatures;
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
  if (!existsSync(path)) return { split };
  const { node, feature, value } = columns(path, ['node', 'feature', 'value']);
  return { split, features: nodeFeatures(node, feature, value, nodeCount) };
}
