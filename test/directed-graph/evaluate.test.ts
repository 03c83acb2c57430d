import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { evaluate, evaluateAllSteps, withoutRanks } from '../../src/directed-graph/evaluate.ts';
import { DirectedGraph } from '../../src/directed-graph/graph.ts';
import { rankPairs, topOfRow } from '../../src/directed-graph/ranking.ts';
import type { Scorer } from '../../src/directed-graph/scorer.ts';
import { type Split, splitEdges } from '../../src/directed-graph/split.ts';
import { finished } from '../../src/directed-graph/steps.ts';
import { auc } from '../../src/nn/metrics.ts';
import { engine, indices, numbers } from '../helpers/kernel.ts';

const N = 150;

/** A scorer from a function of the pair, counting calls and refusing batches of more than 64. */
function scorerOf(score: (u: number, v: number) => number, name = 'test', n = N): Scorer & { rows: number } {
  return {
    name,
    rows: 0,
    score(queries, scores) {
      assert.ok(queries.length >= 1 && queries.length <= 64);
      this.rows += queries.length;
      queries.forEach((u, q) => {
        for (let v = 0; v < n; v++) scores.array[q * n + v] = score(u, v);
      });
    },
    dispose() {},
  };
}

const split: Split = splitEdges(
  engine,
  DirectedGraph.fromEdges(indices(1500, N, 5), indices(1500, N, 9), { nodeCount: N }),
  { validation: 0.2, test: 0.2, seed: 4 },
);
const table = numbers(N * N, 11, 0, 20).map(Math.floor);
const random = (u: number, v: number) => table[u * N + v];

/** Ranks straight from the definition: sort the open candidates. */
function bruteRanks(score: (u: number, v: number) => number, filter: 'train' | 'all'): number[] {
  const removed = filter === 'train' ? split.train : split.known;
  return Array.from(split.test.source, (u, i) => {
    const v = split.test.target[i];
    let above = 0;
    let equal = 0;
    for (let w = 0; w < N; w++) {
      if (w === u || w === v || removed.hasEdge(u, w)) continue;
      if (score(u, w) > score(u, v)) above++;
      else if (score(u, w) === score(u, v)) equal++;
    }
    return 1 + above + equal / 2;
  });
}

const near = (a: number | undefined, b: number, what = '') =>
  assert.ok(Math.abs((a ?? Number.NaN) - b) <= 1e-12, `${what} ${a} for ${b}`);

for (const filter of ['train', 'all'] as const) {
  test(`ranks with many ties equal brute force, filter ${filter}`, () => {
    const ranks = bruteRanks(random, filter);
    const removed = filter === 'train' ? split.train : split.known;
    assert.equal(Array.from(rankPairs(engine, scorerOf(random), N, split.test, removed.out)), ranks);

    const m = evaluate(engine, scorerOf(random), split, { filter });
    const mean = (gain: (rank: number) => number) =>
      ranks.reduce((sum, r) => sum + gain(r), 0) / ranks.length;
    for (const k of [5, 10, 20] as const) {
      near(
        m[`hitRate@${k}`],
        mean((r) => +(r <= k)),
      );
      near(
        m[`mrr@${k}`],
        mean((r) => (r <= k ? 1 / r : 0)),
      );
      near(
        m[`ndcg@${k}`],
        mean((r) => (r <= k ? 1 / Math.log2(1 + r) : 0)),
      );
    }
    near(
      m.mrr,
      mean((r) => 1 / r),
    );
    assert.is(m.edges, ranks.length);
    assert.is(m.queries, new Set(split.test.source).size);
    for (const [buckets, node, degree] of [
      [m.byOutDegree, split.test.source, (u: number) => split.train.outDegree(u)],
      [m.byInDegree, split.test.target, (v: number) => split.train.inDegree(v)],
    ] as const) {
      assert.is(
        buckets.reduce((sum, b) => sum + b.edges, 0),
        ranks.length,
      );
      const mine = ranks.filter((_, i) => degree(node[i]) >= 6 && degree(node[i]) <= 10);
      const bucket = buckets.find(({ range }) => range === '6-10')!;
      assert.is(bucket.edges, mine.length);
      near(bucket['hitRate@10'], mine.filter((r) => r <= 10).length / mine.length);
    }
  });
}

const evaluateAll = (...given: Parameters<typeof evaluateAllSteps>) => finished(evaluateAllSteps(...given));

test('the strict filter never ranks worse than the train filter', () => {
  const strict = bruteRanks(random, 'all');
  assert.ok(bruteRanks(random, 'train').every((r, i) => r >= strict[i]));
});

test('a scorer that knows the truth is perfect; its negation is the worst', () => {
  const truth = scorerOf((u, v) => +split.known.hasEdge(u, v));
  const m = evaluate(engine, truth, split, { filter: 'all' });
  // Everything known but the one edge is taken out, so it stands alone on top.
  assert.is(m['hitRate@5'], 1);
  assert.is(m.mrr, 1);
  assert.is(m['ndcg@5'], 1);
  assert.is(m['hitRate@10Error'], 0);
  assert.is(m.existenceAuc, 1);
  assert.is(m.directionAuc, 1);
  assert.is(m.directionPaired, 1);
  assert.is(m.directionAucMatched, 1);
  assert.is(m.threeClassAccuracy, 1);
  const worst = evaluate(
    engine,
    scorerOf((u, v) => -split.known.hasEdge(u, v)),
    split,
    { filter: 'all' },
  );
  assert.is(worst.existenceAuc, 0);
  assert.is(worst.directionPaired, 0);
  assert.is(worst['hitRate@20'], 0);
});

test('a constant scorer: the middle rank, and no information anywhere', () => {
  const m = evaluate(
    engine,
    scorerOf(() => 7),
    split,
  );
  const middle = Array.from(split.test.source, (u) => 1 + (N - 2 - split.train.outDegree(u)) / 2);
  near(m.mrr, middle.reduce((sum, r) => sum + 1 / r, 0) / middle.length);
  near(m.existenceAuc, 0.5);
  near(m.directionAuc, 0.5);
  near(m.directionPaired, 0.5);
  near(m.threeClassAccuracy, 1 / 3);
});

test('a symmetric scorer has no direction, and its reverse answers are symmetric', () => {
  const m = evaluate(
    engine,
    scorerOf((u, v) => random(Math.min(u, v), Math.max(u, v))),
    split,
  );
  near(m.directionAuc, 0.5);
  near(m.directionPaired, 0.5);
  // Only two nodes score above the rest: each is in the other's list.
  const pair = new Set([split.test.source[0], split.test.source.find((u) => u !== split.test.source[0])!]);
  const two = evaluate(
    engine,
    scorerOf((u, v) => (pair.has(u) && pair.has(v) ? 1 : -Math.abs(v - u))),
    split,
  );
  assert.ok(two.symmetricPairAudit.answers > 0.5);
});

test('direction metrics equal their definition on the one-way test edges', () => {
  const oneWay = Array.from(split.test.source.keys()).filter(
    (i) => !split.known.hasEdge(split.test.target[i], split.test.source[i]),
  );
  const forward = oneWay.map((i) => random(split.test.source[i], split.test.target[i]));
  const backward = oneWay.map((i) => random(split.test.target[i], split.test.source[i]));
  const m = evaluate(engine, scorerOf(random), split);
  near(m.directionAuc, auc(forward, backward));
  near(
    m.directionPaired,
    forward.reduce((sum, f, i) => sum + (f > backward[i] ? 1 : f === backward[i] ? 0.5 : 0), 0) /
      forward.length,
  );
  const reversed = evaluate(
    engine,
    scorerOf((u, v) => random(v, u)),
    split,
  );
  near(reversed.directionAuc, 1 - m.directionAuc!);
});

test('audit: reciprocity of the graphs, coverage and Gini of the answers by hand', () => {
  // 0 <-> 1, 0 -> 2, 3 -> 0 known; lists are by falling -v, so everyone gets the lowest nodes.
  const known = DirectedGraph.fromEdges([0, 1, 0, 3], [1, 0, 2, 0], { nodeCount: 20 });
  const small = {
    known,
    train: DirectedGraph.fromEdges([0, 1], [1, 0], { nodeCount: 20 }),
    validation: { source: new Uint32Array(0), target: new Uint32Array(0) },
    test: { source: Uint32Array.of(0, 3), target: Uint32Array.of(2, 0) },
  };
  const m = evaluate(
    engine,
    scorerOf((_, v) => -v, 'test', 20),
    small,
  );
  assert.is(m.symmetricPairAudit.train, 1);
  assert.is(m.symmetricPairAudit.known, 0.5);
  // Lists: 0 -> 1..10 and 3 -> 0,1,2,4..10. Of the answers that are queries, 0 -> 3 and 3 -> 0, both come back.
  assert.is(m.symmetricPairAudit.answers, 1);
  // Served: 0 -> 2..11 (1 is a train neighbour), 3 -> 0,1,2,4..10.
  near(m['coverage@10'], 12 / 20);
  // A fifth of 20 nodes: 0 and 1 with a train in-edge, then 2 and 3, the lowest of the others.
  near(m['tailShare@10'], (8 + 7) / 20);
  assert.is(m.threeClassAccuracy, undefined);
});

test('top of a row: filters, order, and the lower index of equals', () => {
  const graph = DirectedGraph.fromEdges([2], [4], { nodeCount: 6 });
  const row = { node: 2, scores: Float32Array.of(1, 3, 9, 3, 8, 2), ptr: 0 };
  assert.equal(topOfRow(row, 3, graph.out), [1, 3, 5]);
  assert.equal(topOfRow(row, 3), [4, 1, 3]);
  assert.equal(topOfRow(row, 10), [4, 1, 3, 5, 0]);
});

for (const bad of [Number.NaN, Infinity]) {
  test(`a score of ${bad} throws, even when only one of the last batch has it`, () => {
    const last = Math.max(...split.test.source);
    const scorer = scorerOf((u, v) => (u === last && v === N - 1 ? bad : random(u, v)), 'broken');
    assert.throws(() => evaluate(engine, scorer, split), /broken gave node \d+ a score that is not finite/);
    assert.throws(() => rankPairs(engine, scorer, N, split.test, split.train.out), /not finite/);
  });
}

test('without pairs only the test sources are scored; with them each node once', () => {
  const light = scorerOf(random);
  const m = evaluate(engine, light, split, { pairs: false });
  assert.is(light.rows, new Set(split.test.source).size);
  assert.is(m.existenceAuc, undefined);
  const full = scorerOf(random);
  evaluate(engine, full, split);
  assert.ok(full.rows <= N);
});

test('evaluateAll: one document, every scorer disposed, also the one that throws', () => {
  let disposed = 0;
  const counted = (name: string, score = random) => ({
    ...scorerOf(score, name),
    dispose() {
      disposed++;
    },
  });
  const heard: string[] = [];
  const all = evaluateAll(engine, [counted('a'), counted('b')], split, { filter: 'all' }, (name) =>
    heard.push(name),
  );
  assert.equal(heard, ['a', 'b']);
  assert.equal(Object.keys(all.methods), ['a', 'b']);
  assert.equal(all.methods.a, all.methods.b);
  assert.is(all.filter, 'all');
  assert.is(all.nodes, N);
  assert.is(all.edges, split.known.edgeCount);
  assert.is(all.split.train + all.split.validation + all.split.test, all.edges);
  assert.equal(JSON.parse(JSON.stringify(all)), all);
  assert.throws(() => evaluateAll(engine, [counted('c', () => Number.NaN)], split), /c gave node/);
  assert.is(disposed, 3);
});

test('ranks and degrees of every test edge are kept when asked for, and left out of a JSON document', () => {
  const all = evaluateAll(engine, [scorerOf(random, 'a')], split, { ranks: true, pairs: false });
  assert.equal(Array.from(all.methods.a.ranks!), bruteRanks(random, 'train'));
  assert.equal(
    all.degrees?.source,
    split.test.source.map((u) => split.train.outDegree(u)),
  );
  assert.equal(
    all.degrees?.target,
    split.test.target.map((v) => split.train.inDegree(v)),
  );
  const bare = withoutRanks(all);
  assert.equal(bare, evaluateAll(engine, [scorerOf(random, 'a')], split, { pairs: false }));
  assert.equal(JSON.parse(JSON.stringify(bare)), bare);
});

test('wrong options and an empty test are refused; nothing stays in the arena', () => {
  const before = engine.stats().slices;
  assert.throws(
    () => evaluate(engine, scorerOf(random), split, { filter: 'none' as never }),
    /filter must be/,
  );
  assert.throws(() => evaluate(engine, scorerOf(random), split, { k: 10 } as never), /unknown option "k"/);
  const empty = { ...split, test: { source: new Uint32Array(0), target: new Uint32Array(0) } };
  assert.throws(() => evaluate(engine, scorerOf(random), empty), /number of test edges/);
  const controller = new AbortController();
  controller.abort();
  assert.throws(() => evaluate(engine, scorerOf(random), split, { signal: controller.signal }));
  assert.is(engine.stats().slices, before);
});

test.run();
