import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { numericColumn } from '../../src/nn/tabular/table.ts';
import { decodeThresholds, encodeThresholds } from '../../src/thresholds-model-file.ts';
import { wilson } from '../../src/uncertainty/binomial.ts';
import { fitBoundary } from '../../src/uncertainty/boundary.ts';
import type { Prediction } from '../../src/uncertainty/estimators/prediction.ts';
import { UncertainScorer } from '../../src/uncertainty/estimators/scorer.ts';
import { evaluatePolicy } from '../../src/uncertainty/evaluate.ts';
import { uncertaintyGain } from '../../src/uncertainty/gain.ts';
import type { Holdout } from '../../src/uncertainty/holdout.ts';
import { measureFailures } from '../../src/uncertainty/measure.ts';
import { ThresholdPolicy } from '../../src/uncertainty/policy.ts';
import { posteriorMean, surfaceCalibration } from '../../src/uncertainty/recalibrate.ts';
import { engine } from '../helpers/kernel.ts';
import { plantedRows } from '../helpers/planted.ts';
import { refused } from '../helpers/refused.ts';

const { truth, ...rows } = plantedRows(600, 5);
const boundary = fitBoundary(engine, rows, { precision: 0.5 });
const { policy } = boundary;

test('an uncertainty of null is none, and none is refused where one is needed', () => {
  assert.ok(policy.usesUncertainty);
  refused(() => policy.decide(0.5, null as never), TypeError, /uncertainty must be a number/);
  refused(() => policy.decideBatch(engine, null as never), TypeError, /score must be an array/);
  refused(() => policy.decideBatch(engine, [null] as never, [1]), TypeError, /score\[0\] must be a number/);
  const without = { ...rows, uncertainty: null } as unknown as Holdout;
  refused(() => fitBoundary(engine, without, { precision: 0.5 }), TypeError, /must have uncertainty/);
  refused(
    () => surfaceCalibration(engine, without, { uncertainty: true }),
    TypeError,
    /must have uncertainty/,
  );
});

test('a column that claims a length is looked at before memory is asked for', () => {
  const score = { length: 1e9 };
  refused(
    () => fitBoundary(engine, { ...rows, score } as never, { precision: 0.5 }),
    TypeError,
    /score\[0\] must be a number, got undefined/,
  );
  const big = Array.from(rows.score, BigInt.bind(null, 1));
  refused(
    () => fitBoundary(engine, { ...rows, score: big } as never, { precision: 0.5 }),
    TypeError,
    /score\[0\]/,
  );
});

test('a prediction may be spread into a hold-out, a column of another name is a slip of the pen', () => {
  const unread = new Float32Array(3);
  const prediction: Prediction = {
    score: rows.score,
    uncertainty: rows.uncertainty,
    variance: unread,
    entropy: unread,
  };
  const holdout = { ...prediction, label: rows.label };
  assert.equal(fitBoundary(engine, holdout, { precision: 0.5 }).policy.toJSON(), policy.toJSON());
  for (const slip of ['scores', 'labels', 'variances', 'std']) {
    refused(
      () => fitBoundary(engine, { ...holdout, [slip]: unread }, { precision: 0.5 }),
      TypeError,
      `holdout: unknown column ${slip}; known are score, uncertainty, label, weight, cost, group`,
    );
  }
});

test('options are checked whether the method looks at them or not', () => {
  for (const [bad, message] of [
    [{ levels: 0 }, /levels/],
    [{ bins: Number.NaN }, /bins/],
    [{ nesting: 'x' }, /nesting/],
    [{ tail: 1 }, /tail/],
    [{ abstain: { uncertaintyAbove: 1e39 } }, /abstain.uncertaintyAbove/],
  ] as const) {
    assert.throws(() => fitBoundary(engine, rows, { precision: 0.5, ...bad } as never), message);
  }
  assert.throws(() => uncertaintyGain(engine, rows, Number.NaN), /seed/);
  assert.throws(() => wilson(Number.NaN, 3), /k must be a finite number from 0/);
  assert.throws(() => wilson(5, 3), /k must be/);
  assert.throws(() => posteriorMean(engine, [1], [2], null as never), /posteriorMean must be an object/);
  assert.throws(
    () => posteriorMean(engine, [1], null as never, { prior: [1, 1], undersampling: 1 }),
    /trials/,
  );
});

test('measureFailures: rates are rates, and only a precision can fail', () => {
  const measure = (more: object, bound: object = { precision: 0.5 }) =>
    measureFailures(engine, rows, { method: 'single', ...bound }, { draws: 2, seed: 1, ...more });
  assert.throws(() => measure({}, { recall: 0.5 }), /must be given a precision/);
  assert.throws(() => measure({ truth: Array.from(truth, () => 2) }), /truth\[0\] must be from 0 to 1/);
  assert.throws(() => measure({ test: {} }), /test.truth must be an array/);
  assert.throws(
    () => measure({ test: { score: [0.5], uncertainty: [1], truth: [Number.NaN] } }),
    /test.truth\[0\]/,
  );
  assert.throws(
    () => measure({ test: { score: [0.5], uncertainty: [1, 2], truth: [0.5] } }),
    /test.uncertainty/,
  );
  assert.throws(() => measure({ draw: 3 }), /unknown option "draw"/);
});

test('a rule by hand whose parts do not fit each other is refused before a kernel trusts it', () => {
  const f = (...x: number[]) => Float32Array.from(x);
  const card = { method: 'single' };
  const levels = (edges: unknown, high: unknown, low: unknown = high) =>
    new ThresholdPolicy({ kind: 'levels', edges, high, low } as never, card);
  assert.is(levels(f(), f(0.5)).decide(0.6), 'positive');
  assert.throws(() => levels(f(1, 2, 3), f(0.5)), /rule.edges must have 0 entries, got 3/);
  assert.throws(() => levels(f(), f()), /at least one level/);
  assert.throws(() => levels(f(), f(0.5), f()), /rule.low must have 1/);
  assert.throws(() => levels(f(), [0.5]), /rule.high must be a Float32Array/);
  assert.throws(() => levels(f(), f(Number.NaN)), /NaN/);
  assert.throws(() => new ThresholdPolicy({} as never, card), /rule.kind/);
  const bins = new Uint32Array(50);
  const nested = { kind: 'score-first', outer: new Float32Array(5000), inner: f(), high: bins, low: bins };
  assert.throws(() => new ThresholdPolicy(nested as never, card), /rule.inner must have 245049/);
});

test('a model file is refused by the name of what is missing, and whole it is read again', async () => {
  const table = { rows: rows.score.length, columns: [numericColumn('x', rows.score)] };
  const scorer = await UncertainScorer.fit(engine, table, rows.label, { epochs: 1, bits: 4, hidden: [4] });
  const features = { numeric: ['x'], categorical: [] };
  const holdout = { ...scorer.predict(table), label: rows.label };
  const whole = { scorer, policy, base: policy, features, calibration: holdout, test: holdout, card: {} };
  const back = decodeThresholds(engine, encodeThresholds(whole));
  assert.equal(back.policy.toJSON(), policy.toJSON());
  const n = rows.score.length;
  const weight = Float32Array.from({ length: n }, (_, i) => 1 + (i % 3));
  const cost = weight.map((w) => w / 2);
  const named = Array.from({ length: n }, (_, i) => `customer ${i >> 1}`);
  const full = { ...holdout, weight, cost, group: named };
  const { test: kept } = decodeThresholds(engine, encodeThresholds({ ...whole, test: full }));
  assert.equal([kept.weight, kept.cost], [weight, cost]);
  assert.equal(
    evaluatePolicy(engine, policy, kept),
    evaluatePolicy(engine, policy, full),
    'groups stay apart',
  );
  const rules = {
    scorer: 'an UncertainScorer',
    policy: 'a ThresholdPolicy',
    base: 'a ThresholdPolicy',
    features: 'an object',
    calibration: 'an object',
    test: 'an object',
    card: 'an object',
  };
  for (const [name, rule] of Object.entries(rules)) {
    const encode = (value: unknown) => () => encodeThresholds({ ...whole, [name]: value } as never);
    refused(encode(undefined), TypeError, `model.${name} must be ${rule}, got undefined`);
    refused(
      encode(Promise.resolve()),
      TypeError,
      `model.${name} must be ${rule}, got a promise: await it first`,
    );
  }
  refused(() => encodeThresholds({} as never), TypeError, /^model\.scorer must be an UncertainScorer/);
  refused(() => encodeThresholds(undefined as never), TypeError, 'model must be an object, got undefined');
  const { uncertainty: _, ...sure } = holdout;
  refused(() => encodeThresholds({ ...whole, test: sure }), TypeError, 'model.test must have uncertainty');
  const list = { ...whole, features: { numeric: 'x' } };
  refused(() => encodeThresholds(list as never), TypeError, 'model.features.numeric must be a list of texts');
  for (const used of [scorer, back.scorer]) used.dispose();
});

test('a bound of 0 or 1 in a policy is none', () => {
  const json = JSON.parse(JSON.stringify(policy));
  for (const bound of [0, 1, -1, 2]) {
    for (const name of ['precision', 'recall', 'confidence']) {
      const card = { ...json.card, [name]: bound };
      refused(
        () => ThresholdPolicy.fromJSON({ ...json, card }),
        RangeError,
        new RegExp(`card.${name} must be above 0 and below 1, got ${bound}`),
      );
    }
  }
});

test('whatever the hold-out, the answer is a boundary that decides, or a typed error', () => {
  const number = fc.oneof(
    fc.double({ noNaN: false }),
    fc.constantFrom(0, 1, 0.5, -1, 1e39, null, undefined, '1', true),
  );
  const column = fc.oneof(
    fc.array(number, { maxLength: 6 }),
    fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 }),
    fc.constantFrom(null, undefined, 'abc', {}, new Float32Array(6), Float32Array.of(1, 0, 1, 0, 1, 0)),
  );
  fc.assert(
    fc.property(
      fc.record(
        { score: column, uncertainty: column, label: column, weight: column },
        { requiredKeys: ['score', 'label'] },
      ),
      fc.constantFrom('single', 'surface', 'dynamic', 'isotonic', 'auto'),
      (holdout, method) => {
        const slices = engine.stats().slices;
        try {
          const found = fitBoundary(engine, holdout as never, {
            precision: 0.6,
            method: method as never,
            levels: 2,
          });
          assert.ok(['positive', 'negative'].includes(found.decide(0.5, 0.1)));
        } catch (error) {
          assert.ok(error instanceof TypeError || error instanceof RangeError, String(error));
          assert.not.match((error as Error).message, /Cannot|not a function|not iterable|undefined \(/);
        }
        assert.is(engine.stats().slices, slices);
      },
    ),
    { numRuns: 300, seed: 11 },
  );
});

test.run();
