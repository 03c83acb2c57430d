import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { clopperPearsonLower, wilson } from '../../src/uncertainty/binomial.ts';
import { fitBoundary } from '../../src/uncertainty/boundary.ts';
import { evaluatePolicy } from '../../src/uncertainty/evaluate.ts';
import { folds } from '../../src/uncertainty/folds.ts';
import { checkHoldout } from '../../src/uncertainty/holdout.ts';
import { measureFailures } from '../../src/uncertainty/measure.ts';
import { close } from '../helpers/close.ts';
import { engine } from '../helpers/kernel.ts';
import { plantedRows, trueRates, uniforms } from '../helpers/planted.ts';

const { truth, ...holdout } = plantedRows(6000, 1);

test('Clopper-Pearson lower bounds have the golden values', () => {
  const found = [
    [90, 100],
    [370, 500],
    [650, 1000],
  ].map(([k, n]) => clopperPearsonLower(engine, k, n, 0.9));
  close(found, [0.85011741, 0.71317507, 0.62996252], { absolute: 1e-8 });
  assert.is(clopperPearsonLower(engine, 0, 10, 0.9), 0);
  close([clopperPearsonLower(engine, 10, 10, 0.9)], [0.1 ** 0.1], { relative: 1e-12 });
});

test('Wilson intervals of textbook counts', () => {
  close(wilson(8, 10), [0.4901625, 0.9433178], { absolute: 1e-6 });
  assert.equal(wilson(0, 0), [0, 1]);
});

for (const certificate of ['crossFit', 'split'] as const) {
  for (const method of ['single', 'surface'] as const) {
    test(`${method}, ${certificate}: what is certified holds its test, costs recall, and is said`, () => {
      const boundary = fitBoundary(engine, holdout, { precision: 0.6, confidence: 0.9, method, certificate });
      const found = boundary.certificate!;
      assert.ok(found.certified && found.form === 'binomial');
      assert.is(found.proven, certificate === 'split');
      assert.match(found.statement, /With 90 % confidence at least 60 % of what is flagged is positive/);
      assert.match(
        found.statement,
        certificate === 'split' ? /Proven for rows drawn/ : /Measured, not proven: .*%/,
      );
      const { truePositives, flagged } = boundary.calibration;
      close([found.pValue!], [engine.kernels.binomialTail(truePositives, flagged, 0.6)]);
      assert.ok(found.pValue! <= 0.1 && found.lowerBound! >= 0.6);
      assert.ok(found.plugIn.recall > boundary.calibration.recall);
      close([found.recallPrice], [found.plugIn.recall - boundary.calibration.recall]);
      const rates = trueRates(
        { ...holdout, truth },
        boundary.policy.decideBatch(engine, holdout.score, holdout.uncertainty),
      );
      assert.ok(rates.recall > 0.1 && rates.precision > 0.58, `true precision ${rates.precision}`);
      const card = boundary.policy.card;
      assert.ok(card.certified && card.confidence === 0.9 && card.statement === found.statement);
    });
  }
}

test('what the data cannot support is refused: nothing is flagged, and the rows that would do are named', () => {
  const index = (x: Float32Array) => x.subarray(0, 400);
  const few = {
    score: index(holdout.score),
    uncertainty: index(holdout.uncertainty),
    label: index(holdout.label),
  };
  for (const certificate of ['crossFit', 'split'] as const) {
    const {
      certificate: found,
      policy,
      calibration,
    } = fitBoundary(engine, few, { precision: 0.93, confidence: 0.95, certificate });
    assert.is(found?.certified, false);
    assert.is(found?.proven, false);
    assert.match(
      found!.statement,
      /Nothing is flagged: 400 rows cannot support a precision of 93 % at 95 % confidence/,
    );
    assert.match(found!.statement, /About [\d,]+ rows like these would do|more rows like these would not/);
    assert.is(calibration.flagged, 0);
    assert.ok(policy.decideBatch(engine, holdout.score, holdout.uncertainty).every((answer) => answer === 0));
    assert.is(
      JSON.parse(JSON.stringify(policy)).rule.high.every((t: number | null) => t === null),
      true,
    );
  }
});

test('the rows that would do, do', () => {
  const part = (n: number) => {
    const { score, uncertainty, label } = plantedRows(n, 40);
    return { score, uncertainty, label };
  };
  const first = fitBoundary(engine, part(600), { precision: 0.85, confidence: 0.9 }).certificate!;
  assert.is(first.certified, false);
  const needed = first.rowsNeeded!;
  assert.ok(needed > 600 && needed < 100_000, `${needed}`);
  assert.ok(
    fitBoundary(engine, part(4 * needed), { precision: 0.85, confidence: 0.9 }).certificate!.certified,
  );
});

test('a bound above every rate says that more rows would not help', () => {
  const rate = uniforms(4000, 700);
  const label = rate.map((x) => Number(x < 0.3));
  const rows = { score: uniforms(4000, 701), uncertainty: uniforms(4000, 702), label };
  const { statement, rowsNeeded } = fitBoundary(engine, rows, { precision: 0.9, confidence: 0.9 })
    .certificate!;
  assert.is(rowsNeeded, undefined);
  assert.match(statement, /more rows like these would not: nowhere/);
});

test('the split promise holds: of 150 redraws no more break it than chance allows', () => {
  const { truth: rates, ...rows } = plantedRows(1500, 60);
  const options = { precision: 0.6, confidence: 0.9, certificate: 'split' as const };
  const found = measureFailures(engine, rows, options, { draws: 150, truth: rates, seed: 1 });
  // Standard error sqrt(.1 x .9 / 150) = .0245: three of them.
  assert.ok(found.failures <= 0.175, `fails in ${found.failures}`);
  assert.ok(found.recall > 0.1 && found.flagsNothing < 0.6);
  const plug = measureFailures(engine, rows, { precision: 0.6 }, { draws: 60, truth: rates, seed: 1 });
  assert.ok(plug.failures > 0.35, `plug-in fails in ${plug.failures}: the measure can fail`);
});

test('groups: a certificate that knows of copies asks for more, and its calibration counts them', () => {
  const copies = 6;
  const index = Array.from({ length: 6000 }, (_, i) => Math.floor(i / copies));
  const take = (x: Float32Array) => Float32Array.from(index, (i) => x[i]);
  const rows = {
    score: take(holdout.score),
    uncertainty: take(holdout.uncertainty),
    label: take(holdout.label),
  };
  const naive = fitBoundary(engine, rows, { precision: 0.6, confidence: 0.9 });
  const grouped = fitBoundary(
    engine,
    { ...rows, group: index.map((g) => `customer ${g}`) },
    { precision: 0.6, confidence: 0.9 },
  );
  assert.is(grouped.certificate?.form, 'grouped');
  assert.is(grouped.certificate?.proven, false);
  assert.ok(grouped.calibration.flagged < naive.calibration.flagged);
  if (grouped.certificate?.certified) {
    assert.ok(grouped.certificate.z! >= 1.28);
    assert.match(grouped.certificate.statement, /Measured, not proven: .*whole groups/);
  }
});

test('one threshold is certified where the rate has steps that a smooth curve over the score does not see', () => {
  const [place, draw] = [uniforms(8000, 500), uniforms(8000, 502)];
  const rate = (z: number) => (z > 3.5 ? 0.995 : z > -1 ? 0.45 : 0.05);
  const logit = place.map((x) => -4 + 9 * x);
  const score = logit.map((z) => 1 / (1 + Math.exp(-z)));
  const label = Float32Array.from(draw, (x, i) => Number(x < rate(logit[i])));
  for (const [certificate, least] of [
    ['crossFit', 1900],
    ['split', 1280],
  ] as const) {
    for (const seed of [1, 2]) {
      const bound = { precision: 0.8, confidence: 0.9, method: 'single', certificate, seed } as const;
      const { certificate: found, calibration } = fitBoundary(engine, { score, label }, bound);
      assert.ok(found!.certified, `${certificate}, seed ${seed}: ${found!.statement}`);
      assert.ok(calibration.flagged > least, `${calibration.flagged}`);
    }
  }
});

test('rows of one group share a fold, and every row is in one', () => {
  const group = Array.from(holdout.label, (_, i) => i % 700);
  const rows = checkHoldout({ ...holdout, group });
  const parts = folds(engine, rows, 5, 3);
  assert.is(
    parts.reduce((sum, { inside }) => sum + inside.length, 0),
    rows.n,
  );
  const owner = new Map<number, number>();
  parts.forEach(({ inside, outside }, k) => {
    assert.is(inside.length + outside.length, rows.n);
    for (const row of inside) {
      assert.is(owner.get(group[row]) ?? k, k);
      owner.set(group[row], k);
    }
  });
});

test('fractions, weights and costs have no binomial law: a certificate needs groups then', () => {
  const options = { precision: 0.5, confidence: 0.9 };
  const label = holdout.label.map((y) => 0.1 + 0.8 * y);
  assert.throws(
    () => fitBoundary(engine, { ...holdout, label }, options),
    /labels of 0 or 1 .*or a group for each row/,
  );
  assert.throws(() => fitBoundary(engine, { ...holdout, weight: label }, options), /or a group for each row/);
  const group = Array.from(label, (_, i) => i);
  const { certificate } = fitBoundary(engine, { ...holdout, label, group }, options);
  assert.ok(certificate?.certified && certificate.form === 'grouped');
});

test('evaluatePolicy of a certified policy from JSON', () => {
  const { policy } = fitBoundary(engine, holdout, { precision: 0.6, confidence: 0.9 });
  const found = evaluatePolicy(engine, policy, holdout);
  assert.ok(found.precision > 0.55 && found.flagged > 100);
});

test.run();
