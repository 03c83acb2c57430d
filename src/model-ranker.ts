import type { Csr } from './directed-graph/csr.ts';
import type { Embedding } from './directed-graph/embedding-scorer.ts';
import type { NodeFeatures } from './directed-graph/features.ts';
import type { DirectedGraph } from './directed-graph/graph.ts';
import type { RankModel } from './directed-graph/ranker/fit.ts';
import { type KeptFeatures, keptMatrices } from './directed-graph/ranker/kept.ts';
import type { MlpWeights } from './directed-graph/ranker/mlp.ts';
import { mlpShapes } from './directed-graph/ranker/mlp.ts';
import { BUCKETS, DEGREE_COLUMNS } from './directed-graph/ranker/pair-features.ts';
import type { RankerParts } from './directed-graph/ranker/ranker.ts';
import type { WeightedCsr } from './directed-graph/ranker/source.ts';
import type { Tensor } from './io/safetensors.ts';
import { f32, type Opened, u32 } from './model-tensors.ts';

/** Within these bounds no score overflows; fitted numbers are below a hundred, the network's below ten. */
const MOST = 1e6;
const MOST_MLP = 1e4;

/** The ranker: fitted numbers, and the features that are not computed again. `shared` is text that the file has already. */
export function encodeRanker(
  { model, kept }: RankerParts,
  shared: NodeFeatures | undefined,
): { tensors: Record<string, Tensor>; json: string } {
  const { features, scale, linear, mlp, top, rareBoost, direction } = model;
  const { svd, text } = kept;
  const count = features.length;
  const tensors: Record<string, Tensor> = {
    'ranker.scale': f32(scale, count),
    'ranker.w': f32(linear.w, count),
    'ranker.a': f32(linear.a, count),
    'ranker.b': f32(linear.b, count),
    'ranker.k': f32(linear.k, BUCKETS),
    'ranker.svd.source': f32(svd.source, svd.nodeCount, svd.dim),
    'ranker.svd.target': f32(svd.target, svd.nodeCount, svd.dim),
  };
  if (mlp) {
    for (const [name, shape] of Object.entries(mlpShapes(mlp))) {
      tensors[`ranker.mlp.${name}`] = f32(mlp.values[name as keyof MlpWeights['values']], ...shape);
    }
  }
  for (const [name, csr] of Object.entries(keptMatrices(kept))) addCsr(tensors, `ranker.${name}`, csr);
  const own = text && text.rows !== shared;
  if (own) addCsr(tensors, 'ranker.text.rows', text.rows.csr);
  const json = {
    features,
    top,
    rareBoost,
    direction,
    rank: svd.dim,
    hidden: mlp?.hidden,
    ...(own ? { columns: text.rows.columns } : {}),
  };
  return { tensors, json: JSON.stringify(json) };
}

function addCsr(
  tensors: Record<string, Tensor>,
  name: string,
  { indptr, indices, weights }: WeightedCsr,
): void {
  tensors[`${name}.indptr`] = u32(indptr);
  tensors[`${name}.indices`] = u32(indices);
  tensors[`${name}.weights`] = f32(weights, weights.length);
}

/** The ranker of a file over its graph and vectors; every shape, index and number is checked. */
export function decodeRanker(
  opened: Opened,
  json: string,
  graph: DirectedGraph,
  embedding: Embedding,
  shared: NodeFeatures | undefined,
): RankerParts {
  const { tensor, fail, has } = opened;
  const n = graph.nodeCount;
  const said = readJson(opened, json);
  const finite = (name: string, shape: number[] | undefined, most = MOST) => {
    const data = tensor(name, 'F32', shape) as Float32Array;
    if (!data.every((x) => Math.abs(x) <= most)) {
      fail(`tensor ${name} holds a number that is not finite or beyond ${most}`);
    }
    return data;
  };
  for (const [name, values] of Object.entries({ source: embedding.source, target: embedding.target })) {
    if (!values.every((x) => Math.abs(x) <= MOST)) fail(`tensor ${name} is beyond ${MOST}, with a ranker`);
  }
  if (!(embedding.bias?.every((x) => Math.abs(x) <= MOST) ?? true)) {
    fail(`tensor bias is beyond ${MOST}, with a ranker`);
  }
  const csr = (name: string, columns: number): WeightedCsr => {
    const indptr = tensor(`${name}.indptr`, 'U32', [n + 1]) as Uint32Array;
    const indices = tensor(`${name}.indices`, 'U32', undefined) as Uint32Array;
    const weights = finite(`${name}.weights`, [indices.length]);
    checkCsr(opened, name, { indptr, indices }, columns);
    return { indptr, indices, weights };
  };
  const optional = (name: string) => (has(`${name}.indptr`) ? csr(name, n) : undefined);
  const factor = (name: string) => finite(`ranker.svd.${name}`, [n, said.rank]);
  const near = optional('ranker.text.near');
  const text = near && { near, rows: textRows(opened, n, said.columns, shared, csr) };
  const kept: KeptFeatures = {
    svd: { nodeCount: n, dim: said.rank, source: factor('source'), target: factor('target') },
    ease: { byTarget: optional('ranker.ease.target'), bySource: optional('ranker.ease.source') },
    ...(text ? { text } : {}),
  };
  const names = featureNames(kept, graph);
  if (said.features.join() !== names.join()) fail('the ranker is of other features than the file holds');
  const count = names.length;
  const width = count + DEGREE_COLUMNS;
  const linear = {
    w: finite('ranker.w', [count]),
    a: finite('ranker.a', [count]),
    b: finite('ranker.b', [count]),
    k: finite('ranker.k', [BUCKETS]),
  };
  const shape = said.hidden === undefined ? undefined : { width, hidden: said.hidden };
  const values =
    shape &&
    Object.fromEntries(
      Object.entries(mlpShapes(shape)).map(([name, size]) => [
        name,
        finite(`ranker.mlp.${name}`, size, MOST_MLP),
      ]),
    );
  const model: RankModel = {
    features: names,
    scale: finite('ranker.scale', [count]),
    linear,
    mlp: shape && ({ ...shape, values } as MlpWeights),
    top: said.top,
    rareBoost: said.rareBoost,
    direction: said.direction,
  };
  return { model, kept };
}

interface Said {
  features: string[];
  top: number;
  rareBoost: number;
  direction: boolean;
  rank: number;
  hidden?: number;
  columns?: number;
}

function readJson({ fail }: Opened, json: string): Said {
  let said: Said;
  try {
    said = JSON.parse(json.slice(0, 1e6));
  } catch {
    return fail('the ranker is not JSON');
  }
  const within = (x: unknown, least: number, most: number) =>
    Number.isInteger(x) && (x as number) >= least && (x as number) <= most;
  const names = Array.isArray(said?.features) && said.features.every((name) => typeof name === 'string');
  const { top, rareBoost, direction, rank, hidden, columns } = said ?? {};
  const sizes =
    within(top, 1, 2 ** 24) &&
    within(rank, 0, 64) &&
    (hidden === undefined || within(hidden, 1, 4096)) &&
    (columns === undefined || within(columns, 0, 2 ** 24));
  const boost = typeof rareBoost === 'number' && Math.abs(rareBoost) <= MOST;
  if (!(names && sizes && boost && typeof direction === 'boolean')) fail('the ranker has no valid sizes');
  return said;
}

/** The names in the order of `featureSources`, which the weights follow. */
function featureNames({ ease, text }: KeptFeatures, graph: DirectedGraph): string[] {
  return [
    ...['knn-s', 'knn-t', 'AA', 'reverse', 'ATA', 'AATA', 'ATAT', 'AAT', 'ppr', 'svd', 'log svd'],
    ...(ease.byTarget ? ['ease', 'log ease'] : []),
    ...(ease.bySource ? ['ease-s', 'log ease-s'] : []),
    ...(graph.out.weights ? ['wAATA', 'wAA', 'w reverse', 'w knn-s'] : []),
    ...(text ? ['text', 'text.A', 'A.text'] : []),
    ...['in-degree', 'out-degree', 'embedding'],
  ];
}

function textRows(
  { has, fail }: Opened,
  n: number,
  columns: number | undefined,
  shared: NodeFeatures | undefined,
  csr: (name: string, columns: number) => WeightedCsr,
): NodeFeatures {
  if (has('ranker.text.rows.indptr') && columns !== undefined) {
    return { rows: n, columns, csr: csr('ranker.text.rows', columns) };
  }
  return shared ?? fail('the text of the ranker is missing');
}

/** Rows that span the entries, columns rising within a row: what the merge of two rows counts on. */
function checkCsr({ fail }: Opened, name: string, { indptr, indices }: Csr, columns: number): void {
  const n = indptr.length - 1;
  if (indptr[0] !== 0 || indptr[n] !== indices.length) fail(`${name}.indptr does not span the entries`);
  for (let u = 0; u < n; u++) if (indptr[u] > indptr[u + 1]) fail(`${name}.indptr falls`);
  for (let u = 0; u < n; u++) {
    for (let e = indptr[u]; e < indptr[u + 1]; e++) {
      if (indices[e] >= columns) fail(`${name}.indices holds ${indices[e]}, of ${columns}`);
      if (e > indptr[u] && indices[e] <= indices[e - 1]) fail(`${name}.indices does not rise in row ${u}`);
    }
  }
}
