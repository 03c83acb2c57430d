/**
 * Plain twins of assembly/directed-graph/sampler.ts. Draws are in the same order, so that the picks are the same;
 * everything around them is done the obvious way, with sets and sorts.
 */
import { bounded, philox } from '../engine/random.ts';

/** Draws of one node: bounded numbers from the words of (node, step, word / 4, use). */
function drawing(node: number, use: number, seed: number, stream: number, step: number) {
  let used = 0;
  return (bound: number): number => {
    for (;;) {
      const bits = philox(node, step, used >> 2, use, seed, stream)[used++ & 3];
      const x = bounded(bits, bound);
      if (x >= 0) return x;
    }
  };
}

interface View {
  row(u: number): [begin: number, end: number];
  neighbour(e: number): number;
  edge(e: number): number;
  /** Entries of u's row that may be seen. */
  visible(u: number, limit: number): number[];
}

function view(
  adjacency: Uint32Array,
  mask: Uint32Array | null,
  time: Float64Array | null,
  n: number,
  m: number,
): View {
  const edge = (e: number) => adjacency[n + 1 + m + e];
  const row = (u: number): [number, number] => [adjacency[u], adjacency[u + 1]];
  return {
    row,
    edge,
    neighbour: (e) => adjacency[n + 1 + e],
    visible: (u, limit) => {
      const seen: number[] = [];
      const [begin, end] = row(u);
      for (let e = begin; e < end; e++) {
        const hidden = mask !== null && (mask[edge(e) >>> 5] >>> (edge(e) & 31)) & 1;
        if (!hidden && (time === null || time[e] <= limit)) seen.push(e);
      }
      return seen;
    },
  };
}

export function sampleUniform(
  indptr: Uint32Array,
  node: Uint32Array,
  edge: Uint32Array,
  available: Uint32Array,
  _scratch: Uint32Array,
  frontier: Uint32Array,
  budget: Uint32Array | null,
  adjacency: Uint32Array,
  mask: Uint32Array | null,
  _degree: Uint32Array | null,
  time: Float64Array | null,
  limit: Float64Array | null,
  n: number,
  m: number,
  rows: number,
  fanout: number,
  _maxDegree: number,
  seed: number,
  stream: number,
  step: number,
): number {
  const graph = view(adjacency, mask, limit && time, n, m);
  let count = 0;
  indptr[0] = 0;
  for (let i = 0; i < rows; i++) {
    const u = frontier[i];
    const [begin, end] = graph.row(u);
    const d = end - begin;
    const k = budget ? budget[u] : fanout;
    const list = graph.visible(u, limit ? limit[i] : Infinity);
    const free = list.length;
    const draw = drawing(u, 1, seed, stream, step);
    const picked = new Set<number>();
    available[i] = free;
    if (k >= free) for (const e of list) picked.add(e);
    else if (mask === null && limit === null) {
      for (let j = d - k; j < d; j++) {
        const r = begin + draw(j + 1);
        picked.add(picked.has(r) ? begin + j : r);
      }
    } else if (limit !== null || d <= 4 * k || k > free >> 1 || free < d >> 1) {
      for (let j = 0; j < k; j++) {
        const r = j + draw(free - j);
        [list[j], list[r]] = [list[r], list[j]];
        picked.add(list[j]);
      }
    } else {
      const seen = new Set(list);
      while (picked.size < k) {
        const e = begin + draw(d);
        if (seen.has(e)) picked.add(e);
      }
    }
    for (const e of [...picked].sort((a, b) => a - b)) {
      node[count] = graph.neighbour(e);
      edge[count++] = graph.edge(e);
    }
    indptr[i + 1] = count;
  }
  return count;
}

export function sampleWeighted(
  indptr: Uint32Array,
  node: Uint32Array,
  edge: Uint32Array,
  available: Uint32Array,
  _scratch: Uint32Array,
  frontier: Uint32Array,
  budget: Uint32Array | null,
  adjacency: Uint32Array,
  weight: Float32Array,
  mask: Uint32Array | null,
  time: Float64Array | null,
  limit: Float64Array | null,
  n: number,
  m: number,
  rows: number,
  fanout: number,
  _maxDegree: number,
  perNode: number,
  seed: number,
  stream: number,
  step: number,
): number {
  const graph = view(adjacency, mask, limit && time, n, m);
  let count = 0;
  indptr[0] = 0;
  for (let i = 0; i < rows; i++) {
    const u = frontier[i];
    const [begin] = graph.row(u);
    const k = budget ? budget[u] : fanout;
    const weightOf = (e: number) => weight[perNode ? graph.neighbour(e) : e];
    const list = graph.visible(u, limit ? limit[i] : Infinity).filter((e) => weightOf(e) > 0);
    available[i] = list.length;
    const keyed = list.map((e) => {
      const local = e - begin;
      const uniform = (philox(u, step, local >> 2, 1, seed, stream)[local & 3] + 0.5) / 2 ** 32;
      return { e, key: -Math.log(uniform) / weightOf(e) };
    });
    keyed.sort((a, b) => a.key - b.key || a.e - b.e);
    for (const { e } of keyed.slice(0, k).sort((a, b) => a.e - b.e)) {
      node[count] = graph.neighbour(e);
      edge[count++] = graph.edge(e);
    }
    indptr[i + 1] = count;
  }
  return count;
}

export function walkFill(
  indptr: Uint32Array,
  node: Uint32Array,
  share: Float32Array,
  _scratch: Uint32Array,
  frontier: Uint32Array,
  budget: Uint32Array | null,
  takenIndptr: Uint32Array,
  takenNode: Uint32Array,
  toward: Uint32Array,
  back: Uint32Array,
  mask: Uint32Array | null,
  timeToward: Float64Array | null,
  timeBack: Float64Array | null,
  limit: Float64Array | null,
  n: number,
  m: number,
  rows: number,
  fanout: number,
  walks: number,
  hops: number,
  seed: number,
  stream: number,
  step: number,
): number {
  const views = [view(toward, mask, limit && timeToward, n, m), view(back, mask, limit && timeBack, n, m)];
  let count = 0;
  indptr[0] = 0;
  for (let i = 0; i < rows; i++) {
    const u = frontier[i];
    const taken = takenNode.subarray(takenIndptr[i], takenIndptr[i + 1]);
    const missing = (budget ? budget[u] : fanout) - taken.length;
    if (missing > 0 && taken.length > 0) {
      const draw = drawing(u, 2, seed, stream, step);
      const visits = new Map<number, number>();
      for (let w = 0; w < walks; w++) {
        let x = u;
        for (let h = 0; h < hops && x >= 0; h++) {
          const graph = views[h % 2];
          const [begin, end] = graph.row(x);
          const list = graph.visible(x, limit ? limit[i] : Infinity);
          let e = -1;
          for (let t = 0; t < 8 && e < 0 && end > begin; t++) {
            const r = begin + draw(end - begin);
            if (list.includes(r)) e = r;
          }
          if (e < 0 && list.length > 0) e = list[draw(list.length)];
          x = e < 0 ? -1 : graph.neighbour(e);
        }
        if (x >= 0 && x !== u && !taken.includes(x)) visits.set(x, (visits.get(x) ?? 0) + 1);
      }
      for (const [v, seen] of [...visits].sort(([a, x], [b, y]) => y - x || a - b).slice(0, missing)) {
        node[count] = v;
        share[count++] = seen / walks;
      }
    }
    indptr[i + 1] = count;
  }
  return count;
}

export function relabel(
  local: Uint32Array,
  nodes: Uint32Array,
  table: Uint32Array,
  ids: Uint32Array,
  count: number,
  known: number,
): number {
  for (let i = 0; i < count; i++) {
    const id = ids[i];
    if (table[id] === 0) {
      nodes[known++] = id;
      table[id] = known;
    }
    local[i] = table[id] - 1;
  }
  return known;
}

export function relabelReset(table: Uint32Array, nodes: Uint32Array, count: number): void {
  for (let i = 0; i < count; i++) table[nodes[i]] = 0;
}

export function drawNegatives(
  out: Uint32Array,
  threshold: Uint32Array | null,
  alias: Uint32Array | null,
  exclude: Uint32Array | null,
  _scratch: Uint32Array,
  count: number,
  perRow: number,
  bound: number,
  seed: number,
  stream: number,
  step: number,
): void {
  for (let i = 0; i < count; i++) {
    let used = 0;
    const word = () => philox(i, step, used >> 2, 3, seed, stream)[used++ & 3];
    do {
      let v = -1;
      while (v < 0) v = bounded(word(), bound);
      out[i] = threshold && word() >= threshold[v] ? alias![v] : v;
    } while (exclude && out[i] === exclude[Math.floor(i / perRow)]);
  }
}
