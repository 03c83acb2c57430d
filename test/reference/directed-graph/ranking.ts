/** Plain twin of the ranker's answers (src/directed-graph/ranker, serving/back-off.ts): one query, dense loops, f64. */

import { cosineNeighbours } from '../../../src/directed-graph/baselines/knn.ts';
import { type Csr, permuted, transposeCsr } from '../../../src/directed-graph/csr.ts';
import type { Embedding } from '../../../src/directed-graph/embedding-scorer.ts';
import type { DirectedGraph } from '../../../src/directed-graph/graph.ts';
import type { RankerParts } from '../../../src/directed-graph/ranker/ranker.ts';

type Values = ArrayLike<number> | undefined;
type Matrix = { csr: Csr; values?: Values };

/** y[row] = sum over the row's entries of value x[column]. */
function times({ csr, values }: Matrix, x: Float64Array): Float64Array {
  const { indptr, indices } = csr;
  const y = new Float64Array(indptr.length - 1);
  for (let u = 0; u < y.length; u++) {
    let sum = 0;
    for (let e = indptr[u]; e < indptr[u + 1]; e++) sum += (values ? values[e] : 1) * x[indices[e]];
    y[u] = sum;
  }
  return y;
}

function row({ csr, values }: Matrix, u: number, length: number): Float64Array {
  const x = new Float64Array(length);
  for (let e = csr.indptr[u]; e < csr.indptr[u + 1]; e++) x[csr.indices[e]] = values ? values[e] : 1;
  return x;
}

const lg = (x: Float64Array, scale: number) => x.map((value) => Math.log(1 + Math.max(value, 0) / scale));
const degreesOf = ({ indptr }: Csr) =>
  Float64Array.from({ length: indptr.length - 1 }, (_, u) => indptr[u + 1] - indptr[u]);
const inverseRoot = (x: number) => (x > 0 ? 1 / Math.sqrt(x) : 0);

function standardised(degree: Float64Array): Float64Array {
  const x = degree.map((d) => Math.log(1 + d));
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  const square = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
  return x.map((value) => (square > 1e-12 ? (value - mean) / Math.sqrt(square) : 0));
}

/** M = So^-1/2 W Si^-1/2 in the order of `out`, for any positive W. */
function scaled(out: Csr, n: number, w: (e: number) => number): Float64Array {
  const left = new Float64Array(n);
  const right = new Float64Array(n);
  for (let u = 0; u < n; u++) {
    for (let e = out.indptr[u]; e < out.indptr[u + 1]; e++) {
      left[u] += w(e);
      right[out.indices[e]] += w(e);
    }
  }
  const m = new Float64Array(out.indices.length);
  for (let u = 0; u < n; u++) {
    for (let e = out.indptr[u]; e < out.indptr[u + 1]; e++) {
      m[e] = w(e) * inverseRoot(left[u]) * inverseRoot(right[out.indices[e]]);
    }
  }
  return m;
}

/** Returns a function from a query to log P(v | query) of every node v. */
export function plainRanking(graph: DirectedGraph, embedding: Embedding, parts: RankerParts) {
  const n = graph.nodeCount;
  const { out, in: into } = graph;
  const edge = transposeCsr(out, n).edge;
  const turned = (values: Float64Array) => permuted(values, edge, new Float64Array(values.length));
  const weights = scaled(out, n, () => 1);
  const N = { csr: out, values: weights };
  const NT = { csr: into, values: turned(weights) };
  const A = { csr: out };
  const AT = { csr: into };
  const alike = (a: Csr, b: Csr, weighted = false) => {
    const csr = cosineNeighbours(a, b, 100, weighted);
    return { csr, values: csr.weights as Values };
  };
  const across = (m: Matrix) => {
    const csr = transposeCsr({ ...m.csr, weights: m.values as Float32Array }, n).csr;
    return { csr, values: csr.weights as Values };
  };
  const sources = alike(out, into);
  const targets = across(alike(into, out));
  const outDegree = degreesOf(out);
  const leave = Float64Array.from(into.indices, (u) => 0.85 / outDegree[u]);
  const step = { csr: into, values: leave };
  const root = out.weights && Float32Array.from(out.weights, (w) => Math.sqrt(w));
  const rootRows = root && { ...out, weights: root };
  const rootColumns = rootRows && transposeCsr(rootRows, n).csr;
  const wide = root && scaled(out, n, (e) => root[e]);
  const weighted = wide && {
    M: { csr: out, values: wide },
    MT: { csr: into, values: turned(wide) },
    W: { csr: into, values: rootColumns!.weights as Values },
    alike: alike(rootRows!, rootColumns!, true),
  };
  const { svd, ease, text } = parts.kept;
  const near = text && { csr: text.near, values: text.near.weights as Values };
  const reached = near && across(near);
  const words = text && { csr: text.rows.csr, values: text.rows.csr.weights as Values };
  const logIn = degreesOf(into).map((d) => Math.log(1 + d));
  const logOut = outDegree.map((d) => Math.log(1 + d));
  const [lv, lu] = [standardised(degreesOf(into)), standardised(outDegree)];
  const dense = ({ dim, source, target, bias }: Embedding, u: number) =>
    Float64Array.from({ length: n }, (_, v) => {
      let sum = bias ? bias[v] : 0;
      for (let c = 0; c < dim; c++) sum += source[u * dim + c] * target[v * dim + c];
      return sum;
    });

  function features(u: number): Float64Array[] {
    const from = row(N, u, n);
    const back = row(NT, u, n);
    const aat = times(N, from);
    let walk: Float64Array = new Float64Array(n);
    walk[u] = 1;
    const ppr = walk.map((x) => 0.15 * x);
    for (let l = 0; l < 6; l++) {
      walk = times(step, walk);
      for (let v = 0; v < n; v++) ppr[v] += 0.15 * walk[v];
    }
    const factors = dense(svd, u);
    const x = [
      lg(times(AT, row(sources, u, n)), 0.05),
      lg(times(targets, row(A, u, n)), 0.05),
      lg(times(NT, from), 0.01),
      row(AT, u, n),
      lg(times(NT, back), 0.01),
      lg(times(NT, aat), 0.01),
      lg(times(N, back), 0.01),
      lg(aat, 0.01),
      lg(ppr, 1e-3),
      factors,
      lg(factors, 0.05),
    ];
    if (ease.byTarget) {
      const raw = times({ csr: ease.byTarget, values: ease.byTarget.weights }, row(A, u, n));
      x.push(raw, lg(raw, 0.02));
    }
    if (ease.bySource) {
      const raw = times(AT, row({ csr: ease.bySource, values: ease.bySource.weights }, u, n));
      x.push(raw, lg(raw, 0.02));
    }
    if (weighted) {
      const first = row(weighted.M, u, n);
      x.push(lg(times(weighted.MT, times(weighted.M, first)), 0.01), lg(times(weighted.MT, first), 0.01));
      x.push(row(weighted.W, u, n), lg(times(weighted.W, row(weighted.alike, u, n)), 0.05));
    }
    if (text) {
      x.push(times(words!, row(words!, u, text.rows.columns)), lg(times(AT, row(near!, u, n)), 0.05));
      x.push(lg(times(reached!, from), 0.05));
    }
    x.push(logIn, logOut, dense(embedding, u));
    return x;
  }

  return (u: number): Float64Array => {
    const { linear, scale, mlp, top, rareBoost, direction } = parts.model;
    const x = features(u);
    const ends = [0, 1, 2, 5, 10, 20, 40, 80, Infinity];
    const z = Float64Array.from({ length: n }, (_, v) => {
      const bucket = ends.findIndex((end) => graph.inDegree(v) <= end);
      let sum = linear.k[bucket] + (bucket < 4 ? rareBoost : 0);
      for (let f = 0; f < x.length; f++) {
        sum += x[f][v] * scale[f] * (linear.w[f] + lv[v] * linear.a[f] + lu[u] * linear.b[f]);
      }
      return sum;
    });
    if (mlp) {
      const best = Array.from(z.keys()).sort((a, b) => z[b] - z[a] || a - b);
      const { w1, b1, w2, b2, w3 } = mlp.values;
      const h = mlp.hidden;
      const chosen = best.slice(0, top);
      const final = chosen.map((v) => {
        const input = [...x.map((values, f) => values[v] * scale[f]), lv[v], lu[u], lu[v]];
        const layer = (values: ArrayLike<number>, w: Float32Array, b: Float32Array) =>
          Float64Array.from({ length: h }, (_, j) => {
            let sum = b[j];
            for (let i = 0; i < values.length; i++) sum += values[i] * w[i * h + j];
            return Math.max(sum, 0);
          });
        return z[v] + layer(layer(input, w1, b1), w2, b2).reduce((sum, value, i) => sum + value * w3[i], 0);
      });
      const last = z[chosen[chosen.length - 1]];
      const shift = Math.min(Math.min(...final) - last, 0) - 1;
      for (let v = 0; v < n; v++) z[v] += shift;
      chosen.forEach((v, i) => {
        z[v] = final[i];
      });
    }
    if (direction) {
      const { dim, source, target, bias } = embedding;
      const there = x[x.length - 1];
      for (let v = 0; v < n; v++) {
        let back = bias ? bias[u] : 0;
        for (let c = 0; c < dim; c++) back += source[v * dim + c] * target[u * dim + c];
        z[v] -= Math.log(1 + Math.exp(back - there[v]));
      }
    }
    const followers = new Set(out.indices.subarray(out.indptr[u], out.indptr[u + 1]));
    const others = Array.from(z.keys()).filter((v) => v !== u && !followers.has(v));
    const most = Math.max(...others.map((v) => z[v]));
    const level = most + Math.log(others.reduce((sum, v) => sum + Math.exp(z[v] - most), 0));
    const count = (v: number) => {
      if (!followers.has(v)) return 0;
      const at = out.indices.subarray(out.indptr[u], out.indptr[u + 1]).indexOf(v);
      return out.weights ? Math.max(1, out.weights[out.indptr[u] + at]) : 1;
    };
    let total = followers.size;
    for (const v of followers) total += count(v);
    return z.map((value, v) => {
      const odds = Math.exp(value - level);
      if (followers.size === 0) return value - level;
      const ranked = followers.has(v) ? 1 / (1 + 1 / odds) : odds;
      return Math.log((count(v) + followers.size * ranked) / total);
    });
  };
}
