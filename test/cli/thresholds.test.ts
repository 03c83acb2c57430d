import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ThresholdPolicy } from '../../src/index.ts';
import { decodeThresholds, encodeThresholds } from '../../src/thresholds-model-file.ts';
import { engine } from '../helpers/kernel.ts';
import { csv, folderWith, listing, removeFolder, run } from './run.ts';

/** Numbers in [0, 1), the same each time. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const HEAD = 'id,score,uncertainty,y,split,customer,note';

/** An over-confident score: the less sure it is, the fewer of the rows are positive. */
function planted(rows: number, seed = 7): (string | number)[][] {
  const next = numbers(seed);
  return Array.from({ length: rows }, (_, i) => {
    const score = Math.round(1e4 * next()) / 1e4;
    const uncertainty = Math.round(1e4 * 0.3 * next()) / 1e4;
    const odds = (score / (1 - score)) * Math.exp(-9 * uncertainty);
    const y = Number(next() < odds / (1 + odds));
    const note = i % 100 === 0 ? '"a, ""note"""' : '';
    return [`00${i}`, score, uncertainty, y, i % 2 === 0 ? 'cal' : 'test', `c${i % 1500}`, note];
  });
}

const COLUMNS = ['--score', 'score', '--uncertainty', 'uncertainty', '--label', 'y'];
const WAYS = ['single', 'surface', 'dynamic', 'isotonic', 'certifiedSingle', 'certifiedSurface'];

const test = suite<{ folder: string }>('cli thresholds');
test.before((context) => {
  const rows = planted(6000);
  const next = numbers(3);
  const visits = Array.from({ length: 3000 }, (_, i) => {
    const price = Math.round(100 * next());
    const shelf = ['left', 'right', 'top'][Math.floor(3 * next())];
    const y = Number(next() < 0.1 + (shelf === 'left' ? 0.5 : 0) + (price > 50 ? 0.35 : 0));
    return [`v${i}`, 1_700_000_000 + 600 * i, price, shelf, y, y];
  });
  context.folder = folderWith({
    'table.csv': csv(HEAD, rows),
    'small.csv': csv(HEAD, rows.slice(0, 120)),
    'blind.csv': csv(
      HEAD,
      rows.map(([id, score, , , split, customer], i) => [
        id,
        score,
        i % 7,
        Number(next() < Number(score)),
        split,
        customer,
        '',
      ]),
    ),
    'visits.csv': csv('id,time,price,shelf,bought,spent', visits),
  });
});
test.after(({ folder }) => removeFolder(folder));

const thresholds = (folder: string, ...argv: string[]) => run(folder, ['thresholds', ...argv]);

test('evaluate: one document in the promised shape, and the same by a configuration file', async ({
  folder,
}) => {
  const config = { table: 'table.csv', score: 'score', uncertainty: 'uncertainty', label: 'y' };
  writeFileSync(
    join(folder, 'run.json'),
    JSON.stringify({ ...config, splitColumn: 'split', precision: 0.7, confidence: 0.9, levels: 5, seed: 1 }),
  );
  const [a, b] = await Promise.all([
    thresholds(
      folder,
      'evaluate',
      'table.csv',
      ...COLUMNS,
      '--split-column',
      'split',
      '--precision',
      '.7',
      '--json',
    ),
    thresholds(folder, 'evaluate', '--config', 'run.json', '--json'),
  ]);
  assert.is(a.code, 0, a.err);
  assert.is(a.err, '', 'nothing on stderr without a terminal');
  assert.equal(Object.keys(a.json), ['precisionBound', 'methods']);
  assert.is(a.json.precisionBound, 0.7);
  const { methods } = a.json;
  assert.equal(Object.keys(methods), WAYS);
  for (const way of WAYS) {
    const { boundary, calibration, test: judged } = methods[way];
    assert.equal(Object.keys(methods[way]), ['boundary', 'calibration', 'test']);
    assert.equal(Object.keys(calibration), ['recall', 'precision']);
    const [low, high] = judged.ci.recall;
    assert.ok(low < judged.recall && judged.recall < high, way);
    assert.ok(judged.ci.precision[0] < judged.precision && judged.precision < judged.ci.precision[1], way);
    const surface = way === 'surface' || way === 'certifiedSurface';
    assert.is(boundary.kind, surface ? 'surface' : 'thresholds');
    if (surface) assert.is(boundary.coefficients.length, 7);
    else assert.is(boundary.thresholds.length, boundary.edges.length + 1);
    assert.is('certificate' in boundary, way.startsWith('certified'));
  }
  assert.is(methods.dynamic.boundary.thresholds.length, 5);
  assert.ok(methods.single.calibration.precision >= 0.7);
  assert.ok(methods.surface.test.recall > methods.single.test.recall + 0.02, 'the uncertainty pays here');
  assert.ok(methods.certifiedSurface.test.recall < methods.surface.test.recall);
  assert.is(b.code, 0, b.err);
  assert.is(b.out, a.out);
});

test('evaluate: tells a gain, and tells honestly that there is none', async ({ folder }) => {
  const rest = ['--label', 'y', '--precision', '.7'];
  const [gain, none] = await Promise.all([
    thresholds(folder, 'evaluate', 'table.csv', ...rest, '--group', 'customer'),
    thresholds(folder, 'evaluate', 'blind.csv', ...rest),
  ]);
  assert.is(gain.code, 0, gain.err);
  assert.match(gain.out, /parted half of the values of customer by chance, seed 1\./);
  assert.match(
    gain.out,
    /Acting on \d+ of 1,000 rows keeps \d+ of 10+ right .* one threshold on the score finds/,
  );
  assert.match(
    gain.out,
    /At the same precision one threshold finds \d+\.\d %; that is \+\d+\.\d points, \d\.\d\d times as many/,
  );
  assert.match(
    none.out,
    /At the same precision one threshold finds \d+\.\d %; it wins nothing that could not be chance/,
  );
});

test('fit, apply: the decisions are those of the policy, every column stays as it was', async ({
  folder,
}) => {
  const fit = [
    'fit',
    'table.csv',
    ...COLUMNS,
    '--precision',
    '.7',
    '--split-column',
    'split',
    '--out',
    'policy.json',
  ];
  const made = await thresholds(folder, ...fit, '--json');
  assert.is(made.code, 0, made.err);
  assert.is(made.json.method, 'surface');
  assert.is(made.json.rows, 3000);
  assert.ok(made.json.recallGain.interval[0] > 0);
  const policy = ThresholdPolicy.fromJSON(JSON.parse(readFileSync(join(folder, 'policy.json'), 'utf8')));
  const [lines, objects] = await Promise.all([
    thresholds(folder, 'apply', 'policy.json', 'table.csv', '--out', 'decisions.csv', '--json'),
    thresholds(
      folder,
      'apply',
      'policy.json',
      'table.csv',
      '--out',
      'decisions.jsonl',
      '--decision-column',
      'act',
    ),
  ]);
  assert.is(lines.code, 0, lines.err);
  assert.is(objects.code, 0, objects.err);
  const before = readFileSync(join(folder, 'table.csv'), 'utf8').trim().split('\n');
  const after = readFileSync(join(folder, 'decisions.csv'), 'utf8').trim().split('\n');
  const jsonl = readFileSync(join(folder, 'decisions.jsonl'), 'utf8').trim().split('\n');
  assert.is(after.length, 6001);
  assert.is(jsonl.length, 6000);
  assert.is(after[0], `${HEAD},decision`);
  let positive = 0;
  for (let i = 1; i < after.length; i++) {
    const [, score, uncertainty] = before[i].split(',');
    const decision = policy.decide(Number(score), Number(uncertainty));
    positive += Number(decision === 'positive');
    if (after[i] !== `${before[i]},${decision}`) assert.is(after[i], `${before[i]},${decision}`);
    const row = JSON.parse(jsonl[i - 1]);
    if (row.act !== decision || row.score !== Number(score)) assert.unreachable(jsonl[i - 1]);
  }
  assert.ok(positive > 100);
  assert.equal(lines.json, {
    out: 'decisions.csv',
    rows: 6000,
    negative: 6000 - positive,
    positive,
    abstain: 0,
    badRows: 0,
  });
  const first = JSON.parse(jsonl[0]);
  assert.equal([first.id, first.note, first.y], ['000', 'a, "note"', Number(before[1].split(',')[3])]);
});

test('fit: a third answer, a recall, and one threshold without an uncertainty', async ({ folder }) => {
  const [third, recall, single] = await Promise.all([
    thresholds(
      folder,
      'fit',
      'table.csv',
      '--label',
      'y',
      '--precision',
      '.7',
      '--sure-negatives',
      '.95',
      '--out',
      'third.json',
    ),
    thresholds(
      folder,
      'fit',
      'table.csv',
      '--label',
      'y',
      '--recall',
      '.5',
      '--method',
      'dynamic',
      '--levels',
      '3',
      '--out',
      'recall.json',
      '--json',
    ),
    thresholds(
      folder,
      'fit',
      'table.csv',
      '--label',
      'y',
      '--precision',
      '.6',
      '--method',
      'single',
      '--out',
      'single.json',
      '--json',
    ),
  ]);
  assert.is(third.code, 0, third.err);
  const applied = await thresholds(
    folder,
    'apply',
    'third.json',
    'table.csv',
    '--out',
    'third.csv',
    '--json',
  );
  assert.ok(applied.json.abstain > 100 && applied.json.negative > 100, JSON.stringify(applied.json));
  assert.ok(recall.json.calibration.recall >= 0.5, recall.err);
  const { rule } = JSON.parse(readFileSync(join(folder, 'recall.json'), 'utf8'));
  assert.is(rule.high.length, 3);
  assert.is(single.json.method, 'single', single.err);
});

test('fit: what the data cannot support is refused with the rows that would do, and nothing is written', async ({
  folder,
}) => {
  const { code, err, json } = await thresholds(
    folder,
    'fit',
    'small.csv',
    '--label',
    'y',
    '--precision',
    '.7',
    '--confidence',
    '.9',
    '--out',
    'none.json',
    '--json',
  );
  assert.is(code, 1);
  assert.is(json.error.code, 'cannot-certify');
  assert.match(
    err,
    /120 rows cannot support a precision of 70 % at 90 % confidence.* About [\d,]+ rows like these would do/,
  );
  assert.not(listing(folder).includes('none.json'));
});

test('bad input is told with its place', async ({ folder }) => {
  const row = (i: number, cells: (string | number)[]) => planted(40).map((r, k) => (k === i ? cells : r));
  const files = {
    score: csv(HEAD, row(4, ['x', 1.5, 0.1, 1, 'cal', 'c', ''])),
    nan: csv(HEAD, row(4, ['x', 'NaN', 0.1, 1, 'cal', 'c', ''])),
    label: csv(HEAD, row(4, ['x', 0.5, 0.1, 2, 'cal', 'c', ''])),
    split: csv(HEAD, row(4, ['x', 0.5, 0.1, 1, 'maybe', 'c', ''])),
    class: csv(
      HEAD,
      planted(40).map((r) => r.with(3, 0)),
    ),
    part: csv(
      HEAD,
      planted(40).map((r) => r.with(4, 'cal')),
    ),
  };
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, `bad-${name}.csv`), content);
  const expected: [string, string, RegExp][] = [
    ['score', 'too-large', /bad-score\.csv, line 6, column score: must be 1 or less, got/],
    ['nan', 'bad-number', /line 6, column score: must be a finite number/],
    ['label', 'too-large', /line 6, column y: must be 1 or less/],
    ['split', 'unknown-split', /line 6, column split: must be one of train, .* got "maybe"/],
    ['class', 'one-class', /column y: all \d+ labels of the calibration rows are 0/],
    ['part', 'empty-split', /no row of the test part/],
  ];
  await Promise.all(
    expected.map(async ([name, code, message]) => {
      const found = await thresholds(
        folder,
        'evaluate',
        `bad-${name}.csv`,
        '--label',
        'y',
        '--split-column',
        'split',
        '--precision',
        '.7',
        '--json',
      );
      assert.is(found.code, 1, name);
      assert.is(found.json.error.code, code, found.err);
      assert.match(found.err, message);
    }),
  );
});

test('wrong usage', async ({ folder }) => {
  const policy = ['--out', 'p.json'];
  const cases: [string[], RegExp][] = [
    [['fit', 'table.csv', '--label', 'y', ...policy], /give --precision X or --recall X/],
    [
      ['fit', 'table.csv', '--label', 'y', '--precision', '1', ...policy],
      /--precision must be above 0 and below 1, got 1/,
    ],
    [
      ['fit', 'table.csv', '--label', 'y', '--recall', '.5', '--confidence', '.9', ...policy],
      /--confidence is for --precision/,
    ],
    [
      [
        'fit',
        'table.csv',
        '--label',
        'y',
        '--precision',
        '.5',
        '--method',
        'dynamic',
        '--confidence',
        '.9',
        ...policy,
      ],
      /not for dynamic/,
    ],
    [['fit', 'table.csv', '--label', 'y', '--precision', '.5'], /--out FILE is missing/],
    [['evaluate', 'table.csv', '--label', 'y'], /--precision X is missing/],
    [['apply', 'table.csv', 'table.csv', '--out', 'x.parquet'], /--out must end in/],
  ];
  await Promise.all(
    cases.map(async ([argv, message]) => {
      const { code, err } = await thresholds(folder, ...argv);
      assert.is(code, 2, argv.join(' '));
      assert.match(err, message);
    }),
  );
  const notPolicy = await thresholds(folder, 'apply', 'table.csv', 'table.csv', '--out', 'x.csv', '--json');
  assert.is(notPolicy.json.error.code, 'not-a-policy');
});

test('train, apply, report: a model with its policy inside', async ({ folder }) => {
  const learner = ['--hidden', '8', '--bits', '10', '--epochs', '4', '--learning-rate', '.01'];
  const argv = [
    'train',
    'visits.csv',
    '--label',
    'bought',
    '--time',
    'time',
    '--precision',
    '.6',
    ...learner,
  ];
  const features = ['--numeric', 'price', '--categorical', 'shelf'];
  const [a, b, leak] = await Promise.all([
    thresholds(folder, ...argv, ...features, '--out', 'a.safetensors', '--policy-out', 'a.json', '--json'),
    thresholds(folder, ...argv, ...features, '--out', 'b.safetensors'),
    thresholds(folder, ...argv, '--ignore', 'id', '--out', 'leak.safetensors'),
  ]);
  assert.is(a.code, 0, a.err);
  assert.equal(a.json.rows, { train: 1800, calibration: 600, test: 600 });
  assert.ok(a.json.scorer.auc > 0.75, `AUC ${a.json.scorer.auc}`);
  assert.is(b.code, 0, b.err);
  assert.match(b.out, /Trained on 1,800 rows, policy fitted on 600, judged by 600, parted by time\./);
  assert.match(leak.out, /Warning: spent alone tells the label \(AUC 1\.000\)/);
  const bytes = (name: string) => readFileSync(join(folder, name));
  const [one, two] = ['a.safetensors', 'b.safetensors'].map((name) => decodeThresholds(engine, bytes(name)));
  assert.equal(one.policy.toJSON(), JSON.parse(bytes('a.json').toString()));
  assert.equal(one.scorer.state(), two.scorer.state(), 'the same seed gives the same bits');
  assert.equal(decodeThresholds(engine, encodeThresholds(one)).policy.toJSON(), one.policy.toJSON());

  const applied = await thresholds(
    folder,
    'apply',
    'a.safetensors',
    'visits.csv',
    '--out',
    'scored.csv',
    '--json',
  );
  assert.is(applied.code, 0, applied.err);
  const lines = bytes('scored.csv').toString().trim().split('\n');
  assert.is(lines[0], 'id,time,price,shelf,bought,spent,score,uncertainty,decision');
  const last = lines[3000].split(',');
  const at = one.test.score.length - 1;
  assert.is(Number(last[6]), one.test.score[at], 'a row scores alike in training and later');
  assert.is(last[8], one.policy.decide(one.test.score[at], one.test.uncertainty![at]));

  const page = await run(folder, ['report', 'a.safetensors', '--out', 'a.html']);
  assert.is(page.code, 0, page.err);
  const { document } = parseHTML(bytes('a.html').toString());
  assert.equal(
    [...document.querySelectorAll('h2')].map((h) => h.textContent),
    ['Overview', 'Where it acts', 'Precision and recall', 'Are the scores honest?', 'Card'],
  );
  assert.ok(document.querySelectorAll('figure.chart').length === 3);

  const broken = Uint8Array.from(bytes('a.safetensors'));
  broken[broken.length - 5] ^= 1;
  assert.throws(() => decodeThresholds(engine, broken, 'x'), /damaged model file: its checksum does not fit/);
  writeFileSync(join(folder, 'broken.safetensors'), broken);
  const refused = await thresholds(
    folder,
    'apply',
    'broken.safetensors',
    'visits.csv',
    '--out',
    'x.csv',
    '--json',
  );
  assert.is(refused.json.error.code, 'damaged-model');
  one.scorer.dispose();
  two.scorer.dispose();
});

test('report: the page of a policy, judged by a table', async ({ folder }) => {
  const fit = [
    'fit',
    'table.csv',
    '--label',
    'y',
    '--precision',
    '.7',
    '--split-column',
    'split',
    '--out',
    'shown.json',
  ];
  assert.is((await thresholds(folder, ...fit)).code, 0);
  const [page, none] = await Promise.all([
    run(folder, [
      'report',
      'shown.json',
      '--table',
      'table.csv',
      '--label',
      'y',
      '--split-column',
      'split',
      '--out',
      'p.html',
    ]),
    run(folder, ['report', 'shown.json', '--out', 'p2.html']),
  ]);
  assert.is(page.code, 0, page.err);
  assert.match(page.out, /^Wrote p\.html: \d+ kB, 3,000 rows judged\./);
  const text = readFileSync(join(folder, 'p.html'), 'utf8');
  assert.match(text, /Found beyond one threshold/);
  assert.match(text, /the boundary/);
  assert.is(none.code, 2);
  assert.match(none.err, /--table FILE is missing/);
});

test('few uncertainties: every kind of boundary and the page take fewer levels by themselves', async ({
  folder,
}) => {
  const next = numbers(5);
  const two = Array.from({ length: 2000 }, () => {
    const score = Math.round(1e4 * next()) / 1e4;
    const uncertainty = Number(next() < 0.6);
    return [score, uncertainty, Number(next() < score * (1 - uncertainty / 2))];
  });
  const alike = two.map(([score, , y]) => [score, 0.2, y]);
  const shelves = Array.from({ length: 1500 }, () => {
    const shelf = ['left', 'right'][Math.floor(2 * next())];
    return [shelf, Number(next() < (shelf === 'left' ? 0.8 : 0.2))];
  });
  const head = 'score,uncertainty,label';
  writeFileSync(join(folder, 'two.csv'), csv(head, two));
  writeFileSync(join(folder, 'alike.csv'), csv(head, alike));
  writeFileSync(join(folder, 'shelves.csv'), csv('shelf,label', shelves));
  const thresholdsOf = async (file: string) => {
    const { code, err, json } = await thresholds(folder, 'evaluate', file, '--precision', '.6', '--json');
    assert.is(code, 0, err);
    return ['dynamic', 'isotonic'].map((way) => json.methods[way].boundary.thresholds.length);
  };
  const isotonic = ['--method', 'isotonic', '--precision', '.6', '--out', 'alike.json'];
  const [ofTwo, ofAlike, fit, asked, train] = await Promise.all([
    thresholdsOf('two.csv'),
    thresholdsOf('alike.csv'),
    thresholds(folder, 'fit', 'alike.csv', ...isotonic),
    thresholds(folder, 'evaluate', 'two.csv', '--precision', '.6', '--levels', '4', '--json'),
    thresholds(folder, 'train', 'shelves.csv', '--precision', '.5', '--bits', '6', '--out', 's.safetensors'),
  ]);
  assert.equal(ofTwo, [2, 2]);
  assert.equal(ofAlike, [1, 1]);
  assert.is(fit.code, 0, fit.err);
  assert.match(asked.json.error.message, /^two\.csv: levels must all hold rows, .*; ask for 2 levels$/);
  assert.is(train.code, 0, train.err);
  const pages = await Promise.all([
    run(folder, ['report', 's.safetensors', '--out', 's.html']),
    run(folder, ['report', 'alike.json', '--table', 'alike.csv', '--out', 'alike.html']),
  ]);
  for (const { code, err } of pages) assert.is(code, 0, err);
  for (const page of ['s.html', 'alike.html']) {
    assert.match(readFileSync(join(folder, page), 'utf8'), /Are the scores honest\?/);
  }
});

test.run();
