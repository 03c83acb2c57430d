import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Blend, blend } from '../../src/directed-graph/baselines/blend.ts';
import { fitConditionalLogit } from '../../src/directed-graph/baselines/conditional-logit.ts';
import { contentCosine } from '../../src/directed-graph/baselines/content.ts';
import { control } from '../../src/directed-graph/baselines/control.ts';
import { ease } from '../../src/directed-graph/baselines/ease.ts';
import { baselines } from '../../src/directed-graph/baselines/index.ts';
import {
  cosineNeighbours,
  reverseEdge,
  sourceKnn,
  targetKnn,
} from '../../src/directed-graph/baselines/knn.ts';
import { BASELINES } from '../../src/directed-graph/baselines/names.ts';
import { popularity } from '../../src/directed-graph/baselines/popularity.ts';
import { ppr } from '../../src/directed-graph/baselines/ppr.ts';
import { svd } from '../../src/directed-graph/baselines/svd.ts';
import { validationHitRate } from '../../src/directed-graph/baselines/validate.ts';
import { twoHop, walkMix } from '../../src/directed-graph/baselines/walks.ts';
import { type NodeFeatures, nodeFeatures } from '../../src/directed-graph/features.ts';
import { DirectedGraph } from '../../src/directed-graph/graph.ts';
import { fitRanker } from '../../src/directed-graph/ranker/fit-ranker.ts';
import { MAX_QUERIES, type Pairs, type Scorer } from '../../src/directed-graph/scorer.ts';
import { splitEdges } from '../../src/directed-graph/split.ts';
import { close } from '../helpers/close.ts';
import { engine, indices, numbers } from '../helpers/kernel.ts';

type Matrix = number[][];
const N = 45;

/** Sources 0 .. 39 and targets 4 .. 41: some nodes have no out-edge, some no in-edge, and 42 .. 44 have neither. */
const graph = DirectedGraph.fromEdges(
  indices(260, 40, 2),
  indices(260, 38, 7).map((v) => v + 4),
  {
    nodeCount: N,
  },
);
const features = nodeFeatures(indices(150, 41, 4), indices(150, 12, 6), numbers(150, 8, 0.2, 2), N);
const { train, validation } = splitEdges(engine, graph, { validation: 0.2, test: 0.1, seed: 1 });

/** All scores of a scorer, asked in batches of `size`. */
function scoresOf(scorer: Scorer, n = N, size = MAX_QUERIES): Float32Array {
  const all = new Float32Array(n * n);
  engine.scope(({ alloc }) => {
    for (let start = 0; start < n; start += size) {
      const queries = Uint32Array.from({ length: Math.min(size, n - start) }, (_, i) => start + i);
      // A scorer must overwrite whatever the block holds.
      const block = alloc('f32', queries.length * n).fill(123);
      scorer.score(queries, block);
      all.set(block.array, start * n);
    }
  });
  return all;
}

function using<T extends Scorer>(scorer: T, body: (scorer: T) => void): void {
  try {
    body(scorer);
  } finally {
    scorer.dispose();
  }
}

// Dense helpers in plain loops: the naive side of every comparison.
const zeros = (): Matrix => Array.from({ length: N }, () => new Array(N).fill(0));
const map = (a: Matrix, f: (x: number, i: number, j: number) => number): Matrix =>
  a.map((row, i) => row.map((x, j) => f(x, i, j)));
const transposed = (a: Matrix): Matrix => map(a, (_, i, j) => a[j][i]);
const times = (a: Matrix, b: Matrix): Matrix =>
  map(zeros(), (_, i, j) => a[i].reduce((sum, x, k) => sum + x * b[k][j], 0));
const plus = (...all: Matrix[]): Matrix =>
  map(zeros(), (_, i, j) => all.reduce((sum, a) => sum + a[i][j], 0));
const scaled = (a: Matrix, by: number): Matrix => map(a, (x) => x * by);
const adjacency = (g: DirectedGraph): Matrix => map(zeros(), (_, i, j) => +g.hasEdge(i, j));
const sum = (row: number[]) => row.reduce((a, b) => a + b, 0);

function normalisedBy(a: Matrix, p: number): Matrix {
  const power = (d: number) => (d > 0 ? d ** -p : 0);
  const right = transposed(a).map(sum).map(power);
  return map(a, (x, i, j) => power(sum(a[i])) * x * right[j]);
}

/** The k largest of each row of a, diagonal out, lower index first; zeros are never kept. */
function topRows(a: Matrix, k: number): Matrix {
  return a.map((row, i) => {
    const order = [...row.keys()]
      .filter((j) => j !== i && row[j] > 0)
      .sort((x, y) => row[y] - row[x] || x - y)
      .slice(0, k);
    return row.map((x, j) => (order.includes(j) ? x : 0));
  });
}

/** Cosine of the rows of a 0/1 matrix. */
const cosines = (a: Matrix): Matrix =>
  map(times(a, transposed(a)), (x, i, j) => (x > 0 ? x / Math.sqrt(sum(a[i]) * sum(a[j])) : 0));

const A = adjacency(graph);
const AT = transposed(A);
const same = (scorer: Scorer, expected: Matrix, tolerance = 1e-6) =>
  using(scorer, () =>
    close(scoresOf(scorer), expected.flat(), { absolute: tolerance, relative: tolerance }, scorer.name),
  );

test('popularity is the in-degree', () => {
  same(
    popularity(graph),
    map(A, (_, __, j) => sum(AT[j])),
  );
});

for (const exponent of [0.5, 0.25, 0.4]) {
  test(`walks on Do^-${exponent} A Di^-${exponent}`, () => {
    const n = normalisedBy(A, exponent);
    const t = transposed(n);
    const popular = map(A, (_, __, j) => (1e-3 * sum(AT[j])) / Math.max(...AT.map(sum)));
    const mix = plus(
      times(times(n, t), n),
      scaled(times(n, n), 0.2),
      scaled(times(t, n), 0.1),
      scaled(t, 0.02),
      scaled(AT, 0.07),
      popular,
    );
    same(walkMix(engine, graph, { exponent, reverseEdge: 0.07 }), mix);
    same(twoHop(engine, graph, { exponent }), plus(times(n, n), popular));
  });
}

for (const neighbours of [3, 50]) {
  test(`kNN with ${neighbours} neighbours`, () => {
    const reverse = scaled(AT, 0.3);
    same(sourceKnn(graph, { neighbours }), plus(times(topRows(cosines(A), neighbours), A), reverse));
    same(targetKnn(graph, { neighbours }), plus(times(A, topRows(cosines(AT), neighbours)), reverse));
  });
}

test('reverse edge, and neighbours of equal cosine by the lower index', () => {
  same(reverseEdge(graph), AT);
  const star = DirectedGraph.fromEdges([0, 1, 2, 3], [4, 4, 4, 4]);
  const { indptr, indices: alike } = cosineNeighbours(star.out, star.in, 2);
  assert.equal(Array.from(alike.subarray(indptr[2], indptr[3])), [0, 1]);
  assert.equal(Array.from(alike.subarray(indptr[0], indptr[1])), [1, 2]);
});

test('svd: all singular values give Do^-1/4 A Di^-1/4 back, a few are closest to it', () => {
  const n = normalisedBy(A, 0.25);
  same(svd(engine, graph, { rank: N }), n, 2e-6);
  const error = (rank: number) => {
    let square = 0;
    using(svd(engine, graph, { rank }), (scorer) => {
      scoresOf(scorer).forEach((x, i) => {
        square += (x - n[Math.floor(i / N)][i % N]) ** 2;
      });
    });
    return square;
  };
  const errors = [1, 5, 10, 20].map(error);
  assert.ok(errors.every((e, i) => i === 0 || e < errors[i - 1]));
});

test('ppr: at full rank the thresholded logarithms come back', () => {
  const [alpha, threshold, steps] = [0.5, 1e-3, 10];
  const walked = (a: Matrix): Matrix => {
    const p = map(a, (x, i) => (x > 0 ? x / sum(a[i]) : 0));
    let power = map(zeros(), (_, i, j) => +(i === j));
    let total = scaled(power, 1 - alpha);
    for (let l = 0; l < steps; l++) {
      power = scaled(times(power, p), alpha);
      total = plus(total, scaled(power, 1 - alpha));
    }
    return map(total, (x) => (x >= threshold ? x : 0));
  };
  const both = plus(walked(A), transposed(walked(AT)));
  const logs = map(both, (x, i, j) => (x > 0 && i !== j ? Math.log(x / threshold) : 0));
  same(ppr(engine, graph, { alpha, threshold, steps, rank: N }), logs, 1e-4);
});

test('ppr chooses the better threshold on validation', () => {
  const thresholds = [1e-4, 1e-2];
  const quality = thresholds.map((threshold) => {
    let found = 0;
    using(ppr(engine, train, { threshold, rank: 6 }), (s) => {
      found = validationHitRate(engine, s, train, validation);
    });
    return found;
  });
  using(ppr(engine, train, { thresholds, validation, rank: 6 }), ({ threshold }) =>
    assert.is(threshold, quality[1] > quality[0] ? 1e-2 : 1e-4),
  );
});

function inverse(a: Matrix): Matrix {
  const n = a.length;
  const m = a.map((row, i) => [...row, ...row.map((_, j) => +(i === j))]);
  for (let k = 0; k < n; k++) {
    m[k] = m[k].map((x) => x / m[k][k]);
    for (let i = 0; i < n; i++) {
      const f = m[i][k];
      if (i !== k) m[i] = m[i].map((x, j) => x - f * m[k][j]);
    }
  }
  return m.map((row) => row.slice(n));
}

test('ease is the closed form over all nodes', () => {
  const ridge = 4;
  const p = inverse(map(times(AT, A), (x, i, j) => x + (i === j ? ridge : 0)));
  const b = map(p, (x, i, j) => (i === j ? 0 : -x / p[j][j]));
  same(ease(engine, graph, { ridge }), times(A, b), 1e-5);
});

test('ease chooses the best ridge of its list when the quality has one peak', () => {
  const ridges = [1, 10, 50, 100, 300];
  const quality = ridges.map((ridge) => {
    let found = 0;
    using(ease(engine, train, { ridge }), (s) => (found = validationHitRate(engine, s, train, validation)));
    return found;
  });
  using(ease(engine, train, { validation, ridges }), ({ ridge }) => {
    const chosen = quality[ridges.indexOf(ridge)];
    const [left, right] = [quality[ridges.indexOf(ridge) - 1] ?? 0, quality[ridges.indexOf(ridge) + 1] ?? 0];
    assert.ok(chosen >= left && chosen >= right && chosen >= quality[3], `${ridge} of ${quality}`);
  });
  assert.throws(() => ease(engine, train), /ease needs a ridge/);
  assert.throws(() => ease(engine, train, { ridge: 0 }), /ridge must be/);
});

function denseCosine({ rows, columns, csr }: NodeFeatures): Matrix {
  const x = Array.from({ length: rows }, () => new Array(columns).fill(0));
  for (let u = 0; u < rows; u++) {
    for (let e = csr.indptr[u]; e < csr.indptr[u + 1]; e++) x[u][csr.indices[e]] = csr.weights[e];
  }
  const df = x[0].map((_, f) => x.filter((row) => row[f] !== 0).length);
  const weighted = x.map((row) => row.map((value, f) => (df[f] ? value * Math.log(rows / df[f]) : 0)));
  const unit = weighted.map((row) => {
    const length = Math.hypot(...row);
    return row.map((value) => (length > 0 ? value / length : 0));
  });
  return map(zeros(), (_, i, j) => unit[i].reduce((total, value, f) => total + value * unit[j][f], 0));
}

test('content cosine of idf-weighted rows; repeated features add up', () => {
  same(contentCosine(engine, features), denseCosine(features), 1e-5);
  const twice = nodeFeatures([0, 1, 0, 0], [2, 1, 0, 2], [1, 1, 5, 2], 2);
  assert.equal(Array.from(twice.csr.indices), [0, 2, 1]);
  assert.equal(Array.from(twice.csr.weights), [5, 3, 1]);
  assert.throws(() => nodeFeatures([2], [0], undefined, 2), /node\[0\]/);
  assert.throws(() => nodeFeatures([0], [0], [Number.NaN], 2), /value\[0\] must be a finite number/);
});

test('conditional logit: the gradient vanishes, and two alternatives are a logistic regression', () => {
  const math = { expF64: Math.exp, logF64: Math.log };
  const d = 3;
  const choices = Array.from({ length: 40 }, (_, c) => {
    const rows = 2 + (c % 4);
    return { features: numbers(rows * d, c + 1), offset: numbers(rows, c + 99, 0, 1) };
  });
  const prior = Float64Array.of(1, 0, 0);
  const ridge = 1e-3;
  const w = fitConditionalLogit(math, choices, { ridge, prior, maxSteps: 60 });
  const loss = (w: Float64Array) => {
    let total = 0.5 * ridge * choices.length * w.reduce((s, x, i) => s + (x - prior[i]) ** 2, 0);
    for (const { features: x, offset } of choices) {
      const z = Array.from(offset, (o, r) => o + w[0] * x[r * d] + w[1] * x[r * d + 1] + w[2] * x[r * d + 2]);
      total += Math.log(sum(z.map(Math.exp))) - (z[0] - offset[0]);
    }
    return total;
  };
  for (let i = 0; i < d; i++) {
    const step = (h: number) => loss(w.map((x, j) => x + (i === j ? h : 0)));
    assert.ok(step(0.05) > loss(w) && step(-0.05) > loss(w));
    assert.ok(Math.abs((step(1e-4) - step(-1e-4)) / 2e-4) < 0.05, 'gradient');
  }
  // 30 of 40 prefer the alternative that is 1 ahead: w = log 3.
  const one = Array.from({ length: 40 }, (_, c) => ({
    features: Float32Array.of(c < 30 ? 1 : 0, c < 30 ? 0 : 1),
    offset: new Float32Array(2),
  }));
  const [slope] = fitConditionalLogit(math, one, { ridge: 1e-9, prior: Float64Array.of(0), maxSteps: 60 });
  assert.ok(Math.abs(slope - Math.log(3)) < 1e-3);
});

test('blend: its score is the weighted sum of the naive features, and it beats its own parts on its data', () => {
  using(blend(engine, train, validation, features), (scorer: Blend) => {
    const a = adjacency(train);
    const t = transposed(a);
    const n = normalisedBy(a, 0.5);
    const lg = (m: Matrix, scale: number) => map(m, (x) => Math.log1p(Math.max(x, 0) / scale));
    const factor = zeros();
    using(svd(engine, train), (s) =>
      scoresOf(s).forEach((x, i) => {
        factor[Math.floor(i / N)][i % N] = x;
      }),
    );
    const parts: Record<string, Matrix> = {
      sourceKnn: lg(times(topRows(cosines(a), 100), a), 0.05),
      targetKnn: lg(times(a, topRows(cosines(t), 100)), 0.05),
      twoHop: lg(times(n, n), 0.01),
      reverse: t,
      coSource: lg(times(transposed(n), n), 0.01),
      svd: factor,
      logSvd: lg(factor, 0.05),
      text: denseCosine(features),
    };
    assert.equal(Object.keys(scorer.weights).sort(), Object.keys(parts).sort());
    const expected = plus(...Object.entries(parts).map(([name, m]) => scaled(m, scorer.weights[name])));
    close(scoresOf(scorer), expected.flat(), { absolute: 2e-3 });
  });
});

function rowsOf(g: DirectedGraph): Pairs {
  const source: number[] = [];
  for (let u = 0; u < N; u++) for (let k = 0; k < g.outDegree(u); k++) source.push(u);
  return { source: Uint32Array.from(source), target: g.out.indices };
}

/** The control is a ranker, with tests of its own: it draws by node number, reads edge weights, and takes seconds. */
const CHEAP = BASELINES.filter((name) => name !== 'control');

/** Every other baseline of the builder on a graph, by name. */
function each(
  g: DirectedGraph,
  given: { validation: Pairs; features?: NodeFeatures },
  body: (scorer: Scorer) => void,
): string[] {
  const names: string[] = [];
  for (const scorer of baselines(engine, g, { ...given, only: CHEAP })) {
    names.push(scorer.name);
    using(scorer, body);
  }
  return names;
}

test('contract: every baseline gives a single query what it gives a batch, and the same bits again', () => {
  const first = new Map<string, Float32Array>();
  const before = engine.stats().slices;
  const names = each(train, { validation, features }, (scorer) => {
    const all = scoresOf(scorer);
    assert.ok(all.every(Number.isFinite), scorer.name);
    close(scoresOf(scorer, N, 1), all, {}, `${scorer.name} one by one`);
    close(scoresOf(scorer, N, 7), all, {}, `${scorer.name} by seven`);
    first.set(scorer.name, all);
  });
  assert.equal(names, CHEAP);
  assert.is(engine.stats().slices, before, 'a scorer left something in the arena');
  each(train, { validation, features }, (scorer) => {
    close(scoresOf(scorer), first.get(scorer.name)!, {}, `${scorer.name} again`);
  });
});

test('contract: edge weights and times change nothing', () => {
  const plain = new Map<string, Float32Array>();
  each(train, { validation, features }, (scorer) => plain.set(scorer.name, scoresOf(scorer)));
  const { source, target } = rowsOf(train);
  const heavy = DirectedGraph.fromEdges(source, target, {
    nodeCount: N,
    weight: numbers(source.length, 3, 0.1, 9),
    timestamp: numbers(source.length, 4, 0, 1e9),
  });
  each(heavy, { validation, features }, (scorer) => {
    close(scoresOf(scorer), plain.get(scorer.name)!, {}, `${scorer.name} on weighted edges`);
  });
});

test('contract: other node numbers give the same scores to the same nodes', () => {
  const to = Uint32Array.from({ length: N }, (_, u) => (u * 7 + 3) % N);
  const renamed = (pairs: Pairs): Pairs => ({
    source: pairs.source.map((u) => to[u]),
    target: pairs.target.map((v) => to[v]),
  });
  const original = new Map<string, Float32Array>();
  each(train, { validation, features }, (scorer) => original.set(scorer.name, scoresOf(scorer)));
  const moved = renamed(rowsOf(train));
  const words: number[] = [];
  for (let u = 0; u < N; u++) {
    for (let e = features.csr.indptr[u]; e < features.csr.indptr[u + 1]; e++) words.push(to[u]);
  }
  const given = {
    validation: renamed(validation),
    features: nodeFeatures(words, features.csr.indices, features.csr.weights, N),
  };
  each(DirectedGraph.fromEdges(moved.source, moved.target, { nodeCount: N }), given, (scorer) => {
    const scores = scoresOf(scorer);
    const back = Float32Array.from(scores, (_, i) => scores[to[Math.floor(i / N)] * N + to[i % N]]);
    const tolerance = scorer.name === 'blend' ? 2e-2 : 2e-4;
    const what = `${scorer.name} renumbered`;
    close(back, original.get(scorer.name)!, { absolute: tolerance, relative: tolerance }, what);
  });
});

test('contract: phone -> case, and never case -> phone', () => {
  // Phones 0 .. 5 lead to the cases 6 .. 11 and the chargers 12 .. 17; phone 0 -> case 6 is held out, and phone 1 ->
  // case 7 to fit on. Phone i and case i share a brand.
  const n = 18;
  const source: number[] = [];
  const target: number[] = [];
  for (let phone = 0; phone < 6; phone++) {
    for (let other = 6; other < n; other++) {
      if (other === 6 + phone && phone < 2) continue;
      source.push(phone);
      target.push(other);
    }
  }
  const shop = DirectedGraph.fromEdges(source, target, { nodeCount: n });
  const branded = Array.from({ length: 12 }, (_, i) => i);
  const brands = nodeFeatures(
    branded,
    branded.map((i) => i % 6),
    undefined,
    n,
  );
  const answersRight = (scorer: Scorer) => {
    const scores = scoresOf(scorer, n);
    const open = Array.from({ length: n }, (_, v) => v).filter((v) => v !== 0 && !shop.hasEdge(0, v));
    const best = open.reduce((a, b) => (scores[b] > scores[a] ? b : a));
    assert.is(best, 6, `${scorer.name}: the answer for phone 0`);
    const [there, back] = [scores[6], scores[6 * n]];
    if (scorer.name === 'contentCosine') assert.is(there, back);
    else assert.ok(there > back, `${scorer.name}: phone -> case ${there}, case -> phone ${back}`);
  };
  const held = { source: Uint32Array.of(1), target: Uint32Array.of(7) };
  each(shop, { validation: held, features: brands }, (scorer) => {
    // 64 factors of 18 nodes only repeat the edges; two generalise.
    if (scorer.name !== 'svd' && scorer.name !== 'ppr') answersRight(scorer);
  });
  using(control(engine, shop, held, { features: brands }), answersRight);
  using(svd(engine, shop, { rank: 2 }), answersRight);
  using(ppr(engine, shop, { rank: 2 }), answersRight);
});

test('control: the ranker without the embedding, bit for bit, whether features are shared or not', () => {
  const numbersOf = (at: number) => numbers(N * 4, at, -1, 1);
  const embedding = { nodeCount: N, dim: 4, source: numbersOf(1), target: numbersOf(2) };
  const fit = { mlp: false, rareBoost: 0.5, iterations: 20, seed: 3 };
  const before = engine.stats().slices;
  using(fitRanker(engine, train, validation, { embedding, text: features, fit }), (ranker) => {
    const shared = control(engine, train, validation, { ranker, fit: { ...fit, rareBoost: undefined } });
    using(control(engine, train, validation, { features, fit }), (alone) => {
      assert.is(alone.name, 'control');
      assert.not.ok(Object.keys(alone.weights).includes('embedding'));
      assert.equal(shared.weights, alone.weights);
      assert.is(shared.model.rareBoost, 0.5, 'the dial of the ranker');
      assert.ok(scoresOf(shared).every((x, i) => x === scoresOf(alone)[i]) && scoresOf(shared)[1] !== 0);
    });
    shared.dispose();
    // What the control read is still the ranker's.
    assert.ok(scoresOf(ranker).some((x, i, all) => x !== all[0] && i > 0));
  });
  assert.is(engine.stats().slices, before);
});

test('the builder leaves out what does not apply, and refuses what it does not know', () => {
  const none = { source: new Uint32Array(0), target: new Uint32Array(0) };
  const fitted = ['walkMixFitted', 'ease', 'blend', 'contentCosine'];
  assert.equal(
    each(train, { validation: none }, () => {}),
    CHEAP.filter((name) => !fitted.includes(name)),
  );
  assert.throws(
    () => [...baselines(engine, train, { validation, only: ['magic' as never] })],
    /only must hold .*, got "magic"/,
  );
  assert.equal([...baselines(engine, train, { validation: none, only: ['control'] })], []);
  const phases: string[] = [];
  const only = ['svd', 'popularity'] as const;
  const built = baselines(engine, train, { validation, only, onProgress: ({ phase }) => phases.push(phase) });
  assert.equal(phases, [], 'nothing is built before it is asked for');
  for (const scorer of built) scorer.dispose();
  assert.equal(phases, ['popularity', 'svd']);
});

test.run();
