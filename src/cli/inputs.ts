import { DataError } from '../check.ts';
import { DirectedGraph, type NodeFeatures, nodeFeatures } from '../index.ts';
import { type IdColumn, IdDictionary } from '../io/index.ts';
import { under } from './args.ts';
import { type EdgeTable, type OrderTable, readEdges, weightColumn } from './edges.ts';
import { printable } from './errors.ts';
import { readIds, readNames } from './lists.ts';
import { type Numbering, numbering, ranked } from './nodes.ts';
import { count, counted, type Output } from './output.ts';
import type { Reader } from './reader.ts';

/** Options of the files beside INPUT. */
export const besideOptions = under('Input', [
  { name: 'features', value: 'FILE', about: 'What is known of the products (node,feature[,value])' },
  { name: 'coview', value: 'FILE', about: 'Products looked at together (source,target[,weight])' },
  {
    name: 'nodes',
    value: 'FILE',
    about: 'All products (column id): others are refused, unsold ones take part',
  },
]);

/** What `nodeFeatures` takes. */
const MAX_FEATURE = 1e15;

/** Everything a training reads. */
export interface Inputs {
  /** INPUT as read; rows of edges are what a split file is aligned with. */
  source: EdgeTable | OrderTable;
  graph: DirectedGraph;
  features?: NodeFeatures;
  coView?: DirectedGraph;
  names?: Map<string, string>;
  /** What was read, for people and for the JSON document. */
  read: ReadSummary;
  /** What is odd about the files. */
  notes: string[];
}

export interface ReadSummary {
  file: string;
  kind: 'edges' | 'orders';
  rows: number;
  badRows: number;
  nodes: number;
  edges: number;
  merged: number;
  selfLoops: number;
  orders?: DirectedGraph['orders'];
  features?: { values: number; columns: number };
  coview?: { edges: number; unknown: number };
}

/**
 * Reads INPUT and the files beside it. Nodes are the ids of INPUT and of `--features`, or exactly those of `--nodes`,
 * where any other id is a DataError `unknown-id`. Rows of `--coview` with an id that is no node are left out and
 * counted. Only nodes are ever ranked, so the list decides what an evaluation ranks among.
 */
export async function readInputs(reader: Reader, path: string): Promise<Inputs> {
  const { args } = reader.context;
  const dictionary = new IdDictionary();
  const list = args.text('nodes');
  if (list) for (const id of (await readIds(reader, list)).ids) dictionary.intern(id);
  const listed = list ? dictionary.size : undefined;

  const source = await readEdges(reader, path, dictionary);
  if (source.kind === 'edges') {
    const { file, columns, line } = source.table;
    checkListed(file, line, { source: columns.source, target: columns.target }, listed);
  } else {
    checkListed(source.file, source.line, { item: source.item }, listed);
  }

  const featureFile = args.text('features');
  const featureTable = featureFile
    ? await reader.table(featureFile, {
        node: { type: 'id', dictionary },
        feature: { type: 'id' },
        value: { type: 'f64', optional: true, min: -MAX_FEATURE, max: MAX_FEATURE },
      })
    : undefined;
  if (featureTable) {
    checkListed(featureTable.file, featureTable.line, { node: featureTable.columns.node }, listed);
  }
  const notes: string[] = [];
  const only = (file: string, ids: Iterable<string>, means: string) => {
    const alone = [...new Set(ids)];
    if (alone.length > 0) notes.push(`${onlyIn(alone, file, path)}; ${means}`);
  };
  const sold = new Uint8Array(dictionary.size);
  for (const codes of codesOf(source)) for (const code of codes) sold[code] = 1;
  const unsold = (codes: Iterable<number>) =>
    Array.from(codes)
      .filter((code) => sold[code] === 0)
      .map((code) => dictionary.ids[code]);
  if (list) only(list, unsold(Array(listed).keys()), 'such products take part without pairs');
  else if (featureTable) {
    only(
      featureTable.file,
      unsold(featureTable.columns.node.codes),
      'such products take part by their features alone',
    );
  }
  const nodes = numbering(dictionary.ids.slice());
  const graph = source.kind === 'edges' ? graphOfEdges(source, nodes) : graphOfOrders(source, nodes);
  const read: ReadSummary = {
    file: path,
    kind: source.kind,
    rows: source.kind === 'edges' ? source.table.rows : source.rows,
    badRows: source.kind === 'edges' ? source.table.bad.count : source.bad,
    nodes: graph.nodeCount,
    edges: graph.edgeCount,
    ...graph.dropped,
    orders: graph.orders,
  };
  if (graph.edgeCount === 0)
    throw new DataError(noEdges(read, together(source)) + leftOut(read.badRows), {
      code: 'no-edges',
      file: path,
    });

  let features: NodeFeatures | undefined;
  if (featureTable) {
    const { node, feature, value } = featureTable.columns;
    const columns = numbering(feature.ids);
    features = nodeFeatures(
      ranked(node.codes, nodes),
      ranked(feature.codes, columns),
      value,
      graph.nodeCount,
    );
    read.features = { values: featureTable.rows, columns: features.columns };
  }
  const coviewFile = args.text('coview');
  const coView = coviewFile ? await readCoView(reader, coviewFile, dictionary, nodes, read) : undefined;
  const itemsFile = args.has('items') ? args.text('items') : undefined;
  const names = itemsFile ? await readNames(reader, itemsFile) : undefined;
  if (itemsFile && names) {
    const unknown = Array.from(names.keys()).filter((id) => graph.findId(id) < 0);
    only(itemsFile, unknown, 'such products can be neither asked for nor answered');
  }
  return { source, graph, features, coView, names, read, notes };
}

const codesOf = (source: EdgeTable | OrderTable) =>
  source.kind === 'edges'
    ? [source.table.columns.source.codes, source.table.columns.target.codes]
    : [source.item.codes];

/** `4 ids of features.csv do not occur in orders.csv ("a", "b", "c" ...)` */
function onlyIn(ids: readonly string[], file: string, path: string): string {
  const first = ids.slice(0, 3).map((id) => JSON.stringify(id.length > 40 ? `${id.slice(0, 40)}...` : id));
  const named = printable(first.join(', ')) + (ids.length > 3 ? ' ...' : '');
  const where = path === '-' ? 'standard input' : path;
  return `${counted(ids.length, 'id')} of ${file} ${ids.length === 1 ? 'does' : 'do'} not occur in ${where} (${named})`;
}

/** Whether pairs are products bought together, so that none leads to the other. */
export const together = (source: EdgeTable | OrderTable): boolean =>
  source.kind === 'orders' && source.options.mode === 'co-purchase';

function noEdges({ kind }: ReadSummary, isTogether: boolean): string {
  if (kind === 'edges') return 'no edges: every row leads from a product to itself';
  const pair = isTogether ? 'no two products are bought together' : 'no product is bought after another';
  return `${pair} often enough: lower --min-support or --min-lift`;
}

/** Rows that were left out before nothing was found in the others. */
export const leftOut = (badRows: number): string =>
  badRows > 0 ? ` (${counted(badRows, 'bad row')} left out)` : '';

/** With a list of nodes, an id beyond it is refused where it stands first. */
function checkListed(
  file: string,
  line: Int32Array | undefined,
  columns: Record<string, IdColumn>,
  listed: number | undefined,
): void {
  if (listed === undefined) return;
  let first = { row: Infinity, column: '', id: '' };
  for (const [column, { codes, ids }] of Object.entries(columns)) {
    const row = codes.findIndex((code) => code >= listed);
    if (row >= 0 && row < first.row) first = { row, column, id: ids[codes[row]] };
  }
  const { row, column, id } = first;
  if (row === Infinity) return;
  const place = { code: 'unknown-id', file, line: line?.[row], column };
  throw new DataError(`the id ${JSON.stringify(id)} is not in the list of --nodes`, place);
}

/** What the graph refuses is a fault of the file: weights that no longer fit a 32-bit float. */
function ofFile<T>(file: string, build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new DataError(error.message, { code: 'bad-number', file }, error);
  }
}

export function graphOfEdges({ table }: EdgeTable, nodes: Numbering): DirectedGraph {
  const { source, target, weight, timestamp } = table.columns;
  return ofFile(table.file, () =>
    DirectedGraph.fromEdges(ranked(source.codes, nodes), ranked(target.codes, nodes), {
      weight,
      timestamp,
      ids: nodes.ids,
    }),
  );
}

export function graphOfOrders(lines: OrderTable, nodes: Numbering): DirectedGraph {
  const { customer, order, item, time, options, file } = lines;
  return ofFile(file, () =>
    DirectedGraph.fromOrders(
      {
        customer: ranked(customer.codes, numbering(customer.ids)),
        order: order && ranked(order.codes, numbering(order.ids)),
        item: ranked(item.codes, nodes),
        time,
      },
      { ...options, ids: nodes.ids },
    ),
  );
}

async function readCoView(
  reader: Reader,
  path: string,
  dictionary: IdDictionary,
  nodes: Numbering,
  read: ReadSummary,
): Promise<DirectedGraph | undefined> {
  const { file, columns, rows } = await reader.table(path, {
    source: { type: 'id', dictionary },
    target: { type: 'id', dictionary },
    weight: weightColumn,
  });
  const known = nodes.ids.length;
  const [source, target] = [columns.source.codes, columns.target.codes];
  const kept = Array.from(source.keys()).filter((i) => source[i] < known && target[i] < known);
  const { weight } = columns;
  const coView = ofFile(file, () =>
    DirectedGraph.fromEdges(
      kept.map((i) => nodes.rank[source[i]]),
      kept.map((i) => nodes.rank[target[i]]),
      { ids: nodes.ids, ...(weight ? { weight: kept.map((i) => weight[i]) } : {}) },
    ),
  );
  read.coview = { edges: coView.edgeCount, unknown: rows - kept.length };
  return coView.edgeCount > 0 ? coView : undefined;
}

/** What was read, for people. */
export function tellRead(out: Output, { read, source, notes }: Inputs, badRows: number): void {
  const { file, kind, rows, nodes, edges, merged, selfLoops, orders, features, coview } = read;
  const name = file === '-' ? 'standard input' : file;
  if (kind === 'orders' && orders) {
    out.line(`Read ${counted(rows, 'order line')} of ${counted(orders.customers, 'customer')} from ${name}.`);
    out.line(
      `  ${counted(orders.pairsSeen, 'pair')} of products seen, ${count(edges)} often enough to count` +
        (orders.capped > 0 ? `; ${counted(orders.capped, 'very large purchase')} left out` : ''),
    );
  } else {
    out.line(`Read ${counted(rows, 'row')} from ${name}.`);
  }
  const dropped = [
    merged > 0 ? `${counted(merged, 'repeated row')} merged` : '',
    selfLoops > 0 ? `${counted(selfLoops, 'row')} from a product to itself left out` : '',
  ].filter(Boolean);
  const tail = dropped.length > 0 ? ` (${dropped.join(', ')})` : '';
  const pairs = together(source) ? '"U is bought with V"' : '"U leads to V"';
  out.line(`  ${counted(nodes, 'product')}, ${counted(edges, 'pair')} ${pairs}${tail}`);
  if (features) out.line(`  ${counted(features.values, 'value')} of ${counted(features.columns, 'feature')}`);
  if (coview) {
    const unknown =
      coview.unknown > 0 ? ` (${counted(coview.unknown, 'row')} about other products left out)` : '';
    out.line(`  ${counted(coview.edges, 'pair')} looked at together${unknown}`);
  }
  if (badRows > 0) out.line(`  ${counted(badRows, 'bad row')} left out`);
  for (const note of notes) out.line(`Note: ${note}.`);
}
