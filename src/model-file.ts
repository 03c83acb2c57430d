import { DataError, instance, wrongKind } from './check.ts';
import { rowOfEntry } from './directed-graph/csr.ts';
import type { FitState, ModelCard } from './directed-graph/fit.ts';
import { DirectedGraph } from './directed-graph/graph.ts';
import { RelatedProducts } from './directed-graph/recommender.ts';
import { decodeSafetensors, encodeSafetensors, type Tensor, type TensorFile } from './io/safetensors.ts';
import { decodeRanker, encodeRanker } from './model-ranker.ts';
import {
  decodeTexts,
  decodeWeights,
  encodeTexts,
  encodeWeights,
  f32,
  type Opened,
  u32,
  within,
} from './model-tensors.ts';

const FORMAT = 'fletching';

/** Vectors, training graph and ids as tensors, the card as metadata. */
export function encodeModel(model: RelatedProducts): Uint8Array<ArrayBuffer> {
  instance(model, RelatedProducts, 'model', 'a model of RelatedProducts');
  const { graph, embedding, card, weights: encoder, ranker, catalogue } = model;
  const { nodeCount: n, dim, source, target, bias } = embedding;
  const { indptr, indices, weights, timestamps } = graph.out;
  const tensors: Record<string, Tensor> = {
    source: f32(source, n, dim),
    target: f32(target, n, dim),
    'graph.indptr': u32(indptr),
    'graph.indices': u32(indices),
  };
  if (bias) tensors.bias = f32(bias, n);
  if (weights) tensors['graph.weights'] = f32(weights, weights.length);
  if (timestamps) {
    tensors['graph.timestamps'] = {
      dtype: 'F64',
      shape: [timestamps.length],
      data: timestamps as Float64Array<ArrayBuffer>,
    };
  }
  if (graph.ids) Object.assign(tensors, encodeTexts('ids', graph.ids));
  if (encoder) Object.assign(tensors, encodeWeights(encoder, card));
  if (catalogue) Object.assign(tensors, encodeTexts('category', catalogue.category));
  const ranked = ranker && encodeRanker(ranker, encoder?.features?.rows);
  Object.assign(tensors, ranked?.tensors);
  const metadata: Record<string, string> = { kind: card.kind, card: JSON.stringify(card) };
  if (ranked) metadata.ranker = ranked.json;
  return seal(tensors, metadata);
}

/** Checks every length, index and number before it is used. */
export function decodeModel(bytes: Uint8Array, file?: string): RelatedProducts {
  const opened = open(decodeSafetensors(bytes, file), file);
  const { fail, tensor } = opened;
  const card = readCard(opened);
  const { nodes: n } = card;
  const dim = card.encoder.dim;
  const source = tensor('source', 'F32', [n, dim]) as Float32Array;
  const target = tensor('target', 'F32', [n, dim]) as Float32Array;
  const bias = opened.has('bias') ? (tensor('bias', 'F32', [n]) as Float32Array) : undefined;
  for (const [name, values] of [
    ['source', source],
    ['target', target],
    ['bias', bias],
  ] as const) {
    // Within 1e15 every score is finite too.
    if (values && !within(values, 1e15)) {
      fail(`tensor ${name} holds a number that is not finite or beyond 1e15`);
    }
  }
  const indptr = tensor('graph.indptr', 'U32', [n + 1]) as Uint32Array;
  const indices = tensor('graph.indices', 'U32', [card.edges]) as Uint32Array;
  if (indptr[0] !== 0 || indptr[n] !== card.edges) fail('graph.indptr does not span the edges');
  for (let u = 0; u < n; u++) if (indptr[u] > indptr[u + 1]) fail('graph.indptr falls');
  const option = <T>(name: string, dtype: Tensor['dtype']) =>
    opened.has(name) ? (tensor(name, dtype, [card.edges]) as T) : undefined;
  const ids = opened.has('ids.offsets') ? decodeTexts(opened, 'ids', n) : undefined;
  const category = opened.has('category.offsets') ? decodeTexts(opened, 'category', n) : undefined;
  const weights = opened.has('encoder.logTemperature') ? decodeWeights(opened, card) : undefined;
  try {
    const graph = DirectedGraph.fromEdges(rowOfEntry({ indptr, indices }), indices, {
      weight: option<Float32Array>('graph.weights', 'F32'),
      timestamp: option<Float64Array>('graph.timestamps', 'F64'),
      ...(ids ? { ids } : { nodeCount: n }),
    });
    if (graph.edgeCount !== card.edges) fail('the graph holds an edge twice or to itself');
    if (ids) graph.findId(ids[0] ?? '');
    const embedding = { nodeCount: n, dim, source, target, bias };
    const json = opened.metadata.ranker;
    const text = weights?.features?.rows;
    const ranker = json === undefined ? undefined : decodeRanker(opened, json, graph, embedding, text);
    return new RelatedProducts(graph, embedding, card, {
      weights,
      ranker,
      catalogue: category && { category },
    });
  } catch (error) {
    if (error instanceof DataError) throw error;
    return fail((error as Error).message);
  }
}

/** The state of an unfinished training as the bytes of a safetensors file. */
export function encodeCheckpoint(state: FitState): Uint8Array<ArrayBuffer> {
  if (typeof state?.tensors !== 'object')
    throw wrongKind(state, 'state', 'one that checkpoint.save was given');
  const { tensors, ...rest } = state;
  const entries = Object.entries(tensors).map(([name, data]) => [name, f32(data, data.length)] as const);
  return seal(Object.fromEntries(entries), { kind: 'checkpoint', state: JSON.stringify(rest) });
}

/** The state that `encodeCheckpoint` was given. DataError `damaged-model` or `not-a-model` otherwise. */
export function decodeCheckpoint(bytes: Uint8Array, file?: string): FitState {
  const { tensors, metadata } = decodeSafetensors(bytes, file);
  const wrong = (rule: string) => new DataError(rule, { code: 'not-a-model', file });
  if (metadata.format !== FORMAT || metadata.kind !== 'checkpoint') throw wrong('this is not a checkpoint');
  checkSum(tensors, metadata, file);
  let rest: Omit<FitState, 'tensors'>;
  try {
    rest = parseShort(metadata.state);
  } catch (cause) {
    throw new DataError('the checkpoint has no readable state', { code: 'damaged-model', file }, cause);
  }
  const { step, bad, best, key, history } = rest;
  const whole = (x: unknown) => Number.isInteger(x) && (x as number) >= 0;
  const look = (x: unknown) =>
    Object.values((x ?? {}) as object).length === 4 && Object.values(x as object).every(Number.isFinite);
  const floats = [...tensors.values()].every(({ dtype }) => dtype === 'F32');
  const looks = Array.isArray(history) && history.every(look);
  if (!(whole(step) && whole(bad) && Number.isFinite(best) && typeof key === 'string' && looks && floats)) {
    throw new DataError('the checkpoint has no readable state', { code: 'damaged-model', file });
  }
  const data = Object.fromEntries([...tensors].map(([name, tensor]) => [name, tensor.data as Float32Array]));
  return { step, bad, best, key, history, tensors: data };
}

/** The file's bytes with a checksum in the metadata: the format itself would not notice a changed number. */
function seal(tensors: Record<string, Tensor>, metadata: Record<string, string>): Uint8Array<ArrayBuffer> {
  const sealed = { ...metadata, format: FORMAT };
  const sum = checksum(new Map(Object.entries(tensors)), sealed);
  return encodeSafetensors(tensors, { ...sealed, checksum: sum });
}

function checkSum(tensors: Map<string, Tensor>, metadata: Record<string, string>, file?: string): void {
  const { checksum: stored, ...rest } = metadata;
  if (stored !== checksum(tensors, rest)) {
    throw new DataError('damaged model file: its checksum does not fit', { code: 'damaged-model', file });
  }
}

/** FNV-1a over metadata and tensors in the order of their names; any one changed byte changes it. */
export function checksum(tensors: Map<string, Tensor>, metadata: Record<string, string>): string {
  let hash = 0x811c9dc5;
  const text = (value: string) => {
    hash = fnv(hash, new TextEncoder().encode(`${value}\0`));
  };
  for (const key of Object.keys(metadata).sort()) text(`${key}=${metadata[key]}`);
  for (const name of [...tensors.keys()].sort()) {
    const { dtype, shape, data } = tensors.get(name)!;
    text(`${name} ${dtype} ${shape}`);
    hash = fnv(hash, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** A function of its own, with the hash as a local: half the time of a closure that keeps it. */
function fnv(hash: number, bytes: Uint8Array): number {
  let h = hash;
  for (let i = 0; i < bytes.length; i++) h = Math.imul(h ^ bytes[i], 0x01000193);
  return h;
}

function open({ tensors, metadata }: TensorFile, file?: string): Opened {
  const fail = (rule: string): never => {
    throw new DataError(`damaged model file: ${rule}`, { code: 'damaged-model', file });
  };
  if (metadata.format !== FORMAT || metadata.kind !== 'related-products') {
    throw new DataError('a safetensors file, but not a related-products model', {
      code: 'not-a-model',
      file,
    });
  }
  checkSum(tensors, metadata, file);
  return {
    metadata,
    fail,
    has: (name) => tensors.has(name),
    tensor: (name, dtype, shape) => {
      const found = tensors.get(name);
      if (!found) return fail(`tensor ${name} is missing`);
      if (found.dtype !== dtype) fail(`tensor ${name} is ${found.dtype}, not ${dtype}`);
      if (shape && found.shape.join() !== shape.join()) {
        fail(`tensor ${name} has shape ${found.shape}, not ${shape}`);
      }
      return found.data;
    },
  };
}

/** JSON of at most a megabyte: a card has two thousand characters, a long training's history a hundred thousand. */
function parseShort<T>(text: string): T {
  if (!(text?.length <= 1e6)) throw new RangeError('missing, or more than 1e6 characters');
  return JSON.parse(text);
}

function readCard({ metadata, fail }: Opened): ModelCard {
  let card: ModelCard;
  try {
    card = parseShort(metadata.card);
  } catch {
    return fail('the model card is not JSON');
  }
  const count = (x: unknown) => Number.isInteger(x) && (x as number) >= 0 && (x as number) < 2 ** 31;
  if (card?.kind !== 'related-products') fail('the model card is of another kind');
  if (card.version !== 1)
    fail(`version ${String(JSON.stringify(card.version))} of the model card is not known here`);
  if (!(count(card.nodes) && count(card.edges) && count(card.encoder?.dim) && card.encoder.dim > 0)) {
    fail('the model card has no valid sizes');
  }
  return card;
}
