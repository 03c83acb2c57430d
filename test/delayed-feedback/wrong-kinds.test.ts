import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeConversions } from '../../src/conversions-model-file.ts';
import { DelayedFeedbackClassifier } from '../../src/delayed-feedback/classifier.ts';
import { takeRows } from '../../src/delayed-feedback/take-rows.ts';
import { smallLog } from '../helpers/conversions.ts';
import { engine } from '../helpers/kernel.ts';

test('what is forgotten, not awaited or of another kind is told with its name, the rule and what was given', async () => {
  const log = smallLog({ rows: 300 });
  const fit = { pretrainUntil: 15, until: 20, ages: [1, 4], bits: 8, epochs: 1 };
  const fitting = DelayedFeedbackClassifier.fit(engine, log, fit);
  assert.throws(
    () => encodeConversions(fitting as never),
    /^classifier must be a DelayedFeedbackClassifier, got a promise: await it first$/,
  );
  const model = await fitting;
  const features = takeRows(log.features, [0, 1]);
  const later = <T>(value: T) => Promise.resolve(value) as never;
  const row = { id: ['x'], time: [21] };
  const EVENTS =
    /^TypeError: events must be an object { until, exposures, conversions, negatives, signals }, got /;
  const TABLE = /^TypeError: features must be a table { rows, columns }, got /;
  const wrong: [() => unknown, RegExp, string][] = [
    [() => model.update(undefined as never), EVENTS, 'undefined'],
    [() => model.update(later({ until: 21 })), EVENTS, 'a promise: await it first'],
    [
      () => model.update({ until: 21, conversions: [row] as never }),
      /^TypeError: conversions must be an object { id, time }, got /,
      'Array(1)',
    ],
    [
      () => model.update({ until: 21, exposures: later({}) }),
      /^TypeError: exposures must be an object { id, time, window, features }, got /,
      'a promise: await it first',
    ],
    [
      () => model.update({ until: 21, exposures: { ...row, features: later(features) } }),
      /^TypeError: exposures\.features must be a table { rows, columns }, got /,
      'a promise: await it first',
    ],
    [() => model.predict(undefined as never), TABLE, 'undefined'],
    [() => model.predict(later(features)), TABLE, 'a promise: await it first'],
    [() => model.predict(features.columns as never), TABLE, 'Array(2)'],
    [() => model.flipProbability(later(features), 1), TABLE, 'a promise: await it first'],
    [
      () => model.flipProbability(features, undefined as never),
      /^TypeError: elapsed must be a number, or an array of one a row, got /,
      'undefined',
    ],
    [
      () => model.flipProbability(features, 1, { window: '30d' as never }),
      /^TypeError: window must be a number, or an array of one a row, got /,
      '"30d"',
    ],
    [
      () => DelayedFeedbackClassifier.restore(engine, later(model.state())),
      /^TypeError: state must be an object, that of a classifier's state\(\), got /,
      'a promise: await it first',
    ],
    [
      () => DelayedFeedbackClassifier.restore(engine, model as never),
      /^TypeError: state\.run must be an /,
      'object',
    ],
  ];
  for (const [work, rule, got] of wrong) {
    assert.throws(
      work,
      (error: unknown) => rule.test(String(error)) && String(error).endsWith(got),
      `${rule} ${got}`,
    );
  }
  model.dispose();
});

test.run();
