import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bootstrap, drawResamples } from '../../src/delayed-feedback/bootstrap.ts';
import { delayCurve } from '../../src/delayed-feedback/delay-curve.ts';
import { WeightHealth } from '../../src/delayed-feedback/health.ts';
import { ConversionLog } from '../../src/delayed-feedback/log.ts';
import { evaluateMethods } from '../../src/delayed-feedback/prequential.ts';
import { close } from '../helpers/close.ts';
import { smallColumns, smallLog } from '../helpers/conversions.ts';
import { engine } from '../helpers/kernel.ts';

const OPTIONS = { pretrainUntil: 12, until: 38, step: 1, bits: 8, epochs: 2, resamples: 200 } as const;

test('every method over one stream: anchors of RI, paired differences, nothing left in memory', async () => {
  const log = smallLog({ rows: 4000 });
  const slices = engine.stats().slices;
  const result = await evaluateMethods(engine, log, OPTIONS);
  assert.is(engine.stats().slices, slices);
  assert.is(Object.keys(result.methods).length, 16);
  const { oracle, vanilla, telescoping, esdfm } = result.methods;
  assert.equal([vanilla!.riAuc, oracle!.riAuc, vanilla!.riLogLoss, oracle!.riLogLoss], [0, 100, 0, 100]);
  assert.is(result.steps.length, 25);
  assert.is(result.rows, log.rowsBefore(38) - log.rowsBefore(13));
  assert.is(result.open, 0);
  for (const [name, m] of Object.entries(result.methods)) {
    assert.ok(m.auc > 0.5 && m.auc < 1 && m.logLoss > 0 && m.ece >= 0, name);
    assert.is(m.bySteps.auc.length, 25, name);
    assert.ok(m.ci.auc.low <= m.auc && m.auc <= m.ci.auc.high, name);
  }
  assert.ok(telescoping!.riLogLoss! > 80, `telescoping closes ${telescoping!.riLogLoss} %`);
  assert.ok(Math.abs(telescoping!.pcoc - oracle!.pcoc) < 0.1);
  assert.ok(vanilla!.pcoc < 0.7, 'labels taken too early predict too little');
  const there = telescoping!.against.esdfm!.logLoss;
  const back = esdfm!.against.telescoping!.logLoss;
  close([there.difference, there.low, there.high], [-back.difference, -back.high, -back.low], {
    absolute: 1e-12,
  });
  close([there.difference], [telescoping!.logLoss - esdfm!.logLoss], { absolute: 1e-12 });
  const again = await evaluateMethods(engine, log, { ...OPTIONS, methods: ['vanilla', 'telescoping'] });
  assert.equal(
    again.methods.telescoping!.bySteps,
    telescoping!.bySteps,
    'a method does not depend on its company',
  );
  assert.is(again.methods.telescoping!.riAuc, undefined, 'no RI without both anchors');
});

test('a gap that is not there is not closed: no share where the oracle is not ahead', async () => {
  const log = smallLog({ rows: 3000 });
  // With steps of length 0 nothing is learned in the stream: both anchors stay where the history left them.
  const { methods } = await evaluateMethods(engine, log, {
    ...OPTIONS,
    methods: ['oracle', 'vanilla', 'telescoping'],
    learningRate: 0,
  });
  assert.is(methods.oracle!.logLoss, methods.vanilla!.logLoss);
  assert.equal([methods.telescoping!.riAuc, methods.telescoping!.riLogLoss], [undefined, undefined]);
  assert.is(methods.telescoping!.ci.riAuc, undefined);
});

test('without bounds a third of the rows with final labels is history, and the last of them ends the stream', async () => {
  const log = smallLog({ rows: 2000, options: { end: 40 } });
  const { settings, rows, methods, open } = await evaluateMethods(engine, log, {
    bits: 8,
    epochs: 2,
    resamples: 0,
    methods: ['vanilla', 'oracle', 'telescoping'],
  });
  const final = log.time.filter((_, i) => log.mature[i] === 1);
  assert.is(settings.pretrainUntil, final[Math.floor(final.length / 3)]);
  assert.is(log.rowsBefore(settings.until), 1 + log.time.lastIndexOf(final[final.length - 1]));
  assert.ok(rows > 900 && open < 600 && methods.telescoping!.riLogLoss! > 50);
});

test('rows whose label is not final yet are left out of the test whatever they did, and counted', async () => {
  const log = smallLog({ rows: 2000, options: { end: 30 } });
  const { open, rows } = await evaluateMethods(engine, log, { ...OPTIONS, methods: ['static'], until: 25 });
  assert.is(open, log.rowsBefore(25) - log.rowsBefore(20) - 1);
  assert.is(rows, log.rowsBefore(20) + 1 - log.rowsBefore(13));
});

test('weight models that go on learning change the weights', async () => {
  const log = smallLog({ rows: 3000 });
  const run = (refresh: boolean) =>
    evaluateMethods(engine, log, { ...OPTIONS, methods: ['esdfm'], refresh }).then(
      (r) => r.methods.esdfm!.logLoss,
    );
  const [frozen, learning] = [await run(false), await run(true)];
  assert.ok(frozen !== learning && Math.abs(frozen - learning) < 0.05, `${frozen} ${learning}`);
});

test('clipping and self-normalisation are seen in the health of the weights', async () => {
  const log = smallLog({ rows: 3000 });
  const health = async (options: object) =>
    (await evaluateMethods(engine, log, { ...OPTIONS, methods: ['fsiw'], elapsed: 0.5, ...options })).methods
      .fsiw!.health;
  const free = await health({});
  const cut = await health({ clip: 2 });
  assert.ok(free.largest > 2 && free.clippedShare === 0);
  assert.ok(cut.largest <= 2 && cut.clippedShare > 0 && cut.effectiveShare > free.effectiveShare);
  const plain = await evaluateMethods(engine, log, {
    ...OPTIONS,
    methods: ['fsiw'],
    elapsed: 0.5,
    selfNormalise: true,
  });
  assert.ok(plain.methods.fsiw!.logLoss > 0);
});

test('health: effective sample size, and a warning when a few examples decide', () => {
  const even = new WeightHealth();
  for (let i = 0; i < 1000; i++) even.add(2);
  assert.equal(even.report(), {
    examples: 1000,
    effective: 1000,
    effectiveShare: 1,
    largest: 2,
    clippedShare: 0,
  });
  const few = new WeightHealth();
  for (let i = 0; i < 1000; i++) few.add(i < 5 ? 100 : 0.01);
  assert.match(few.report().warning!, /a few examples decide/);
  const cut = new WeightHealth();
  for (let i = 0; i < 100; i++) cut.add(1, i < 10);
  assert.match(cut.report().warning!, /10.0 % of the weights were cut/);
  const back = new WeightHealth();
  back.restore(few.state());
  assert.equal(back.report(), few.report());
  assert.is(new WeightHealth().report().examples, 0);
});

test('the bootstrap interval of a mean is about 1.96 standard errors wide on each side', () => {
  const drawn = drawResamples(engine, 400, 2000, 1);
  const values = Float64Array.from({ length: 400 }, (_, i) => (i * 7919) % 400);
  const mean = (chosen: Uint32Array) => chosen.reduce((sum, k) => sum + values[k], 0) / chosen.length;
  const { low, high } = bootstrap(drawn, 0.95, mean);
  const error = Math.sqrt((400 * 400) / 12 / 400);
  close([low, high], [199.5 - 1.96 * error, 199.5 + 1.96 * error], { absolute: 0.15 * error });
});

test('bad options are refused by name', async () => {
  const log = smallLog();
  const refused: [object, RegExp][] = [
    [{ methods: ['other'] }, /methods must be one of static/],
    [{ methods: [] }, /at least one/],
    [{ until: 11 }, /until must not be before/],
    [{ step: 0 }, /step must be above 0/],
    [{ step: 30 }, /step must part the stream into 2 to 1,000,000 steps, but 30 makes 1/],
    [{ methods: 'vanilla' }, /methods must be a list/],
    [{ onProgress: 5 }, /onProgress must be a function/],
    [{ signal: {} }, /signal must be an AbortSignal/],
    [{ ages: [1, 1] }, /ages must rise/],
    [{ cap: 0.5 }, /cap/],
    [{ nothing: 1 }, /unknown option "nothing"/],
    [{ level: 2 }, /level/],
  ];
  for (const [options, message] of refused) {
    try {
      await evaluateMethods(engine, log, { ...OPTIONS, ...options });
      assert.unreachable(String(message));
    } catch (error) {
      assert.match((error as Error).message, message);
    }
  }
});

test('what cannot be judged is an error, not a metric of NaN', async () => {
  const log = smallLog({ rows: 400 });
  const failure = async (work: () => unknown): Promise<Error & { code?: string }> => {
    try {
      await work();
    } catch (error) {
      return error as Error;
    }
    return assert.unreachable(String(work)) as never;
  };
  const evaluate = (options: unknown, of: unknown = log) =>
    failure(() => evaluateMethods(engine, of as never, options as never));
  const young = smallLog({ rows: 400, options: { end: 40 } });
  assert.is((await evaluate({ methods: ['vanilla'], pretrainUntil: 30.5 }, young)).code, 'no-final-labels');
  const columns = smallColumns({ rows: 400 });
  const atOnce = columns.conversionDelay.map((delay) => (Number.isNaN(delay) ? delay : 0));
  const instant = new ConversionLog(
    { ...columns, conversionDelay: atOnce, signalDelays: {} },
    { window: 10, end: 50 },
  );
  assert.is(
    (await evaluate({ methods: ['vanilla'], pretrainUntil: 20, until: 38 }, instant)).code,
    'no-delays',
  );
  assert.match((await evaluate(null)).message, /must be given an object of options/);
  assert.match((await evaluate(Promise.resolve({}))).message, /object of options, got a promise: await it/);
  assert.match((await evaluate({ methods: ['vanilla'] }, columns)).message, /log must be a ConversionLog/);
  for (const ages of [[3, 1], [Number.NaN], 'abc', [-1]]) {
    assert.match((await failure(() => delayCurve(log, { ages: ages as never }))).message, /ages/);
  }
  assert.match((await failure(() => delayCurve(columns as never))).message, /log must be a ConversionLog/);
});

test.run();
