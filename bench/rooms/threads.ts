/**
 * What threads gain in training, beside what they gain in reading memory, in one run:
 *   node --import tsx bench/rooms/threads.ts [set] [--threads 2] [--rounds 6] [--steps 10] [--mode full|sampled]
 * Rounds alternate between one thread and several, so that other load on the machine meets both. Every step and every
 * sweep over memory is timed; compared are the tenth percentiles, which other load moves least, and the medians beside.
 * Every round must end in the same model.
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { RelatedProducts } from '../../src/directed-graph/recommender.ts';
import { Engine } from '../../src/engine/engine.ts';
import { randomGraph } from '../../test/helpers/shop.ts';
import { loadGraph } from './data.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    threads: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '6' },
    steps: { type: 'string', default: '10' },
    mode: { type: 'string', default: 'full' },
  },
});
const [threads, rounds, steps] = [values.threads, values.rounds, values.steps].map(Number);
const mode = values.mode as 'full' | 'sampled';
const name = positionals[0] ?? 'amazon-cellphones';
const graph = loadGraph(name)?.split.train ?? randomGraph(10_000, 180_000);
const engines = await Promise.all([1, threads].map((count) => Engine.create({ threads: count })));
if (engines[1].threads !== threads) throw new Error(engines[1].threadsReason);

/** y += x over 64 MB each, past any cache: twelve bytes of traffic an element. */
const LENGTH = 1 << 24;
const arrays = engines.map((engine) => [engine.alloc('f32', LENGTH), engine.alloc('f32', LENGTH)]);
const memory: number[][] = [[], []];
function sweeps(i: number): void {
  const [y, x] = arrays[i];
  for (let turn = 0; turn < 10; turn++) {
    const start = performance.now();
    engines[i].kernels.axpy(y.ptr, x.ptr, LENGTH, 1);
    memory[i].push(performance.now() - start);
  }
}

let hash: string | undefined;
const training: number[][] = [[], []];
async function train(i: number): Promise<void> {
  let last = 0;
  const model = await RelatedProducts.fit(graph, {
    ...{ ranker: false, engine: engines[i], seed: 1, earlyStopping: false },
    training: { mode, steps: steps + 2 },
    onProgress: ({ step }) => {
      const now = performance.now();
      // The first steps are compiled on the way.
      if (step > 2) training[i].push(now - last);
      last = now;
    },
  });
  const found = await model.modelHash();
  hash ??= found;
  if (found !== hash) throw new Error(`${engines[i].threads} threads gave another model`);
}

const load = loadavg()[0];
for (let round = 0; round < rounds; round++) {
  for (const i of [0, 1]) {
    sweeps(i);
    await train(i);
  }
}

console.log(
  `${name}: ${graph.nodeCount} nodes, ${graph.edgeCount} edges, ${mode}; ${cpus().length} processors`,
);
const at = (list: number[], share: number) =>
  [...list].sort((a, b) => a - b)[Math.floor(list.length * share)];
const gain = [training, memory].map(([alone, shared]) => at(alone, 0.1) / at(shared, 0.1));
const rate = (ms: number) => `${((12 * LENGTH) / ms / 1e6).toFixed(1)} GB/s`;
for (const [what, [alone, shared], told] of [
  ['a training step', training, (ms: number) => `${ms.toFixed(1)} ms`],
  ['memory', memory, rate],
] as const) {
  const ratio = (share: number) => (at(alone, share) / at(shared, share)).toFixed(2);
  console.log(
    `${what}: 1 thread ${told(at(alone, 0.1))}, ${threads} threads ${told(at(shared, 0.1))}, ${ratio(0.1)}x` +
      ` (best ${ratio(0)}x, medians ${ratio(0.5)}x)`,
  );
}
console.log(
  `training gains ${((100 * gain[0]) / gain[1]).toFixed(0)} % of what memory gains; load ${load.toFixed(1)} before, ` +
    `${loadavg()[0].toFixed(1)} after; model ${hash?.slice(0, 12)} every time`,
);
for (const engine of engines) engine.dispose();
