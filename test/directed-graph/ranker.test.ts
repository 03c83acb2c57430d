import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Embedding } from '../../src/directed-graph/embedding-scorer.ts';
import { nodeFeatures } from '../../src/directed-graph/features.ts';
import { DirectedGraph } from '../../src/directed-graph/graph.ts';
import { type CandidateLists, candidateLists } from '../../src/directed-graph/ranker/candidates.ts';
import { Direction, oneWay } from '../../src/directed-graph/ranker/direction.ts';
import { drawDistinct } from '../../src/directed-graph/ranker/draw.ts';
import { regressionColumns } from '../../src/directed-graph/ranker/ease-source.ts';
import type { RankModel } from '../../src/directed-graph/ranker/fit.ts';
import { rankFitDefaults } from '../../src/directed-graph/ranker/fit-options.ts';
import { fitRanker } from '../../src/directed-graph/ranker/fit-ranker.ts';
import { lbfgs } from '../../src/directed-graph/ranker/lbfgs.ts';
import { withObjective } from '../../src/directed-graph/ranker/linear-part.ts';
import { listwise } from '../../src/directed-graph/ranker/listwise.ts';
import { fitLogit } from '../../src/directed-graph/ranker/logit.ts';
import { Mlp } from '../../src/directed-graph/ranker/mlp.ts';
import {
  BUCKETS,
  embeddingFeature,
  graphFeatures,
  PairFeatures,
} from '../../src/directed-graph/ranker/pair-features.ts';
import { Ranker } from '../../src/directed-graph/ranker/ranker.ts';
import { shiftRow } from '../../src/directed-graph/ranker/shift.ts';
import type { FeatureSource } from '../../src/directed-graph/ranker/source.ts';
import { rankPairs } from '../../src/directed-graph/ranking.ts';
import { MAX_QUERIES, type Pairs, type Scorer } from '../../src/directed-graph/scorer.ts';
import { splitEdges } from '../../src/directed-graph/split.ts';
import { finished } from '../../src/directed-graph/steps.ts';
import { auc, hitRate } from '../../src/nn/metrics.ts';
import { close } from '../helpers/close.ts';
import { engine, indices, numbers } from '../helpers/kernel.ts';

type Matrix = number[][];
const N = 45;
/** Some nodes have no out-edge, some no in-edge, and 42 .. 44 have neither. */
const source = indices(260, 40, 2);
const target = indices(260, 38, 7).map((v) => v + 4);
const graph = DirectedGraph.fromEdges(source, target, { nodeCount: N });
const word = { node: indices(150, 41, 4), feature: indices(150, 12, 6), value: numbers(150, 8, 0.2, 2) };
const text = nodeFeatures(word.node, word.feature, word.value, N);
const embedding: Embedding = {
  nodeCount: N,
  dim: 5,
  source: numbers(N * 5, 21),
  target: numbers(N * 5, 22),
  bias: numbers(N, 23),
};

function withFeatures<R>(
  of: DirectedGraph,
  words: typeof text,
  vectors: Embedding,
  body: (f: PairFeatures) => R,
): R {
  const sources: FeatureSource[] = [
    ...graphFeatures(engine, of, { text: words, easeRidge: 7 }),
    embeddingFeature(engine, vectors),
  ];
  try {
    return body(new PairFeatures(engine, of, sources));
  } finally {
    for (const one of sources) one.dispose();
  }
}

/** All values of all features as [feature][u * n + v], asked in batches of `size`. */
function valuesOf(features: PairFeatures, size = MAX_QUERIES): Float32Array[] {
  const n = features.nodeCount;
  const all = features.names.map(() => new Float32Array(n * n));
  engine.scope(({ alloc }) => {
    const block = alloc('f32', features.blockLength);
    for (let start = 0; start < n; start += size) {
      const d = Math.min(size, n - start);
      block.fill(123);
      features.compute(
        Uint32Array.from({ length: d }, (_, q) => start + q),
        block,
      );
      const x = block.array;
      all.forEach((to, f) => {
        for (let q = 0; q < d; q++) {
          for (let v = 0; v < n; v++) to[(start + q) * n + v] = x[(f * n + v) * d + q];
        }
      });
    }
  });
  return all;
}

// Dense matrices in plain loops: the naive side of the comparison.
const zeros = (): Matrix => Array.from({ length: N }, () => new Array(N).fill(0));
const map = (a: Matrix, f: (x: number, i: number, j: number) => number): Matrix =>
  a.map((row, i) => row.map((x, j) => f(x, i, j)));
const transposed = (a: Matrix): Matrix => map(a, (_, i, j) => a[j][i]);
const times = (a: Matrix, b: Matrix): Matrix =>
  map(zeros(), (_, i, j) => a[i].reduce((sum, x, k) => sum + x * b[k][j], 0));
const sum = (row: number[]) => row.reduce((a, b) => a + b, 0);
const root = (d: number) => (d > 0 ? 1 / Math.sqrt(d) : 0);
const cosines = (a: Matrix): Matrix =>
  map(times(a, transposed(a)), (x, i, j) =>
    i !== j && x > 0 ? x / Math.sqrt(sum(a[i].map((y) => y * y)) * sum(a[j].map((y) => y * y))) : 0,
  );
const lg = (a: Matrix, scale: number) => map(a, (x) => Math.log1p(Math.max(x, 0) / scale));

/** EASE's B for the rows of a as baskets, nodes in no basket left out. */
function regression(a: Matrix, ridge: number): Matrix {
  const gram = map(times(transposed(a), a), (x, i, j) => x + (i === j ? ridge : 0));
  const work = gram.map((row, i) => [...row, ...zeros()[0].map((_, j) => (i === j ? 1 : 0))]);
  for (let k = 0; k < N; k++) {
    const pivot = work[k][k];
    work[k] = work[k].map((x) => x / pivot);
    for (let i = 0; i < N; i++) {
      const by = work[i][k];
      if (i !== k) work[i] = work[i].map((x, j) => x - by * work[k][j]);
    }
  }
  return map(gram, (_, i, j) => (i === j ? 0 : -work[i][N + j] / work[j][N + j]));
}

const A = map(zeros(), (_, i, j) => +graph.hasEdge(i, j));
const AT = transposed(A);

test('features agree with dense computation', () => {
  const n = map(A, (x, i, j) => root(sum(A[i])) * x * root(sum(AT[j])));
  const t = transposed(n);
  const step = map(A, (x, i) => (x > 0 ? x / sum(A[i]) : 0));
  let walk = map(zeros(), (_, i, j) => (i === j ? 1 : 0));
  let ppr = map(walk, (x) => 0.15 * x);
  for (let l = 0; l < 6; l++) {
    walk = map(times(walk, step), (x) => 0.85 * x);
    ppr = map(ppr, (x, i, j) => x + 0.15 * walk[i][j]);
  }
  const dual = map(
    zeros(),
    (_, i, j) =>
      sum([0, 1, 2, 3, 4].map((c) => embedding.source[i * 5 + c] * embedding.target[j * 5 + c])) +
      embedding.bias![j],
  );
  const ease = times(A, regression(A, 7));
  const easeS = times(transposed(regression(AT, 7)), A);
  const expected: Record<string, Matrix> = {
    'knn-s': lg(times(cosines(A), A), 0.05),
    'knn-t': lg(times(A, cosines(AT)), 0.05),
    AA: lg(times(n, n), 0.01),
    reverse: AT,
    ATA: lg(times(t, n), 0.01),
    AATA: lg(times(times(n, t), n), 0.01),
    ATAT: lg(times(t, t), 0.01),
    AAT: lg(times(n, t), 0.01),
    ppr: lg(ppr, 1e-3),
    ease,
    'log ease': lg(ease, 0.02),
    'ease-s': easeS,
    'log ease-s': lg(easeS, 0.02),
    'in-degree': map(A, (_, __, j) => Math.log1p(sum(AT[j]))),
    'out-degree': map(A, (_, __, j) => Math.log1p(sum(A[j]))),
    embedding: dual,
  };
  withFeatures(graph, text, embedding, (features) => {
    const found = valuesOf(features);
    const at = (name: string) => found[features.names.indexOf(name)];
    for (const [name, values] of Object.entries(expected)) {
      close(at(name), values.flat(), { absolute: 2e-4, relative: 2e-4 }, name);
    }
    // Text walks follow from the text cosine, each node's 30 largest positive of the others.
    const cosine = map(zeros(), (_, i, j) => at('text')[i * N + j]);
    const near = cosine.map((row, i) => {
      const order = [...row.keys()]
        .filter((j) => j !== i && row[j] > 0)
        .sort((x, y) => row[y] - row[x] || x - y);
      return row.map((x, j) => (order.slice(0, 30).includes(j) ? x : 0));
    });
    close(at('text.A'), lg(times(near, A), 0.05).flat(), { absolute: 2e-4 }, 'text.A');
    close(at('A.text'), lg(times(n, near), 0.05).flat(), { absolute: 2e-4 }, 'A.text');
    // 64 factors of 45 nodes give the matrix back.
    const quarter = map(A, (x, i, j) => Math.sqrt(root(sum(A[i]))) * x * Math.sqrt(root(sum(AT[j]))));
    close(at('svd'), quarter.flat(), { absolute: 1e-3 }, 'svd');
    assert.is(features.names.length, Object.keys(expected).length + 5);
  });
});

test('weighted walks agree with dense computation', () => {
  const weight = numbers(260, 12, 0.5, 3);
  const weighted = DirectedGraph.fromEdges(source, target, { nodeCount: N, weight });
  const w = zeros();
  source.forEach((u, i) => {
    w[u][target[i]] += weight[i];
  });
  const rootW = map(w, (x, i, j) => (i === j ? 0 : Math.sqrt(x)));
  const back = transposed(rootW);
  const m = map(rootW, (x, i, j) => root(sum(rootW[i])) * x * root(sum(back[j])));
  const expected: Record<string, Matrix> = {
    wAATA: lg(times(times(m, transposed(m)), m), 0.01),
    wAA: lg(times(m, m), 0.01),
    'w reverse': back,
    'w knn-s': lg(times(cosines(rootW), rootW), 0.05),
  };
  withFeatures(weighted, text, embedding, (features) => {
    const found = valuesOf(features);
    for (const [name, values] of Object.entries(expected)) {
      close(found[features.names.indexOf(name)], values.flat(), { absolute: 2e-4, relative: 2e-4 }, name);
    }
    assert.is(features.names.length, 25);
  });
});

test('EASE keeps the largest entries of each column', () => {
  const b = regression(A, 7);
  const kept = finished(regressionColumns(engine, graph.out, N, { ridge: 7, keep: 4 }))!;
  for (let v = 0; v < N; v++) {
    const row = [...kept.indices.subarray(kept.indptr[v], kept.indptr[v + 1])];
    if (sum(AT[v]) === 0) {
      assert.equal(row, []);
      continue;
    }
    const least = Math.min(...row.map((w) => Math.abs(b[w][v])));
    const others = [...Array(N).keys()].filter((w) => !row.includes(w));
    assert.ok(others.every((w) => Math.abs(b[w][v]) <= least + 1e-6));
    row.forEach((w, i) => {
      assert.ok(Math.abs(kept.weights[kept.indptr[v] + i] - b[w][v]) < 1e-5);
    });
  }
});

/** A model with arbitrary weights, network and all. */
function anyModel(features: PairFeatures, top: number): RankModel {
  const count = features.count;
  const width = count + 3;
  const hidden = 8;
  const shape = { w1: width * hidden, b1: hidden, w2: hidden * hidden, b2: hidden, w3: hidden };
  const values = Object.fromEntries(
    Object.entries(shape).map(([name, size], i) => [name, numbers(size, 50 + i, -0.3, 0.3)]),
  );
  return {
    features: features.names,
    scale: numbers(count, 31, 0.5, 2),
    linear: {
      w: numbers(count, 32, -1, 1),
      a: numbers(count, 33, -0.2, 0.2),
      b: numbers(count, 34, -0.2, 0.2),
      k: numbers(BUCKETS, 35),
    },
    mlp: { width, hidden, values: values as never },
    top,
    rareBoost: 0.7,
    direction: false,
  };
}

function scoresOf(scorer: Scorer, n: number, size = MAX_QUERIES): Float32Array {
  const all = new Float32Array(n * n);
  engine.scope(({ alloc }) => {
    for (let start = 0; start < n; start += size) {
      const queries = Uint32Array.from({ length: Math.min(size, n - start) }, (_, i) => start + i);
      const block = alloc('f32', queries.length * n).fill(123);
      scorer.score(queries, block);
      all.set(block.array, start * n);
    }
  });
  return all;
}

function scoresWith(features: PairFeatures, model: RankModel, size = MAX_QUERIES): Float32Array {
  const ranker = new Ranker(engine, features, model);
  const scores = scoresOf(ranker, features.nodeCount, size);
  ranker.dispose();
  return scores;
}

test('a batch has the same bits as single queries', () => {
  withFeatures(graph, text, embedding, (features) => {
    const batch = valuesOf(features);
    for (const size of [1, 7]) {
      valuesOf(features, size).forEach((single, f) => {
        close(single, batch[f], {}, features.names[f]);
      });
    }
    const model = anyModel(features, 10);
    close(scoresWith(features, model, 1), scoresWith(features, model), {}, 'scores');
    const small = new PairFeatures(engine, graph, features.sources, 3 * N * features.count);
    assert.is(small.batch, 3);
    close(scoresWith(small, model), scoresWith(features, model), {}, 'scores in blocks of three queries');
  });
});

test('the network sees the best of the linear part; the rest keeps its order below them', () => {
  withFeatures(graph, text, embedding, (features) => {
    const model = anyModel(features, 10);
    const linear = scoresWith(features, { ...model, mlp: undefined });
    const all = scoresWith(features, model);
    const values = valuesOf(features);
    for (let u = 0; u < N; u++) {
      const z = (v: number) => linear[u * N + v];
      const naive = (v: number) => {
        const { w, a, b, k } = model.linear;
        const x = values.map((value, f) => value[u * N + v] * model.scale[f]);
        const weight = (f: number) => w[f] + features.inDegree[v] * a[f] + features.outDegree[u] * b[f];
        const rare = sum(AT[v]) <= 5 ? model.rareBoost : 0;
        return sum(x.map((value, f) => value * weight(f))) + k[features.bucket[v]] + rare;
      };
      const nodes = [...Array(N).keys()];
      close(nodes.map(z), nodes.map(naive), { absolute: 1e-3 }, `linear scores of ${u}`);
      const order = nodes.sort((x, y) => z(y) - z(x) || x - y);
      const best = order.slice(0, 10).map((v) => all[u * N + v]);
      const rest = order.slice(10).map((v) => all[u * N + v]);
      assert.ok(Math.min(...best) > Math.max(...rest));
      assert.ok(rest.every((value, i) => i === 0 || value <= rest[i - 1]));
    }
  });
});

test('renumbered nodes get the same features and scores', () => {
  const to = [...Array(N).keys()].sort((a, b) => ((a * 17 + 5) % N) - ((b * 17 + 5) % N));
  const moved = DirectedGraph.fromEdges(
    source.map((u) => to[u]),
    target.map((v) => to[v]),
    { nodeCount: N },
  );
  const words = nodeFeatures(
    word.node.map((u) => to[u]),
    word.feature,
    word.value,
    N,
  );
  const rows = (from: Float32Array, d: number) => {
    const out = new Float32Array(from.length);
    for (let u = 0; u < N; u++) out.set(from.subarray(u * d, (u + 1) * d), to[u] * d);
    return out;
  };
  const vectors = {
    nodeCount: N,
    dim: 5,
    source: rows(embedding.source, 5),
    target: rows(embedding.target, 5),
    bias: rows(embedding.bias!, 1),
  };
  const back = (values: Float32Array) => values.map((_, i) => values[to[Math.floor(i / N)] * N + to[i % N]]);
  withFeatures(graph, text, embedding, (here) => {
    withFeatures(moved, words, vectors, (there) => {
      const expected = valuesOf(here);
      valuesOf(there).forEach((values, f) => {
        // log(1 + x / .05) magnifies the rounding of the decomposition around 0.
        close(back(values), expected[f], { absolute: 2e-3 }, here.names[f]);
      });
      const model = { ...anyModel(here, N), rareBoost: 0 };
      close(back(scoresWith(there, model)), scoresWith(here, model), { absolute: 2e-2 }, 'scores');
    });
  });
});

/** Central differences of f at x against `gradient`. */
function sameGradient(
  f: (x: Float64Array) => number,
  x: Float64Array,
  gradient: ArrayLike<number>,
  step: number,
  tolerance: number,
  what: string,
): void {
  const expected = Float64Array.from(x, (_, i) => {
    const moved = (by: number) => f(x.map((value, j) => (i === j ? value + by : value)));
    return (moved(step) - moved(-step)) / (2 * step);
  });
  close(gradient, expected, { absolute: tolerance, relative: tolerance }, what);
}

const listsOf = (features: PairFeatures, validation: Pairs): CandidateLists =>
  finished(candidateLists(engine, features, validation, { queries: 100, hard: 5, random: 10, seed: 1 }));

test('gradient of the listwise loss', () => {
  const offset = Float32Array.of(0, 0, 0, 0.7, 0.7, 0.7);
  const loss = (z: Float64Array, gradient?: Float32Array) =>
    engine.scope(({ from }) => {
      const slice = from('f32', z);
      const value = listwise(engine, slice, offset, 2, 0.5);
      gradient?.set(slice.array);
      return 0.5 * value;
    });
  const z = Float64Array.from(numbers(6, 5));
  const gradient = new Float32Array(6);
  loss(z, gradient);
  // Two positives against the whole list: 2 log sum exp(z + offset) - z0 - z1.
  const total = Math.log(sum([...z].map((value, i) => Math.exp(value + offset[i]))));
  assert.ok(Math.abs(loss(z) - 0.5 * (2 * total - z[0] - z[1])) < 1e-6);
  sameGradient((x) => loss(x), z, gradient, 1e-2, 1e-3, 'listwise');
});

test('gradient of the linear part, and its lists', () => {
  const { train, validation } = splitEdges(engine, graph, { validation: 0.2, test: 0, seed: 1 });
  withFeatures(train, text, embedding, (features) => {
    const lists = listsOf(features, validation);
    const { indptr, positives, target: node, width, x } = lists;
    assert.is(width, features.count + 3);
    lists.queries.forEach((u, i) => {
      const mine = [...node.subarray(indptr[i], indptr[i + 1])];
      assert.is(new Set(mine).size, mine.length, 'a candidate comes once');
      assert.not.ok(mine.some((v) => v === u || train.hasEdge(u, v)));
      const wanted = [...validation.source.keys()].filter((at) => validation.source[at] === u);
      assert.equal(
        mine.slice(0, positives[i]),
        wanted.map((at) => validation.target[at]),
      );
    });
    for (let f = 0; f < features.count; f++) {
      const column = [...node.keys()].map((r) => x.array[r * width + f]);
      const mean = sum(column) / column.length;
      const deviation = Math.sqrt(sum(column.map((value) => (value - mean) ** 2)) / column.length);
      if (lists.scale[f] === 0) assert.is(features.names[f].includes('svd'), true);
      else assert.ok(Math.abs(deviation - 1) < 1e-3, `${features.names[f]} has deviation ${deviation}`);
    }
    for (const interactions of [true, false]) {
      withObjective(engine, lists, [0, 2, 3], { interactions, ridge: 0.5 }, (objective, size) => {
        const theta = Float64Array.from(numbers(size, 9, -0.1, 0.1));
        if (!interactions) theta.fill(0, features.count);
        const gradient = new Float64Array(size);
        objective(theta, gradient);
        const scratch = new Float64Array(size);
        const used = interactions ? size : features.count;
        sameGradient(
          (x) => {
            const whole = theta.slice();
            whole.set(x);
            return objective(whole, scratch);
          },
          theta.slice(0, used),
          gradient.slice(0, used),
          1e-2,
          2e-3,
          'linear part',
        );
      });
    }
    engine.release(x);
  });
});

test('gradient of the network, with and without dropout', () => {
  const shape = { width: 7, hidden: 8 };
  const rows = 9;
  const mlp = new Mlp(engine, shape, rows);
  engine.scope(({ alloc, from }) => {
    mlp.initialize(3);
    mlp.parameters.get('w3').value.set(numbers(8, 4));
    const x = from('f32', numbers(rows * 7, 6));
    const z = alloc('f32', rows);
    const weight = numbers(rows, 7);
    for (const drop of [undefined, { rate: 0.3, seed: 5, step: 2 }]) {
      const loss = () => {
        mlp.forward(z, x, rows, drop);
        return z.array.reduce((total, value, i) => total + value * weight[i], 0);
      };
      loss();
      mlp.backward(from('f32', weight), x, rows, drop);
      for (const { name, value, grad } of mlp.parameters.all) {
        const found = grad.copy();
        sameGradient(
          (p) => {
            value.set(p);
            return loss();
          },
          Float64Array.from(value.copy()),
          found,
          1e-3,
          5e-3,
          `${name}${drop ? ' with dropout' : ''}`,
        );
        mlp.initialize(3);
        mlp.parameters.get('w3').value.set(numbers(8, 4));
      }
    }
  });
  mlp.dispose();
});

test('L-BFGS finds the minimum of a quadratic, of Rosenbrock, and of a logistic loss', () => {
  const scale = [1, 10, 100, 1000, 0.1];
  const quadratic = lbfgs(
    (x, gradient) => {
      x.forEach((value, i) => {
        gradient[i] = scale[i] * (value - i);
      });
      return sum([...x].map((value, i) => 0.5 * scale[i] * (value - i) ** 2));
    },
    new Float64Array(5).fill(3),
    { tolerance: 1e-8 },
  );
  close(quadratic.x, [0, 1, 2, 3, 4], { absolute: 1e-3 }, 'quadratic');
  const valley = lbfgs(
    ([x, y], gradient) => {
      gradient.set([-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)]);
      return (1 - x) ** 2 + 100 * (y - x * x) ** 2;
    },
    Float64Array.of(-1.2, 1),
    { iterations: 200 },
  );
  close(valley.x, [1, 1], { absolute: 1e-3 }, 'Rosenbrock');
  assert.ok(valley.evaluations < 100, `${valley.evaluations} evaluations`);
  // 30 of 40 say yes: the intercept is log 3.
  const odds = lbfgs(([w], gradient) => {
    const p = 1 / (1 + Math.exp(-w));
    gradient[0] = p - 0.75;
    return -0.75 * Math.log(p) - 0.25 * Math.log(1 - p);
  }, new Float64Array(1));
  close(odds.x, [Math.log(3)], { absolute: 1e-4 }, 'logistic');
});

test('logistic regression finds the log odds', () => {
  const x = new Float64Array(160);
  const label = Array.from({ length: 80 }, (_, r) => {
    x[2 * r] = 1;
    x[2 * r + 1] = r < 40 ? 0 : 1;
    return r < 40 ? +(r < 10) : +(r < 70);
  });
  // 10 of 40 without the attribute, 30 of 40 with it.
  close(fitLogit(engine.kernels, x, label, 2, 1e-9), [-Math.log(3), 2 * Math.log(3)], { absolute: 1e-4 });
});

test('distinct draws are distinct, within bounds, and depend on the step', () => {
  for (const [n, count] of [
    [10, 10],
    [10, 9],
    [1000, 80],
    [100, 60],
  ]) {
    const drawn = drawDistinct(engine, n, count, 1, 0, 3);
    assert.is(drawn.length, count);
    assert.is(new Set(drawn).size, count);
    assert.ok(drawn.every((i) => i < n));
  }
  assert.not.equal(
    [...drawDistinct(engine, 1000, 80, 1, 0, 3)],
    [...drawDistinct(engine, 1000, 80, 1, 0, 4)],
  );
});

/** Twelve families of 5 phones that lead to 8 accessories, some edges at random: accessories lead nowhere. */
function families() {
  const n = 12 * 13;
  const from: number[] = [];
  const to: number[] = [];
  const chance = numbers(n * n, 77, 0, 1);
  for (let u = 0; u < n; u++) {
    for (let v = 0; v < n; v++) {
      if (u % 13 >= 5 || u === v) continue;
      const own = Math.floor(u / 13) === Math.floor(v / 13) && v % 13 >= 5;
      if (chance[u * n + v] < (own ? 0.6 : 0.01)) {
        from.push(u);
        to.push(v);
      }
    }
  }
  const graph = DirectedGraph.fromEdges(from, to, { nodeCount: n });
  return splitEdges(engine, graph, { validation: 0.2, test: 0.2, seed: 2 });
}

const fit = { fewSteps: [40], queries: 500, mlpQueries: 0 };

test('planted families: never worse than its own features, and the direction is found', () => {
  const { train, validation, test: held, known } = families();
  const ranker = fitRanker(engine, train, validation, { fit });
  const n = train.nodeCount;
  const quality = (scorer: Scorer) => hitRate(rankPairs(engine, scorer, n, held, train.out), 10);
  const own = quality(ranker);
  const { features, model } = ranker;
  const zero = new Float32Array(features.count);
  features.names.forEach((name, f) => {
    const only = zero.slice();
    only[f] = 1;
    const linear = { w: only, a: zero, b: zero, k: new Float32Array(BUCKETS) };
    const alone = new Ranker(engine, features, { ...model, linear, mlp: undefined, rareBoost: 0 }, name);
    const theirs = quality(alone);
    alone.dispose();
    assert.ok(own >= theirs - 0.02, `ranker ${own}, ${name} alone ${theirs}`);
  });

  const direction = Direction.fit(ranker, validation);
  const there = oneWay(held, (u, v) => known.hasEdge(u, v));
  const back = { source: there.target, target: there.source };
  const forward = direction.score(there);
  const backward = direction.score(back);
  for (const name of ['offset', 'head', 'degrees'] as const) {
    const area = auc(forward[name], backward[name]);
    assert.ok(area > 0.95, `${name}: ${area}`);
  }
  close(
    backward.head,
    forward.head.map((z) => -z),
    { absolute: 1e-6 },
    'the head is antisymmetric',
  );
  // The offset is the same for all targets of a source, so every rank stays.
  close(
    rankPairs(engine, direction.scorer, n, held, train.out),
    rankPairs(engine, ranker, n, held, train.out),
    {},
    'ranks with the offset',
  );
  ranker.dispose();
});

test('a row is shifted by any amount without a change of its order', () => {
  for (const h of [0, 0.1, -3, 1e4, -1e6]) {
    engine.scope(({ alloc, from }) => {
      const scores = Float32Array.from([...numbers(200, 5, -1e-3, 1e-3), 0, -0, 2, 2, -2]);
      const row = from('f32', scores);
      shiftRow(engine, row, alloc('u32', scores.length), h);
      const moved = row.copy();
      scores.forEach((a, i) => {
        assert.ok(Math.abs(moved[i] - a - h) <= 1e-4 * (1 + Math.abs(h)), `${a} to ${moved[i]}`);
        scores.forEach((b, j) => {
          if (a > b !== moved[i] > moved[j])
            assert.unreachable(`${a} and ${b} by ${h}: ${moved[i]}, ${moved[j]}`);
        });
      });
    });
  }
});

test('same seed, same bits; another seed, another network; nothing stays in the arena', () => {
  const { train, validation } = families();
  const before = engine.stats().usedBytes;
  const fitted = (seed: number) => {
    const ranker = fitRanker(engine, train, validation, { fit: { ...fit, seed } });
    const scores = scoresOf(ranker, train.nodeCount);
    ranker.dispose();
    return scores;
  };
  const first = fitted(1);
  close(fitted(1), first, {}, 'the same seed');
  assert.ok(fitted(2).some((score, i) => score !== first[i]));
  assert.is(engine.stats().usedBytes, before);
});

test('bad options are refused, an abort is heard', () => {
  const { train, validation } = families();
  const tried = (fit: object) => () => fitRanker(engine, train, validation, { fit });
  const before = engine.stats().usedBytes;
  assert.throws(tried({ magic: 1 }), /unknown option "magic"/);
  assert.throws(
    () => fitRanker(engine, train, validation, { easeRidge: 0 }),
    /easeRidge must be a finite number/,
  );
  assert.throws(tried({ hidden: 0 }), /hidden must be a whole number/);
  assert.throws(tried({ ridges: [] }), /number of ridges/);
  const none = { source: new Uint32Array(0), target: new Uint32Array(0) };
  assert.throws(() => fitRanker(engine, train, none), /number of validation edges/);
  assert.throws(tried({ signal: AbortSignal.abort(new Error('enough')) }), /enough/);
  assert.is(engine.stats().usedBytes, before);
  assert.is(rankFitDefaults.top, 300);
});

test.run();
