import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { degreeBudgets, degreeWeights } from '../../src/directed-graph/budgets.ts';
import { findEdge } from '../../src/directed-graph/csr.ts';
import { DirectedGraph } from '../../src/directed-graph/graph.ts';
import { maskWithReverse, reverseEdges } from '../../src/directed-graph/reverse.ts';
import type { Block } from '../../src/directed-graph/sampled-block.ts';
import { NeighbourSampler } from '../../src/directed-graph/sampler.ts';
import { engine, indices, numbers } from '../helpers/kernel.ts';

const throws = (body: () => unknown, kind: new (text: string) => Error, text: RegExp) =>
  assert.throws(body, (error: unknown) => error instanceof kind && text.test(error.message));

/** Square-law ends, so that a few nodes have hundreds of edges and many have one or none. */
function powerLaw(n: number, m: number, seed = 1): DirectedGraph {
  const end = (s: number) => numbers(m, s, 0, 1).map((x) => Math.floor(n * x * x * x));
  return DirectedGraph.fromEdges(end(seed), end(seed + 1), {
    nodeCount: n,
    timestamp: numbers(m, seed + 2, 0, 1000),
  });
}
/** A hub with d targets. */
const star = (d: number) =>
  DirectedGraph.fromEdges(
    new Uint32Array(d),
    Uint32Array.from({ length: d }, (_, i) => i + 1),
  );
const picked = (block: Block, row: number) => {
  const nodes = block.nodes.array;
  const { array } = block.indptr;
  return Array.from(block.indices.array.subarray(array[row], array[row + 1]), (i) => nodes[i]);
};

/** Within five standard deviations of a chi-square variable: about one false alarm in a million. */
function likely(statistic: number, freedom: number, what: string): void {
  const deviation = (statistic - freedom) / Math.sqrt(2 * freedom);
  assert.ok(Math.abs(deviation) < 5, `${what}: chi-square ${statistic} on ${freedom} degrees of freedom`);
}

/** Inclusion counts of k of d in `draws` samples, scaled for the negative correlation of a fixed-size sample. */
function inclusion(counts: number[], k: number, draws: number, what: string): void {
  const d = counts.length;
  const mean = (draws * k) / d;
  const sum = counts.reduce((total, c) => total + (c - mean) ** 2, 0);
  likely((sum / (mean * (1 - k / d))) * ((d - 1) / d), d - 1, what);
}

for (const [d, k, hidden] of [
  [20, 3, 0],
  [20, 17, 0],
  [100, 1, 0],
  [130, 10, 0],
  [130, 10, 20],
  [130, 10, 100],
  [40, 19, 20],
]) {
  test(`every neighbour is as likely: ${k} of ${d} with ${hidden} hidden`, () => {
    const draws = 20_000;
    const sampler = new NeighbourSampler(engine, star(d), { seed: 5 });
    const block = sampler.reserve({ rows: 1, entries: k });
    if (hidden > 0) {
      const mask = new Uint32Array(Math.ceil(d / 32));
      for (let e = 0; e < hidden; e++) mask[((e * 3) % d) >> 5] |= 1 << (((e * 3) % d) % 32);
      sampler.setMask(mask);
    }
    const counts = new Array<number>(d).fill(0);
    const hub = Uint32Array.of(0);
    for (let step = 0; step < draws; step++) {
      sampler.block(block, hub, 'out', { fanout: k, step });
      const edges = block.edges.array.subarray(0, block.entries);
      assert.is(new Set(edges).size, k);
      for (const e of edges) counts[e]++;
    }
    const seen = counts.filter(
      (_, e) => !(hidden > 0 && Array.from({ length: hidden }, (_, h) => (h * 3) % d).includes(e)),
    );
    assert.is(seen.length, d - hidden);
    assert.is(
      seen.reduce((a, b) => a + b, 0),
      draws * k,
      'hidden edges are never picked',
    );
    inclusion(seen, k, draws, 'inclusion');
    block.dispose();
    sampler.dispose();
  });
}

test('a weighted first draw has the probability of its weight', () => {
  const d = 12;
  const draws = 40_000;
  const sampler = new NeighbourSampler(engine, star(d), { seed: 6 });
  const block = sampler.reserve({ rows: 1, entries: 2 });
  const weight = Float32Array.from({ length: d }, (_, e) => (e === 4 ? 0 : 1 + e));
  const weights = engine.from('f32', weight);
  const total = weight.reduce((a, b) => a + b, 0);
  const first = new Array<number>(d).fill(0);
  const both = new Array<number>(d).fill(0);
  for (let step = 0; step < draws; step++) {
    sampler.block(block, Uint32Array.of(0), 'out', { fanout: 1, step, weights });
    first[block.edges.array[0]]++;
    sampler.block(block, Uint32Array.of(0), 'out', { fanout: 2, step, weights, stream: 1 });
    assert.is(block.available.array[0], d - 1, 'weight 0 does not count');
    for (const e of block.edges.array.subarray(0, 2)) both[e]++;
  }
  assert.is(first[4] + both[4], 0, 'weight 0 is never picked');
  const share = Array.from(weight, (w) => w / total);
  likely(
    share.reduce((sum, p, e) => (p > 0 ? sum + (first[e] - draws * p) ** 2 / (draws * p) : sum), 0),
    d - 2,
    'first draw',
  );
  // Second draw from what the first left: p_e + sum over f of p_f p_e / (1 - p_f).
  share.forEach((p, e) => {
    const either = share.reduce((sum, q, f) => (f === e ? sum : sum + (q * p) / (1 - q)), p);
    const deviation = (both[e] - draws * either) / Math.sqrt(Math.max(1e-9, draws * either * (1 - either)));
    assert.ok(
      Math.abs(deviation) < 5,
      `edge ${e} in ${both[e]} of ${draws} pairs, expected ${draws * either}`,
    );
  });
  engine.release(weights);
  block.dispose();
  sampler.dispose();
});

test('blocks: frontier first, local places, edges of the graph, whole rows when they fit', () => {
  const graph = powerLaw(500, 4000);
  const sampler = new NeighbourSampler(engine, graph, { seed: 1 });
  const block = sampler.reserve({ rows: 100, entries: 800 });
  const frontier = Uint32Array.from({ length: 100 }, (_, i) => 5 * i);
  for (const direction of ['out', 'in'] as const) {
    sampler.block(block, frontier, direction, { fanout: 8, step: 2 });
    const nodes = block.nodes.array.subarray(0, block.nodeCount);
    assert.equal(nodes.slice(0, 100), frontier);
    assert.is(new Set(nodes).size, nodes.length);
    const indptr = block.indptr.array;
    for (let i = 0; i < 100; i++) {
      const u = frontier[i];
      const degree = direction === 'out' ? graph.outDegree(u) : graph.inDegree(u);
      assert.is(block.available.array[i], degree);
      assert.is(indptr[i + 1] - indptr[i], Math.min(8, degree));
      picked(block, i).forEach((v, j, row) => {
        assert.ok(j === 0 || row[j - 1] < v, 'sorted and distinct');
        const e = direction === 'out' ? findEdge(graph.out, u, v) : findEdge(graph.out, v, u);
        assert.is(block.edges.array[indptr[i] + j], e);
      });
    }
    assert.is(block.entries, indptr[100]);
  }
  block.dispose();
  sampler.dispose();
});

test('a pick depends on seed, stream, step and node only', () => {
  const graph = powerLaw(500, 4000);
  const samplers = [1, 2].map((seed) => new NeighbourSampler(engine, graph, { seed }));
  const frontier = Uint32Array.from({ length: 300 }, (_, i) => i);
  const rowsOf = (sampler: NeighbourSampler, ids: Uint32Array, options: object) => {
    const block = sampler.reserve({ rows: ids.length, entries: 5 * ids.length });
    sampler.block(block, ids, 'out', { fanout: 5, ...options });
    const rows = new Map(Array.from(ids, (u, i) => [u, picked(block, i).join()]));
    block.dispose();
    return [...rows].sort(([a], [b]) => a - b).map(([, row]) => row);
  };
  const first = rowsOf(samplers[0], frontier, { step: 3, stream: 4 });
  assert.equal(rowsOf(samplers[0], frontier.slice().reverse(), { step: 3, stream: 4 }), first);
  assert.equal(
    rowsOf(samplers[0], frontier.subarray(100, 200), { step: 3, stream: 4 }),
    first.slice(100, 200),
  );
  assert.not.equal(rowsOf(samplers[0], frontier, { step: 4, stream: 4 }), first);
  assert.not.equal(rowsOf(samplers[0], frontier, { step: 3, stream: 5 }), first);
  assert.not.equal(rowsOf(samplers[1], frontier, { step: 3, stream: 4 }), first);
  for (const sampler of samplers) sampler.dispose();
});

test('never an edge later than the limit, over two hops', () => {
  const graph = powerLaw(300, 3000);
  const sampler = new NeighbourSampler(engine, graph, { temporal: true, walks: 16 });
  const size = { rows: 300, entries: 3000, fill: 4800 };
  const [first, second] = [sampler.reserve(size), sampler.reserve(size)];
  const frontier = Uint32Array.from({ length: 50 }, (_, i) => i);
  const limit = engine.from('f64', numbers(50, 3, 0, 1000));
  for (const fill of ['none', 'alternating', 'forward'] as const) {
    sampler.block(first, frontier, 'out', { fanout: 6, limit, fill });
    sampler.block(second, first, 'in', { fanout: 6, limit: first.limits, stream: 1, fill });
    let edges = 0;
    for (const [block, times] of [
      [first, limit.array],
      [second, first.limits.array],
    ] as const) {
      for (let i = 0; i < block.rows; i++) {
        for (let e = block.indptr.array[i]; e < block.indptr.array[i + 1]; e++) {
          edges++;
          assert.ok(graph.out.timestamps![block.edges.array[e]] <= times[i]);
          assert.ok(block.limits.array[block.indices.array[e]] <= times[i]);
        }
      }
    }
    assert.ok(edges > 300);
  }
  engine.release(limit);
  first.dispose();
  second.dispose();
  sampler.dispose();
});

test('training edges and their reverses are hidden, and degrees follow', () => {
  const graph = powerLaw(60, 900);
  const reverse = reverseEdges(graph);
  const sources = (e: number) => graph.out.indptr.findIndex((start) => start > e) - 1;
  for (let e = 0; e < graph.edgeCount; e++) {
    assert.is(reverse[e], findEdge(graph.out, graph.out.indices[e], sources(e)));
  }
  const edges = indices(200, graph.edgeCount, 8);
  const mask = maskWithReverse(graph, edges);
  const hidden = new Set([...edges, ...Array.from(edges, (e) => reverse[e]).filter((e) => e >= 0)]);
  for (let e = 0; e < graph.edgeCount; e++) assert.is((mask[e >> 5] >>> (e & 31)) & 1, hidden.has(e) ? 1 : 0);

  const sampler = new NeighbourSampler(engine, graph);
  sampler.setMask(mask);
  const left = graph.filterEdges(Array.from({ length: graph.edgeCount }, (_, e) => (hidden.has(e) ? 0 : 1)));
  for (let u = 0; u < 60; u++) {
    assert.is(sampler.degrees.out.array[u], left.outDegree(u));
    assert.is(sampler.degrees.in.array[u], left.inDegree(u));
  }
  const block = sampler.reserve({ rows: 60, entries: 900 });
  const everyone = Uint32Array.from({ length: 60 }, (_, i) => i);
  sampler.block(block, everyone, 'in', { fanout: 1000 });
  assert.is(block.entries, left.edgeCount);
  for (const e of block.edges.array.subarray(0, block.entries)) assert.not(hidden.has(e));
  sampler.setMask(undefined);
  sampler.block(block, everyone, 'in', { fanout: 1000 });
  assert.is(block.entries, graph.edgeCount);
  throws(() => sampler.setMask(new Uint32Array(1)), RangeError, /mask must have \d+ words/);
  throws(() => maskWithReverse(graph, [graph.edgeCount]), RangeError, /edge must be a whole number/);
  block.dispose();
  sampler.dispose();
});

test('multi-hop fill: what the co-buyers lead to, never u, its neighbours or nothing', () => {
  // 0 -> 1 <- 2 -> {1, 3, 4}, 5 -> 6: from 0, out-in-out ends at 3 or 4 (or back at 1, which is taken).
  const graph = DirectedGraph.fromEdges([0, 2, 2, 2, 5], [1, 1, 3, 4, 6]);
  const sampler = new NeighbourSampler(engine, graph, { walks: 200 });
  const block = sampler.reserve({ rows: 7, entries: 20, fill: 100 });
  sampler.block(block, Uint32Array.of(0, 5, 1), 'out', { fanout: 4, fill: 'alternating' });
  assert.equal([...block.indptr.array.subarray(0, 4)], [0, 1, 2, 2]);
  assert.equal([...block.fillIndptr.array.subarray(0, 4)], [0, 2, 2, 2]);
  const filled = Array.from(
    block.fillIndices.array.subarray(0, block.fillEntries),
    (i) => block.nodes.array[i],
  );
  assert.equal(filled.sort(), [3, 4]);
  const share = block.fillShare.array;
  assert.ok(share[0] >= share[1], 'most visited first');
  // Each ends at 3 (or 4) with probability 1/6.
  const sd = Math.sqrt(((1 / 6) * (5 / 6)) / 200);
  assert.ok(Math.abs(share[0] - 1 / 6) < 5 * sd && Math.abs(share[1] - 1 / 6) < 5 * sd);
  assert.equal([...block.nodes.array.subarray(0, 3)], [0, 5, 1]);
  throws(
    () => new NeighbourSampler(engine, graph).block(block, Uint32Array.of(0), 'out', { fill: 'forward' }),
    Error,
    /walks/,
  );
  block.dispose();
  sampler.dispose();
});

test('degree-adaptive budgets cost what the fixed fan-out costs, and fall with degree', () => {
  const graph = powerLaw(2000, 20_000);
  const degrees = Uint32Array.from({ length: 2000 }, (_, u) => graph.outDegree(u));
  for (const fill of [false, true]) {
    for (const given of [
      { fanout: 10 },
      { fanout: 3 },
      { fanout: 10, low: 9 },
      { fanout: 10, high: 60 },
      { fanout: 5, low: 5, high: 5 },
    ]) {
      const { budgets, alpha, low, high, total } = degreeBudgets(engine, degrees, { ...given, fill });
      const spend = (k: number, d: number) => (d === 0 ? 0 : fill ? k : Math.min(k, d));
      const sum = (k: (u: number) => number) => degrees.reduce((s, d, u) => s + spend(k(u), d), 0);
      assert.is(
        sum((u) => budgets[u]),
        sum(() => given.fanout),
        JSON.stringify({ given, fill, low, high }),
      );
      assert.is(
        total,
        sum(() => given.fanout),
      );
      const connected = [...degrees].filter((d) => d > 0);
      const min = Math.min(...connected);
      const mle = 1 + connected.length / connected.reduce((s, d) => s + Math.log(d / min), 0);
      assert.ok(Math.abs(alpha - mle) < 1e-9);
      const order = [...degrees.keys()].filter((u) => degrees[u] > 0).sort((a, b) => degrees[a] - degrees[b]);
      for (let i = 1; i < order.length; i++) {
        if (degrees[order[i]] > degrees[order[i - 1]]) {
          assert.ok(budgets[order[i]] <= budgets[order[i - 1]], 'falls with degree');
        }
      }
      for (let u = 0; u < 2000; u++) if (degrees[u] === 0) assert.is(budgets[u], 0);
    }
  }
  assert.equal([...degreeBudgets(engine, [4, 4, 4], { fanout: 3 }).budgets], [3, 3, 3]);
  assert.equal([...degreeBudgets(engine, [], {}).budgets], []);
  assert.equal([...degreeBudgets(engine, [0, 0], {}).budgets], [0, 0]);
  throws(() => degreeBudgets(engine, [1], { fanout: 3, low: 4 }), RangeError, /low must be/);
});

test('weights by degree: tau in quarters, per node', () => {
  const weights = engine.alloc('f32', 3);
  for (const tau of [0, 0.25, 0.5, 0.75, 1]) {
    degreeWeights(weights, [0, 16, 81], tau, 0);
    assert.ok(Math.abs(weights.array[1] - 16 ** tau) < 1e-6 && Math.abs(weights.array[2] - 81 ** tau) < 1e-5);
  }
  throws(() => degreeWeights(weights, [0, 1, 2], 0.3), RangeError, /4 tau must be a whole number/);
  engine.release(weights);
});

test('bad calls leave the sampler as it was', () => {
  const graph = powerLaw(50, 200);
  const before = engine.memory && engine.stats().slices;
  const sampler = new NeighbourSampler(engine, graph);
  const block = sampler.reserve({ rows: 10, entries: 20 });
  const run = (ids: number[], options?: object) =>
    sampler.block(block, Uint32Array.from(ids), 'out', options);
  const good = [1, 2, 3];
  run(good, { fanout: 2 });
  const expected = block.nodes.copy();
  throws(() => run([1, 2, 1], { fanout: 2 }), RangeError, /distinct nodes, got 2 distinct of 3/);
  throws(() => run([1, 50], { fanout: 2 }), RangeError, /frontier\[1\] must be a node from 0 to 49, got 50/);
  throws(() => run([0, 1, 2, 3, 4, 5], { fanout: 30 }), RangeError, /block holds 20/);
  throws(() => run(Array.from({ length: 11 }, (_, i) => i)), RangeError, /at most 10 nodes, got 11/);
  throws(() => run(good, { fan: 2 }), TypeError, /unknown option "fan"/);
  throws(() => run(good, { step: -1 }), RangeError, /step must be/);
  throws(() => new NeighbourSampler(engine, star(3), { temporal: true }), RangeError, /timestamps/);
  run(good, { fanout: 2 });
  assert.equal(block.nodes.copy(), expected);
  block.dispose();
  sampler.dispose();
  assert.is(engine.stats().slices, before);
});

test.run();
