import { integer, options } from '../../check.ts';
import type { Engine } from '../../engine/engine.ts';
import type { NodeFeatures } from '../features.ts';
import type { DirectedGraph } from '../graph.ts';
import { groupBySource, topOfRow } from '../ranking.ts';
import { MAX_QUERIES, type Pairs, type Scorer } from '../scorer.ts';
import { type Choice, fitConditionalLogit } from './conditional-logit.ts';
import { contentCosine } from './content.ts';
import { reverseEdge, sourceKnn, targetKnn } from './knn.ts';
import { svd } from './svd.ts';
import { walkMix } from './walks.ts';

export interface BlendOptions {
  /** Validation sources to fit on, and of each at most this many of its validation targets. */
  queries: number;
  positives: number;
  /** Random candidates of each choice, standing for all nodes, and the best by text + kNN beside them. */
  random: number;
  hard: number;
  seed: number;
}

export const blendDefaults: BlendOptions = {
  queries: 300,
  positives: 4,
  random: 600,
  hard: 100,
  seed: 0,
};

/** A number for every (query, node): a scorer's output, or log(1 + max(x, 0) / scale) of it. */
interface Feature {
  name: string;
  scorer: number;
  scale?: number;
}

export interface Blend extends Scorer {
  /** The fitted weight of each feature, by name. */
  readonly weights: Readonly<Record<string, number>>;
}

/**
 * The cheap fitted mix of counts: a conditional logit with seven or eight weights over sparse walks, neighbours, SVD and
 * text cosine, fitted on validation edges, with nothing learned otherwise.
 */
export function blend(
  engine: Engine,
  train: DirectedGraph,
  validation: Pairs,
  features?: NodeFeatures,
  given?: Partial<BlendOptions>,
): Blend {
  const set = options(given, blendDefaults, 'blend');
  for (const key of ['queries', 'positives', 'random', 'hard'] as const) integer(set[key], key, 1);
  const walk = { coTarget: 0, twoHop: 0, coSource: 0, reverse: 0, popularity: 0 };
  const scorers: Scorer[] = [
    sourceKnn(train, { neighbours: 100, reverse: 0 }),
    targetKnn(train, { neighbours: 100, reverse: 0 }),
    walkMix(engine, train, { ...walk, twoHop: 1 }),
    reverseEdge(train),
    walkMix(engine, train, { ...walk, coSource: 1 }),
    svd(engine, train),
  ];
  const list: Feature[] = [
    { name: 'sourceKnn', scorer: 0, scale: 0.05 },
    { name: 'targetKnn', scorer: 1, scale: 0.05 },
    { name: 'twoHop', scorer: 2, scale: 0.01 },
    { name: 'reverse', scorer: 3 },
    { name: 'coSource', scorer: 4, scale: 0.01 },
    { name: 'svd', scorer: 5 },
    { name: 'logSvd', scorer: 5, scale: 0.05 },
  ];
  if (features) list.push({ name: 'text', scorer: scorers.push(contentCosine(engine, features)) - 1 });
  const dispose = () => {
    for (const scorer of scorers) scorer.dispose();
  };
  try {
    const choices = drawChoices(engine, train, validation, scorers, list, set);
    const prior = Float64Array.from(list, ({ name }) => (name === 'text' ? 1 : 0));
    const w = fitConditionalLogit(engine.kernels, choices, { ridge: 1e-3, prior, maxSteps: 60 });
    return {
      name: 'blend',
      weights: Object.fromEntries(list.map(({ name }, i) => [name, w[i]])),
      score(queries, scores) {
        const length = queries.length * train.nodeCount;
        scores.array.fill(0, 0, length);
        eachFeature(engine, train.nodeCount, scorers, list, queries, (i, ptr) => {
          engine.kernels.axpy(scores.ptr, ptr, length, w[i]);
        });
      },
      dispose,
    };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** Computes each feature of a batch in turn, f32[queries x nodes] at `ptr`, valid during the call. */
function eachFeature(
  engine: Engine,
  nodeCount: number,
  scorers: readonly Scorer[],
  list: readonly Feature[],
  queries: Uint32Array,
  visit: (feature: number, ptr: number) => void,
): void {
  const length = queries.length * nodeCount;
  engine.scope(({ alloc }) => {
    const raw = alloc('f32', length);
    const scaled = alloc('f32', length);
    let current = -1;
    list.forEach(({ scorer, scale }, i) => {
      if (scorer !== current) scorers[scorer].score(queries, raw);
      current = scorer;
      if (scale === undefined) {
        visit(i, raw.ptr);
        return;
      }
      const from = raw.array;
      const to = scaled.array;
      for (let k = 0; k < length; k++) to[k] = 1 + Math.max(from[k], 0) / scale;
      engine.kernels.log(scaled.ptr, scaled.ptr, length);
      visit(i, scaled.ptr);
    });
  });
}

/**
 * For each chosen validation edge: the target, random candidates with log(all / drawn) on their logit, so that they
 * stand for all nodes, and the hardest candidates by text + sourceKnn + targetKnn. The query and its train neighbours
 * are never candidates.
 */
function drawChoices(
  engine: Engine,
  train: DirectedGraph,
  validation: Pairs,
  scorers: readonly Scorer[],
  list: readonly Feature[],
  set: BlendOptions,
): Choice[] {
  const n = train.nodeCount;
  const d = list.length;
  const grouped = groupBySource(validation.source, n);
  const sources = [...new Set(validation.source)].sort((a, b) => a - b);
  const chosen = drawDistinct(engine, sources.length, set.queries, set.seed, 0);
  const queries = Uint32Array.from(chosen, (i) => sources[i]);
  const hardBy = new Set(['text', 'sourceKnn', 'targetKnn']);
  const choices: Choice[] = [];
  let draw = 1;
  for (let start = 0; start < queries.length; start += MAX_QUERIES) {
    const batch = queries.slice(start, start + MAX_QUERIES);
    const values = list.map(() => new Float32Array(batch.length * n));
    eachFeature(engine, n, scorers, list, batch, (i, ptr) => {
      values[i].set(new Float32Array(engine.memory.buffer, ptr, batch.length * n));
    });
    batch.forEach((u, q) => {
      const hardness = new Float32Array(n);
      list.forEach(({ name }, i) => {
        if (hardBy.has(name)) for (let v = 0; v < n; v++) hardness[v] += values[i][q * n + v];
      });
      const hard = topOfRow({ node: -1, scores: hardness, ptr: 0 }, set.hard);
      const open: number[] = [];
      for (let v = 0; v < n; v++) if (v !== u && !train.hasEdge(u, v)) open.push(v);
      const targets = grouped.order
        .subarray(grouped.indptr[u], grouped.indptr[u + 1])
        .slice(0, set.positives);
      for (const at of targets) {
        const target = validation.target[at];
        const random = Array.from(
          drawDistinct(engine, open.length, set.random, set.seed, draw++),
          (i) => open[i],
        ).filter((v) => v !== target);
        const others = hard.filter((v) => v !== target && v !== u && !train.hasEdge(u, v));
        const rows = [target, ...random, ...others];
        const choice = { features: new Float32Array(rows.length * d), offset: new Float32Array(rows.length) };
        const stand = engine.kernels.logF64(open.length / Math.min(set.random, open.length));
        choice.offset.fill(stand, 1, 1 + random.length);
        rows.forEach((v, r) => {
          for (let i = 0; i < d; i++) choice.features[r * d + i] = values[i][q * n + v];
        });
        choices.push(choice);
      }
    });
  }
  return choices;
}

const STREAM = 0xc017;

/** `count` distinct random numbers below n in the order drawn, or all of them when there are no more. */
function drawDistinct(engine: Engine, n: number, count: number, seed: number, step: number): Uint32Array {
  if (n <= count) return Uint32Array.from({ length: n }, (_, i) => i);
  const seen = new Set<number>();
  for (let round = 0; seen.size < count; round++) {
    const draws = engine.scope(({ alloc }) => {
      const out = alloc('u32', count);
      engine.kernels.randomIntegers(out.ptr, count, n, seed, STREAM + round, step);
      return out.copy();
    });
    for (const i of draws) if (seen.size < count) seen.add(i);
  }
  return Uint32Array.from(seen);
}
