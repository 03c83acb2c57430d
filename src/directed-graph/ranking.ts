import type { Slice } from '../engine/arena.ts';
import type { Engine } from '../engine/engine.ts';
import { type Csr, findEdge } from './csr.ts';
import { MAX_QUERIES, type Pairs, type Scorer } from './scorer.ts';
import { finished, type Steps } from './steps.ts';

/** One row of scores while it is in the arena: a view for reading, and its address for kernels. */
export interface ScoreRow {
  readonly node: number;
  readonly scores: Float32Array;
  readonly ptr: number;
}

/**
 * Scores `nodes` in batches, a step each, and shows each row once, in order. The row is only valid during the call. Error
 * when a score is not finite: a comparison with NaN is always false, so it must not reach a metric.
 */
export function* scoreRows(
  engine: Engine,
  scorer: Scorer,
  nodeCount: number,
  nodes: Uint32Array,
  visit: (row: ScoreRow) => void,
): Steps<void> {
  const fork = engine.fork();
  try {
    const block = fork.alloc('f32', MAX_QUERIES * nodeCount);
    for (let start = 0; start < nodes.length; start += MAX_QUERIES) {
      const queries = nodes.slice(start, start + MAX_QUERIES);
      scorer.score(queries, block.part(0, queries.length * nodeCount));
      for (let q = 0; q < queries.length; q++) {
        const ptr = block.ptr + 4 * q * nodeCount;
        if (engine.kernels.allFinite(ptr, nodeCount) !== 1) {
          throw new Error(`${scorer.name} gave node ${queries[q]} a score that is not finite`);
        }
        const scores = new Float32Array(engine.memory.buffer, ptr, nodeCount);
        visit({ node: queries[q], scores, ptr });
      }
      yield { phase: scorer.name, step: start + queries.length, total: nodes.length };
    }
  } finally {
    fork.dispose();
  }
}

/** Positions of pairs grouped by source: those of node u are `order[indptr[u] .. indptr[u + 1]]`. */
export interface Grouped {
  readonly indptr: Uint32Array;
  readonly order: Uint32Array;
}

export function groupBySource(source: Uint32Array, nodeCount: number): Grouped {
  const indptr = new Uint32Array(nodeCount + 1);
  for (const u of source) indptr[u + 1]++;
  for (let u = 0; u < nodeCount; u++) indptr[u + 1] += indptr[u];
  const next = indptr.slice(0, nodeCount);
  const order = new Uint32Array(source.length);
  source.forEach((u, i) => {
    order[next[u]++] = i;
  });
  return { indptr, order };
}

/** The nodes for which some group is not empty, rising. */
export function queryNodes(nodeCount: number, ...groups: Grouped[]): Uint32Array {
  const nodes: number[] = [];
  for (let u = 0; u < nodeCount; u++) {
    if (groups.some(({ indptr }) => indptr[u + 1] > indptr[u])) nodes.push(u);
  }
  return Uint32Array.from(nodes);
}

/**
 * Ranks of `targets` in a row among all nodes without the query and without its `removed` neighbours: 1 + those
 * above + half of those equal. A target is never removed itself. `targets` and `counts` are scratch u32[k], u32[2 k].
 */
export function ranksInRow(
  engine: Engine,
  row: ScoreRow,
  removed: Csr,
  targets: Slice<'u32'>,
  counts: Slice<'u32'>,
  k: number,
  ranks: (target: number, rank: number) => void,
): void {
  const { node, scores, ptr } = row;
  engine.kernels.rankCounts(counts.ptr, ptr, targets.ptr, scores.length, k);
  const found = counts.array;
  const target = targets.array;
  for (let i = 0; i < k; i++) {
    const v = target[i];
    const score = scores[v];
    let greater = found[2 * i];
    let equal = found[2 * i + 1] - 1;
    const remove = (w: number) => {
      if (w === v) return;
      if (scores[w] > score) greater--;
      else if (scores[w] === score) equal--;
    };
    remove(node);
    for (let e = removed.indptr[node]; e < removed.indptr[node + 1]; e++) remove(removed.indices[e]);
    ranks(i, 1 + greater + equal / 2);
  }
}

/** The rank of every pair's target for its source; see `ranksInRow`. Aligned with `pairs`. */
export function rankPairs(
  engine: Engine,
  scorer: Scorer,
  nodeCount: number,
  pairs: Pairs,
  removed: Csr,
): Float64Array {
  const grouped = groupBySource(pairs.source, nodeCount);
  const ranks = new Float64Array(pairs.source.length);
  engine.scope(({ alloc }) => {
    const targets = alloc('u32', ranks.length);
    const counts = alloc('u32', 2 * ranks.length);
    const rows = scoreRows(engine, scorer, nodeCount, queryNodes(nodeCount, grouped), (row) => {
      const mine = grouped.order.subarray(grouped.indptr[row.node], grouped.indptr[row.node + 1]);
      const list = targets.array;
      mine.forEach((at, i) => {
        list[i] = pairs.target[at];
      });
      ranksInRow(engine, row, removed, targets, counts, mine.length, (i, rank) => {
        ranks[mine[i]] = rank;
      });
    });
    finished(rows);
  });
  return ranks;
}

/** The k best nodes of a row without the query and its `removed` neighbours, best first; of equals the lower index. */
export function topOfRow(row: ScoreRow, k: number, removed?: Csr): number[] {
  const { node, scores } = row;
  const best: number[] = [];
  let worst = -Infinity;
  for (let v = 0; v < scores.length; v++) {
    const score = scores[v];
    if (!(score > worst || best.length < k)) continue;
    if (v === node || (removed && findEdge(removed, node, v) >= 0)) continue;
    let at = best.length < k ? best.push(v) - 1 : k - 1;
    for (; at > 0 && scores[best[at - 1]] < score; at--) best[at] = best[at - 1];
    best[at] = v;
    if (best.length === k) worst = scores[best[k - 1]];
  }
  return best;
}
