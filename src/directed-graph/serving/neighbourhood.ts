import type { Csr } from '../csr.ts';
import type { DirectedGraph } from '../graph.ts';
import type { EncoderOptions } from '../options.ts';
import type { LocalCsr, RowBlock } from './rows.ts';

/** Factors of a node's messages by its degree on each side; a message weighs row factor x column factor x edge. */
export interface Scales {
  readonly out: Float32Array;
  readonly in: Float32Array;
}

/** 1 / sqrt(degree), 1 / degree, or 1 by the aggregation; 0 without neighbours. */
export function scaleOf(options: EncoderOptions, degree: number): number {
  if (options.aggregation === 'sum') return 1;
  if (!(degree > 0)) return 0;
  return options.aggregation === 'mean' ? 1 / degree : 1 / Math.sqrt(degree);
}

export const weighs = ({ edgeWeights }: EncoderOptions, csr: Csr): boolean =>
  edgeWeights && csr.weights !== undefined;

function degreeOf(options: EncoderOptions, csr: Csr, node: number): number {
  const [from, to] = [csr.indptr[node], csr.indptr[node + 1]];
  if (!weighs(options, csr)) return to - from;
  let sum = 0;
  for (let e = from; e < to; e++) sum += csr.weights![e];
  return sum;
}

export function scalesOf(options: EncoderOptions, graph: DirectedGraph): Scales {
  const side = (csr: Csr) =>
    Float32Array.from({ length: graph.nodeCount }, (_, u) => scaleOf(options, degreeOf(options, csr, u)));
  return { out: side(graph.out), in: side(graph.in) };
}

/** The weight of the message along entry e of `csr`, row u, as the message graph of training has it. */
export function messageWeight(
  options: EncoderOptions,
  csr: Csr,
  row: Float32Array,
  column: Float32Array,
  u: number,
  e: number,
): number {
  const base = weighs(options, csr) ? csr.weights![e] : 1;
  return base * row[u] * (options.aggregation === 'symmetric' ? column[csr.indices[e]] : 1);
}

/** The block from `rows` to themselves and their neighbours, and the node of each column. */
export function neighbourhood(
  options: EncoderOptions,
  graph: DirectedGraph,
  scales: Scales,
  rows: Uint32Array,
): RowBlock & { nodes: Uint32Array } {
  const place = new Int32Array(graph.nodeCount).fill(-1);
  const nodes: number[] = [];
  for (const u of rows) place[u] = nodes.push(u) - 1;
  const side = (csr: Csr, row: Float32Array, column: Float32Array): LocalCsr => {
    let entries = 0;
    for (const u of rows) entries += csr.indptr[u + 1] - csr.indptr[u];
    const indptr = new Uint32Array(rows.length + 1);
    const indices = new Uint32Array(entries);
    const weights = new Float32Array(entries);
    let n = 0;
    rows.forEach((u, i) => {
      for (let e = csr.indptr[u]; e < csr.indptr[u + 1]; e++) {
        const v = csr.indices[e];
        if (place[v] < 0) place[v] = nodes.push(v) - 1;
        indices[n] = place[v];
        weights[n++] = messageWeight(options, csr, row, column, u, e);
      }
      indptr[i + 1] = n;
    });
    return { indptr, indices, weights };
  };
  const out = side(graph.out, scales.out, scales.in);
  const into = side(graph.in, scales.in, scales.out);
  return { rows: rows.length, columns: nodes.length, out, in: into, nodes: Uint32Array.from(nodes) };
}
