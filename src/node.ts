/** Files of this machine as orders, graphs, features and models; for Node. */
import { stat } from 'node:fs/promises';
import { DataError, options } from './check.ts';
import {
  DirectedGraph,
  type NodeFeatures,
  nodeFeatures,
  type Orders,
  type RelatedProducts,
} from './index.ts';
import { collect, peek } from './io/chunks.ts';
import { type IdColumn, IdDictionary, type ReadOptions, readDefaults, readTable } from './io/index.ts';
import { openInput, writeFileAtomic } from './io/node.ts';
import { decodeModel, encodeModel } from './model-file.ts';

export interface ReadOrdersOptions extends ReadOptions {
  /** Names of the columns; `order` is only read when it is named. */
  customer?: string;
  item?: string;
  time?: string;
  order?: string;
}

/**
 * Order lines of a CSV, TSV, JSONL or Parquet file (columns customer, item and time, in epoch seconds or ISO 8601), for
 * `DirectedGraph.fromOrders`. DataError with file, line and column for what is wrong with it.
 */
export async function readOrders(path: string, given?: ReadOrdersOptions): Promise<Orders> {
  const { customer, item, time, order, ...read } = options<ReadOrdersOptions>(
    given,
    { ...readDefaults, customer: 'customer', item: 'item', time: 'time', order: undefined },
    'readOrders',
  );
  const schema = {
    customer: { type: 'id', name: customer },
    item: { type: 'id', name: item },
    time: { type: 'time', name: time, min: 0 },
    ...(order === undefined ? {} : { order: { type: 'id', name: order } as const }),
  } as const;
  const { columns } = await readTable(await openInput(path), schema, read);
  return {
    customer: named(columns.customer),
    item: named(columns.item),
    time: columns.time,
    ...('order' in columns ? { order: named(columns.order as IdColumn) } : {}),
  };
}

const named = ({ codes, ids }: IdColumn): string[] => Array.from(codes, (code) => ids[code]);

/** Weights that a 32-bit float holds without losing digits. */
export const weightColumn = {
  type: 'f64',
  optional: true,
  min: 1.2e-38,
  max: 3.4028234663852886e38,
} as const;

/** The graph of an edge file: columns source, target and, where they are there, weight and timestamp. */
export async function readEdges(path: string, given?: ReadOptions): Promise<DirectedGraph> {
  const dictionary = new IdDictionary();
  const schema = {
    source: { type: 'id', dictionary },
    target: { type: 'id', dictionary },
    weight: weightColumn,
    timestamp: { type: 'time', optional: true, min: 0 },
  } as const;
  const { columns } = await readTable(await openInput(path), schema, given);
  const { source, target, weight, timestamp } = columns;
  return DirectedGraph.fromEdges(source.codes, target.codes, { weight, timestamp, ids: dictionary.ids });
}

/** Features of a graph's nodes: columns node (an id), feature and, where it is there, value. Other ids are left out. */
export async function readFeatures(
  path: string,
  graph: DirectedGraph,
  given?: ReadOptions,
): Promise<NodeFeatures> {
  const schema = {
    node: { type: 'id' },
    feature: { type: 'id' },
    value: { type: 'f64', optional: true, min: -1e15, max: 1e15 },
  } as const;
  const { columns } = await readTable(await openInput(path), schema, given);
  const { node, feature, value } = columns;
  const nodeOf = node.ids.map((id) => graph.findId(id));
  const kept = Array.from(node.codes.keys()).filter((i) => nodeOf[node.codes[i]] >= 0);
  return nodeFeatures(
    kept.map((i) => nodeOf[node.codes[i]]),
    kept.map((i) => feature.codes[i]),
    value && kept.map((i) => value[i]),
    graph.nodeCount,
  );
}

/** Writes a model's file beside its place and renames it: a reader sees the old file or the whole new one. */
export async function saveModel(path: string, model: RelatedProducts): Promise<void> {
  await writeFileAtomic(path, encodeModel(model));
}

/**
 * A model of a file. DataError `not-a-model` for a file that does not begin as a model does, `damaged-model` for one
 * that does and is broken further on.
 */
export async function loadModel(path: string): Promise<RelatedProducts> {
  const bytes = await readBytes(path);
  if (bytes.length === 0) throw new DataError('the file is empty', { code: 'empty-file', file: path });
  return decodeModel(bytes, path);
}

/** The longest header of a safetensors file. */
const LONGEST_HEADER = 100e6;

/**
 * The bytes of a safetensors file or pipe, at most 4 GiB. What is none by its first bytes, or a device without end, is
 * refused before more is read: a DataError `not-a-model` or `damaged-model`.
 */
export async function readBytes(path: string): Promise<Uint8Array> {
  const { bytes, name } = await openInput(path);
  const place = { code: 'damaged-model', file: path };
  const found = path === '-' ? undefined : await stat(path);
  if (found?.isCharacterDevice() || found?.isBlockDevice())
    throw new DataError('is a device, not a file', place);
  const { head, all } = await peek(bytes as AsyncIterable<Uint8Array>, 9);
  if (head.length === 9) {
    if (head[8] !== 0x7b) {
      await all.return();
      throw new DataError('this is not a model (no safetensors header)', { ...place, code: 'not-a-model' });
    }
    const length = new DataView(head.buffer, head.byteOffset, 8).getBigUint64(0, true);
    if (length > LONGEST_HEADER) {
      await all.return();
      throw new DataError(`damaged model file: a header of ${length} bytes`, place);
    }
  }
  return collect(all, name, 2 ** 32);
}
