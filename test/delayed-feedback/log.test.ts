import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DataError } from '../../src/check.ts';
import { delayCurve } from '../../src/delayed-feedback/delay-curve.ts';
import { ConversionLog, type LogColumns, NEGATIVE, OPEN, POSITIVE } from '../../src/delayed-feedback/log.ts';
import { close } from '../helpers/close.ts';
import { smallLog } from '../helpers/conversions.ts';
import { refused } from '../helpers/refused.ts';

const NONE = Number.NaN;
const features = (rows: number) => ({ rows, columns: [] });
const columns = (time: number[], conversion: number[], more: Partial<LogColumns> = {}): LogColumns => ({
  time,
  conversion,
  features: features(time.length),
  ...more,
});

test('labels as they were known at a moment', () => {
  const log = new ConversionLog(columns([0, 1, 2], [3, NONE, 2]), { window: 5, end: 20 });
  const at = (t: number) => {
    const { count, label, final } = log.labelsAt(t);
    return [count, [...label].join(''), [...final].join('')];
  };
  assert.equal(at(-1), [0, '', '']);
  assert.equal(at(1), [2, '00', '00']);
  assert.equal(at(2), [3, '001', '001']);
  assert.equal(at(3), [3, '101', '101']);
  assert.equal(at(6), [3, '101', '111']);
  assert.throws(() => log.labelsAt(NONE), /time/);
});

test('a label shown at t does not depend on anything after t', () => {
  const time = fc.double({ min: 0, max: 20, noNaN: true });
  const rows = fc.array(fc.record({ time, delay: fc.option(time, { nil: NONE }) }), {
    minLength: 1,
    maxLength: 30,
  });
  fc.assert(
    fc.property(rows, time, (all, t) => {
      const build = (delays: number[]) =>
        new ConversionLog(
          { time: all.map((r) => r.time), conversionDelay: delays, features: features(all.length) },
          { window: 7, end: 100 },
        ).labelsAt(t);
      const whole = build(all.map((r) => r.delay));
      // Conversions after t are taken out of the log.
      const known = build(all.map((r) => (r.time + r.delay <= t ? r.delay : NONE)));
      assert.equal([...whole.label], [...known.label]);
      assert.equal([...whole.final], [...known.final]);
    }),
  );
});

test('outcomes, and what is counted instead of refused', () => {
  const log = new ConversionLog(
    columns([3, 0, 1, 2, 9], [NONE, 0, 9, NONE, 9.5], {
      negative: [4, NONE, NONE, NONE, NONE],
      signals: { cart: [3.5, NONE, 9.5, 2, 9.5] },
    }),
    { window: [5, 0, 5, 0, 5], end: 10 },
  );
  assert.equal([...log.source], [1, 2, 3, 0, 4]);
  assert.equal([...log.outcome], [POSITIVE, NEGATIVE, NEGATIVE, NEGATIVE, POSITIVE]);
  assert.equal([...log.mature], [1, 1, 1, 1, 0], 'converted early, but its window is still open');
  const { outOfOrder, zeroWindow, convertedLate, signalsAfterConversion } = log.counts;
  assert.equal(
    { outOfOrder, zeroWindow, convertedLate, signalsAfterConversion },
    {
      outOfOrder: 1,
      zeroWindow: 2,
      convertedLate: 1,
      signalsAfterConversion: 1,
    },
  );
  assert.equal(log.pattern(3, 0.5), 1);
  assert.equal(log.pattern(3, 0.4), 0);
});

test('without a window only known outcomes are final; the others are censored and counted', () => {
  const log = new ConversionLog(columns([0, 0, 0], [4, NONE, NONE], { negative: [NONE, 2, NONE] }));
  assert.equal([...log.outcome], [POSITIVE, NEGATIVE, OPEN]);
  assert.equal([...log.mature], [1, 1, 0]);
  assert.is(log.counts.censored, 1);
});

test('every broken rule has its own code, thrown with the row or listed', () => {
  const cases: [string, LogColumns, number | number[]][] = [
    ['bad-time', columns([0, NONE], [NONE, NONE]), 5],
    ['bad-window', columns([0, 1], [NONE, NONE]), [5, -1]],
    ['duplicate-id', columns([0, 1], [NONE, NONE], { id: ['a', 'a'] }), 5],
    ['conversion-before-exposure', columns([0, 1], [NONE, 0.5]), 5],
    ['negative-before-exposure', columns([0, 1], [NONE, NONE], { negative: [NONE, 0] }), 5],
    ['signal-before-exposure', columns([0, 1], [NONE, NONE], { signals: { cart: [NONE, 0] } }), 5],
    ['bad-label', columns([0, 1], [NONE, NONE], { label: [0, 2] }), 5],
    ['positive-without-time', columns([0, 1], [NONE, NONE], { label: [0, 1] }), 5],
    ['negative-with-conversion', columns([0, 1], [NONE, 2], { label: [0, 0] }), 5],
  ];
  for (const [code, given, window] of cases) {
    try {
      new ConversionLog(given, { window });
      assert.unreachable(code);
    } catch (error) {
      assert.instance(error, DataError, code);
      assert.is((error as DataError).code, code);
      assert.match((error as DataError).message, /row 1/, code);
    }
    const log = new ConversionLog(given, { window, bad: 'drop' });
    assert.equal([log.rows, log.rejected.length, log.rejected[0].row, log.rejected[0].code], [1, 1, 1, code]);
    assert.is(log.counts.dropped, 1);
  }
});

test('columns and windows that cannot be meant are refused', () => {
  const good = columns([0, 1], [NONE, NONE]);
  assert.throws(() => new ConversionLog(good, { window: 0 }), /window must be above 0/);
  assert.throws(() => new ConversionLog(good), /no row without a conversion is ever final/);
  assert.throws(() => new ConversionLog(good, { window: 1, windowEnd: [1, 2] }), /not both/);
  assert.throws(() => new ConversionLog({ ...good, conversionDelay: [1, 1] }, { window: 1 }), /not both/);
  assert.throws(() => new ConversionLog({ ...good, conversion: undefined }, { window: 1 }), /missing/);
  assert.throws(() => new ConversionLog({ ...good, conversion: [1] }, { window: 1 }), /2 entries/);
  assert.throws(() => new ConversionLog({ ...good, features: features(3) }, { window: 1 }), /2 rows/);
  assert.throws(() => new ConversionLog(good, { window: 1, nothing: 1 } as never), /unknown option/);
  const many = Object.fromEntries(Array.from({ length: 9 }, (_, s) => [`s${s}`, [NONE, NONE]]));
  assert.throws(() => new ConversionLog({ ...good, signals: many }, { window: 1 }), /at most 8 signals/);
});

test('what is no number is refused, and never counts as a conversion at once', () => {
  const good = columns([0, 1], [NONE, NONE]);
  const cases: [object, object, RegExp][] = [
    [{ conversion: [null, 2] }, {}, /conversion\[0\] must be a number \(NaN where there is none\), got null/],
    [{ conversion: [NONE, ''] }, {}, /conversion\[1\] must be a number .*got ""/],
    [{ conversion: undefined, conversionDelay: [NONE, '3'] }, {}, /conversionDelay\[1\] must be a number/],
    [{ time: ['0', '1'] }, {}, /time\[0\] must be a number, got "0"/],
    [{ time: [new Date(0), new Date(1)] }, {}, /time\[0\] must be a number/],
    [{ time: 'ab' }, {}, /time must be an array/],
    [{ time: BigInt64Array.of(0n, 1n) }, {}, /time\[0\] must be a number, got 0/],
    [{ label: [true, false] }, {}, /label\[0\] must be a number/],
    [{ negative: [null, null] }, {}, /negative\[0\]/],
    [{ signals: { cart: ['1', '1'] } }, {}, /signal cart\[0\]/],
    [{ signals: [[1, 1]] }, {}, /signals must be an object/],
    [{ signalDelays: null }, {}, /signalDelays must be an object/],
    [{ id: [null, 'a'] }, {}, /id\[0\] must be text or a finite number, got null/],
    [{ id: [NONE, 1] }, {}, /id\[0\] must be text or a finite number, got NaN/],
    [{ signal: { cart: [1, 1] } }, {}, /unknown option "signal"/],
    [{}, { window: ['5', '5'] }, /window\[0\] must be a number/],
    [{}, { window: undefined, windowEnd: ['5', '5'] }, /windowEnd\[0\] must be a number/],
  ];
  for (const [more, options, message] of cases) {
    refused(
      () => new ConversionLog({ ...good, ...more } as LogColumns, { window: 5, ...options }),
      TypeError,
      message,
    );
  }
  for (const nothing of [undefined, null, 'abc'] as never[]) {
    refused(() => new ConversionLog(nothing, { window: 5 }), TypeError, /log columns must be an object/);
  }
});

test('whatever the columns, a log counts every row or says in words what is wrong', () => {
  const number = fc.oneof(
    fc.double({ min: -50, max: 50, noNaN: false }),
    fc.constantFrom(NONE, Infinity, -Infinity, 1e300, 0, -0, 1),
  );
  const junk = fc.constantFrom<unknown>(null, undefined, 'abc', {}, [null], ['1', '2', '3'], [1], Infinity);
  const column = fc.oneof(
    { weight: 8, arbitrary: fc.array(number, { minLength: 3, maxLength: 3 }) },
    { weight: 1, arbitrary: junk },
  );
  const given = fc.record({
    columns: fc.record(
      {
        id: column,
        time: column,
        conversion: column,
        negative: column,
        label: column,
        signals: fc.record({ a: column }),
      },
      { requiredKeys: ['time', 'conversion'] },
    ),
    window: fc.oneof(number, column),
  });
  fc.assert(
    fc.property(given, (one) => {
      try {
        const log = new ConversionLog({ ...one.columns, features: features(3) } as never, {
          window: one.window as never,
          bad: 'drop',
        });
        const { rows, dropped, positives, negatives, censored } = log.counts;
        assert.equal([rows + dropped, positives + negatives + censored], [3, rows]);
        for (const values of [log.time, log.delay, log.closes, log.window, ...log.signals]) {
          assert.not.ok(values.some(Number.isNaN));
        }
        assert.ok(
          log.delay.every((delay, i) => delay === Infinity || (delay >= 0 && delay <= log.window[i])),
        );
      } catch (error) {
        if (error instanceof assert.Assertion) throw error;
        assert.ok(
          [TypeError, RangeError, DataError].some((kind) => error instanceof kind),
          String(error),
        );
        assert.not.match((error as Error).message, /Cannot|not a function|not iterable|undefined \(/);
      }
    }),
    { numRuns: 600, seed: 3 },
  );
});

test('a window over numbers that f32 cannot hold still takes the conversion at its very end', () => {
  const log = new ConversionLog(
    { time: [0], conversionDelay: [0.7], features: features(1) },
    { window: 0.7 },
  );
  assert.is(log.outcome[0], POSITIVE);
});

test('the delay curve is that of Kaplan and Meier, with a row leaving when it is no longer observed', () => {
  // Open at 1: 4 rows, one converts; at 2: 2 rows (one was seen for 1.5 only), one converts.
  const log = new ConversionLog(
    { time: [0, 0, 8.5, 0], conversionDelay: [1, 2, NONE, NONE], features: features(4) },
    { window: 20, end: 10 },
  );
  const { converted, atRisk, known, low, high } = delayCurve(log, { ages: [0.5, 1, 2, 5] });
  close(converted, [0, 0.25, 1 - 0.75 * 0.5, 1 - 0.75 * 0.5], { absolute: 1e-12 });
  assert.equal(atRisk, [4, 3, 1, 1]);
  close(known, [0, 0.4, 1, 1], { absolute: 1e-12 });
  // Greenwood: sqrt(.5625 / 12) = .2165.
  close(
    [high[1] - converted[1], converted[1] - Math.max(0, low[1])],
    [1.96 * Math.sqrt((0.75 * 0.75) / 12), 0.25],
    {
      absolute: 1e-9,
    },
  );
});

test('the delay curve of exponential delays', () => {
  const log = smallLog({ rows: 8000 });
  const { age, converted, low, high } = delayCurve(log, { ages: [1, 2, 4, 10] });
  const share = (0.4 * 0.6 + 0.6 * 0.1) * 1;
  age.forEach((a, k) => {
    const truth = share * (1 - Math.exp(-a / 2));
    assert.ok(low[k] - 0.01 < truth && truth < high[k] + 0.01, `${a}: ${converted[k]} for ${truth}`);
  });
});

test.run();
