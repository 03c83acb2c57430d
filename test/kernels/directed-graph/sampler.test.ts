import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DirectedGraph } from '../../../src/directed-graph/graph.ts';
import { call, indices, LENGTHS, numbers, sameAsTwin } from '../../helpers/kernel.ts';
import * as twin from '../../reference/directed-graph/sampler.ts';

/** A graph whose first node has a row of `hub` edges, in both packings. */
function packed(n: number, edges: number, hub: number, seed = 1) {
  const source = [...indices(edges, n, seed), ...new Uint32Array(hub)];
  const target = [...indices(edges, n, seed + 1), ...Array.from({ length: hub }, (_, i) => i + 1)];
  const timestamp = numbers(source.length, seed + 2, 0, 100);
  const graph = DirectedGraph.fromEdges(source, target, { nodeCount: n, timestamp });
  const m = graph.edgeCount;
  const pack = (csr: typeof graph.out, position: ArrayLike<number>) =>
    Uint32Array.of(...csr.indptr, ...csr.indices, ...Array.from(position));
  return {
    graph,
    n,
    m,
    out: pack(
      graph.out,
      Array.from({ length: m }, (_, e) => e),
    ),
    in: pack(graph.in, graph.inEdge),
    outTimes: graph.out.timestamps!,
    inTimes: graph.in.timestamps!,
  };
}

const scratchFor = (maxDegree: number) => new Uint32Array(8 + 2 * Math.ceil(maxDegree / 64) + 3 * maxDegree);
const maskOf = (m: number, rate: number) => {
  const mask = new Uint32Array(Math.ceil(m / 32));
  numbers(m, 9, 0, 1).forEach((x, e) => {
    if (x < rate) mask[e >> 5] |= 1 << (e & 31);
  });
  return mask;
};
const degreesUnder = (adjacency: Uint32Array, mask: Uint32Array | null, n: number, m: number) =>
  Uint32Array.from({ length: n }, (_, u) => {
    let free = 0;
    for (let e = adjacency[u]; e < adjacency[u + 1]; e++) {
      const p = adjacency[n + 1 + m + e];
      if (!(mask && (mask[p >>> 5] >>> (p & 31)) & 1)) free++;
    }
    return free;
  });

/**
 * Equals the twin, also with each array at the end of memory. The scratch area holds leftovers; only its bitset, or
 * its visits, must be zero again.
 */
function check(
  name: 'sampleUniform' | 'sampleWeighted' | 'walkFill',
  args: Parameters<typeof call>[1],
  flushes: boolean,
) {
  const at = name === 'walkFill' ? 3 : 4;
  const scratch = args[at] as Uint32Array;
  // biome-ignore lint/performance/noDynamicNamespaceImportAccess: a table of kernels
  const fn = twin[name] as unknown as (...a: unknown[]) => number;
  const mine = args.map((a) => (a === null || typeof a === 'number' ? a : a.slice()));
  const expected = fn(...mine);
  for (let flush = -1; flush < (flushes ? args.length : 0); flush++) {
    if (flush >= 0 && (args[flush] === null || typeof args[flush] === 'number')) continue;
    const { result, after } = call(name, args, flush);
    assert.is(result, expected, `${name} flush ${flush}`);
    after.forEach((a, i) => {
      if (i !== at) assert.equal(a, mine[i], `${name} flush ${flush} argument ${i}`);
    });
    const kept = after[at] as Uint32Array;
    const zero =
      name === 'walkFill'
        ? scratch.length - 8 - (args[18] as number)
        : 2 * Math.ceil((args[16] as number) / 64);
    assert.ok(
      kept.subarray(8, 8 + zero).every((x) => x === 0),
      'kept zero',
    );
  }
}

for (const [n, edges, hub] of [
  [1, 0, 0],
  [5, 8, 2],
  [40, 200, 30],
  [300, 900, 290],
]) {
  const g = packed(n, edges, hub);
  const frontier = Uint32Array.from({ length: n }, (_, i) => (i * 7 + 3) % n).filter(
    (u, i, all) => all.indexOf(u) === i,
  );
  const rows = frontier.length;
  const limit = Float64Array.from(numbers(rows, 4, 0, 100));
  const maxDegree = Math.max(0, ...degreesUnder(g.out, null, n, g.m), ...degreesUnder(g.in, null, n, g.m));
  const budgets = indices(n, 9, 5);
  for (const [side, adjacency, time] of [
    ['out', g.out, g.outTimes],
    ['in', g.in, g.inTimes],
  ] as const) {
    for (const fanout of n === 40 ? [0, 1, 4, 10, 100] : [4, 10]) {
      for (const rate of [0, 0.2, 0.8]) {
        for (const timed of [false, true]) {
          const flushes = n === 40 && fanout === 10;
          const title = `${side} n=${n} fanout=${fanout} masked=${rate} timed=${timed}`;
          const mask = rate > 0 ? maskOf(g.m, rate) : null;
          const capacity = Math.min(g.m, rows * Math.max(9, fanout));
          const budget = fanout === 4 ? budgets : null;
          const outputs = () => [
            new Uint32Array(rows + 1),
            new Uint32Array(capacity),
            new Uint32Array(capacity),
            new Uint32Array(rows),
            scratchFor(maxDegree),
          ];
          test(`sampleUniform ${title}`, () => {
            check(
              'sampleUniform',
              [
                ...outputs(),
                frontier,
                budget,
                adjacency,
                mask,
                mask && degreesUnder(adjacency, mask, n, g.m),
                timed ? time : null,
                timed ? limit : null,
                n,
                g.m,
                rows,
                fanout,
                maxDegree,
                7,
                1,
                3,
              ],
              flushes,
            );
          });
          for (const perNode of [0, 1]) {
            test(`sampleWeighted ${title} per ${perNode ? 'node' : 'edge'}`, () => {
              // A third of the weights are zero.
              const weight = numbers(perNode ? n : g.m, 6, -1, 2).map((w) => Math.max(0, w));
              check(
                'sampleWeighted',
                [
                  ...outputs(),
                  frontier,
                  budget,
                  adjacency,
                  weight,
                  mask,
                  timed ? time : null,
                  timed ? limit : null,
                  n,
                  g.m,
                  rows,
                  fanout,
                  maxDegree,
                  perNode,
                  7,
                  1,
                  3,
                ],
                flushes,
              );
            });
          }
          if (fanout !== 10) continue;
          for (const hops of [2, 3]) {
            test(`walkFill ${title} hops=${hops}`, () => {
              const taken = outputs();
              const uniform = twin.sampleUniform as unknown as (...a: unknown[]) => number;
              const common = [mask, null, timed ? time : null, timed ? limit : null, n, g.m, rows, fanout];
              uniform(...taken, frontier, null, adjacency, ...common, maxDegree, 7, 1, 3);
              const forward = hops === 2;
              const back = forward ? adjacency : side === 'out' ? g.in : g.out;
              const timeBack = forward ? time : side === 'out' ? g.inTimes : g.outTimes;
              const walks = 20;
              check(
                'walkFill',
                [
                  new Uint32Array(rows + 1),
                  new Uint32Array(rows * fanout),
                  new Float32Array(rows * fanout),
                  new Uint32Array(8 + n + walks),
                  frontier,
                  null,
                  taken[0],
                  taken[1],
                  adjacency,
                  back,
                  mask,
                  timed ? time : null,
                  timed ? timeBack : null,
                  timed ? limit : null,
                  n,
                  g.m,
                  rows,
                  fanout,
                  walks,
                  hops,
                  7,
                  1,
                  3,
                ],
                flushes,
              );
            });
          }
        }
      }
    }
  }
}

for (const count of [0, 1, 7, 64]) {
  test(`relabel and relabelReset of ${count}`, () => {
    const ids = indices(count, 20, 3);
    const nodes = new Uint32Array(count + 1);
    const table = new Uint32Array(20);
    if (count > 0) {
      // One node is listed already.
      nodes[0] = ids[0];
      table[ids[0]] = 1;
    }
    sameAsTwin('relabel', twin.relabel, [
      new Uint32Array(count),
      nodes,
      table,
      ids,
      count,
      Math.min(1, count),
    ]);
    sameAsTwin('relabel', twin.relabel, [ids, nodes, table, ids, count, Math.min(1, count)]);
    const listed = new Set(ids).size;
    const filled = new Uint32Array(20);
    for (const id of ids) filled[id] = 9;
    sameAsTwin('relabelReset', twin.relabelReset, [filled, Uint32Array.from(new Set(ids)), listed]);
  });
}

for (const n of LENGTHS) {
  test(`drawNegatives n=${n}`, () => {
    const bound = 9;
    // A table of columns that are split anywhere, and one that is whole.
    const threshold = Uint32Array.from(numbers(bound, 4, 0, 2 ** 32));
    threshold[3] = 2 ** 32 - 1;
    const alias = indices(bound, bound, 5);
    const exclude = indices(Math.ceil(n / 2), bound, 6);
    for (const table of [true, false]) {
      for (const barred of [exclude, null]) {
        // Five words of scratch are written: the block and the count, the same in both, so only out is compared.
        const args = [new Uint32Array(n), table ? threshold : null, table ? alias : null, barred];
        const more = [n, 2, bound, 1, 2, 3];
        const expected = new Uint32Array(n);
        twin.drawNegatives(expected, args[1], args[2], barred, args[0]!, n, 2, bound, 1, 2, 3);
        for (const flush of [-1, 0, 1, 2, 3, 4]) {
          if (args[flush] === null) continue;
          const { after } = call('drawNegatives', [...args, new Uint32Array(8), ...more], flush);
          assert.equal(after[0], expected);
        }
      }
    }
  });
}

test.run();
