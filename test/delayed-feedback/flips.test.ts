import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DataError } from '../../src/check.ts';
import { DelayedFeedbackClassifier } from '../../src/delayed-feedback/classifier.ts';
import { evaluateFlips, FlipModel } from '../../src/delayed-feedback/flips.ts';
import { ConversionLog } from '../../src/delayed-feedback/log.ts';
import { evaluateMethods } from '../../src/delayed-feedback/prequential.ts';
import { takeRows } from '../../src/delayed-feedback/take-rows.ts';
import { smallColumns, smallLog } from '../helpers/conversions.ts';
import { engine } from '../helpers/kernel.ts';

const FAST = { bits: 8, epochs: 1 } as const;

/** Days since 1970, as most logs have them; the last rows are still open. */
const START = 20_089;
function datedLog(rows = 800): ConversionLog {
  const columns = smallColumns({ rows });
  const time = Float64Array.from(columns.time, (t) => START + t);
  return new ConversionLog({ ...columns, time }, { window: 10, end: START + 40 });
}

async function failure(work: () => Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await work();
  } catch (error) {
    return error as Error;
  }
  return assert.unreachable(String(work)) as never;
}

const said = (kind: new () => Error, rule: RegExp) => (error: unknown) =>
  error instanceof kind && rule.test(error.message);

test('flips: signals tell what features cannot', async () => {
  const log = smallLog({ rows: 6000 });
  const [at] = await evaluateFlips(engine, log, { elapsed: [2], pretrainUntil: 20, until: 38, bits: 10 });
  assert.ok(at.withSignals.auc > at.featuresOnly.auc + 0.05, `${at.withSignals.auc} ${at.featuresOnly.auc}`);
  assert.ok(at.withSignals.logLoss < at.featuresOnly.logLoss);
  assert.ok(at.withSignals.aucError > 0.005 && at.withSignals.aucError < 0.05);
  const open = Array.from({ length: log.rows }, (_, i) => i).filter((i) => {
    return i >= log.rowsBefore(20) && i < log.rowsBefore(38) && log.delay[i] > 2;
  });
  assert.is(at.withSignals.rows, open.length);
});

test('without a bound the history is the one that a classifier, or an evaluation of methods, takes', async () => {
  const log = datedLog();
  const model = await FlipModel.fit(engine, log, { ...FAST, elapsed: 2 });
  const classifier = await DelayedFeedbackClassifier.fit(engine, log, FAST);
  assert.is(model.options.pretrainUntil, classifier.card.settings.pretrainUntil);
  assert.ok(model.options.pretrainUntil > START + 20, String(model.options.pretrainUntil));
  const methods = ['static'] as const;
  const { settings } = await evaluateMethods(engine, log, { ...FAST, methods, resamples: 0 });
  const { pretrainUntil, until } = settings;
  const chosen = await evaluateFlips(engine, log, { ...FAST, elapsed: [2, 4] });
  assert.equal(chosen, await evaluateFlips(engine, log, { ...FAST, elapsed: [2, 4], pretrainUntil, until }));
  assert.ok(chosen.every(({ withSignals: { rows, auc } }) => rows > 100 && auc > 0.5));
  model.dispose();
  classifier.dispose();
});

test('a history with nothing to learn from names its bound and where the log begins', async () => {
  const log = datedLog();
  const rule = /^no row before pretrainUntil \(0\) has a final label: .*; the log begins at 20089$/;
  const early = { ...FAST, pretrainUntil: 0 };
  for (const work of [
    () => FlipModel.fit(engine, log, { ...early, elapsed: 2 }),
    () => evaluateFlips(engine, log, { ...early, elapsed: [2] }),
    () => DelayedFeedbackClassifier.fit(engine, log, early),
  ]) {
    const error = await failure(work);
    assert.instance(error, DataError);
    assert.match(error.message, rule);
    assert.is(error.code, 'no-history');
  }
  const one = await failure(() =>
    FlipModel.fit(engine, log, { ...FAST, elapsed: 2, pretrainUntil: START + 0.01 }),
  );
  assert.match(
    one.message,
    /^(none|all) of the 1 rows before pretrainUntil \(20089\.01\) whose label is final/,
  );
  const none = { time: [], conversionDelay: [], features: { rows: 0, columns: [] } };
  const empty = await failure(() =>
    FlipModel.fit(engine, new ConversionLog(none, { window: 3 }), { elapsed: 2 }),
  );
  assert.match(empty.message, /^the log has no rows/);
});

test('flips that cannot be learned or judged are refused', async () => {
  const log = datedLog();
  const flips = (given: object) => failure(() => evaluateFlips(engine, log, { ...FAST, ...given }));
  const at = { elapsed: [2], pretrainUntil: START + 20 };
  const refused: [object, new (...args: never[]) => Error, RegExp][] = [
    [{ elapsed: [10] }, RangeError, /^elapsed must be an age at which a row of the history is open, got 10$/],
    [{ ...at, until: START + 20 }, RangeError, /^until must be after pretrainUntil \(20109\), got 20109$/],
    [{ ...at, until: Number.NaN }, RangeError, /^until must be a finite number .*, got NaN$/],
    [{ ...at, pretrainUntil: null }, TypeError, /^pretrainUntil must be a number, got null$/],
    [{ ...at, pretrainUntil: START + 31 }, DataError, /nothing can be judged/],
    [{}, TypeError, /at least one age/],
    [{ elapsed: 2 }, TypeError, /^elapsed must be a list, got 2$/],
  ];
  for (const [given, kind, rule] of refused) {
    const error = await flips(given);
    assert.instance(error, kind, String(rule));
    assert.match(error.message, rule);
  }
  assert.match((await failure(() => evaluateFlips(engine, log, null as never))).message, /object of options/);
});

test('a flip model takes the ages of its signals by name, and those left out as never seen', async () => {
  const columns = smallColumns({ rows: 800 });
  const { cart } = columns.signalDelays!;
  const visit = Float64Array.from(cart, (_, i) => (i % 3 === 0 ? 1 : Number.NaN));
  const logOf = (signalDelays: Record<string, ArrayLike<number>>) =>
    new ConversionLog({ ...columns, signalDelays }, { window: 10, end: 50 });
  const log = logOf({ cart, visit });
  const options = { ...FAST, elapsed: 2, pretrainUntil: 20 };
  const model = await FlipModel.fit(engine, log, options);
  const features = takeRows(log.features, [0, 1]);
  const seen = [1, 1];
  const both = model.predict(features, { visit: [1.5, 1.5], cart: seen });
  assert.equal(both, model.predict(features, { cart: seen, visit: [1.5, 1.5] }));
  const one = model.predict(features, { cart: seen });
  assert.equal(one, model.predict(features, { cart: seen, visit: [Number.NaN, 3] }), 'not seen by the age 2');
  assert.not.equal(one, both);
  assert.not.equal(one, model.predict(features), 'a cart is told apart from none');
  for (const [signals, kind, rule] of [
    [{ other: [1, 1] }, RangeError, /^no signal is named other; there are cart, visit$/],
    [[[1, 1]], TypeError, /^signals must be an object of ages by the name of the signal, got Array\(1\)$/],
    [Promise.resolve({ cart: seen }), TypeError, /^signals must be .*, got a promise: await it first$/],
    [{ cart: [1] }, RangeError, /signal cart must have 2 entries/],
    [{ cart: [1, null] }, TypeError, /signal cart\[1\] must be a number/],
  ] as [unknown, new () => Error, RegExp][]) {
    assert.throws(() => model.predict(features, signals as never), said(kind, rule));
  }
  assert.equal(
    model.evaluate(logOf({ visit, cart }), 20, 38),
    model.evaluate(log, 20, 38),
    'found by name in a log with another order',
  );
  assert.throws(
    () => model.evaluate(logOf({ cart }), 20, 38),
    said(RangeError, /^the log has no signal visit; it has cart$/),
  );
  const plain = await FlipModel.fit(engine, log, { ...options, signals: false });
  assert.throws(() => plain.predict(features, { cart: seen }), /no signal is named cart; there are none/);
  plain.dispose();
  model.dispose();
  model.dispose();
  assert.throws(() => model.predict(features, { cart: seen }), /this model has been disposed/);
});

test.run();
