import graphology from 'graphology';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rowOfEntry } from '../../src/directed-graph/csr.ts';
import { fromGraphology } from '../../src/directed-graph/from-graphology.ts';
import type { DirectedGraph } from '../../src/directed-graph/graph.ts';

// graphology is CommonJS: its classes are properties of the default export.
const {
  DirectedGraph: Directed,
  MultiGraph,
  UndirectedGraph,
} = graphology as unknown as Pick<
  typeof import('graphology'),
  'DirectedGraph' | 'MultiGraph' | 'UndirectedGraph'
>;
const listed = (g: DirectedGraph) => {
  const sources = rowOfEntry(g.out);
  return Array.from(
    sources,
    (u, e) =>
      `${g.idOf(u)}>${g.idOf(g.out.indices[e])} ${g.out.weights?.[e] ?? 1} @${g.out.timestamps?.[e] ?? 0}`,
  );
};

test('a directed graph keeps keys, direction, weights and times', () => {
  const graph = new Directed();
  for (const key of ['phone', '__proto__', 'case']) graph.addNode(key);
  graph.addEdge('phone', 'case', { w: 2.5, at: 100 });
  graph.addEdge('__proto__', 'phone', { w: 1, at: 50 });
  const g = fromGraphology(graph, { weight: 'w', timestamp: 'at' });
  assert.equal(g.ids, ['phone', '__proto__', 'case']);
  assert.equal(listed(g), ['phone>case 2.5 @100', '__proto__>phone 1 @50']);
  assert.is(fromGraphology(graph).out.weights, undefined);
});

test('undirected edges go both ways, mixed and multi graphs merge', () => {
  const plain = new UndirectedGraph();
  plain.mergeEdge('a', 'b');
  assert.equal(listed(fromGraphology(plain)), ['a>b 1 @0', 'b>a 1 @0']);
  const multi = new MultiGraph();
  for (const key of ['a', 'b', 'c']) multi.addNode(key);
  multi.addDirectedEdge('a', 'b', { w: 1 });
  multi.addDirectedEdge('a', 'b', { w: 2 });
  multi.addUndirectedEdge('b', 'a', { w: 4 });
  multi.addDirectedEdge('c', 'c', { w: 8 });
  const g = fromGraphology(multi, { weight: 'w' });
  assert.equal(listed(g), ['a>b 7 @0', 'b>a 4 @0']);
  assert.equal({ ...g.dropped }, { selfLoops: 1, merged: 2 });
});

test('empty graphs, nodes without edges, and wrong attributes', () => {
  assert.is(fromGraphology(new MultiGraph()).nodeCount, 0);
  const graph = new MultiGraph();
  graph.addNode('alone');
  assert.is(fromGraphology(graph).indexOf('alone'), 0);
  graph.addNode('other');
  graph.addEdgeWithKey('e1', 'alone', 'other', { w: '3' });
  assert.throws(
    () => fromGraphology(graph, { weight: 'w' }),
    /edge e1: attribute w must be a number, got string/,
  );
  assert.throws(() => fromGraphology(graph, { timestamp: 't' }), /edge e1: attribute t must be a number/);
  assert.throws(() => fromGraphology({} as never), /graph must be a graphology graph/);
  assert.throws(() => fromGraphology(graph, { edgeWeight: 'w' } as never), /unknown option "edgeWeight"/);
});

test.run();
