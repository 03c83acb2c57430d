import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rocAuc } from '../../src/nn/metrics.ts';
import { categoricalColumn, type FeatureTable, numericColumn } from '../../src/nn/tabular/index.ts';
import { ESTIMATORS, type EstimatorName } from '../../src/uncertainty/estimators/options.ts';
import { UncertainScorer } from '../../src/uncertainty/estimators/scorer.ts';
import { close } from '../helpers/close.ts';
import { engine } from '../helpers/kernel.ts';
import { uniforms } from '../helpers/planted.ts';

/** Two categories and a number; the label follows the city and the price, and the last tenth of the cities is rare. */
function bookings(
  n: number,
  stream: number,
  known = 40,
): { table: FeatureTable; label: Float32Array; rare: boolean[] } {
  const [where, price, draw] = [0, 1, 2].map((k) => uniforms(n, stream + k));
  const city = where.map((x) => Math.floor(known * x * x));
  const rate = (i: number) => 1 / (1 + Math.exp(-(((city[i] % 5) - 2) * 0.9 + 2 * (price[i] - 0.5))));
  return {
    table: {
      rows: n,
      columns: [
        categoricalColumn(
          'city',
          Array.from(city, (c) => `city ${c}`),
        ),
        categoricalColumn(
          'channel',
          Array.from(price, (p) => (p > 0.5 ? 'web' : 'desk')),
        ),
        numericColumn('price', price),
      ],
    },
    label: Float32Array.from(draw, (x, i) => Number(x < rate(i))),
    rare: Array.from(city, (c) => c >= 0.9 * known),
  };
}

const training = bookings(4000, 8000);
const judged = bookings(1500, 8010);
const fit = (estimator: EstimatorName, more: object = {}) =>
  UncertainScorer.fit(engine, training.table, training.label, {
    estimator,
    epochs: 6,
    learningRate: 0.01,
    hidden: [16, 8],
    bits: 10,
    ...more,
  });

const logLoss = (score: ArrayLike<number>, label: ArrayLike<number>) =>
  Array.from(score).reduce((sum, p, i) => sum - Math.log(label[i] === 1 ? p : 1 - p), 0) / score.length;

for (const estimator of ESTIMATORS) {
  test(`${estimator}: one interface, a score that learned, and an uncertainty for every row`, async () => {
    const before = engine.stats();
    const scorer = await fit(estimator);
    const found = scorer.predict(judged.table);
    const base = judged.label.reduce((sum, y) => sum + y, 0) / judged.label.length;
    assert.ok(found.score.every((p) => p > 0 && p < 1));
    const [learned, constant] = [
      logLoss(found.score, judged.label),
      logLoss(
        judged.label.map(() => base),
        judged.label,
      ),
    ];
    assert.ok(learned < constant - 0.05, `log loss ${learned}, of a constant ${constant}`);
    for (const x of [found.uncertainty, found.variance, found.entropy]) {
      assert.is(x.length, 1500);
      assert.ok(x.every(Number.isFinite));
      assert.ok(new Set(x).size > 50, 'rows differ');
    }
    assert.ok(found.variance.every((v) => v >= 0 && v <= 0.25));
    assert.ok(
      found.entropy.every((h) => h <= 1e-6),
      'the uniform Beta has the largest entropy, 0',
    );
    scorer.dispose();
    const after = engine.stats();
    assert.is(after.slices, before.slices, 'nothing is left in the arena');
  });

  test(`${estimator}: a restored state predicts the same bits; the same seed too, another seed not`, async () => {
    const scorer = await fit(estimator);
    const json = JSON.parse(JSON.stringify(scorer.state().json));
    const again = UncertainScorer.restore(engine, { json, tensors: scorer.state().tensors });
    const twin = await fit(estimator);
    const other = await fit(estimator, { seed: 9 });
    const [a, b, c, d] = [scorer, again, twin, other].map((s) => s.predict(judged.table));
    close(b.score, a.score);
    close(b.uncertainty, a.uncertainty);
    close(c.score, a.score);
    close(c.uncertainty, a.uncertainty);
    assert.ok(d.score.some((p, i) => p !== a.score[i]));
    for (const s of [scorer, again, twin, other]) s.dispose();
  });

  test(`${estimator}: a row alone is the row in a batch`, async () => {
    const scorer = await fit(estimator);
    const all = scorer.predict(judged.table);
    const { columns } = judged.table;
    for (const i of [0, 17, 1499]) {
      const one = scorer.predict({
        rows: 1,
        columns: columns.map((column) =>
          column.kind === 'numeric'
            ? { ...column, values: column.values.slice(i, i + 1) }
            : { ...column, codes: column.codes.slice(i, i + 1) },
        ),
      });
      close(one.score, [all.score[i]], { relative: 2e-6 });
      close(one.uncertainty, [all.uncertainty[i]], { relative: 1e-4, absolute: 1e-7 });
    }
    scorer.dispose();
  });
}

test('evidence counts: rare cities are less sure than common ones', async () => {
  const scorer = await fit('counts');
  const { uncertainty } = scorer.predict(judged.table);
  const mean = (rare: boolean) => {
    const part = uncertainty.filter((_, i) => judged.rare[i] === rare);
    return part.reduce((sum, u) => sum + u, 0) / part.length;
  };
  assert.ok(mean(true) > mean(false), `${mean(true)} for rare, ${mean(false)} for common`);
  scorer.dispose();
});

test('the variance of an ensemble is that of its members', async () => {
  const scorer = await fit('ensemble', { members: 3 });
  const { score, variance } = scorer.predict(judged.table);
  const alone = await Promise.all([0, 1, 2].map((k) => fit('laplace', { members: 1, seed: 1 + k })));
  const members = alone.map((s) => s.predict(judged.table).score);
  const mean = score.map((_, i) => (members[0][i] + members[1][i] + members[2][i]) / 3);
  close(score, mean, { absolute: 1e-6 });
  close(
    variance,
    mean.map((m, i) => members.reduce((sum, p) => sum + (p[i] - m) ** 2, 0) / 3),
    { absolute: 1e-6 },
  );
  for (const s of [scorer, ...alone]) s.dispose();
});

test('more rows make Laplace surer', async () => {
  const few = bookings(400, 8000);
  const small = await UncertainScorer.fit(engine, few.table, few.label, {
    epochs: 6,
    learningRate: 0.01,
    hidden: [16, 8],
    bits: 10,
  });
  const large = await fit('laplace');
  const mean = (s: UncertainScorer) =>
    s.predict(judged.table).uncertainty.reduce((sum, u) => sum + u, 0) / 1500;
  assert.ok(mean(small) > 1.5 * mean(large), `${mean(small)} with 400 rows, ${mean(large)} with 4,000`);
  small.dispose();
  large.dispose();
});

test('an abort leaves the engine as it was', async () => {
  for (const estimator of ['laplace', 'evidence'] as const) {
    const before = engine.stats().slices;
    const control = new AbortController();
    const big = bookings(20_000, 8100);
    const work = UncertainScorer.fit(engine, big.table, big.label, {
      estimator,
      epochs: 50,
      signal: control.signal,
      onProgress: () => control.abort(),
    });
    await work.then(
      () => assert.unreachable('must abort'),
      (error: Error) => assert.is(error.name, 'AbortError'),
    );
    assert.is(engine.stats().slices, before);
  }
});

const refused = async (work: () => unknown, message: RegExp) => {
  try {
    await work();
  } catch (error) {
    assert.match((error as Error).message, message);
    return;
  }
  assert.unreachable(`must be refused: ${message}`);
};

test('bad options, labels and states are refused by name', async () => {
  await refused(() => fit('bayes' as never), /estimator must be one of/);
  await refused(() => fit('ensemble', { members: 1 }), /an ensemble must have at least 2 members/);
  await refused(() => fit('dropout', { dropout: 0 }), /dropout must be above 0/);
  await refused(() => fit('dropout', { passes: 1 }), /passes must be a whole number/);
  await refused(() => fit('laplace', { layers: 3 }), /unknown option "layers"/);
  const label = training.label.slice();
  label[5] = Number.NaN;
  await refused(() => UncertainScorer.fit(engine, training.table, label), /label\[5\] must be from 0 to 1/);
  const scorer = await fit('laplace');
  const before = engine.stats().slices;
  const { json, tensors } = scorer.state();
  const damaged =
    (change: object, x: object = {}) =>
    () =>
      UncertainScorer.restore(engine, {
        json: { ...json, ...change } as never,
        tensors: { ...tensors, ...x } as never,
      });
  await refused(damaged({ kind: 'other' }), /kind must be one of/);
  await refused(damaged({ version: 2 }), /version must be 1/);
  await refused(damaged({ estimator: 'evidence' }), /network 0 must be an mlp of 2 head/);
  await refused(damaged({ networks: [] }), /networks must be a list/);
  await refused(
    damaged({ networks: [{ ...(json.networks[0] as object), slots: 7 }] }),
    /over the pipeline's fields/,
  );
  await refused(
    damaged({}, { 'estimator.covariance0': new Float32Array(3) }),
    /estimator.covariance0 must be f32\[81\]/,
  );
  await refused(
    damaged({}, { 'estimator.covariance0': new Float32Array(81).fill(Number.NaN) }),
    /of finite numbers/,
  );
  await refused(damaged({ steps: ['x'] }), /steps must be a number/);
  const { memoryBytes } = engine.stats();
  const large = { ...(json.networks[0] as object), hidden: [4096, 4096], width: 256 };
  await refused(
    damaged({ networks: Array(100).fill(large) }),
    /hold \d+ numbers, fewer than the model's options/,
  );
  assert.is(engine.stats().memoryBytes, memoryBytes, 'nothing was allocated for what the file does not hold');
  await refused(() => scorer.predict({ rows: 1, columns: [] }), /no such column/);
  assert.is(engine.stats().slices, before, 'refusals leave nothing behind');
  scorer.dispose();
});

test('a table of a few hundred rows is trained for enough steps to tell its cities apart', async () => {
  const { table, label } = bookings(300, 8050);
  const scorer = await UncertainScorer.fit(engine, table, label, { bits: 10 });
  const { score } = scorer.predict(judged.table);
  // Three passes are six steps, after which the area was .55.
  assert.ok(rocAuc(judged.label, score) > 0.66, String(rocAuc(judged.label, score)));
  const few = await UncertainScorer.fit(engine, table, label, { bits: 10, epochs: 3 });
  assert.ok(rocAuc(judged.label, few.predict(judged.table).score) < rocAuc(judged.label, score));
  scorer.dispose();
  few.dispose();
});

test.run();
