import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DirectedGraph } from '../../src/directed-graph/graph.ts';
import {
  aliasTable,
  NegativeSampler,
  oneWayEdges,
  reversedNegatives,
} from '../../src/directed-graph/negatives.ts';
import { engine, numbers } from '../helpers/kernel.ts';

/** 40 nodes, node v with about v incoming edges. */
const graph = DirectedGraph.fromEdges(
  Array.from({ length: 40 * 40 }, (_, i) => i % 40),
  Array.from({ length: 40 * 40 }, (_, i) => Math.max(Math.floor(i / 40), i % 40)),
);
const n = graph.nodeCount;
const total = (a: ArrayLike<number>) => Array.from(a).reduce((x, y) => x + y, 0);

function likely(counts: number[], probability: number[], draws: number, what: string): void {
  const freedom = probability.filter((p) => p > 0).length - 1;
  const statistic = probability.reduce((sum, p, v) => {
    if (p > 0) return sum + (counts[v] - draws * p) ** 2 / (draws * p);
    assert.is(counts[v], 0, `${what}: node ${v} has probability 0`);
    return sum;
  }, 0);
  const deviation = (statistic - freedom) / Math.sqrt(2 * freedom);
  assert.ok(Math.abs(deviation) < 5, `${what}: chi-square ${statistic} on ${freedom} degrees of freedom`);
}

for (const kind of ['uniform', 'popularity'] as const) {
  test(`${kind}: drawn as often as logQ says, and without the excluded node`, () => {
    const sampler = new NegativeSampler(engine, graph, { kind, seed: 3 });
    const weight = Array.from({ length: n }, (_, v) =>
      kind === 'uniform' ? 1 : (graph.inDegree(v) + 0.5) ** 0.75,
    );
    const q = weight.map((w) => w / total(weight));
    const logQ = sampler.logQ.array;
    for (let v = 0; v < n; v++) assert.ok(Math.abs(logQ[v] - Math.log(q[v])) < 1e-5);
    const draws = 400_000;
    const into = engine.alloc('u32', draws);
    const counts = new Array<number>(n).fill(0);
    for (const v of sampler.draw(into, { step: 1 }).array) counts[v]++;
    likely(counts, q, draws, 'all');

    const exclude = engine.from('u32', [39, 0]);
    const halves = sampler.draw(into, { step: 2, exclude }).array;
    for (const [row, barred] of [39, 0].entries()) {
      const half = new Array<number>(n).fill(0);
      for (const v of halves.subarray((row * draws) / 2, ((row + 1) * draws) / 2)) half[v]++;
      likely(
        half,
        q.map((p, v) => (v === barred ? 0 : p / (1 - q[barred]))),
        draws / 2,
        `without ${barred}`,
      );
    }
    engine.release(into, exclude);
    sampler.dispose();
  });
}

test('a draw depends on seed, stream, step and place only', () => {
  const [one, two] = [1, 2].map((seed) => new NegativeSampler(engine, graph, { seed }));
  const draw = (sampler: NegativeSampler, length: number, options: object) => {
    const into = engine.alloc('u32', length);
    const drawn = sampler.draw(into, options).copy();
    engine.release(into);
    return [...drawn];
  };
  const first = draw(one, 64, { stream: 1, step: 1 });
  assert.equal(draw(one, 128, { stream: 1, step: 1 }).slice(0, 64), first);
  for (const other of [
    draw(one, 64, { stream: 2, step: 1 }),
    draw(one, 64, { stream: 1, step: 2 }),
    draw(two, 64, { stream: 1, step: 1 }),
  ]) {
    assert.not.equal(other, first);
  }
  one.dispose();
  two.dispose();
});

test('alias columns add up to the weights', () => {
  for (const weight of [
    Float64Array.of(1),
    Float64Array.of(1, 0, 3),
    Float64Array.from(numbers(1000, 1, 0, 1)),
  ]) {
    const { threshold, alias } = aliasTable(weight);
    const share = new Float64Array(weight.length);
    for (let v = 0; v < weight.length; v++) {
      const stay = threshold[v] / 2 ** 32;
      share[v] += stay / weight.length;
      share[alias[v]] += (1 - stay) / weight.length;
    }
    const sum = total(weight);
    for (let v = 0; v < weight.length; v++) assert.ok(Math.abs(share[v] - weight[v] / sum) < 1e-9);
  }
});

test('reversed negatives are one-way edges turned round', () => {
  const g = DirectedGraph.fromEdges([0, 1, 1, 2, 3], [1, 0, 2, 3, 1]);
  assert.equal([...oneWayEdges(g)], [2, 3, 4]);
  const { source, target } = reversedNegatives(g);
  assert.equal([...source], [2, 3, 1]);
  assert.equal([...target], [1, 2, 3]);
  for (let i = 0; i < source.length; i++) {
    assert.ok(g.hasEdge(target[i], source[i]) && !g.hasEdge(source[i], target[i]));
  }
});

test('bad arguments are refused', () => {
  const empty = DirectedGraph.fromEdges([], []);
  assert.throws(() => new NegativeSampler(engine, empty), /nodeCount must be a whole number from 1/);
  assert.throws(() => new NegativeSampler(engine, graph, { kind: 'hard' as never }), /kind must be one of/);
  const sampler = new NegativeSampler(engine, graph);
  const into = engine.alloc('u32', 6);
  const exclude = engine.alloc('u32', 4);
  assert.throws(() => sampler.draw(into, { exclude }), /exclude must have a divisor of 6 entries, got 4/);
  assert.throws(() => sampler.draw(into, { step: 1.5 }), /step must be a whole number/);
  engine.release(into, exclude);
  sampler.dispose();
});

test.run();
