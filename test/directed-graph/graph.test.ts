import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rowOfEntry, transposeCsr } from '../../src/directed-graph/csr.ts';
import { DirectedGraph } from '../../src/directed-graph/graph.ts';

const throws = (body: () => unknown, kind: new (text: string) => Error, text: RegExp) =>
  assert.throws(body, (error: unknown) => error instanceof kind && text.test(error.message));

test('rows are sorted, parallel edges merged, self-loops dropped, and every input row knows its edge', () => {
  const g = DirectedGraph.fromEdges([2, 0, 1, 0, 2, 0], [0, 2, 1, 1, 0, 2], {
    weight: [1, 2, 9, 4, 8, 16],
    timestamp: [50, 20, 0, 30, 40, 10],
  });
  assert.is(g.nodeCount, 3);
  assert.is(g.edgeCount, 3);
  assert.equal([...g.out.indptr], [0, 2, 2, 3]);
  assert.equal([...g.out.indices], [1, 2, 0]);
  assert.equal([...g.out.weights!], [4, 18, 9]);
  assert.equal([...g.out.timestamps!], [30, 20, 50], 'a merged edge carries its latest time');
  assert.equal([...g.edgeOfRow], [2, 1, -1, 0, 2, 1]);
  assert.equal({ ...g.dropped }, { selfLoops: 1, merged: 2 });
  assert.equal([...g.in.indptr], [0, 1, 2, 3]);
  assert.equal([...g.in.indices], [2, 0, 0]);
  assert.equal([...g.inEdge], [2, 0, 1]);
  assert.equal([...g.in.weights!], [9, 4, 18]);
  assert.equal([...g.in.timestamps!], [50, 30, 20]);
  assert.ok(g.hasEdge(0, 2) && !g.hasEdge(2, 1) && !g.hasEdge(1, 1));
  assert.is(g.outDegree(0), 2);
  assert.is(g.inDegree(0), 1);
});

test('rows in the order of a saved graph give the graph that any order gives', () => {
  const cell = fc.record({
    u: fc.nat(6),
    v: fc.nat(6),
    weight: fc.integer({ min: 1, max: 9 }),
    time: fc.nat(99),
  });
  const made = (rows: { u: number; v: number; weight: number; time: number }[]) => {
    const column = (name: 'u' | 'v' | 'weight' | 'time') => rows.map((row) => row[name]);
    const columns = { weight: column('weight'), timestamp: column('time'), nodeCount: 8 };
    return DirectedGraph.fromEdges(column('u'), column('v'), columns);
  };
  fc.assert(
    fc.property(fc.uniqueArray(cell, { selector: ({ u, v }) => 8 * u + v, minLength: 2 }), (rows) => {
      const edges = rows.filter(({ u, v }) => u !== v);
      const sorted = edges.toSorted((a, b) => a.u - b.u || a.v - b.v);
      const [one, other] = [made(sorted), made(edges.toReversed())];
      assert.equal(one.out, other.out);
      assert.equal([...one.edgeOfRow], [...sorted.keys()]);
      assert.equal({ ...one.dropped }, { selfLoops: 0, merged: 0 });
      // A loop in its place leaves the rows ascending.
      const looped = made([{ u: 0, v: 0, weight: 1, time: 0 }, ...sorted]);
      assert.equal([looped.dropped.selfLoops, looped.edgeOfRow[0]], [1, -1]);
      assert.equal(looped.out, other.out);
    }),
  );
});

test('weights are summed in f64 before they become f32', () => {
  const rows = 1000;
  const g = DirectedGraph.fromEdges(new Uint32Array(rows), new Uint32Array(rows).fill(1), {
    weight: new Float64Array(rows).fill(0.1),
  });
  assert.is(g.out.weights![0], Math.fround(100));
});

test('no edges, no nodes, and nodes without edges', () => {
  const none = DirectedGraph.fromEdges([], []);
  assert.is(none.nodeCount, 0);
  assert.equal([...none.out.indptr], [0]);
  assert.equal([...none.in.indptr], [0]);
  assert.is(none.findId('0'), -1);
  const lonely = DirectedGraph.fromEdges([], [], { nodeCount: 5 });
  assert.is(lonely.nodeCount, 5);
  assert.is(lonely.inDegree(4), 0);
  assert.not(lonely.hasEdge(0, 4));
  assert.is(lonely.filterEdges([]).nodeCount, 5);
});

test('names may be any text, __proto__ too', () => {
  const ids = ['__proto__', 'constructor', '', 'a"b', '7'];
  const g = DirectedGraph.fromEdges([0, 1], [1, 4], { ids });
  for (let i = 0; i < ids.length; i++) {
    assert.is(g.idOf(i), ids[i]);
    assert.is(g.indexOf(ids[i]), i);
  }
  assert.is(g.findId('toString'), -1);
  throws(() => g.indexOf('hasOwnProperty'), RangeError, /no node has the id "hasOwnProperty"/);
  const plain = DirectedGraph.fromEdges([0], [12]);
  assert.is(plain.indexOf('12'), 12);
  for (const wrong of ['13', '-1', '1.5', '01', ' 1', '', '1e1']) assert.is(plain.findId(wrong), -1);
});

for (const edges of [255, 256, 257, 65_535, 65_536, 65_537]) {
  test(`exactly ${edges} edges keep their last row`, () => {
    // A star into, and out of, the last node, so that the last row is the long one.
    const ends = Uint32Array.from({ length: edges }, (_, i) => i);
    const hub = new Uint32Array(edges).fill(edges);
    for (const g of [DirectedGraph.fromEdges(hub, ends), DirectedGraph.fromEdges(ends, hub)]) {
      assert.is(g.edgeCount, edges);
      assert.is(g.out.indptr[g.nodeCount], edges);
      assert.is(g.in.indptr[g.nodeCount], edges);
      assert.is(g.outDegree(edges) + g.inDegree(edges), edges);
      assert.is(g.hasEdge(edges, edges - 1), g.outDegree(edges) > 0);
    }
  });
}

test('bad input is refused by name, rule and value', () => {
  throws(
    () => DirectedGraph.fromEdges(undefined as never, []),
    TypeError,
    /source must be an array, got undefined/,
  );
  throws(() => DirectedGraph.fromEdges([0], [1, 2]), RangeError, /target must have 1 entries, got 2/);
  throws(() => DirectedGraph.fromEdges([0, -1], [1, 2]), RangeError, /source\[1\] must be a node.* got -1/);
  throws(() => DirectedGraph.fromEdges([0, 1], [1, 1.5]), RangeError, /target\[1\] must be a node.* got 1.5/);
  throws(
    () => DirectedGraph.fromEdges([0], [3], { nodeCount: 3 }),
    RangeError,
    /target\[0\] must be a node from 0 to 2, got 3/,
  );
  throws(() => DirectedGraph.fromEdges([0], [1], { ids: [] }), RangeError, /source\[0\] must be a node/);
  for (const weight of [0, -1, Number.NaN, Infinity, 1e39, 1e-60]) {
    throws(() => DirectedGraph.fromEdges([0], [1], { weight: [weight] }), RangeError, /weight\[0\] must be/);
  }
  throws(
    () => DirectedGraph.fromEdges([0, 0], [1, 1], { weight: [3e38, 3e38] }),
    RangeError,
    /weight of edge 0 -> 1 must stay finite/,
  );
  for (const time of [-1, Number.NaN, Infinity]) {
    throws(
      () => DirectedGraph.fromEdges([0], [1], { timestamp: [time] }),
      RangeError,
      /timestamp\[0\] must be/,
    );
  }
  throws(() => DirectedGraph.fromEdges([], [], { nodes: 3 } as never), TypeError, /unknown option "nodes"/);
  throws(
    () => DirectedGraph.fromEdges([], [], { ids: ['a', 'b', 'a'] }),
    RangeError,
    /distinct, got "a" twice/,
  );
  throws(
    () => DirectedGraph.fromEdges([], [], { ids: ['a', 7 as never] }),
    TypeError,
    /ids\[1\] must be text/,
  );
  throws(
    () => DirectedGraph.fromEdges([], [], { ids: ['a'], nodeCount: 2 }),
    RangeError,
    /nodeCount must be a whole number from 1 to 1/,
  );
});

const edgeLists = fc.integer({ min: 1, max: 12 }).chain((n) =>
  fc.tuple(
    fc.constant(n),
    fc.array(
      fc.record({
        u: fc.nat(n - 1),
        v: fc.nat(n - 1),
        w: fc.integer({ min: 1, max: 50 }),
        t: fc.nat(1000),
      }),
      { maxLength: 60 },
    ),
  ),
);
const build = (n: number, list: { u: number; v: number; w: number; t: number }[]) =>
  DirectedGraph.fromEdges(
    list.map((e) => e.u),
    list.map((e) => e.v),
    { weight: list.map((e) => e.w), timestamp: list.map((e) => e.t), nodeCount: n },
  );

test('equals a naive map on any edge list', () => {
  fc.assert(
    fc.property(edgeLists, ([n, list]) => {
      const naive = new Map<string, { w: number; t: number }>();
      for (const { u, v, w, t } of list) {
        if (u === v) continue;
        const before = naive.get(`${u} ${v}`) ?? { w: 0, t: 0 };
        naive.set(`${u} ${v}`, { w: before.w + w, t: Math.max(before.t, t) });
      }
      const g = build(n, list);
      assert.is(g.edgeCount, naive.size);
      const rows = rowOfEntry(g.out);
      for (let e = 0; e < g.edgeCount; e++) {
        const entry = naive.get(`${rows[e]} ${g.out.indices[e]}`)!;
        assert.is(g.out.weights![e], entry.w);
        assert.is(g.out.timestamps![e], entry.t);
      }
      for (let u = 0; u < n; u++) {
        const row = g.out.indices.subarray(g.out.indptr[u], g.out.indptr[u + 1]);
        assert.ok(row.every((v, i) => i === 0 || row[i - 1] < v));
        for (let v = 0; v < n; v++) assert.is(g.hasEdge(u, v), naive.has(`${u} ${v}`));
      }
      list.forEach(({ u, v }, row) => {
        const e = g.edgeOfRow[row];
        if (u === v) assert.is(e, -1);
        else assert.equal([rows[e], g.out.indices[e]], [u, v]);
      });
    }),
  );
});

test('transposing twice gives the same graph, and edges lead back to themselves', () => {
  fc.assert(
    fc.property(edgeLists, ([n, list]) => {
      const g = build(n, list);
      const back = transposeCsr(g.in, n);
      assert.equal(back.csr, g.out);
      const rows = rowOfEntry(g.in);
      const sources = rowOfEntry(g.out);
      for (let i = 0; i < g.edgeCount; i++) {
        assert.is(g.out.indices[g.inEdge[i]], rows[i]);
        assert.is(sources[g.inEdge[i]], g.in.indices[i]);
        assert.is(back.edge[g.inEdge[i]], i);
      }
    }),
  );
});

test('filterEdges keeps what building from the kept edges gives', () => {
  fc.assert(
    fc.property(edgeLists, fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }), ([n, list], coin) => {
      const g = build(n, list);
      const keep = Array.from({ length: g.edgeCount }, (_, e) => (coin[e] ? 1 : 0));
      const sources = rowOfEntry(g.out);
      const kept = keep.flatMap((k, e) => (k ? [e] : []));
      const expected = DirectedGraph.fromEdges(
        kept.map((e) => sources[e]),
        kept.map((e) => g.out.indices[e]),
        {
          weight: kept.map((e) => g.out.weights![e]),
          timestamp: kept.map((e) => g.out.timestamps![e]),
          nodeCount: n,
        },
      );
      const filtered = g.filterEdges(keep);
      assert.equal(filtered.out, expected.out);
      assert.equal(filtered.in, expected.in);
      assert.equal(filtered.edgeOfRow, expected.edgeOfRow);
    }),
  );
  throws(() => build(2, []).filterEdges([1]), RangeError, /keep must have 0 entries/);
});

test.run();
