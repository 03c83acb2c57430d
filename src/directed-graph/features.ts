import { integer, real, sized } from '../check.ts';
import type { Engine } from '../engine/engine.ts';
import { type Csr, MAX_NODES } from './csr.ts';

/** Sparse features of nodes: row u of `csr` lists the features of node u with their values as weights. */
export interface NodeFeatures {
  readonly rows: number;
  readonly columns: number;
  readonly csr: Csr & { readonly weights: Float32Array };
}

/** Values at most: their squares and sums stay far inside f32. */
export const MAX_VALUE = 1e15;

/**
 * Node features from parallel arrays (a word, a brand, a category of a node and its value; 1 when `value` is absent).
 * Values of repeated (node, feature) rows are added. RangeError naming the row for an index out of range or a value
 * that is not a number within 1e15.
 */
export function nodeFeatures(
  node: ArrayLike<number>,
  feature: ArrayLike<number>,
  value: ArrayLike<number> | undefined,
  nodeCount: number,
): NodeFeatures {
  integer(nodeCount, 'nodeCount', 0, MAX_NODES);
  sized(node, 'node', node?.length);
  const entries = sized(feature, 'feature', node.length).length;
  if (value) sized(value, 'value', entries);
  let columns = 0;
  const indptr = new Uint32Array(nodeCount + 1);
  for (let i = 0; i < entries; i++) {
    integer(node[i], `node[${i}]`, 0, nodeCount - 1);
    integer(feature[i], `feature[${i}]`, 0, MAX_NODES - 1);
    if (value) real(value[i], `value[${i}]`, -MAX_VALUE, MAX_VALUE);
    columns = Math.max(columns, feature[i] + 1);
    indptr[node[i] + 1]++;
  }
  for (let u = 0; u < nodeCount; u++) indptr[u + 1] += indptr[u];
  const next = indptr.slice(0, nodeCount);
  const order = new Uint32Array(entries);
  for (let i = 0; i < entries; i++) order[next[node[i]]++] = i;

  const indices = new Uint32Array(entries);
  const weights = new Float32Array(entries);
  let written = 0;
  for (let u = 0; u < nodeCount; u++) {
    // By value within a feature, so that the order of the rows does not reach the sums.
    const row = order
      .subarray(indptr[u], indptr[u + 1])
      .sort((a, b) => feature[a] - feature[b] || (value ? value[a] - value[b] : 0));
    const first = written;
    let sum = 0;
    for (const i of row) {
      const same = written > first && indices[written - 1] === feature[i];
      if (!same) indices[written++] = feature[i];
      sum = (same ? sum : 0) + (value ? value[i] : 1);
      weights[written - 1] = sum;
    }
    indptr[u] = first;
  }
  indptr[nodeCount] = written;
  return {
    rows: nodeCount,
    columns,
    csr: { indptr, indices: indices.slice(0, written), weights: weights.slice(0, written) },
  };
}

/** log(rows / rows that have the feature) for each feature, by the engine's own logarithm: the same bits everywhere. */
export function inverseDocumentFrequency(engine: Engine, { rows, columns, csr }: NodeFeatures): Float64Array {
  const idf = new Float64Array(columns);
  for (const f of csr.indices) idf[f]++;
  for (let f = 0; f < columns; f++) idf[f] = engine.kernels.logF64(rows / Math.max(idf[f], 1));
  return idf;
}

/**
 * The features weighted by inverse document frequency and each row divided by its length. A row without weight stays
 * zero.
 */
export function idfUnitRows(
  engine: Engine,
  features: NodeFeatures,
  idf: ArrayLike<number> = inverseDocumentFrequency(engine, features),
): NodeFeatures {
  const { rows, columns, csr } = features;
  const weights = new Float32Array(csr.indices.length);
  for (let u = 0; u < rows; u++) {
    let square = 0;
    for (let e = csr.indptr[u]; e < csr.indptr[u + 1]; e++) {
      const weight = csr.weights[e] * idf[csr.indices[e]];
      square += weight * weight;
    }
    const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
    for (let e = csr.indptr[u]; e < csr.indptr[u + 1]; e++) {
      weights[e] = csr.weights[e] * idf[csr.indices[e]] * scale;
    }
  }
  return { rows, columns, csr: { ...csr, weights } };
}
