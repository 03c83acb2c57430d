import type { Slice } from '../../engine/arena.ts';
import type { Engine } from '../../engine/engine.ts';
import { Bitset } from '../../nn/bitset.ts';
import { topKRow } from '../../nn/topk.ts';
import { rowsFromColumns } from '../baselines/adjacency.ts';
import { groupBySource } from '../ranking.ts';
import type { Pairs } from '../scorer.ts';
import type { Steps } from '../steps.ts';
import { DRAW, drawDistinct } from './draw.ts';
import { DEGREE_COLUMNS, type PairFeatures } from './pair-features.ts';

/** Features whose best nodes are every query's hard candidates. */
const HARD = ['knn-s', 'AATA', 'embedding', 'ease', 'ease-s', 'wAATA', 'svd', 'AA', 'text.A', 'text'];

/** One list a query: its positives first, then hard and random candidates. */
export interface CandidateLists {
  readonly queries: Uint32Array;
  /** u32[queries + 1] */
  readonly indptr: Uint32Array;
  /** How many of the list's first rows are positives. */
  readonly positives: Uint32Array;
  /** The node of each row, its bucket, and what is added to its logit: log(rest / drawn) for a random candidate. */
  readonly target: Uint32Array;
  readonly bucket: Uint8Array;
  readonly offset: Float32Array;
  /** f32[rows x width]: the features divided by their standard deviation over the rows, then the degree columns. */
  readonly x: Slice<'f32'>;
  readonly width: number;
  /** 1 / standard deviation of each feature; 0 for one that is the same everywhere. */
  readonly scale: Float32Array;
}

export interface ListOptions {
  /** Queries at most, hard candidates of each feature, random candidates. */
  queries: number;
  hard: number;
  random: number;
  seed: number;
}

/** Draws and computes the lists of the validation sources. The caller releases `x`. */
export function* candidateLists(
  engine: Engine,
  features: PairFeatures,
  validation: Pairs,
  set: ListOptions,
): Steps<CandidateLists> {
  const { graph, nodeCount: n, count } = features;
  const grouped = groupBySource(validation.source, n);
  const sources = [...new Set(validation.source)].sort((a, b) => a - b);
  const drawn = drawDistinct(engine, sources.length, set.queries, set.seed, DRAW.queries, 0);
  const queries = Uint32Array.from(drawn, (i) => sources[i]);
  const width = count + DEGREE_COLUMNS;
  const hardAt = HARD.map((name) => features.names.indexOf(name)).filter((i) => i >= 0);
  const indptr = new Uint32Array(queries.length + 1);
  const positives = new Uint32Array(queries.length);
  const parts: { target: Uint32Array; offset: Float32Array; x: Float32Array }[] = [];

  const block = engine.alloc('f32', features.blockLength);
  const rows = hardAt.map(() => engine.alloc('f32', n * features.batch));
  try {
    for (let start = 0; start < queries.length; start += features.batch) {
      yield { phase: 'candidates', step: start, total: queries.length };
      const batch = queries.slice(start, start + features.batch);
      const d = batch.length;
      features.compute(batch, block);
      hardAt.forEach((f, i) => {
        rowsFromColumns(engine, rows[i], block.part(f * n * d, n * d), n, d);
      });
      batch.forEach((u, q) => {
        const barred = Bitset.of(n, [
          u,
          ...graph.out.indices.subarray(graph.out.indptr[u], graph.out.indptr[u + 1]),
        ]);
        const mine = grouped.order.subarray(grouped.indptr[u], grouped.indptr[u + 1]);
        const right = Array.from(mine, (at) => validation.target[at]).filter((v) => !barred.has(v));
        const taken = new Set(right);
        for (const row of rows) {
          const { ids, scores } = topKRow(engine, row.part(q * n, n), Math.min(set.hard, n), barred);
          // A zero is no evidence, and would only bring in the nodes of the lowest numbers.
          ids.forEach((v, i) => {
            if (scores[i] !== 0 && scores[i] > -Infinity) taken.add(v);
          });
        }
        const { random, rest } = drawOthers(engine, n, barred, taken, set, u);
        const target = Uint32Array.from([...taken, ...random]);
        const offset = new Float32Array(target.length);
        if (random.length > 0) offset.fill(engine.kernels.logF64(rest / random.length), taken.size);
        const x = new Float32Array(target.length * width);
        const values = block.array;
        for (let f = 0; f < count; f++) {
          const from = f * n * d + q;
          for (let r = 0; r < target.length; r++) x[r * width + f] = values[from + target[r] * d];
        }
        target.forEach((v, r) => {
          x[r * width + count] = features.inDegree[v];
          x[r * width + count + 1] = features.outDegree[u];
          x[r * width + count + 2] = features.outDegree[v];
        });
        positives[start + q] = right.length;
        indptr[start + q + 1] = indptr[start + q] + target.length;
        parts.push({ target, offset, x });
      });
    }
  } finally {
    engine.release(block, ...rows);
  }

  const total = indptr[queries.length];
  const target = new Uint32Array(total);
  const offset = new Float32Array(total);
  const x = engine.alloc('f32', total * width);
  const all = x.array;
  parts.forEach((part, i) => {
    target.set(part.target, indptr[i]);
    offset.set(part.offset, indptr[i]);
    all.set(part.x, indptr[i] * width);
  });
  const scale = divideByDeviation(all, total, width, count);
  const bucket = Uint8Array.from(target, (v) => features.bucket[v]);
  return { queries, indptr, positives, target, bucket, offset, x, width, scale };
}

/** Random nodes that are neither barred nor taken, and how many such nodes there are. */
function drawOthers(
  engine: Engine,
  n: number,
  barred: Bitset,
  taken: ReadonlySet<number>,
  set: ListOptions,
  u: number,
): { random: number[]; rest: number } {
  const open: number[] = [];
  for (let v = 0; v < n; v++) if (!barred.has(v) && !taken.has(v)) open.push(v);
  const drawn = drawDistinct(engine, open.length, set.random, set.seed, DRAW.random, u);
  return { random: Array.from(drawn, (i) => open[i]), rest: open.length };
}

/** Below this a feature is rounding: svd of a graph so small that its factors only repeat the edges. */
const ROUNDING = 1e-5;

/** Divides each of the first `count` columns by its standard deviation, without centring; returns the factors. */
function divideByDeviation(x: Float32Array, rows: number, width: number, count: number): Float32Array {
  const mean = new Float64Array(count);
  const square = new Float64Array(count);
  for (let r = 0; r < rows; r++) for (let f = 0; f < count; f++) mean[f] += x[r * width + f] / rows;
  for (let r = 0; r < rows; r++) {
    for (let f = 0; f < count; f++) {
      const away = x[r * width + f] - mean[f];
      square[f] += (away * away) / rows;
    }
  }
  const scale = Float32Array.from(square, (s) => (s > ROUNDING * ROUNDING ? 1 / Math.sqrt(s) : 0));
  for (let r = 0; r < rows; r++) for (let f = 0; f < count; f++) x[r * width + f] *= scale[f];
  return scale;
}
