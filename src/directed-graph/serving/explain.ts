import type { Csr } from '../csr.ts';
import { messageWeight } from './neighbourhood.ts';
import type { Part } from './parts.ts';
import type { ReasonKind } from './reasons.ts';
import type { NodeStates } from './states.ts';

/** A node's last layer, taken apart: its own state before it, and the messages it receives. */
export interface NodeView {
  readonly node: number;
  readonly s: Float32Array;
  readonly t: Float32Array;
  readonly out: { readonly nodes: ArrayLike<number>; readonly weights: ArrayLike<number> };
  readonly in: { readonly nodes: ArrayLike<number>; readonly weights: ArrayLike<number> };
  /** 1 / length of the last state in each role. */
  readonly inverse: { readonly s: number; readonly t: number };
}

const HOPS = { outT: 0, inS: 1, outS: 2, inSs: 3, inT: 4, outTt: 5 } as const;

/**
 * Takes scores apart by one hop, exactly. The last layer is s_u = o_u + sum_w m_w, o_u the state before it (nothing
 * without residual) and m_w the weighted message of neighbour w; likewise t_v; and
 *   score(u, v) = b_v + c <s_u, t_v>,  c = temperature / (|s_u| |t_v|).
 * The lengths are taken as the numbers they are. The rest is bilinear, so each part p of s_u is given c/2 <p, t_v> and each
 * part q of t_v c/2 <s_u, q>: what integrated gradients from zero give (both factors grow together, and the integral of
 * 2x is half at each side), and they add up to the score. Where a layer has W and f, m_w stands for g * (m_w W) with
 * g = f(x) / x at the mixed message x: exact for ReLU, and for tanh the secant, which adds up as well.
 */
export class Explainer {
  /** What a neighbour says before it is weighed, f32[nodes x d] by the hearer's role and the neighbour's side. */
  readonly #says = new Map<string, Float32Array>();

  constructor(readonly states: NodeStates) {}

  view(node: number): NodeView {
    const { encoder, graph, scales, stages } = this.states;
    const { options } = encoder;
    const d = options.dim;
    const before = stages[Math.max(0, options.layers - 1)];
    const last = stages[options.layers];
    const side = (csr: Csr, row: Float32Array, column: Float32Array) => {
      const [from, to] = [csr.indptr[node], csr.indptr[node + 1]];
      const weights = new Float32Array(options.layers > 0 ? to - from : 0);
      for (let i = 0; i < weights.length; i++) {
        weights[i] = messageWeight(options, csr, row, column, node, from + i);
      }
      return { nodes: csr.indices.subarray(from, from + weights.length), weights };
    };
    return {
      node,
      s: before.s.subarray(node * d, (node + 1) * d),
      t: before.t.subarray(node * d, (node + 1) * d),
      out: side(graph.out, scales.out, scales.in),
      in: side(graph.in, scales.in, scales.out),
      inverse: { s: encoder.inverse(last.s, node * d), t: encoder.inverse(last.t, node * d) },
    };
  }

  /** Adds the parts <p, toward> x factor of a node's vector in one role to `parts`. */
  add(
    parts: Part[],
    role: 's' | 't',
    view: NodeView,
    toward: ArrayLike<number>,
    factor: number,
    answer?: number,
  ): void {
    const { options } = this.states.encoder;
    const { dim: d, layers, residual, crossRole } = options;
    const by = factor * view.inverse[role];
    const own = view[role];
    let value = 0;
    for (let c = 0; c < d; c++) value += own[c] * toward[c];
    const kind = role === 's' ? 'query' : 'answer';
    if (layers === 0 || residual) parts.push({ kind, node: view.node, value: by * value });
    if (layers === 0) return;
    // A source hears the targets of its out-neighbours; a target hears the sources of its in-neighbours.
    const near = role === 's' ? view.out : view.in;
    const far = role === 's' ? view.in : view.out;
    const said = { near: this.#spoken(role, 'near'), far: this.#spoken(role, 'far') };
    const direction = this.#through(toward, (c) => {
      let sum = 0;
      for (let i = 0; i < near.nodes.length; i++) sum += near.weights[i] * said.near[near.nodes[i] * d + c];
      if (!crossRole) return sum;
      for (let i = 0; i < far.nodes.length; i++) sum += far.weights[i] * said.far[far.nodes[i] * d + c];
      return sum;
    });
    const [nearKind, farKind]: ReasonKind[] =
      role === 's' ? ['next-of-query', 'before-query'] : ['leads-here', 'next-of-answer'];
    const part = (rows: Float32Array, w: number, weight: number) => {
      let sum = 0;
      for (let c = 0, at = w * d; c < d; c++, at++) sum += rows[at] * direction[c];
      return by * weight * sum;
    };
    for (let i = 0; i < near.nodes.length; i++) {
      const w = near.nodes[i];
      const value = part(said.near, w, near.weights[i]);
      // The edge from the query to the answer is one reason, seen from either end.
      if (w === answer) parts.push({ kind: 'next', node: role === 's' ? view.node : w, value });
      else parts.push({ kind: nearKind, node: w, value });
    }
    if (!crossRole) return;
    for (let i = 0; i < far.nodes.length; i++) {
      const w = far.nodes[i];
      parts.push({ kind: farKind, node: w, value: part(said.far, w, far.weights[i]) });
    }
  }

  /** The last layer's messages of every node to a role's near side (out of a source, into a target) or far side. */
  #spoken(role: 's' | 't', side: 'near' | 'far'): Float32Array {
    const { encoder, stages } = this.states;
    const { options, weights } = encoder;
    const found = this.#says.get(role + side);
    if (found) return found;
    const before = stages[options.layers - 1];
    const hop = weights.parameters[`hops${options.layers - 1}`];
    const rows = new Float32Array(before.s.length);
    const [t, s] =
      side === 'near'
        ? role === 's'
          ? [HOPS.outT, HOPS.outS]
          : [HOPS.inT, HOPS.inS]
        : role === 's'
          ? [undefined, HOPS.inSs]
          : [HOPS.outTt, undefined];
    // Without cross-role messages a role hears the other role alone.
    const heard = (r: 's' | 't') => options.crossRole || (side === 'near' && r !== role);
    const ofT = t !== undefined && heard('t') ? hop[t] : 0;
    const ofS = s !== undefined && heard('s') ? hop[s] : 0;
    for (let i = 0; i < rows.length; i++) rows[i] = ofT * before.t[i] + ofS * before.s[i];
    this.#says.set(role + side, rows);
    return rows;
  }

  /** W (g * toward), so that <m_w W * g, toward> = <m_w, this>; `mixed` gives x = the sum of the messages. */
  #through(toward: ArrayLike<number>, mixed: (c: number) => number): ArrayLike<number> {
    const { options, weights } = this.states.encoder;
    const { dim: d, transform, activateLast } = options;
    const activation = activateLast ? options.activation : 'none';
    if (!transform && activation === 'none') return toward;
    const sum = Float64Array.from({ length: d }, (_, c) => mixed(c));
    const w = transform ? weights.parameters[`weight${options.layers - 1}`] : undefined;
    const gated = Float64Array.from({ length: d }, (_, j) => {
      let x = w ? 0 : sum[j];
      if (w) for (let i = 0; i < d; i++) x += sum[i] * w[i * d + j];
      return toward[j] * this.#secant(activation, x);
    });
    if (!w) return gated;
    return Float64Array.from({ length: d }, (_, i) => {
      let y = 0;
      for (let j = 0; j < d; j++) y += w[i * d + j] * gated[j];
      return y;
    });
  }

  /** f(x) / x. */
  #secant(activation: 'none' | 'relu' | 'tanh', x: number): number {
    if (activation === 'none') return 1;
    if (activation === 'relu') return x > 0 ? 1 : 0;
    if (Math.abs(x) < 1e-6) return 1;
    const e = this.states.encoder.engine.kernels.expF64(-2 * Math.abs(x));
    return (1 - e) / (1 + e) / Math.abs(x);
  }
}
