import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { folderWith, listing, removeFolder, run } from './run.ts';

const SIMULATED = [
  '--customers',
  '500',
  '--products',
  '60',
  '--days',
  '90',
  '--per-year',
  '40',
  '--seed',
  '2',
];
const COLUMNS = [
  '--time',
  'time',
  '--conversion',
  'conversion',
  '--signals',
  'cart,revisit',
  '--window',
  '14d',
];
const FEATURES = ['--numeric', 'price,activity,taste', '--categorical', 'category,favourite'];
const TRAIN = [
  'conversions',
  'train',
  'log/exposures.csv',
  ...COLUMNS,
  ...FEATURES,
  '--bits',
  '10',
  '--seed',
  '5',
];
const AT = '2025-03-01';

const test = suite<{ folder: string }>('cli conversions model');
test.before(async (context) => {
  context.folder = folderWith();
  const made = await run(context.folder, ['simulate', 'events', '--out', 'log', ...SIMULATED, '--json']);
  assert.is(made.code, 0, made.err);
  assert.equal(
    made.json.files.map((file: string) => file.replaceAll('\\', '/')),
    ['log/exposures.csv', 'log/exposures-truth.csv', 'log/items.csv'],
  );
  assert.ok(made.json.exposures > 3000 && made.json.conversions > 300 && made.json.carts > 300);
  assert.match(made.json.next[0], /conversions evaluate log\/exposures\.csv/);
  const trained = await run(context.folder, [...TRAIN, '--observed-until', AT, '--out', 'm', '--json']);
  assert.is(trained.code, 0, trained.err);
  const { card, open, clock, delayCurve, features, bytes, health } = trained.json;
  assert.is(card.kind, 'conversions');
  assert.is(card.settings.method, 'telescoping');
  assert.equal(card.signals, ['cart', 'revisit']);
  assert.is(clock, Date.parse(AT) / 86_400_000);
  assert.ok(open > 0 && bytes > 1000 && health.examples > 0);
  assert.is(features.length, 5);
  const { converted } = delayCurve;
  assert.ok(converted.every((share: number, k: number) => k === 0 || share >= converted[k - 1]));
});
test.after(({ folder }) => removeFolder(folder));

const predict = (folder: string, ...argv: string[]) =>
  run(folder, ['conversions', 'predict', 'm', 'log/exposures.csv', ...argv]);
const OPEN = ['--time', 'time', '--conversion', 'conversion', '--signals', 'cart,revisit', '--at', AT];

/** Rows of a CSV without quotes, by id. */
const byId = (text: string) =>
  new Map(
    text
      .trimEnd()
      .split('\n')
      .map((line) => line.split(','))
      .map((cells) => [cells[0], cells] as const),
  );

test('training again gives the same bytes, and words for people', async ({ folder }) => {
  const { code, out, err } = await run(folder, [...TRAIN, '--observed-until', AT, '--out', 'again']);
  assert.is(code, 0, err);
  assert.ok(readFileSync(join(folder, 'again')).equals(readFileSync(join(folder, 'm'))));
  assert.match(out, /Trained by telescoping in .*rows of history before 2025-/);
  assert.match(out, /can still change; the model holds them/);
  assert.match(
    out,
    /Next: {4}fletching conversions predict again log\/exposures\.csv|Next: {4}npx fletching/,
  );
});

test('predict: likely rows convert more often; CSV, file and JSON say the same', async ({ folder }) => {
  const [piped, filed, json] = await Promise.all([
    predict(folder),
    predict(folder, '--out', 'p.csv'),
    predict(folder, '--json'),
  ]);
  assert.is(piped.code, 0, piped.err);
  assert.is(readFileSync(join(folder, 'p.csv'), 'utf8'), piped.out);
  assert.match(filed.out, /rows in p\.csv: \d+\.\d % convert on average/);
  const rows = piped.out.trimEnd().split('\n');
  assert.is(rows[0], 'id,probability');
  assert.is(json.json.rows, rows.length - 1);
  assert.is(`${json.json.predictions[7].id},${json.json.predictions[7].probability}`, rows[8]);

  const truth = byId(readFileSync(join(folder, 'log/exposures-truth.csv'), 'utf8'));
  const sorted = rows
    .slice(1)
    .map((line) => line.split(','))
    .sort((a, b) => Number(a[1]) - Number(b[1]));
  const third = Math.floor(sorted.length / 3);
  const mean = (some: string[][]) =>
    some.reduce((sum, [id]) => sum + Number(truth.get(id)![1]), 0) / some.length;
  const [low, high] = [mean(sorted.slice(0, third)), mean(sorted.slice(-third))];
  assert.ok(high > 1.5 * low, `${high} and ${low}`);
});

test('predict --at: only rows open then have an answer, and a cart raises it', async ({ folder }) => {
  const { code, out, err } = await predict(folder, ...OPEN);
  assert.is(code, 0, err);
  const events = byId(readFileSync(join(folder, 'log/exposures.csv'), 'utf8'));
  const at = Date.parse(AT) / 1000;
  const later: Record<'cart' | 'none', number[]> = { cart: [], none: [] };
  const states = new Set<string>();
  for (const [id, [, , age, answer, state, label]] of byId(out)) {
    if (id === 'id') continue;
    const [, time, conversion, cart] = events.get(id)!;
    const days = (at - Number(time)) / 86_400;
    states.add(state);
    if (days < 0) {
      assert.equal([age, answer, state, label], ['', '', 'future', '']);
      continue;
    }
    assert.ok(Math.abs(Number(age) - days) < 0.001);
    const bought =
      conversion !== '' && Number(conversion) <= at && Number(conversion) - Number(time) <= 14 * 86_400;
    assert.is(state, bought ? 'converted' : days < 14 ? 'open' : 'closed', id);
    assert.is(label, bought ? '1' : days < 14 ? answer : '0', id);
    assert.is(answer !== '', days >= 0 && days < 14 && !bought, id);
    if (answer === '') continue;
    assert.ok(Number(answer) >= 0 && Number(answer) <= 1);
    later[cart !== '' && Number(cart) <= at ? 'cart' : 'none'].push(Number(answer));
  }
  assert.is(states.size, 4);
  const again = await predict(folder, '--at', AT);
  assert.is(again.out, out, 'the columns are those of the training unless named');
  const kept = await predict(folder, '--at', AT, '--keep');
  const [log, answers] = [readFileSync(join(folder, 'log/exposures.csv'), 'utf8'), out].map((text) =>
    text.trimEnd().split('\n'),
  );
  assert.equal(
    kept.out.trimEnd().split('\n'),
    log.map((line, i) => `${line},${answers[i].slice(answers[i].indexOf(',') + 1)}`),
  );
  writeFileSync(join(folder, 'kept.csv'), kept.out);
  const twice = await run(folder, ['conversions', 'predict', 'm', 'kept.csv', '--keep']);
  assert.is(twice.code, 1);
  assert.match(twice.err, /there is a column probability already: rename it, or leave --keep out/);
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  assert.ok(later.cart.length > 10 && later.none.length > 100);
  assert.ok(mean(later.cart) > 1.5 * mean(later.none), `${mean(later.cart)} and ${mean(later.none)}`);
});

test('update: takes in what came since, from the same log or its later part', async ({ folder }) => {
  const [head, ...lines] = readFileSync(join(folder, 'log/exposures.csv'), 'utf8').trimEnd().split('\n');
  const until = Date.parse('2025-03-15') / 1000;
  const [from, late] = [Date.parse(AT) / 1000, Date.parse(AT) / 1000 - 15 * 86_400];
  const rows = lines.map((line) => line.split(','));
  const part = rows.filter((row) => Number(row[1]) > late);
  writeFileSync(join(folder, 'late.csv'), `${[head, ...part.map((row) => row.join(','))].join('\n')}\n`);
  const argv = (file: string, out: string) => [
    'conversions',
    'update',
    'm',
    file,
    ...COLUMNS,
    '--until',
    '2025-03-15',
    '--out',
    out,
    '--json',
  ];
  const [whole, tail, early, other] = await Promise.all([
    run(folder, argv('log/exposures.csv', 'u1')),
    run(
      folder,
      argv('late.csv', 'u2').filter((word) => !COLUMNS.includes(word)),
    ),
    run(folder, [...argv('late.csv', 'u3'), '--until', '2025-02-01']),
    run(folder, [...argv('late.csv', 'u3'), '--window', '3d']),
  ]);
  assert.is(whole.code, 0, whole.err);
  const between = (time: string) => time !== '' && Number(time) > from && Number(time) <= until;
  assert.is(whole.json.exposures, rows.filter((row) => between(row[1])).length);
  const bought = rows.filter(
    (row) => between(row[2]) && Number(row[2]) - Number(row[1]) <= 14 * 86_400,
  ).length;
  assert.is(whole.json.conversions, bought);
  assert.is(whole.json.unknown, 0);
  assert.is(whole.json.clock, until / 86_400);
  assert.ok(readFileSync(join(folder, 'u1')).equals(readFileSync(join(folder, 'u2'))));
  assert.is(tail.json.open, whole.json.open);
  assert.match(early.json.error.message, /the model has learned until 2025-03-01 already/);
  assert.match(other.json.error.message, /have a window of 14 days: give the same/);
});

test('wrong use is told by name, and nothing is left behind', async ({ folder }) => {
  writeFileSync(join(folder, 'text'), 'hello there, this is no model');
  writeFileSync(join(folder, 'short'), readFileSync(join(folder, 'm')).subarray(0, 4000));
  writeFileSync(join(folder, 'few.csv'), 'id,price\na,3\n');
  const said = async (argv: string[], code: number, message: RegExp) => {
    const found = await run(folder, [...argv, '--json']);
    assert.is(found.code, code, `${argv}: ${found.err}`);
    assert.match(found.json.error.message, message);
  };
  const base = ['conversions', 'predict'];
  await Promise.all([
    said([...base, 'text', 'log/exposures.csv'], 1, /not a model/),
    said([...base, 'short', 'log/exposures.csv'], 1, /short/),
    said([...base, 'm', 'few.csv'], 1, /there is no column/),
    said([...base, 'm', 'log/exposures.csv', '--window-end', 'time'], 2, /says nothing without --at/),
    said([...base, 'm', 'log/exposures.csv', ...OPEN, '--window-end', 'time'], 2, /have one window/),
    said(
      [...base, 'm', 'log/exposures.csv', '--at', AT, '--time', 'time', '--signals', 'price'],
      2,
      /knows no signal/,
    ),
    said([...base, 'm', 'log/exposures.csv', '--out', 'log/exposures.csv'], 2, /would overwrite the input/),
    said(TRAIN, 2, /--out MODEL is missing/),
    said([...TRAIN, '--out', 'none/m'], 1, /its folder does not exist/),
    said([...TRAIN, '--out', 'm2', '--method', 'best'], 2, /--method must be one of static, oracle/),
  ]);
  assert.equal(listing(folder).sort(), [
    'again',
    'few.csv',
    'kept.csv',
    'late.csv',
    'log',
    'm',
    'p.csv',
    'short',
    'text',
    'u1',
    'u2',
  ]);
});

test.run();
