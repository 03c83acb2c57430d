import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DirectedGraph } from '../../src/directed-graph/graph.ts';
import { type Split, splitEdges, splitFromLabels } from '../../src/directed-graph/split.ts';
import { columns, dataset, texts } from '../helpers/data.ts';
import { engine, indices } from '../helpers/kernel.ts';

const m = 5000;
const rows = {
  source: indices(m, 300, 1),
  target: indices(m, 300, 2),
  timestamp: indices(m, 60, 3),
  nodeCount: 300,
};
const graph = DirectedGraph.fromEdges(rows.source, rows.target, {
  timestamp: rows.timestamp,
  nodeCount: 300,
});

/** Every edge in exactly one part, and no other. */
function partition({ train, validation, test: held, known, part }: Split): void {
  const seen = new Set<string>();
  const count = [0, 0, 0];
  const take = (u: number, v: number, label: number) => {
    assert.ok(known.hasEdge(u, v));
    assert.not(seen.has(`${u} ${v}`));
    seen.add(`${u} ${v}`);
    count[label]++;
  };
  for (let u = 0; u < train.nodeCount; u++) {
    for (let e = train.out.indptr[u]; e < train.out.indptr[u + 1]; e++) take(u, train.out.indices[e], 0);
  }
  validation.source.forEach((u, i) => {
    take(u, validation.target[i], 1);
  });
  held.source.forEach((u, i) => {
    take(u, held.target[i], 2);
  });
  assert.is(seen.size, known.edgeCount);
  assert.is(train.nodeCount, known.nodeCount);
  for (const label of [0, 1, 2]) assert.is(part.filter((p) => p === label).length, count[label]);
}

test('random: shares are exact, the seed decides, rows and graph agree', () => {
  const split = splitEdges(engine, graph, { seed: 4, validation: 0.05, test: 0.2 });
  partition(split);
  assert.is(split.test.source.length, Math.round(0.2 * graph.edgeCount));
  assert.is(split.validation.source.length, Math.round(0.05 * graph.edgeCount));
  assert.is(split.known, graph);
  assert.equal(splitEdges(engine, graph, { seed: 4, validation: 0.05, test: 0.2 }).part, split.part);
  assert.equal(splitEdges(engine, rows, { seed: 4, validation: 0.05, test: 0.2 }).part, split.part);
  assert.not.equal(splitEdges(engine, graph, { seed: 5, validation: 0.05, test: 0.2 }).part, split.part);
});

test('random: every edge is as likely to be held out', () => {
  const small = DirectedGraph.fromEdges(
    Array.from({ length: 50 }, () => 0),
    Array.from({ length: 50 }, (_, i) => i + 1),
  );
  const counts = new Array<number>(50).fill(0);
  const draws = 4000;
  for (let seed = 0; seed < draws; seed++) {
    splitEdges(engine, small, { seed, validation: 0, test: 0.2 }).part.forEach((p, e) => {
      counts[e] += p === 2 ? 1 : 0;
    });
  }
  const statistic =
    (counts.reduce((sum, c) => sum + (c - draws / 5) ** 2, 0) / ((draws / 5) * 0.8)) * (49 / 50);
  assert.ok(Math.abs(statistic - 49) < 5 * Math.sqrt(98), `chi-square ${statistic}`);
});

test('temporal: later is later, and one time is one part', () => {
  const split = splitEdges(engine, graph, { kind: 'temporal' });
  partition(split);
  const range = [0, 1, 2].map((label) => {
    const times = [...graph.out.timestamps!].filter((_, e) => split.part[e] === label);
    return [Math.min(...times), Math.max(...times)];
  });
  assert.ok(range[0][1] < range[1][0] && range[1][1] < range[2][0]);
  assert.ok(Math.abs(split.test.source.length / graph.edgeCount - 0.1) < 0.03);
  assert.throws(
    () => splitEdges(engine, DirectedGraph.fromEdges([0], [1]), { kind: 'temporal' }),
    /needs timestamps/,
  );
});

test('cold nodes: not one of their edges is in train', () => {
  const split = splitEdges(engine, graph, { kind: 'cold-node', seed: 2, validation: 0.05, test: 0.1 });
  partition(split);
  const { train } = split;
  const coldest = new Set<number>();
  for (let u = 0; u < 300; u++) if (train.outDegree(u) + train.inDegree(u) === 0) coldest.add(u);
  // Every held-out edge touches one of the 15 % of cold nodes, which have nothing left in train.
  const connected = Array.from({ length: 300 }, (_, u) => u).filter(
    (u) => graph.outDegree(u) + graph.inDegree(u) > 0,
  );
  assert.is(
    coldest.size,
    300 - connected.length + Math.round(0.05 * connected.length) + Math.round(0.1 * connected.length),
  );
  for (const pairs of [split.validation, split.test]) {
    pairs.source.forEach((u, i) => {
      assert.ok(coldest.has(u) || coldest.has(pairs.target[i]));
    });
  }
});

test('labels: the strictest row of a merged edge wins, self-loops are nothing', () => {
  const split = splitFromLabels({ source: [0, 0, 1, 1, 2, 2, 3], target: [1, 1, 2, 2, 2, 0, 0] }, [
    'train',
    'val',
    'test',
    'val',
    'test',
    'train',
    'train',
  ]);
  partition(split);
  assert.equal([...split.part], [1, 2, 0, 0]);
  assert.throws(() => splitFromLabels(graph, ['train']), /labels must have 5000 entries, got 1/);
  assert.throws(
    () => splitFromLabels({ source: [0], target: [1] }, ['valid' as never]),
    /labels\[0\] must be one of train, val, test, got "valid"/,
  );
});

test('nothing, and everything', () => {
  partition(splitEdges(engine, { source: [], target: [] }));
  for (const kind of ['random', 'temporal', 'cold-node'] as const) {
    const all = splitEdges(engine, graph, { kind, validation: 0, test: 1 });
    assert.is(all.test.source.length, graph.edgeCount);
    const none = splitEdges(engine, graph, { kind, validation: 0, test: 0 });
    assert.is(none.train.edgeCount, graph.edgeCount);
  }
  assert.throws(
    () => splitEdges(engine, graph, { validation: 0.6, test: 0.5 }),
    /test must be a finite number from 0 to 0.4/,
  );
  assert.throws(() => splitEdges(engine, graph, { kind: 'node' as never }), /kind must be one of/);
});

const folder = dataset('online-retail');
(folder ? test : test.skip)('online-retail: temporal shares give split_temporal.csv.gz exactly', () => {
  const { source, target, timestamp } = columns(`${folder}/edges.csv.gz`, ['source', 'target', 'timestamp']);
  const { split } = texts(`${folder}/split_temporal.csv.gz`, ['split']);
  const labelled = splitFromLabels({ source, target, timestamp }, split as ('train' | 'val' | 'test')[]);
  const cut = splitEdges(engine, { source, target, timestamp }, { kind: 'temporal' });
  assert.equal(cut.part, labelled.part);
});

test.run();
