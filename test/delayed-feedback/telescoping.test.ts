import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AgeBuckets, agesFor } from '../../src/delayed-feedback/age-buckets.ts';
import { Base } from '../../src/delayed-feedback/base.ts';
import { HazardTable } from '../../src/delayed-feedback/hazard.ts';
import type { ConversionLog } from '../../src/delayed-feedback/log.ts';
import { MethodRun } from '../../src/delayed-feedback/method-run.ts';
import { OpenRows } from '../../src/delayed-feedback/open-rows.ts';
import type { ConversionOptions } from '../../src/delayed-feedback/options.ts';
import { historyPairs } from '../../src/delayed-feedback/posterior.ts';
import { Replay } from '../../src/delayed-feedback/replay.ts';
import { checkConversionOptions, resolveOptions } from '../../src/delayed-feedback/resolve-options.ts';
import { close } from '../helpers/close.ts';
import { smallLog } from '../helpers/conversions.ts';
import { engine } from '../helpers/kernel.ts';

const AGES = [0.25, 0.5, 1, 2, 3.5, 6];

async function setUp(log: ConversionLog, given: Partial<ConversionOptions> = {}) {
  const options = { pretrainUntil: 15, ages: AGES, bits: 10, epochs: 2, ...given };
  const settings = resolveOptions(engine, log, checkConversionOptions(options));
  const base = await Base.learn(engine, log, settings, ['telescoping']);
  const rows = new OpenRows(log.rows);
  const run = new MethodRun(base, 'telescoping', { rows, store: base.store, flushed: () => {} });
  const from = log.rowsBefore(settings.pretrainUntil);
  const replay = new Replay(log, run, rows, settings.pretrainUntil, from, log.rows);
  return { base, rows, run, replay, from };
}

test('the gradients of a closed row add up to p0 - y, whatever its visits thought', async () => {
  for (const window of [10, 'own'] as const) {
    const log = smallLog({
      options: window === 'own' ? { window: Float64Array.from({ length: 2000 }, (_, i) => 4 + (i % 9)) } : {},
    });
    // With a step length of 0 the model stays where it was when each row arrived.
    const { base, run, replay, from } = await setUp(log, { learningRate: 0 });
    const total = new Float64Array(log.rows);
    const visits = new Uint32Array(log.rows);
    const { model } = run.posterior!;
    const step = model.step.bind(model);
    model.step = (store, ids, count) => {
      const { slice, first, stride } = model.dLogit;
      for (let i = 0; i < count; i++) {
        total[ids.array[i]] += slice.array[first + i * stride];
        visits[ids.array[i]]++;
      }
      step(store, ids, count);
    };
    const streamed = Array.from({ length: log.rows - from }, (_, i) => from + i);
    const p0 = run.predict(base.store, streamed);
    replay.until(100, true);
    close(
      streamed.map((row) => total[row]),
      streamed.map((row, i) => p0[i] - (log.delay[row] === Infinity ? 0 : 1)),
      { absolute: 1e-6 },
    );
    assert.ok(
      total.subarray(0, from).every((sum) => sum === 0),
      'rows of the history teach the hazards alone',
    );
    assert.ok(Math.max(...visits) > 5);
    run.dispose();
    base.dispose();
  }
});

test('the hazards see each row once in each bucket it entered, with its label', async () => {
  const log = smallLog();
  const { base, run, replay, from } = await setUp(log);
  const { table } = run.posterior!;
  const [count, label] = [new Float64Array(table.buckets), new Float64Array(table.buckets)];
  const add = table.add.bind(table);
  table.add = (bucket, window, hazard, residual) => {
    count[bucket]++;
    label[bucket] += hazard - residual;
    add(bucket, window, hazard, residual);
  };
  replay.until(100, true);
  const [all, positive] = [new Float64Array(table.buckets), new Float64Array(table.buckets)];
  const every = Array.from({ length: log.rows }, (_, i) => i);
  const pairs = historyPairs(log, base.createPosterior().ages, every);
  pairs.row.forEach((row, i) => {
    const end = Math.min(log.window[row], table.ages.end(pairs.bucket[i]));
    // Of the history only what is learned from the start of the stream on.
    if (row < from && log.time[row] + end <= 15) return;
    all[pairs.bucket[i]]++;
    positive[pairs.bucket[i]] += pairs.label[i];
  });
  close(count, all);
  close(label, positive, { absolute: 1e-3 });
  run.dispose();
  base.dispose();
});

test('on the history the mean posterior is the share that converts, with each pattern of signals', async () => {
  const log = smallLog({ rows: 6000 });
  const { base, run, from } = await setUp(log);
  for (const age of AGES) {
    for (const pattern of [0, 1]) {
      const open: number[] = [];
      for (let i = 0; i < from; i++) {
        if (log.delay[i] > age && log.closes[i] > age && log.pattern(i, age) === pattern) open.push(i);
      }
      const windows = open.map(() => 10);
      const p = run.posterior!.predict(
        base.store,
        open,
        open.map(() => age),
        windows,
        open.map(() => pattern),
      );
      const mean = p.reduce((a, b) => a + b, 0) / open.length;
      const rate = open.filter((i) => log.delay[i] !== Infinity).length / open.length;
      const error = Math.sqrt((rate * (1 - rate)) / open.length);
      assert.ok(
        Math.abs(mean - rate) <= 2 * error,
        `age ${age}, pattern ${pattern}: ${mean} for ${rate} +- ${error}`,
      );
    }
  }
  run.dispose();
  base.dispose();
});

test('golden: the fast level after 100 rows of hazard .03 with 8 conversions', () => {
  const table = new HazardTable(engine, new AgeBuckets([1]), true, { rate: 0.003, l2: 3e-3, memory: 2000 });
  for (let i = 0; i < 100; i++) table.add(0, 10, 0.03, 0.03 - (i < 8 ? 1 : 0));
  table.step(true);
  close([table.information[0], 5 / (table.information[0] + 1)], [3.86122942, 1.0285464], { absolute: 1e-7 });
  close([table.level[0], table.level[1]], [0.1, 0]);
  table.dispose();
});

test('buckets: a conversion on an edge belongs to the one that ends there, an open row to the next', () => {
  const ages = new AgeBuckets([0.5, 2]);
  assert.equal(
    [0, 0.5, 0.6, 2, 9].map((a) => ages.of(a)),
    [0, 0, 1, 1, 2],
  );
  assert.equal(
    [0, 0.5, 0.6, 2, 9].map((a) => ages.openAt(a)),
    [0, 1, 1, 2, 2],
  );
  assert.throws(() => new AgeBuckets([1, 1]), /rise/);
  assert.throws(() => new AgeBuckets([]), /1 to 64/);
});

test('ages chosen from delays: whole where delays are, inside the window, with falling ratios', () => {
  const whole = agesFor([1, 2, 3, 40, 200], [100, 300]);
  assert.ok(whole.every(Number.isInteger));
  const ages = agesFor([0.5, 1, 2, 3], [30, 30]);
  assert.ok(ages[0] <= 0.1 && ages[ages.length - 1] <= 27 && ages.length > 8, ages.join());
  assert.equal(agesFor([0.001], [30])[0], 0.001);
  assert.throws(() => agesFor([0, 0], [1]), /no conversion after its exposure/);
});

test.run();
