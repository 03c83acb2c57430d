/**
 * Speed of streaming training with telescoping posteriors: 32 features hashed to 2^18 slots.
 *   node --import tsx bench/rooms/conversion-speed.ts [--rows 10000,100000,1000000] [--twin 20000]
 * Prints rows/s and visits/s of the stream; the cost of a visit beside a plain training row (logits, loss, step in
 * the order of the file) and beside a row of a stream that shows each row once; and the whole beside the same stream with every kernel replaced by its plain-TypeScript twin.
 */
import { parseArgs } from 'node:util';
import { Base } from '../../src/delayed-feedback/base.ts';
import { ConversionLog } from '../../src/delayed-feedback/log.ts';
import { MethodRun } from '../../src/delayed-feedback/method-run.ts';
import { OpenRows, ROW_BYTES } from '../../src/delayed-feedback/open-rows.ts';
import { Replay } from '../../src/delayed-feedback/replay.ts';
import { checkConversionOptions, resolveOptions } from '../../src/delayed-feedback/resolve-options.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { Kernels } from '../../src/engine/kernels.ts';
import { softLogistic } from '../../src/nn/loss.ts';
import { close } from '../../test/helpers/close.ts';
import { numbers } from '../../test/helpers/kernel.ts';
import * as posteriorTwin from '../../test/reference/delayed-feedback/posterior.ts';
import * as mathTwin from '../../test/reference/engine/math.ts';
import * as slotTwin from '../../test/reference/nn/slot-table.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000,100000,1000000' },
    twin: { type: 'string', default: '20000' },
  },
});

/** CPU seconds of this process: other work on the machine does not count. */
const clock = () => process.cpuUsage().user / 1e6;

const FEATURES = 32;
const LEVELS = 8192;
const DAYS = 60;
const HISTORY = 6;
const WINDOW = 30;

/** Skewed words, one conversion in five, exponential delays of mean 3 days and a signal half way. */
function makeLog(rows: number): ConversionLog {
  const [u, v] = [numbers(rows, 1, 0, 1), numbers(rows, 7, 0, 1)];
  const delay = Float64Array.from(u, (x, i) =>
    x < 0.2 ? Math.min(WINDOW, -3 * Math.log(1 - v[i])) : Number.NaN,
  );
  const levels = Array.from({ length: LEVELS }, (_, k) => String(k));
  return new ConversionLog(
    {
      time: Float64Array.from({ length: rows }, (_, i) => (i * DAYS) / rows),
      conversionDelay: delay,
      signalDelays: { cart: delay.map((d) => d / 2) },
      features: {
        rows,
        columns: Array.from({ length: FEATURES }, (_, f) => ({
          name: `c${f}`,
          kind: 'categorical' as const,
          codes: Uint32Array.from(numbers(rows, 100 + f, 0, 1), (x) =>
            Math.min(LEVELS - 1, Math.floor(LEVELS * x * x * x)),
          ),
          levels,
        })),
      },
    },
    { window: WINDOW, end: DAYS + WINDOW },
  );
}

async function setUp(engine: Engine, log: ConversionLog) {
  const options = { pretrainUntil: HISTORY, until: DAYS, bits: 18, epochs: 1, step: 1 };
  const settings = resolveOptions(engine, log, checkConversionOptions(options));
  return Base.learn(engine, log, settings, ['telescoping']);
}

interface Timing {
  seconds: number;
  rows: number;
  visits: number;
  p: Float32Array;
}

/** Streams the log a day at a time, as updates would come. */
function stream(base: Base, log: ConversionLog): Timing {
  const rows = new OpenRows(log.rows);
  const run = new MethodRun(base, 'telescoping', { rows, store: base.store, flushed: () => {} });
  const from = log.rowsBefore(HISTORY);
  const replay = new Replay(log, run, rows, HISTORY, from, log.rows);
  let visits = 0;
  const { model } = run.posterior!;
  const step = model.step.bind(model);
  model.step = (store, ids, count) => {
    visits += count;
    step(store, ids, count);
  };
  const start = clock();
  for (let day = HISTORY + 1; day <= DAYS; day++) replay.until(day);
  const seconds = clock() - start;
  const p = run.predict(
    base.store,
    Uint32Array.from({ length: 1000 }, (_, i) => from + i),
  );
  run.dispose();
  return { seconds, rows: log.rows - from, visits, p };
}

/** Seconds a row of a stream that shows every row once, with its final label. */
function once(base: Base, log: ConversionLog): number {
  const rows = new OpenRows(log.rows);
  const truth = (row: number) => (log.delay[row] === Infinity ? 0 : 1);
  const run = new MethodRun(base, 'oracle', { rows, store: base.store, truth, flushed: () => {} });
  const from = log.rowsBefore(HISTORY);
  const replay = new Replay(log, run, rows, HISTORY, from, log.rows);
  const start = clock();
  for (let day = HISTORY + 1; day <= DAYS; day++) replay.until(day);
  const seconds = clock() - start;
  run.dispose();
  return seconds / (log.rows - from);
}

/** Plain training on the same rows with final labels. */
function plain(base: Base, log: ConversionLog): number {
  const { engine, store } = base;
  const model = base.createModel();
  return engine.scope(({ alloc, from }) => {
    const label = from(
      'f32',
      Float32Array.from(log.delay, (d) => (d === Infinity ? 0 : 1)),
    );
    const ids = from(
      'u32',
      Uint32Array.from({ length: log.rows }, (_, i) => i),
    );
    const logits = alloc('f32', 256);
    const start = clock();
    const n = log.rows - (log.rows % 256);
    for (let at = 0; at < n; at += 256) {
      const batch = ids.part(at, 256);
      model.logits(store, batch, 256, logits);
      softLogistic(engine, { gradient: logits, logits, label, ids: batch, rows: 256, heads: 1 });
      model.step(store, batch, 256, logits);
    }
    const seconds = clock() - start;
    model.dispose();
    return seconds / n;
  });
}

/** An engine whose kernels of the stream are their twins, over views of its memory. */
function withTwins(engine: Engine): void {
  const at = (Type: Float32ArrayConstructor | Uint32ArrayConstructor) => (p: number) =>
    p === 0 ? null : new Type(engine.memory.buffer, p);
  const [f, u, n] = [at(Float32Array), at(Uint32Array), (x: number) => x];
  const wrap = (twin: (...args: never[]) => unknown, kinds: ((x: number) => unknown)[]) => {
    return (...args: number[]) => twin(...(args.map((a, i) => kinds[i](a)) as never[]));
  };
  const count = (kind: (x: number) => unknown, k: number) => Array(k).fill(kind);
  const twins: Partial<Kernels> = {
    linearForward: wrap(slotTwin.linearForward, [
      f,
      f,
      f,
      u,
      f,
      u,
      ...count(n, 4),
    ]) as Kernels['linearForward'],
    linearBackward: wrap(slotTwin.linearBackward, [
      f,
      f,
      u,
      n,
      u,
      f,
      u,
      f,
      ...count(n, 4),
    ]) as Kernels['linearBackward'],
    slotAdagrad: wrap(slotTwin.slotAdagrad, [f, u, f, f, ...count(n, 3)]) as Kernels['slotAdagrad'],
    openPosterior: wrap(posteriorTwin.openPosterior, [
      f,
      f,
      u,
      f,
      f,
      f,
      f,
      ...count(n, 4),
    ]) as Kernels['openPosterior'],
    hazardGradient: wrap(posteriorTwin.hazardGradient, [
      f,
      f,
      f,
      u,
      f,
      f,
      f,
      f,
      ...count(n, 3),
    ]) as Kernels['hazardGradient'],
    visitGradient: wrap(posteriorTwin.visitGradient, [
      f,
      f,
      f,
      f,
      f,
      ...count(n, 3),
    ]) as Kernels['visitGradient'],
    sigmoid: wrap(mathTwin.sigmoid, [f, f, n]) as Kernels['sigmoid'],
    exp: wrap(mathTwin.exp, [f, f, n]) as Kernels['exp'],
  };
  Object.defineProperty(engine, 'kernels', { value: { ...engine.kernels, ...twins } });
}

console.log(`state of an open row: ${ROW_BYTES} B beside its features`);
for (const rows of values.rows.split(',').map(Number)) {
  const engine = await Engine.create();
  const log = makeLog(rows);
  const base = await setUp(engine, log);
  plain(base, log);
  const row = plain(base, log);
  once(base, log);
  const shown = once(base, log);
  stream(base, log);
  const timing = stream(base, log);
  const visit = timing.seconds / timing.visits;
  console.log(
    `${rows} rows: ${(timing.rows / timing.seconds).toFixed(0)} rows/s, ${(timing.visits / timing.seconds / 1e6).toFixed(2)} M visits/s ` +
      `(${(timing.visits / timing.rows).toFixed(1)} a row); a visit ${(visit * 1e9).toFixed(0)} ns, a plain training row ` +
      `${(row * 1e9).toFixed(0)} ns (${(visit / row).toFixed(2)}x), a row of the oracle's stream ${(shown * 1e9).toFixed(0)} ns ` +
      `(${(visit / shown).toFixed(2)}x)`,
  );
  engine.dispose();
}

const log = makeLog(Number(values.twin));
const engine = await Engine.create();
const base = await setUp(engine, log);
stream(base, log);
const fast = stream(base, log);
withTwins(engine);
stream(base, log);
const slow = stream(base, log);
close(fast.p, slow.p, { absolute: 2e-3 }, 'kernels and twins');
console.log(
  `twin, ${values.twin} rows: ${(slow.rows / slow.seconds).toFixed(0)} rows/s, ${(slow.visits / slow.seconds / 1e6).toFixed(3)} M visits/s; ` +
    `kernels ${(slow.seconds / fast.seconds).toFixed(1)}x`,
);
