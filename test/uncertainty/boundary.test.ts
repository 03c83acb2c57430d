import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fitBoundary } from '../../src/uncertainty/boundary.ts';
import type { BoundaryOptions } from '../../src/uncertainty/boundary-options.ts';
import { frontier } from '../../src/uncertainty/curve.ts';
import { evaluatePolicy, recallGain } from '../../src/uncertainty/evaluate.ts';
import { checkHoldout } from '../../src/uncertainty/holdout.ts';
import { fitSurface, surfaceLogOdds, surfaceThresholds } from '../../src/uncertainty/surface.ts';
import { close } from '../helpers/close.ts';
import { engine, numbers } from '../helpers/kernel.ts';
import { plantedRows, trueRates, uniforms } from '../helpers/planted.ts';

const { truth: _, ...holdout } = plantedRows(20_000, 1);
const test2 = plantedRows(40_000, 11);
const answers = (b: ReturnType<typeof fitBoundary>) =>
  b.policy.decideBatch(engine, test2.score, test2.uncertainty);

const METHODS: [string, Partial<BoundaryOptions>][] = [
  ['single', { method: 'single' }],
  ['surface', {}],
  ['auto', { method: 'auto' }],
  ['dynamic', { method: 'dynamic' }],
  ['dynamic, equal cells', { method: 'dynamic', edges: 'count', levels: 5, bins: 40 }],
  ['dynamic, score-first', { method: 'dynamic', nesting: 'score-first' }],
  ['isotonic', { method: 'isotonic' }],
  ['isotonic, score-first', { method: 'isotonic', nesting: 'score-first', minBlock: 60 }],
];

for (const [name, options] of METHODS) {
  test(`${name}: the precision holds where it was fitted, and nearly so on new rows`, () => {
    const boundary = fitBoundary(engine, holdout, { ...options, precision: 0.7 });
    assert.ok(boundary.calibration.precision >= 0.7 - 1e-9);
    const found = trueRates(test2, answers(boundary));
    // Plug-in boundaries overshoot by chance: standard error about 0.013 at 1,300 flagged rows.
    assert.ok(found.precision > 0.65, `true precision ${found.precision}`);
    const best = name === 'single' ? 0.1 : 0.17;
    assert.ok(found.recall > best, `true recall ${found.recall}`);
  });

  test(`${name}: the recall holds`, () => {
    const boundary = fitBoundary(engine, holdout, { ...options, recall: 0.5 });
    assert.ok(boundary.calibration.recall >= 0.5 - 1e-9);
    assert.ok(boundary.calibration.precision > 0.45);
  });

  test(`${name}: one by one, in a batch and from JSON the decisions are the same`, () => {
    const { policy } = fitBoundary(engine, holdout, {
      ...options,
      precision: 0.6,
      abstain: { negatives: 0.97, uncertaintyAbove: 0.9 },
    });
    const batch = policy.decideBatch(engine, test2.score, test2.uncertainty);
    const again = (
      policy.constructor as typeof import('../../src/uncertainty/policy.ts').ThresholdPolicy
    ).fromJSON(JSON.parse(JSON.stringify(policy)));
    for (let i = 0; i < 3000; i++) {
      const [s, u] = [test2.score[i], test2.uncertainty[i]];
      const word = ['negative', 'positive', 'abstain'][batch[i]];
      assert.is(policy.decide(s, u), word, `row ${i}`);
      assert.is(again.decide(s, u), word, `row ${i} from JSON`);
    }
    for (const answer of [0, 1, 2]) assert.ok(batch.includes(answer), `${answer} occurs`);
    const sure = fitBoundary(engine, holdout, {
      ...options,
      precision: 0.6,
      abstain: { negatives: 0.97 },
    }).policy;
    const no = holdout.label.filter(
      (_, i) => sure.decide(holdout.score[i], holdout.uncertainty[i]) === 'negative',
    );
    assert.ok(no.length > 1000 && no.filter((y) => y === 0).length >= 0.97 * no.length);
  });
}

test('with an uncertainty that matters, the surface and the programme find more than one threshold does', () => {
  const of = (options: Partial<BoundaryOptions>) =>
    fitBoundary(engine, holdout, { ...options, precision: 0.7 });
  const single = of({ method: 'single' });
  for (const options of [{}, { method: 'dynamic' as const }]) {
    const { gain, interval } = recallGain(engine, of(options).policy, single.policy, test2WithoutTruth());
    assert.ok(gain > 0.05 && interval[0] > 0.03 && interval[0] < gain && gain < interval[1]);
  }
  assert.is(of({ method: 'auto' }).method, 'surface');
});

function test2WithoutTruth() {
  const { score, uncertainty, label } = test2;
  return { score, uncertainty, label };
}

test('with an uncertainty of no meaning, auto is one threshold', () => {
  const { score, uncertainty, label } = plantedRows(5000, 31, 0);
  const boundary = fitBoundary(engine, { score, uncertainty, label }, { precision: 0.7, method: 'auto' });
  assert.is(boundary.method, 'single');
  assert.is(boundary.gain?.useful, false);
  assert.ok(!boundary.policy.usesUncertainty);
});

test('the planted surface is found: its odds are those that the labels were drawn from', () => {
  const rows = checkHoldout(holdout);
  const surface = fitSurface(engine, rows);
  const logOdds = surfaceLogOdds(engine, surface, rows.score, rows.uncertainty);
  let worst = 0;
  let mean = 0;
  logOdds.forEach((x, i) => {
    const exact = Math.log(rows.score[i] / (1 - rows.score[i])) - 3 * rows.uncertainty[i];
    worst = Math.max(worst, Math.abs(x - exact));
    mean += Math.abs(x - exact) / rows.n;
  });
  assert.ok(mean < 0.08 && worst < 0.4, `mean error ${mean}, worst ${worst}`);
});

test('the thresholds of a cut are exactly the set {surface >= cut}', () => {
  const rows = checkHoldout(holdout);
  const surface = fitSurface(engine, rows);
  const values = surfaceLogOdds(engine, surface, rows.score, rows.uncertainty);
  for (const cut of [values[3], values[77], -1, 0.5, 2, 50, -50]) {
    const { edges, thresholds } = surfaceThresholds(engine, surface, cut);
    for (let i = 0; i < rows.n; i += 7) {
      let level = 0;
      while (level < edges.length && edges[level] <= rows.uncertainty[i]) level++;
      assert.is(rows.score[i] >= thresholds[level], values[i] >= cut, `row ${i} at ${cut}`);
    }
  }
});

test('the surface never falls as the score rises, whatever it was fitted to', () => {
  for (let seed = 1; seed < 8; seed++) {
    const n = 300;
    const score = uniforms(n, 900 + 3 * seed);
    const label = uniforms(n, 901 + 3 * seed).map(Math.round);
    const noise = uniforms(n, 902 + 3 * seed);
    // An uncertainty that goes with the score leaves corners of the plane without rows.
    const uncertainty = score.map((s, i) => s * (1 - s) + 0.02 * noise[i]);
    const surface = fitSurface(engine, checkHoldout({ score, label, uncertainty }));
    const grid = Float32Array.from({ length: 101 }, (_, i) => i / 100);
    for (const u of [0, 0.1, 0.2, 0.26, 1]) {
      const values = surfaceLogOdds(engine, surface, grid, new Float32Array(101).fill(u));
      for (let i = 1; i < 101; i++) assert.ok(values[i] >= values[i - 1]);
    }
  }
});

test('permuted rows give the same thresholds, and the same seed the same bits', () => {
  const order = [...holdout.label.keys()].sort((a, b) => numbers(1, a)[0] - numbers(1, b)[0] || a - b);
  const permuted = {
    score: Float32Array.from(order, (i) => holdout.score[i]),
    uncertainty: Float32Array.from(order, (i) => holdout.uncertainty[i]),
    label: Float32Array.from(order, (i) => holdout.label[i]),
  };
  for (const [name, options] of METHODS.filter(
    ([n]) => n === 'single' || n.startsWith('dynamic') || n.startsWith('iso'),
  )) {
    const [a, b] = [holdout, permuted].map((h) => fitBoundary(engine, h, { ...options, precision: 0.7 }));
    assert.equal(JSON.stringify(a.policy), JSON.stringify(b.policy), name);
  }
  const twice = [1, 2].map(() => JSON.stringify(fitBoundary(engine, holdout, { precision: 0.7 }).policy));
  assert.is(twice[0], twice[1]);
});

test('a row of weight 2 is two rows, and half a label is half a positive', () => {
  const n = 3000;
  const [score, uncertainty, label] = [holdout.score, holdout.uncertainty, holdout.label].map((x) =>
    Float32Array.from(x).subarray(0, n),
  );
  const twice = (x: Float32Array) => Float32Array.from([...x, ...x]);
  const doubled = { score: twice(score), uncertainty: twice(uncertainty), label: twice(label) };
  const weighted = { score, uncertainty, label, weight: new Float32Array(n).fill(2) };
  // Every row as a positive of weight p and a negative of weight 1 - p, or as one row with the label p.
  const soft = label.map((y) => 0.25 + 0.5 * y);
  const split = {
    score: twice(score),
    uncertainty: twice(uncertainty),
    label: Float32Array.from([...label.map(() => 1), ...label.map(() => 0)]),
    weight: Float32Array.from([...soft, ...soft.map((p) => 1 - p)]),
  };
  for (const method of ['single', 'dynamic', 'isotonic', 'surface'] as const) {
    const of = (h: Parameters<typeof fitBoundary>[1], precision: number) =>
      fitBoundary(engine, h, { method, precision }).calibration;
    const keys = ['flagged', 'truePositives', 'recall'] as const;
    for (const [a, b] of [
      [of(doubled, 0.7), of(weighted, 0.7)],
      [of({ score, uncertainty, label: soft }, 0.5), of(split, 0.5)],
    ]) {
      close(
        keys.map((k) => a[k]),
        keys.map((k) => b[k]),
        { relative: method === 'surface' ? 0.02 : 1e-6 },
        method,
      );
    }
  }
});

test('costs: precision is positives per unit of cost', () => {
  const cost = uniforms(20_000, 500, 0.5, 3);
  for (const method of ['single', 'dynamic', 'surface', 'isotonic'] as const) {
    const { calibration, policy } = fitBoundary(engine, { ...holdout, cost }, { method, precision: 0.4 });
    let [spent, found] = [0, 0];
    policy.decideBatch(engine, holdout.score, holdout.uncertainty).forEach((answer, i) => {
      if (answer !== 1) return;
      spent += cost[i];
      found += holdout.label[i];
    });
    close([calibration.flagged, calibration.truePositives], [spent, found], { relative: 1e-12 });
    assert.ok(found >= 0.4 * spent - 1e-6 && found > 0);
  }
});

test('a precision out of reach flags nothing, and says so by numbers', () => {
  const label = holdout.label.map((y, i) => (i % 50 === 0 ? y : 0));
  const { calibration, policy } = fitBoundary(
    engine,
    { ...holdout, label },
    { precision: 0.95, method: 'single' },
  );
  assert.is(calibration.flagged, 0);
  assert.is(calibration.recall, 0);
  assert.ok(Number.isNaN(calibration.precision));
  assert.is(policy.decide(1), 'negative');
});

test('the curve of every method passes through its boundary and falls towards the prevalence', () => {
  for (const method of ['single', 'surface', 'dynamic'] as const) {
    const { recall, precision } = frontier(engine, holdout, { method, points: 50 });
    for (let i = 1; i < recall.length; i++) assert.ok(recall[i] > recall[i - 1]);
    assert.ok(recall.length >= 45 && recall.at(-1)! > 0.97);
    const at = fitBoundary(engine, holdout, { method, recall: 0.5 }).calibration.precision;
    const near = precision[recall.findIndex((r) => r >= 0.49)];
    assert.ok(Math.abs(near - at) < 0.03, `${method}: ${near} on the curve, ${at} fitted`);
  }
});

test('evaluatePolicy counts, and its intervals grow with groups', () => {
  const { policy } = fitBoundary(engine, holdout, { precision: 0.7 });
  const rows = test2WithoutTruth();
  const plain = evaluatePolicy(engine, policy, rows);
  assert.ok(plain.precisionInterval[0] < plain.precision && plain.precision < plain.precisionInterval[1]);
  const one = evaluatePolicy(engine, policy, {
    ...rows,
    group: Array.from(rows.label, (_, i) => `row ${i}`),
  });
  close(one.precisionInterval, plain.precisionInterval, { absolute: 2e-3 });
  const five = {
    score: Float32Array.from({ length: 40_000 }, (_, i) => rows.score[Math.floor(i / 5)]),
    uncertainty: Float32Array.from({ length: 40_000 }, (_, i) => rows.uncertainty[Math.floor(i / 5)]),
    label: Float32Array.from({ length: 40_000 }, (_, i) => rows.label[Math.floor(i / 5)]),
  };
  const width = ([a, b]: [number, number]) => b - a;
  const grouped = evaluatePolicy(engine, policy, {
    ...five,
    group: five.label.map((_, i) => Math.floor(i / 5)),
  });
  const naive = evaluatePolicy(engine, policy, five);
  const ratio = width(grouped.precisionInterval) / width(naive.precisionInterval);
  assert.ok(Math.abs(ratio - Math.sqrt(5)) < 0.15, `five copies: ${ratio} times as wide`);
});

const bad = (rows: object, options: object, message: RegExp, kind: 'TypeError' | 'RangeError') =>
  assert.throws(
    () => fitBoundary(engine, { ...holdout, ...rows }, { precision: 0.7, ...options }),
    (error: Error) => error.name === kind && message.test(error.message),
    `${message}`,
  );
const at = <T extends ArrayLike<number>>(x: T, i: number, value: unknown) =>
  Object.assign(Array.from(x), { [i]: value }) as unknown;

test('bad rows are refused by column and row', () => {
  bad(
    { score: at(holdout.score, 7, 1.5) },
    {},
    /score\[7\] must be from 0 to 1 \(a probability\), got 1.5/,
    'RangeError',
  );
  bad(
    { score: at(holdout.score, 7, Number.NaN) },
    { method: 'single' },
    /score\[7\] must be a finite number/,
    'RangeError',
  );
  bad({ score: at(holdout.score, 7, 1e300) }, { method: 'single' }, /score\[7\]/, 'RangeError');
  bad({ score: at(holdout.score, 7, '0.5') }, {}, /score\[7\] must be a number/, 'TypeError');
  bad(
    { uncertainty: at(holdout.uncertainty, 9, Number.NaN) },
    {},
    /uncertainty\[9\] must be a finite/,
    'RangeError',
  );
  bad({ uncertainty: undefined }, {}, /must have uncertainty for method surface/, 'TypeError');
  bad(
    { uncertainty: holdout.uncertainty.subarray(1) },
    {},
    /uncertainty must have 20000 entries, got 19999/,
    'RangeError',
  );
  bad({ label: at(holdout.label, 3, 2) }, {}, /label\[3\] must be from 0 to 1/, 'RangeError');
  bad({ label: at(holdout.label, 3, Number.NaN) }, {}, /label\[3\]/, 'RangeError');
  bad({ label: new Float32Array(20_000) }, {}, /both classes, but all 20000 rows are negative/, 'RangeError');
  bad({ label: new Float32Array(20_000).fill(1) }, {}, /all 20000 rows are positive/, 'RangeError');
  bad({ weight: at(holdout.label, 3, -1) }, {}, /weight\[3\]/, 'RangeError');
  bad(
    {
      cost: at(
        holdout.label.map(() => 1),
        3,
        0,
      ),
    },
    {},
    /cost\[3\] must be above 0/,
    'RangeError',
  );
  bad({ group: at(holdout.label, 3, Number.NaN) }, {}, /group\[3\]/, 'TypeError');
  bad({ labels: holdout.label }, {}, /unknown column labels/, 'TypeError');
  bad({ score: [], uncertainty: [], label: [] }, {}, /at least one row/, 'RangeError');
  bad(
    { uncertainty: new Float32Array(20_000) },
    { method: 'dynamic', levels: 5 },
    /level \d of 5 is empty/,
    'RangeError',
  );
  assert.throws(() => fitBoundary(engine, null as never, { precision: 0.7 }), /holdout must be an object/);
});

test('bad options are refused by name', () => {
  for (const precision of [0, 1, -1, 2, Number.NaN]) bad({}, { precision }, /precision/, 'RangeError');
  bad({}, { precision: '0.7' }, /precision must be a number/, 'TypeError');
  bad({}, { precision: undefined }, /precision or recall, one of the two/, 'TypeError');
  bad({}, { recall: 0.5 }, /precision or recall, one of the two/, 'TypeError');
  bad({}, { precision: undefined, recall: 1 }, /recall must be above 0 and below 1/, 'RangeError');
  bad({}, { method: 'best' }, /method must be one of/, 'RangeError');
  bad({}, { confidence: 1 }, /confidence must be above 0 and below 1/, 'RangeError');
  bad(
    {},
    { precision: undefined, recall: 0.5, confidence: 0.9 },
    /confidence is for a precision/,
    'TypeError',
  );
  bad({}, { method: 'dynamic', confidence: 0.9 }, /no nested family/, 'TypeError');
  bad({}, { abstain: { negatives: 1 } }, /abstain.negatives must be above 0 and below 1/, 'RangeError');
  bad({}, { abstain: { above: 1 } }, /unknown option "above"/, 'TypeError');
  bad(
    { cost: holdout.label.map(() => 2) },
    { abstain: { negatives: 0.9 } },
    /must not have cost/,
    'TypeError',
  );
  bad({}, { percision: 0.7 }, /unknown option "percision"/, 'TypeError');
});

test.run();
