/**
 * What threads gain in training, beside what they gain in reading memory, in one run:
 *   node --import tsx bench/rooms/threads.ts [set] [--threads 2] [--rounds 7] [--steps 10] [--mode full|sampled]
 * Rounds alternate between one thread and several, so that other load on the machine meets both; the least seconds of
 * each count, and the median of the rounds' own ratios is printed beside. Every round must end in the same model.
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
    rounds: { type: 'string', default: '7' },
    steps: { type: 'string', default: '10' },
    mode: { type: 'string', default: 'full' },
  },
});
const [threads, rounds, steps] = [values.threads, values.rounds, values.steps].map(Number);
const mode = values.mode as 'full' | 'sampled';
const name = positionals[0] ?? 'amazon-cellphones';
const train = loadGraph(name)?.split.train ?? randomGraph(10_000, 180_000);
const engines = await Promise.all([1, threads].map((count) => Engine.create({ threads: count })));
if (engines[1].threads !== threads) throw new Error(engines[1].threadsReason);

const seconds = (run: () => void): number => {
  const start = performance.now();
  run();
  return (performance.now() - start) / 1000;
};

/** y += x over 64 MB each, past any cache: twelve bytes of traffic an element. */
const LENGTH = 1 << 24;
const arrays = engines.map((engine) => [engine.alloc('f32', LENGTH), engine.alloc('f32', LENGTH)]);
const sweep = (i: number): number => {
  const [y, x] = arrays[i];
  return seconds(() => engines[i].kernels.axpy(y.ptr, x.ptr, LENGTH, 1));
};

let hash: string | undefined;
/** Seconds a step. */
async function epoch(i: number): Promise<number> {
  const options = { ranker: false, engine: engines[i], seed: 1, earlyStopping: false };
  const start: number[] = [];
  const model = await RelatedProducts.fit(train, {
    ...options,
    training: { mode, steps: steps + 1 },
    // The first step is left out: it is compiled on the way.
    onProgress: () => start.push(performance.now()),
  });
  const found = await model.modelHash();
  hash ??= found;
  if (found !== hash) throw new Error(`${engines[i].threads} threads gave another model`);
  return (start.at(-1)! - start[0]) / 1000 / steps;
}

const told = { training: [[], []] as number[][], memory: [[], []] as number[][] };
const load = loadavg()[0];
for (let round = 0; round < rounds; round++) {
  for (const i of [0, 1]) {
    told.memory[i].push(Math.min(...Array.from({ length: 5 }, () => sweep(i))));
    told.training[i].push(await epoch(i));
  }
}

const median = (list: number[]) => [...list].sort((a, b) => a - b)[list.length >> 1];
console.log(
  `${name}: ${train.nodeCount} nodes, ${train.edgeCount} edges, ${mode}; ${cpus().length} processors`,
);
const gain: number[] = [];
for (const [what, [alone, shared]] of Object.entries(told)) {
  const ratios = alone.map((value, i) => value / shared[i]);
  const [a, b] = [Math.min(...alone), Math.min(...shared)];
  gain.push(a / b);
  const rate = (s: number) =>
    what === 'memory' ? `${((12 * LENGTH) / s / 1e9).toFixed(1)} GB/s` : `${(1000 * s).toFixed(1)} ms a step`;
  console.log(
    `${what.padEnd(9)} 1 thread ${rate(a)}, ${threads} threads ${rate(b)}: ${(a / b).toFixed(2)}x` +
      ` (median of ${rounds} pairs ${median(ratios).toFixed(2)}x, best ${Math.max(...ratios).toFixed(2)}x)`,
  );
}
console.log(
  `training gains ${((100 * gain[0]) / gain[1]).toFixed(0)} % of what memory gains; load ${load.toFixed(1)} before, ` +
    `${loadavg()[0].toFixed(1)} after; model ${hash?.slice(0, 12)} every time`,
);
for (const engine of engines) engine.dispose();
