import { DataError } from '../../../src/check.ts';
import {
  DirectedGraph,
  Engine,
  type NodeFeatures,
  nodeFeatures,
  RelatedProducts,
} from '../../../src/index.ts';
import { IdDictionary, readTable, type Schema } from '../../../src/io/index.ts';
import { count, counted } from '../../../src/report/format.ts';
import { simulateShop } from '../../../src/simulate/index.ts';
import type { FileSource, ShopInput, ShopRead, TrainInput } from '../jobs.ts';
import { columnsOf } from '../roles.ts';
import { inputOf, Rejects } from './input.ts';
import type { Run } from './main.ts';

/** What this worker holds of a shop, from one job to the next. */
export interface OpenShop {
  readonly engine: Engine;
  readonly title: string;
  readonly graph: DirectedGraph;
  readonly features?: NodeFeatures;
  readonly names?: readonly string[];
  readonly read: Record<string, unknown>;
  model?: RelatedProducts;
  /** Nodes that have each node among their first ten answers, with the place. */
  reverse?: Map<number, { node: number; place: number }[]>;
}

let shop: OpenShop | undefined;

export function currentShop(): OpenShop {
  if (!shop) throw new Error('no shop has been read yet');
  return shop;
}

export function trainedShop(): OpenShop & { model: RelatedProducts } {
  const here = currentShop();
  if (!here.model) throw new Error('the model has not been trained yet');
  return here as OpenShop & { model: RelatedProducts };
}

export const nameOf = ({ graph, names }: OpenShop, node: number): string => names?.[node] ?? graph.idOf(node);

/** What is learned and how, the same for the model and for its judgement. */
export const fitOptions = ({ features, engine }: OpenShop, { steps, directionLoss, seed }: TrainInput) => ({
  engine,
  features,
  seed,
  training: { steps },
  encoder: { directionLoss },
});

/** Reads a shop and keeps it. */
export async function openShop(input: ShopInput, run: Run): Promise<ShopRead> {
  const { rejects, rows, ...read } = await readShop(input, run);
  shop?.engine.dispose();
  shop = read;
  const { graph, title, features } = read;
  const { selfLoops, merged } = graph.dropped;
  const { orders } = graph;
  const facts: [string, string][] = [];
  if (rows > 0) facts.push(['Rows read', count(rows)]);
  if (orders) facts.push(['Customers', count(orders.customers)]);
  facts.push(['Products', count(graph.nodeCount)], ['Pairs “bought U, next V”', count(graph.edgeCount)]);
  if (features) facts.push(['Words and features', count(features.columns)]);
  const notes = [
    merged > 0 ? `${counted(merged, 'repeated pair')} merged` : '',
    selfLoops > 0 ? `${counted(selfLoops, 'pair')} from a product to itself left out` : '',
    orders && orders.capped > 0 ? `${counted(orders.capped, 'very large purchase')} left out` : '',
  ].filter(Boolean);
  const { bytes, seconds } = await RelatedProducts.estimate(graph, { features });
  return {
    title,
    facts,
    notes,
    bad: rejects.summary,
    nodes: graph.nodeCount,
    edges: graph.edgeCount,
    estimate: { bytes, seconds },
    items: Array.from({ length: graph.nodeCount }, (_, node) => ({
      id: graph.idOf(node),
      name: nameOf(read, node),
      out: graph.outDegree(node),
      in: graph.inDegree(node),
    })),
  };
}

/** A shop of a file or a simulation, in an engine of its own. DataError when it has no pairs. */
export async function readShop(
  input: ShopInput,
  run: Run,
): Promise<OpenShop & { rejects: Rejects; rows: number }> {
  const engine = await Engine.create();
  const rejects = new Rejects();
  try {
    return await rejects.during(async () => ({
      engine,
      rejects,
      ...(await readAny(engine, input, rejects, run)),
    }));
  } catch (error) {
    engine.dispose();
    throw error;
  }
}

async function readAny(engine: Engine, input: ShopInput, rejects: Rejects, run: Run) {
  const { source } = input;
  const read =
    source.from === 'simulation'
      ? simulated(engine, source.seed, input)
      : await readFile(source, input, rejects, run);
  if (read.graph.edgeCount === 0) {
    const often = source.from === 'simulation' || source.kind === 'orders';
    const why = often
      ? ' often enough: lower how often a pair must have happened, or how much above chance'
      : '';
    throw new DataError(`no product leads to another${why}`, { code: 'no-edges', file: read.title });
  }
  return read;
}

function simulated(engine: Engine, seed: number, { minSupport, minLift, mode }: ShopInput) {
  const { orders, items, features } = simulateShop(engine, { seed });
  const graph = DirectedGraph.fromOrders(orders, { ids: items.id, minSupport, minLift, mode });
  const rows = orders.item.length;
  return {
    title: `a simulated shop (seed ${seed})`,
    graph,
    features: nodeFeatures(features.node, features.feature, features.value, graph.nodeCount),
    names: items.name,
    rows,
    read: { kind: 'orders', file: `simulated shop, seed ${seed}`, rows, badRows: 0, orders: graph.orders },
  };
}

async function readFile(
  source: FileSource,
  { minSupport, minLift, mode }: ShopInput,
  rejects: Rejects,
  run: Run,
) {
  const { file, kind, roles } = source;
  const one = (role: string) => columnsOf(roles, role)[0];
  const dictionary = new IdDictionary();
  const options = rejects.options(source, run);
  const done = (graph: DirectedGraph, rows: number) => {
    const { count: badRows, kinds } = rejects.summary;
    const rejected = kinds.map((bad) => ({ ...bad, file: file.name }));
    const { orders, dropped } = graph;
    return {
      title: file.name,
      graph,
      rows,
      read: { kind, file: file.name, rows, badRows, rejected, orders, ...dropped },
    };
  };
  if (kind === 'edges') {
    const schema: Schema = {
      source: { type: 'id', dictionary, name: one('source') },
      target: { type: 'id', dictionary, name: one('target') },
      ...(one('weight') === undefined
        ? {}
        : { weight: { type: 'f64', name: one('weight'), min: 1.2e-38, max: 3.4e38 } }),
      ...(one('timestamp') === undefined
        ? {}
        : { timestamp: { type: 'time', name: one('timestamp'), min: 0 } }),
    };
    const { columns, rows } = await readTable(inputOf(file), schema, options);
    const read = columns as unknown as Record<'source' | 'target', { codes: Int32Array }> &
      Record<'weight' | 'timestamp', Float64Array | undefined>;
    const { weight, timestamp } = read;
    const graph = DirectedGraph.fromEdges(read.source.codes, read.target.codes, {
      weight,
      timestamp,
      ids: dictionary.ids,
    });
    return done(graph, rows);
  }
  const named = one('name') !== undefined;
  const { columns, rows } = await readTable(
    inputOf(file),
    {
      customer: { type: 'id', name: one('customer') },
      item: { type: 'id', name: one('item'), dictionary },
      time: { type: 'time', name: one('time'), min: 0 },
      // A category keeps each of its texts once, however many lines have it.
      name: { type: 'category', name: one('name') ?? '', optional: true },
    },
    options,
  );
  const { customer, item, time, name } = columns;
  run.tell({ stage: 'Counting pairs', step: 0, total: 1 });
  const orders = { customer: customer.codes, item: item.codes, time };
  const graph = DirectedGraph.fromOrders(orders, { ids: dictionary.ids, minSupport, minLift, mode });
  return { ...done(graph, rows), names: named && name ? firstNames(graph, item.codes, name) : undefined };
}

/** The first name that each product has, its id where it has none. */
function firstNames({ nodeCount, ids }: DirectedGraph, codes: Int32Array, name: readonly string[]): string[] {
  const names = Array.from({ length: nodeCount }, () => '');
  codes.forEach((code, row) => {
    if (names[code] === '') names[code] = name[row];
  });
  return names.map((text, node) => text || (ids?.[node] ?? String(node)));
}
