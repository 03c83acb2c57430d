import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeConversions } from '../../src/conversions-model-file.ts';
import { Base } from '../../src/delayed-feedback/base.ts';
import { DelayedFeedbackClassifier } from '../../src/delayed-feedback/classifier.ts';
import type { ConversionEvents } from '../../src/delayed-feedback/events.ts';
import { ConversionLog } from '../../src/delayed-feedback/log.ts';
import { MethodRun } from '../../src/delayed-feedback/method-run.ts';
import { METHODS, type MethodName } from '../../src/delayed-feedback/methods/names.ts';
import { OpenRows, ROW_BYTES } from '../../src/delayed-feedback/open-rows.ts';
import { Replay } from '../../src/delayed-feedback/replay.ts';
import { checkConversionOptions, resolveOptions } from '../../src/delayed-feedback/resolve-options.ts';
import { takeRows } from '../../src/delayed-feedback/take-rows.ts';
import { Wheel } from '../../src/delayed-feedback/wheel.ts';
import { close } from '../helpers/close.ts';
import { smallColumns, smallLog } from '../helpers/conversions.ts';
import { engine } from '../helpers/kernel.ts';

const FIT = { pretrainUntil: 15, bits: 8, epochs: 1, step: 1, ages: [0.25, 0.5, 1, 2, 3.5, 6] } as const;
const STREAMED = METHODS.filter((m) => m !== 'static' && m !== 'oracle');
const OPTIONS = { window: 10, end: 50 };

const bytesOf = (values: unknown) =>
  JSON.stringify(values, (_, v) => (ArrayBuffer.isView(v) ? Array.from(v as never) : v));

test('a wheel fires rows by time, then place, whatever the order they came in', () => {
  const time = fc.double({ min: 0, max: 50, noNaN: true });
  fc.assert(
    fc.property(fc.array(time, { maxLength: 60 }), fc.integer({ min: 1, max: 400 }), (due, ticks) => {
      const rows = new OpenRows(64);
      const wheel = new Wheel(rows, 8 / ticks, 8, 0);
      due.forEach((d, row) => {
        rows.open(row, 0, 100);
        rows.due[row] = d;
        wheel.add(row);
      });
      const fired: number[] = [];
      for (const [until, inclusive] of [
        [5, false],
        [5, true],
        [30, false],
        [100, false],
      ] as const) {
        for (let row = wheel.next(until, inclusive); row >= 0; row = wheel.next(until, inclusive)) {
          assert.ok(rows.due[row] < until || (inclusive && rows.due[row] === until));
          fired.push(row);
        }
      }
      const expected = due.map((_, row) => row).sort((a, b) => rows.due[a] - rows.due[b] || a - b);
      assert.equal(fired, expected);
      assert.is(wheel.pending, 0);
    }),
  );
});

test('a wheel whose ticks are shorter than a double can tell, or whose rows are far away, still comes to an end', () => {
  for (const [start, longest, due] of [
    [1.7e18, 10, 4e3],
    [1e15, 1e-30, 1],
    [0, 1e-300, 50],
    [0, 1e-3, 1e12],
    [-1e15, 30, 2e15],
    [1e30, 1, 1e29],
  ]) {
    const rows = new OpenRows(4);
    const wheel = new Wheel(rows, longest / 4096, longest, start);
    for (const row of [0, 1]) {
      rows.open(row, start, 100);
      rows.due[row] = due * (1 + row);
      wheel.add(row);
    }
    const fired: number[] = [];
    const until = start + 4 * due;
    for (let row = wheel.next(until, true); row >= 0; row = wheel.next(until, true)) fired.push(row);
    assert.equal(fired, [0, 1], `from ${start}, ticks of ${longest / 4096}`);
  }
});

test('state of an open row', () => {
  const { state } = { state: new OpenRows(1) };
  const bytes = Object.values(state)
    .filter((v) => ArrayBuffer.isView(v))
    .reduce((sum, v) => sum + v.byteLength, 0);
  assert.is(bytes, ROW_BYTES);
  assert.ok(ROW_BYTES <= 32);
});

/** What a method has become at t, on a log and on the same log without anything after t. */
async function atTime(method: MethodName, seed: number, t: number): Promise<[string, string]> {
  const log = smallLog({ rows: 400, seed, options: OPTIONS });
  const settings = resolveOptions(engine, log, checkConversionOptions(FIT));
  const base = await Base.learn(engine, log, settings, [method]);
  const from = log.rowsBefore(15);
  const states = [log, forget(smallColumns({ rows: 400, seed }), t)].map((known) => {
    const rows = new OpenRows(known.rows);
    const run = new MethodRun(base, method, { rows, store: base.store, flushed: () => {} });
    const replay = new Replay(known, run, rows, 15, from, known.rows);
    for (let k = 16; k < t; k++) replay.until(k);
    replay.until(t, true);
    // Of rows exposed by then: later ones are open in neither.
    const { model, posterior, health } = run.state();
    run.dispose();
    return bytesOf([model, posterior, health, rows.state()]);
  });
  base.dispose();
  return [states[0], states[1]];
}

/** The log without conversions and signals after t; exposures stay, they have no effect before their time. */
function forget(columns: ReturnType<typeof smallColumns>, t: number): ConversionLog {
  const cut = (delays: ArrayLike<number>) =>
    Float64Array.from(delays, (d, i) => (columns.time[i] + d <= t ? d : Number.NaN));
  const cart = cut(columns.signalDelays!.cart);
  return new ConversionLog(
    { ...columns, conversionDelay: cut(columns.conversionDelay), signalDelays: { cart } },
    OPTIONS,
  );
}

for (const method of STREAMED) {
  test(`${method}: nothing learned by t depends on what happens after t`, async () => {
    for (const [seed, t] of [
      [1, 17.3],
      [2, 24],
      [3, 31.7],
    ]) {
      const [whole, known] = await atTime(method, seed, t);
      assert.ok(whole === known, `seed ${seed}, t ${t}`);
    }
  });
}

test('the oracle does depend on it: the test can fail', async () => {
  const log = smallLog({ rows: 400, options: OPTIONS });
  const fit = (known: ConversionLog) =>
    DelayedFeedbackClassifier.fit(engine, known, { ...FIT, method: 'oracle', until: 24 });
  const states = [];
  for (const known of [log, forget(smallColumns({ rows: 400 }), 24)]) {
    const model = await fit(known);
    states.push(bytesOf(model.state().run.model));
    assert.throws(() => model.update({ until: 30 }), /oracle/);
    model.dispose();
  }
  assert.ok(states[0] !== states[1]);
});

/** Everything that happened in (from, until] of the small log. */
function eventsOf(log: ConversionLog, from: number, until: number): ConversionEvents {
  const rows = Array.from({ length: log.rows }, (_, i) => i);
  const inside = (t: number) => t > from && t <= until;
  const at = (delay: ArrayLike<number>) => rows.filter((i) => inside(log.time[i] + delay[i]));
  const told = (list: number[], delay: ArrayLike<number>) => ({
    id: list.map((i) => log.id![i]),
    time: list.map((i) => log.time[i] + delay[i]),
  });
  const exposed = rows.filter((i) => inside(log.time[i]));
  const [converted, seen] = [at(log.delay), at(log.signals[0])];
  return {
    until,
    exposures: {
      id: exposed.map((i) => log.id![i]),
      time: exposed.map((i) => log.time[i]),
      features: takeRows(log.features, exposed),
    },
    conversions: told(converted, log.delay),
    signals: { ...told(seen, log.signals[0]), signal: seen.map(() => 'cart') },
  };
}

for (const method of ['telescoping', 'esdfm', 'defer', 'vanilla', 'gdfm'] as const) {
  test(`${method}: updates go on to the same bits after a restart, and use places again`, async () => {
    const log = smallLog({ rows: 3000, options: OPTIONS });
    const first = await DelayedFeedbackClassifier.fit(engine, log, { ...FIT, method, until: 20 });
    const twin = await DelayedFeedbackClassifier.fit(engine, log, { ...FIT, method, until: 20 });
    assert.ok(Buffer.from(encodeConversions(first)).equals(encodeConversions(twin)), 'same seed, same bits');
    twin.dispose();
    let second = DelayedFeedbackClassifier.restore(engine, first.state());
    for (const [from, until] of [
      [20, 22.5],
      [22.5, 23],
      [23, 41],
    ]) {
      const events = eventsOf(log, from, until);
      const report = first.update(events);
      assert.is(report.exposures, events.exposures!.id.length);
      const next = DelayedFeedbackClassifier.restore(engine, second.state());
      second.dispose();
      second = next;
      assert.equal(second.update(events), report);
      assert.ok(Buffer.from(encodeConversions(first)).equals(encodeConversions(second)), `until ${until}`);
    }
    const features = takeRows(log.features, [0, 1, 2, 3]);
    close(first.predict(features), second.predict(features));
    assert.is(first.update({ until: 60 }).open, 0, 'every window has ended');
    first.dispose();
    second.dispose();
  });
}

test('updating from where a fit ended is as good as a longer fit', async () => {
  const log = smallLog({ rows: 3000, options: OPTIONS });
  const whole = await DelayedFeedbackClassifier.fit(engine, log, { ...FIT, until: 30.005 });
  const part = await DelayedFeedbackClassifier.fit(engine, log, { ...FIT, until: 25.005 });
  for (let t = 25.005; t < 30; t++) part.update(eventsOf(log, t, t + 1));
  const features = takeRows(log.features, [0, 1, 2, 3, 4, 5]);
  close(part.predict(features), whole.predict(features), { absolute: 0.01 });
  assert.is(part.open, whole.open);
  whole.dispose();
  part.dispose();
});

test('events that cannot be used are refused before anything changes, or counted', async () => {
  const log = smallLog({ options: OPTIONS });
  const model = await DelayedFeedbackClassifier.fit(engine, log, { ...FIT, until: 20 });
  const before = bytesOf(model.state());
  const features = takeRows(log.features, [0]);
  const exposure = (more: object) => ({ exposures: { id: ['new'], time: [21], features, ...more } });
  const refused: [object, RegExp][] = [
    [{ until: 19 }, /until must not be before the clock/],
    [{ until: Number.NaN }, /until must be a finite number/],
    [{ until: 22, ...exposure({ time: [23] }) }, /not up to 22/],
    [{ until: 22, ...exposure({ time: [Number.NaN] }) }, /NaN/],
    [{ until: 22, ...exposure({ window: 3 }) }, /window 10, got 3/],
    [{ until: 22, ...exposure({ id: ['new', 'new'] }) }, /2/],
    [{ until: 22, ...exposure({ id: [log.id![990]] }) }, /open already/],
    [{ until: 22, ...exposure({ features: { rows: 1, columns: [] } }) }, /no such column/],
    [{ until: 22, signals: { id: ['x'], time: [21], signal: ['other'] } }, /must be one of cart/],
    [{ until: 22, conversions: { id: ['x'], time: [] } }, /1 entries/],
    [{ until: '22' }, /until must be a number/],
    [null as never, /events must be an object/],
    [{ until: 22, conversion: { id: ['x'], time: [21] } }, /unknown option "conversion"/],
    [{ until: 22, conversions: { id: ['x'], times: [21] } }, /conversions: unknown option "times"/],
    [{ until: 22, conversions: { id: 'ab', time: [21, 21] } }, /conversions.id must be an array/],
    [{ until: 22, conversions: { id: [null], time: [21] } }, /conversions.id\[0\] must be text or a finite/],
    [{ until: 22, conversions: { id: ['x'], time: [null] } }, /conversions.time\[0\] must be a number/],
    [{ until: 22, ...exposure({ time: ['21'] }) }, /exposures.time\[0\] must be a number/],
    [{ until: 22, ...exposure({ window: [null] }) }, /window\[0\] must be a number/],
  ];
  for (const [events, message] of refused) {
    assert.throws(() => model.update(events as ConversionEvents), message);
    assert.ok(bytesOf(model.state()) === before, String(message));
  }
  const report = model.update({ until: 22, conversions: { id: ['nobody', log.id![995]], time: [21, 19] } });
  assert.equal(report.unknown, ['nobody']);
  assert.is(report.late, 1);
  model.dispose();
});

test('the classifier tells hot from cold, and how likely open rows are still to convert', async () => {
  const log = smallLog({ rows: 6000, options: OPTIONS });
  const model = await DelayedFeedbackClassifier.fit(engine, log, { ...FIT, epochs: 10, until: 40 });
  const hot = log.features.columns[0].kind === 'categorical' ? log.features.columns[0] : undefined;
  const pick = ['hot', 'cold'].map((kind) => hot!.codes.findIndex((code) => hot!.levels[code] === kind));
  const features = takeRows(log.features, pick);
  /** Share that converts of the rows of a kind that are open at an age. */
  const share = (code: number, age: number) => {
    const open = Array.from({ length: log.rows }, (_, i) => i).filter(
      (i) => hot!.codes[i] === code && log.delay[i] > age,
    );
    return open.filter((i) => log.delay[i] !== Infinity).length / open.length;
  };
  const codes = pick.map((row) => hot!.codes[row]);
  const p = model.predict(log.features);
  for (const code of codes) {
    const own = [...p].filter((_, i) => hot!.codes[i] === code);
    close([own.reduce((a, b) => a + b, 0) / own.length], [share(code, -1)], { absolute: 0.08 });
  }
  const open = model.flipProbability(features, 4);
  const mixed = model.flipProbability(features, 4, { signals: { cart: [Number.NaN, Number.NaN] } });
  assert.equal(mixed, open, 'no signal is the pattern of none');
  const seen = model.flipProbability(features, 4, { signals: { cart: [1, 1] } });
  assert.ok(seen[0] > open[0] && seen[1] > open[1], 'a cart speaks for a conversion');
  close(model.flipProbability(features, 10.5), [0, 0], { absolute: 1e-6 });
  assert.throws(() => model.flipProbability(features, -1), /elapsed/);
  assert.throws(
    () => model.flipProbability(features, 1, { signals: { other: [1, 1] } }),
    /no signal is named other/,
  );
  const rows = model.flipOpen();
  assert.ok(
    rows.length > 500 && rows.every(({ age, probability }) => age >= 0 && age <= 10 && probability < 1),
  );
  assert.equal(model.features, [
    { name: 'kind', kind: 'categorical' },
    { name: 'noise', kind: 'numeric' },
  ]);
  model.dispose();
});

test('a disposed classifier says so instead of reading memory that is no longer its own', async () => {
  const log = smallLog({ rows: 300, options: OPTIONS });
  const slices = engine.stats().slices;
  const model = await DelayedFeedbackClassifier.fit(engine, log, { ...FIT, until: 20 });
  const features = takeRows(log.features, [0, 1]);
  for (const [given, message] of [
    [{ signals: { cart: ['1', null] } }, /signal cart\[0\] must be a number/],
    [{ signal: { cart: [1, 1] } }, /unknown option "signal"/],
    [{ signals: [[1, 1]] }, /signals must be an object of ages by the name of the signal, got Array\(1\)/],
    [{ signals: null }, /signals must be an object of ages by the name of the signal, got null/],
  ] as const) {
    assert.throws(() => model.flipProbability(features, 1, given as never), message);
  }
  model.dispose();
  model.dispose();
  assert.is(engine.stats().slices, slices);
  for (const work of [
    () => model.predict(features),
    () => model.flipProbability(features, 1),
    () => model.flipOpen(),
    () => model.update({ until: 30 }),
    () => model.state(),
  ]) {
    assert.throws(work, /this classifier has been disposed/);
  }
});

test('a small log is promised its own rate, and a row that was just shown what a new row is', async () => {
  for (const rows of [120, 400]) {
    const log = smallLog({ rows, options: OPTIONS });
    const model = await DelayedFeedbackClassifier.fit(engine, log, { pretrainUntil: 30 });
    const p = model.predict(log.features);
    const mean = p.reduce((sum, x) => sum + x, 0) / rows;
    const rate = log.counts.positives / rows;
    // Two standard errors of the rate itself; without a start at the rate the mean lay .09 above it.
    close([mean], [rate], { absolute: 2 * Math.sqrt((rate * (1 - rate)) / rows) });
    close(model.flipProbability(log.features, 0), p, { absolute: 1e-5 });
    model.dispose();
  }
});

test('a training that diverges answers with probabilities all the same', async () => {
  const log = smallLog({ rows: 600, options: { window: 10, end: 40 } });
  const rates = { learningRate: 100, pretrainRate: 100 };
  for (const body of ['logistic', 'fm'] as const) {
    const model = await DelayedFeedbackClassifier.fit(engine, log, {
      pretrainUntil: 20,
      bits: 8,
      body,
      ...rates,
    });
    const answers = [model.predict(log.features), model.flipProbability(log.features, 2)];
    for (const p of answers) assert.ok(p.every((x) => x >= 0 && x <= 1));
    model.dispose();
  }
});

test('a log with nothing to learn is its own error', async () => {
  const code = async (log: ConversionLog) => {
    try {
      await DelayedFeedbackClassifier.fit(engine, log, { ...FIT, ages: undefined });
      return 'none';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  const columns = smallColumns();
  const never = new Float64Array(2000).fill(Number.NaN);
  assert.is(await code(new ConversionLog({ ...columns, conversionDelay: never }, OPTIONS)), 'all-negative');
  const always = new Float64Array(2000).fill(1);
  assert.is(await code(new ConversionLog({ ...columns, conversionDelay: always }, OPTIONS)), 'all-positive');
  const late = { ...columns, time: Float64Array.from(columns.time as Float64Array, (t) => t + 16) };
  assert.is(await code(new ConversionLog(late, { ...OPTIONS, end: 100 })), 'no-history');
});

test('an aborted fit leaves nothing behind', async () => {
  const slices = engine.stats().slices;
  const signal = AbortSignal.abort(new Error('enough'));
  try {
    await DelayedFeedbackClassifier.fit(engine, smallLog({ options: OPTIONS }), { ...FIT, signal });
    assert.unreachable('must abort');
  } catch (error) {
    assert.is((error as Error).message, 'enough');
  }
  assert.is(engine.stats().slices, slices);
});

test.run();
