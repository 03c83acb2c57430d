import { degreeBudgets, degreeWeights } from '../../../src/directed-graph/budgets.ts';
import { DirectedGraph } from '../../../src/directed-graph/graph.ts';
import { aliasTable } from '../../../src/directed-graph/negatives.ts';
import { maskWithReverse } from '../../../src/directed-graph/reverse.ts';
import { type BlockOptions, NeighbourSampler } from '../../../src/directed-graph/sampler.ts';
import { indices, numbers } from '../../../test/helpers/kernel.ts';
import * as twin from '../../../test/reference/directed-graph/sampler.ts';
import { benchKernel, engine, type Row, timeCases } from '../../kernel.ts';

const n = 100_000;
const m = 1_000_000;
const FANOUT = 10;
const SEEDS = 1024;

/** Ends drawn with density x^-2/3 under a shuffled numbering: degrees follow a power law. */
function powerLaw(): DirectedGraph {
  const name = Uint32Array.from({ length: n }, (_, i) => (i * 48_271) % n);
  const end = (seed: number) => numbers(m, seed, 0, 1).map((x) => name[Math.floor(n * x * x * x)]);
  return DirectedGraph.fromEdges(end(1), end(2), { nodeCount: n });
}

/** Kernel against twin on one hop, whole arrays compared. */
async function kernels(graph: DirectedGraph): Promise<Row[]> {
  const { indptr, indices: targets } = graph.out;
  const edges = graph.edgeCount;
  const adjacency = new Uint32Array(n + 1 + 2 * edges);
  adjacency.set(indptr);
  adjacency.set(targets, n + 1);
  for (let e = 0; e < edges; e++) adjacency[n + 1 + edges + e] = e;
  const frontier = Uint32Array.from({ length: 10_000 }, (_, i) => (i * 7919) % n);
  const rows = frontier.length;
  const maxDegree = indptr.reduce((most, start, u) => Math.max(most, start - (indptr[u - 1] ?? 0)), 0);
  let entries = 0;
  for (const u of frontier) entries += Math.min(FANOUT, graph.outDegree(u));
  const work = { count: entries, unit: 'M edges/s', per: 1e6 };
  const outputs = () => [
    new Uint32Array(rows + 1),
    new Uint32Array(entries),
    new Uint32Array(entries),
    new Uint32Array(rows),
  ];
  // The scratch area is no result: the twin leaves it alone, so it is allocated apart and passed as an address.
  const scratch = engine.alloc('u32', 8 + 2 * Math.ceil(maxDegree / 64) + 3 * maxDegree).ptr;
  const tail = [n, edges, rows, FANOUT, maxDegree];
  const weight = numbers(edges, 3, 0, 1);
  const taken = outputs();
  const uniform = twin.sampleUniform as unknown as (...a: unknown[]) => number;
  uniform(...taken, null, frontier, null, adjacency, null, null, null, null, ...tail, 1, 0, 0);
  const inward = new Uint32Array(n + 1 + 2 * edges);
  inward.set(graph.in.indptr);
  inward.set(graph.in.indices, n + 1);
  inward.set(graph.inEdge, n + 1 + edges);
  const few = 500;
  const walks = 32;
  const ids = indices(100_000, n, 4);
  const table = aliasTable(Float64Array.from({ length: n }, (_, v) => (graph.inDegree(v) + 0.5) ** 0.75));
  return [
    ...(await benchKernel({
      kernel: 'sampleUniform',
      title: '10,000 rows x 10',
      args: [...outputs(), scratch, frontier, null, adjacency, null, null, null, null, ...tail, 1, 0, 0],
      twin: twin.sampleUniform,
      work,
    })),
    ...(await benchKernel({
      kernel: 'sampleWeighted',
      title: '10,000 rows x 10',
      args: [...outputs(), scratch, frontier, null, adjacency, weight, null, null, null, ...tail, 0, 1, 0, 0],
      twin: twin.sampleWeighted,
      work,
    })),
    ...(await benchKernel({
      kernel: 'walkFill',
      title: `${few} rows, ${walks} walks of 3`,
      args: [
        new Uint32Array(few + 1),
        new Uint32Array(few * FANOUT),
        new Float32Array(few * FANOUT),
        engine.alloc('u32', 8 + n + walks).ptr,
        frontier.slice(0, few),
        null,
        taken[0].slice(0, few + 1),
        taken[1],
        adjacency,
        inward,
        ...[null, null, null, null],
        ...[n, edges, few, FANOUT, walks, 3, 1, 0, 0],
      ],
      twin: twin.walkFill,
      work: { count: few, unit: 'k rows/s', per: 1e3 },
    })),
    ...(await benchKernel({
      kernel: 'drawNegatives',
      title: '4,096 by alias table',
      args: [
        new Uint32Array(4096),
        table.threshold,
        table.alias,
        null,
        engine.alloc('u32', 8).ptr,
        ...[4096, 1, n, 1, 0, 0],
      ],
      twin: twin.drawNegatives,
      work: { count: 4096, unit: 'M draws/s', per: 1e6 },
    })),
    // The table still holds every id, as it does within a batch: this times the look-ups.
    ...(await benchKernel({
      kernel: 'relabel',
      title: '100,000 ids',
      args: [new Uint32Array(ids.length), new Uint32Array(n), new Uint32Array(n), ids, ids.length, 0],
      twin: twin.relabel,
      work: { count: ids.length, unit: 'M ids/s', per: 1e6 },
    })),
    ...(await benchKernel({
      kernel: 'relabelReset',
      title: '100,000 ids',
      args: [new Uint32Array(n), ids, ids.length],
      twin: twin.relabelReset,
      work: { count: ids.length, unit: 'M ids/s', per: 1e6 },
    })),
  ];
}

/** The whole of a mini-batch, sampling and relabelling, hop after hop. */
async function blocks(graph: DirectedGraph): Promise<Row[]> {
  const sampler = new NeighbourSampler(engine, graph, { seed: 1 });
  const seeds = Uint32Array.from({ length: SEEDS }, (_, i) => (i * 7919) % n);
  const all = { rows: n, entries: graph.edgeCount };
  const hops = [
    sampler.reserve({ rows: SEEDS, entries: SEEDS * 200 }),
    sampler.reserve(all),
    sampler.reserve(all),
  ];
  let step = 0;
  const batch = (count: number, options: BlockOptions) => {
    let edges = 0;
    step++;
    for (let hop = 0; hop < count; hop++) {
      const frontier = hop === 0 ? seeds : hops[hop - 1];
      sampler.block(hops[hop], frontier, hop % 2 === 0 ? 'out' : 'in', { ...options, stream: hop, step });
      edges += hops[hop].entries;
    }
    return edges;
  };
  const out = sampler.degrees.out.array;
  const budgets = engine.from('u32', degreeBudgets(engine, out, { fanout: FANOUT }).budgets);
  const weights = degreeWeights(engine.alloc('f32', n), sampler.degrees.in.array, 0.5);
  const mask = maskWithReverse(graph, indices(4096, graph.edgeCount, 5));
  const everyone = Uint32Array.from({ length: n }, (_, u) => u);
  const whole = (options: BlockOptions) => {
    sampler.block(hops[1], everyone, 'out', { fanout: FANOUT, ...options, step: ++step });
    return hops[1].entries;
  };
  const rows: Row[] = [];
  const time = async (title: string, run: () => number) => {
    rows.push(
      ...(await timeCases(`sampler ${title}`, { name: 'kernel', run }, [], {
        count: run(),
        unit: 'M edges/s',
        per: 1e6,
      })),
    );
  };
  await time('1,024 seeds, 2 hops x 10', () => batch(2, { fanout: FANOUT }));
  await time('1,024 seeds, 3 hops x 10', () => batch(3, { fanout: FANOUT }));
  await time('1,024 seeds, 2 hops x 10 weighted', () => batch(2, { fanout: FANOUT, weights }));
  // Equal edges: the adaptive budgets have the total of the fixed fan-out over all nodes, so all nodes are sampled.
  await time('all nodes x 10', () => whole({}));
  await time('all nodes, degree-adaptive', () => whole({ budgets }));
  await time('all nodes x 10, in-degree^.5', () => whole({ weights }));
  sampler.setMask(mask);
  await time('1,024 seeds, 2 hops x 10, masked', () => batch(2, { fanout: FANOUT }));
  await time('setMask of 4,096 edges', () => {
    sampler.setMask(mask);
    return graph.edgeCount;
  });
  for (const hop of hops) hop.dispose();
  engine.release(budgets, weights);
  sampler.dispose();
  return rows;
}

export default async () => {
  const graph = powerLaw();
  return [...(await kernels(graph)), ...(await blocks(graph))];
};
