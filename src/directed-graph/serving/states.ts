import type { Csr } from '../csr.ts';
import type { DirectedGraph } from '../graph.ts';
import { inputRows } from './input-rows.ts';
import { neighbourhood, type Scales, scalesOf } from './neighbourhood.ts';
import type { RoleRows, RowEncoder } from './rows.ts';

/** The states of every node at every stage, the input's first: what a changed neighbourhood is computed from. */
export class NodeStates {
  private constructor(
    readonly encoder: RowEncoder,
    readonly graph: DirectedGraph,
    readonly scales: Scales,
    /** layers + 1 stages; the last before its rows are normalised. */
    readonly stages: readonly RoleRows[],
  ) {}

  /** A whole pass over the graph. */
  static of(encoder: RowEncoder, graph: DirectedGraph): NodeStates {
    const { options } = encoder;
    const all = Uint32Array.from({ length: graph.nodeCount }, (_, u) => u);
    const scales = scalesOf(options, graph);
    const stages = [encoder.roles(inputRows(encoder, all), all.length)];
    if (options.layers > 0) {
      const block = neighbourhood(options, graph, scales, all);
      for (let l = 0; l < options.layers; l++) stages.push(encoder.layer(l, block, stages[l]));
    }
    return new NodeStates(encoder, graph, scales, stages);
  }

  /**
   * The states over `graph`, which has further edges between the same nodes, computed only where they changed. A new
   * edge u -> v changes two degrees, hence the weights of every message along u's out-edges and v's in-edges: those rows
   * change at each layer, and the neighbours of a changed row at the next one. `inputs` are the
   * nodes whose input rows are others in `encoder`. `touched` lists the rows of the last stage.
   */
  withEdges(
    graph: DirectedGraph,
    edges: { source: ArrayLike<number>; target: ArrayLike<number> },
    encoder = this.encoder,
    inputs: Uint32Array = new Uint32Array(0),
  ): { states: NodeStates; touched: Uint32Array } {
    const { options } = encoder;
    const d = options.dim;
    const scales = scalesOf(options, graph);
    const reweighed = new Set<number>();
    const row = ({ indptr, indices }: Csr, u: number) => indices.subarray(indptr[u], indptr[u + 1]);
    for (let i = 0; i < edges.source.length; i++) {
      const [u, v] = [edges.source[i], edges.target[i]];
      for (const node of [u, v, ...row(graph.out, u), ...row(graph.in, v)]) reweighed.add(node);
    }
    let changed = new Set(inputs);
    const stages: RoleRows[] = [this.stages[0]];
    if (inputs.length > 0) {
      const { s, t } = encoder.roles(inputRows(encoder, inputs), inputs.length);
      stages[0] = { s: placed(stages[0].s, s, inputs, d), t: placed(stages[0].t, t, inputs, d) };
    }
    for (let l = 0; l < options.layers; l++) {
      const next = new Set(reweighed);
      for (const u of changed) {
        next.add(u);
        for (const v of row(graph.out, u)) next.add(v);
        for (const v of row(graph.in, u)) next.add(v);
      }
      changed = next;
      const rows = Uint32Array.from(changed).sort();
      const block = neighbourhood(options, graph, scales, rows);
      const input = {
        s: picked(stages[l].s, block.nodes, d),
        t: picked(stages[l].t, block.nodes, d),
      };
      const output = encoder.layer(l, block, input);
      const old = this.stages[l + 1];
      stages.push({ s: placed(old.s, output.s, rows, d), t: placed(old.t, output.t, rows, d) });
    }
    const touched = Uint32Array.from(changed).sort();
    return { states: new NodeStates(encoder, graph, scales, stages), touched };
  }

  /** The same states with `more` nodes at the end, whose input rows are `bases`; they have no edges yet. */
  withNodes(
    encoder: RowEncoder,
    graph: DirectedGraph,
    bases: readonly Float32Array[],
    more: number,
  ): NodeStates {
    const { scales } = this;
    const { options } = encoder;
    const empty = { indptr: new Uint32Array(more + 1), indices: [], weights: [] };
    const block = { rows: more, columns: more, out: empty, in: empty };
    let rows = encoder.roles(bases, more);
    const stages = this.stages.map((stage, l) => {
      if (l > 0) rows = encoder.layer(l - 1, block, rows);
      return { s: joined(stage.s, rows.s), t: joined(stage.t, rows.t) };
    });
    const none = new Float32Array(more).fill(options.aggregation === 'sum' ? 1 : 0);
    const grown = { out: joined(scales.out, none), in: joined(scales.in, none) };
    return new NodeStates(encoder, graph, grown, stages);
  }
}

/** Rows `nodes` of values[n x d]. */
export function picked(values: Float32Array, nodes: Uint32Array, d: number): Float32Array {
  const rows = new Float32Array(nodes.length * d);
  for (let i = 0; i < nodes.length; i++) {
    rows.set(values.subarray(nodes[i] * d, (nodes[i] + 1) * d), i * d);
  }
  return rows;
}

/** A copy of values[n x d] with `rows` in the places `nodes`. */
export function placed(
  values: Float32Array,
  rows: Float32Array,
  nodes: Uint32Array,
  d: number,
): Float32Array {
  const copy = values.slice();
  for (let i = 0; i < nodes.length; i++) copy.set(rows.subarray(i * d, (i + 1) * d), nodes[i] * d);
  return copy;
}

export function joined(a: Float32Array, b: Float32Array): Float32Array {
  const both = new Float32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
