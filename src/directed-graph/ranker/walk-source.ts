import type { Engine } from '../../engine/engine.ts';
import { gather } from '../aggregate.ts';
import { degrees, inversePower, normalised, release, upload } from '../baselines/adjacency.ts';
import type { DirectedGraph } from '../graph.ts';
import { type FeatureSource, logScaled, startColumns } from './source.ts';

/** Probability of walking on and steps of the personalised PageRank. */
const ALPHA = 0.85;
const STEPS = 6;

/**
 * Short walks from the query on N = Do^-1/2 A Di^-1/2 (A A, A^T A, A A^T A, A^T A^T, A A^T), the reverse edge as 0/1,
 * and personalised PageRank; all but the reverse edge as log(1 + x / .01), PageRank as log(1 + 1000 x).
 */
export function walkFeatures(engine: Engine, graph: DirectedGraph): FeatureSource {
  const n = graph.nodeCount;
  const weights = normalised(engine, graph, 0.5);
  // `forward` multiplies a column by N^T: it carries weight from the sources to their targets.
  const forward = upload(engine, graph.in, weights.in);
  const backward = upload(engine, graph.out, weights.out);
  const leave = inversePower(engine, degrees(graph.out), 1);
  const step = upload(
    engine,
    graph.in,
    Float32Array.from(graph.in.indices, (u) => ALPHA * leave[u]),
  );
  const out = { csr: graph.out, weights: weights.out };
  const into = { csr: graph.in, weights: weights.in };
  return {
    names: ['AA', 'reverse', 'ATA', 'AATA', 'ATAT', 'AAT', 'ppr'],
    evidence: [
      { kind: 'leads-here', left: out, right: into },
      { kind: 'next-of-answer', ofQuery: true },
      { kind: 'leads-here', left: into, right: into },
      { kind: 'walks' },
      { kind: 'walks' },
      { kind: 'next-of-query', left: out, right: out },
      { kind: 'walks' },
    ],
    write(queries, [aa, reverse, ata, aata, atat, aat, ppr]) {
      const d = queries.length;
      engine.scope(({ alloc }) => {
        const x = alloc('f32', n * d);
        startColumns(x, graph.out, weights.out, queries);
        gather(engine, aa, forward, x, d);
        gather(engine, aat, backward, x, d);
        gather(engine, aata, forward, aat, d);
        startColumns(x, graph.in, weights.in, queries);
        gather(engine, ata, forward, x, d);
        gather(engine, atat, backward, x, d);
        for (const walk of [aa, ata, aata, atat, aat]) logScaled(engine, walk, walk, n * d, 0.01);
        startColumns(reverse, graph.in, undefined, queries);

        const y = alloc('f32', n * d);
        x.fill(0);
        const at = x.array;
        queries.forEach((u, q) => {
          at[u * d + q] = 1;
        });
        engine.kernels.scale(ppr.ptr, x.ptr, n * d, 1 - ALPHA);
        let [from, to] = [x, y];
        for (let l = 0; l < STEPS; l++) {
          gather(engine, to, step, from, d);
          engine.kernels.axpy(ppr.ptr, to.ptr, n * d, 1 - ALPHA);
          [from, to] = [to, from];
        }
        logScaled(engine, ppr, ppr, n * d, 1e-3);
      });
    },
    dispose() {
      release(engine, forward, backward, step);
    },
  };
}
