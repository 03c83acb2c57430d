import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { diagnose } from '../../src/uncertainty/diagnose.ts';
import { uncertaintyGain } from '../../src/uncertainty/gain.ts';
import { isotonicCalibration, posteriorMean, surfaceCalibration } from '../../src/uncertainty/recalibrate.ts';
import { close } from '../helpers/close.ts';
import { engine } from '../helpers/kernel.ts';
import { plantedRows } from '../helpers/planted.ts';
import { refused } from '../helpers/refused.ts';

const { truth, ...holdout } = plantedRows(20_000, 1);
const flat = (() => {
  const { score, uncertainty, label } = plantedRows(20_000, 201, 0);
  return { score, uncertainty, label };
})();

test('an uncertainty that matters is seen by the trend and by both gains', () => {
  const found = diagnose(engine, holdout, { levels: 4, bins: 8, draws: 60 });
  assert.ok(found.trend.z < -20, `z ${found.trend.z}`);
  assert.ok(found.gain.surface.useful && found.gain.isotonic.useful);
  assert.ok(found.monotone.pValue > 0.02, `p ${found.monotone.pValue}`);
  assert.is(found.cells.length, 32);
  assert.is(
    found.cells.reduce((sum, c) => sum + c.rows, 0),
    20_000,
  );
  for (const cell of found.cells) {
    assert.ok(cell.interval[0] <= cell.rate && cell.rate <= cell.interval[1]);
  }
  // At one score the surest level has more positives than the least sure.
  const [sure, unsure] = [0, 3].map((level) => found.cells.find((c) => c.level === level && c.bin === 5)!);
  assert.ok(sure.interval[0] > unsure.interval[1]);
  assert.equal(found.cells[0].score[0], null);
  assert.ok(found.ece > 0.1, 'the planted scores promise too much');
});

test('an uncertainty of no meaning is not', () => {
  const found = diagnose(engine, flat, { levels: 4, bins: 8, draws: 60 });
  assert.ok(Math.abs(found.trend.z) < 3.5, `z ${found.trend.z}`);
  assert.ok(!found.gain.surface.useful && !found.gain.isotonic.useful);
  assert.ok(found.ece < 0.02, `ece ${found.ece}`);
  for (const bin of found.reliability) {
    assert.ok(bin.interval[0] - 0.02 <= bin.meanScore && bin.meanScore <= bin.interval[1] + 0.02);
  }
});

test('a score that falls where it should rise fails the monotonicity test', () => {
  const label = flat.score.map((s, i) => Number(flat.label[i] === 1 && (s < 0.8 || i % 3 === 0)));
  const found = diagnose(engine, { ...flat, label }, { levels: 2, bins: 10, draws: 100 });
  assert.ok(found.monotone.pValue < 0.02, `p ${found.monotone.pValue}`);
});

test('the gain in likelihood is that of the true odds, within four standard errors', () => {
  const gain = uncertaintyGain(engine, holdout);
  const logit = (p: number) => Math.log(p / (1 - p));
  const likelihood = (y: number, x: number) => y * x - Math.log1p(Math.exp(x));
  // Without the uncertainty the best is the mean rate at each score: by bins of 200 rows.
  const order = Array.from(holdout.score, (_, i) => i).sort((a, b) => holdout.score[a] - holdout.score[b]);
  let exact = 0;
  for (let from = 0; from < order.length; from += 200) {
    const part = order.slice(from, from + 200);
    const mean = part.reduce((sum, i) => sum + truth[i], 0) / part.length;
    for (const i of part) {
      exact += truth[i] * (likelihood(1, logit(truth[i])) - likelihood(1, logit(mean)));
      exact += (1 - truth[i]) * (likelihood(0, logit(truth[i])) - likelihood(0, logit(mean)));
    }
  }
  const millinats = (1000 * exact) / order.length;
  assert.ok(
    Math.abs(gain.millinats - millinats) < 4 * gain.standardError,
    `${gain.millinats} for ${millinats}`,
  );
});

test('recalibration: isotonic steps and the surface come near the truth, the score alone does not', () => {
  const test2 = plantedRows(5000, 91);
  const error = (p: ArrayLike<number>) =>
    test2.truth.reduce((sum, t, i) => sum + Math.abs(t - p[i]), 0) / test2.truth.length;
  const steps = isotonicCalibration(engine, holdout, { levels: 6, bins: 100 });
  const surface = surfaceCalibration(engine, holdout);
  const curve = surfaceCalibration(engine, holdout, { uncertainty: false });
  const of = (c: typeof steps) => error(c.probabilities(test2.score, test2.uncertainty));
  assert.ok(of(surface) < 0.02, `surface ${of(surface)}`);
  assert.ok(of(steps) < 0.06, `steps ${of(steps)}`);
  assert.ok(of(curve) > 0.07, `curve ${of(curve)}`);
  const rising = steps.probabilities(
    Float32Array.from({ length: 101 }, (_, i) => i / 100),
    new Float32Array(101).fill(0.3),
  );
  for (let i = 1; i < 101; i++) assert.ok(rising[i] >= rising[i - 1]);
  assert.throws(() => steps.probabilities([0.5]), /uncertainty must be given/);
  assert.throws(() => surface.probabilities([1.5], [0]), /score\[0\] must be from 0 to 1/);
});

test('posteriorMean has the golden table, and checks what it is given', () => {
  const means = (undersampling: number) =>
    posteriorMean(engine, [3, 6, 9], [12, 12, 12], { prior: [1.5, 4], undersampling });
  close(means(1), [0.2571, 0.4286, 0.6], { absolute: 6e-5 });
  close(means(3), [0.1376, 0.2643, 0.4285], { absolute: 6e-5 });
  close(means(5), [0.0964, 0.1997, 0.3537], { absolute: 6e-5 });
  const bad = (k: number[], n: number[], prior: [number, number], tau: number) => () =>
    posteriorMean(engine, k, n, { prior, undersampling: tau });
  assert.throws(bad([3], [2], [1, 1], 2), /positives\[0\] must be/);
  assert.throws(bad([3], [Number.NaN], [1, 1], 2), /trials\[0\] must be/);
  assert.throws(bad([3], [4], [0, 1], 2), /prior\[0\] must be/);
  assert.throws(bad([3], [4], [1, 1], 0.5), /undersampling must be/);
});

test('rows of few uncertainties: as many levels as every part of the diagnosis holds, and the advice works', () => {
  const { truth, ...few } = plantedRows(3000, 1);
  const counts = [
    [() => 1, 1],
    [(u: number) => Number(u > 0.45), 2],
    [(u: number) => Math.floor(5 * u * u), 2],
    [(u: number) => Math.floor(4 * u), 3],
  ] as const;
  for (const [of, most] of counts) {
    const rows = { ...few, uncertainty: few.uncertainty.map(of) };
    const found = diagnose(engine, rows, { draws: 10 });
    assert.is(found.cells.length, 10 * most);
    const told = most === 1 ? '1 level' : `${most} levels`;
    for (let levels = most + 1; levels <= 5; levels++) {
      refused(
        () => diagnose(engine, rows, { levels, draws: 10 }),
        RangeError,
        new RegExp(`level \\d of ${levels} is empty.*; ask for ${told}$`),
      );
    }
    assert.equal(diagnose(engine, rows, { levels: most, draws: 10 }), found);
  }
});

test('an uncertainty that only one fold has is judged by the score alone', () => {
  const { score, label } = flat;
  const rare = label.indexOf(1);
  const uncertainty = label.map((_, i) => (i === rare ? -1 : Number(i % 5 < 2)));
  const { cells, gain } = diagnose(engine, { score, label, uncertainty }, { levels: 2, draws: 1 });
  assert.is(cells.length, 20);
  // By a level without rows its rate would be 0, and that row alone would cost .26 millinats.
  assert.ok(Math.abs(gain.isotonic.millinats) < 0.1, String(gain.isotonic.millinats));
});

test('steps of rows without an uncertainty, or of one alone, look at the score', () => {
  const { score, label } = flat;
  const steps = isotonicCalibration(engine, { score, label });
  const same = isotonicCalibration(engine, { score, label, uncertainty: score.map(() => 3) });
  assert.equal(steps.probabilities(score), same.probabilities(score));
});

test('options and scores are checked', () => {
  assert.throws(
    () => diagnose(engine, { ...holdout, score: holdout.score.map((s) => s + 0.5) }),
    /score\[\d+\] must be from 0 to 1/,
  );
  assert.throws(
    () => diagnose(engine, { score: holdout.score, label: holdout.label }),
    /must have uncertainty/,
  );
  assert.throws(() => diagnose(engine, holdout, { bins: 1 }), /bins must be a whole number/);
});

test.run();
