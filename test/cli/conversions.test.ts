import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { csv, folderWith, listing, removeFolder, run } from './run.ts';

const DAY = 86_400;
const START = 1_700_000_000;

interface Row {
  id: string;
  time: number;
  delay: number | '';
  cart: number | '';
  price: number;
  shelf: string;
}

/** 1,500 rows in 40 days: the shelf and the price say how likely a row converts, a cart says that it soon will. */
function stream(): Row[] {
  let state = 12345;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return Array.from({ length: 1500 }, (_, i) => {
    const price = Math.round(100 * next());
    const shelf = ['left', 'right', 'top'][Math.floor(3 * next())];
    const p = 0.1 + (shelf === 'left' ? 0.5 : 0) + (price > 50 ? 0.2 : 0);
    const delay = next() < p ? Math.round(1000 * -3 * Math.log(1 - 0.9 * next())) / 1000 : '';
    const sees = next() < (delay === '' ? 0.1 : 0.8);
    const cart = sees ? Math.round(1000 * (delay === '' ? 4 : delay) * next() * 0.9) / 1000 : '';
    return { id: `r${i}`, time: Math.round((40_000 * i) / 1500) / 1000, delay, cart, price, shelf };
  });
}

const HEAD = 'id,time,delay,cart,price,shelf';
const plain = (rows: readonly Row[]) =>
  csv(
    HEAD,
    rows.map((r) => [r.id, r.time, r.delay, r.cart, r.price, r.shelf]),
  );

/** The same rows with dates: epoch seconds, the conversion as a time. */
const dated = (rows: readonly Row[]) => {
  const at = (days: number) => new Date((START + Math.round(days * DAY)) * 1000).toISOString();
  return csv(
    'id,clicked,bought,cart,price,shelf',
    rows.map((r) => [
      r.id,
      at(r.time),
      r.delay === '' ? '' : at(r.time + r.delay),
      r.cart === '' ? '' : at(r.time + r.cart),
      r.price,
      r.shelf,
    ]),
  );
};

const COLUMNS = ['--time', 'time', '--conversion-delay', 'delay', '--signal-delays', 'cart'];
const PROTOCOL = ['--pretrain-until', '12', '--until', '30', '--step', '2d', '--bits', '10', '--seed', '3'];

const test = suite<{ folder: string }>('cli conversions');
test.before((context) => {
  const rows = stream();
  context.folder = folderWith({
    'log.csv': plain(rows),
    'dated.csv': dated(rows),
    'seconds.csv': csv(
      HEAD,
      rows.map((r) => [
        r.id,
        Math.round(r.time * DAY),
        r.delay === '' ? '' : Math.round(r.delay * DAY),
        r.cart === '' ? '' : Math.round(r.cart * DAY),
        r.price,
        r.shelf,
      ]),
    ),
    'bad.csv': `${plain(rows)}r3,41,,,5,left\nx,yesterday,,,5,left\ny,41,-2,,5,left\n`,
  });
});
test.after(({ folder }) => removeFolder(folder));

const evaluate = (folder: string, file: string, ...argv: string[]) =>
  run(folder, ['conversions', 'evaluate', file, '--window', '9d', ...argv]);

test('evaluate: one document in the promised shape, and the same by a configuration file', async ({
  folder,
}) => {
  const methods = ['--methods', 'vanilla,oracle,telescoping'];
  writeFileSync(
    join(folder, 'run.json'),
    JSON.stringify({
      input: 'log.csv',
      time: 'time',
      conversionDelay: 'delay',
      signalDelays: ['cart'],
      window: '9d',
      pretrainUntil: 12,
      until: 30,
      step: '2d',
      bits: 10,
      seed: 99,
      methods: ['vanilla', 'oracle', 'telescoping'],
    }),
  );
  const [a, b] = await Promise.all([
    evaluate(folder, 'log.csv', ...COLUMNS, ...PROTOCOL, ...methods, '--json'),
    // The command line wins over the file.
    run(folder, ['conversions', 'evaluate', '--config', 'run.json', '--seed', '3', '--json']),
  ]);
  const trained = await run(folder, ['conversions', 'train', '--config', 'run.json', '--out', 'm', '--json']);
  assert.is(trained.code, 0, 'one file serves every command of the group');
  assert.is(trained.json.card.settings.step, 2);
  assert.is(a.code, 0, a.err);
  assert.is(a.err, '', 'nothing on stderr without a terminal');
  const { methods: found, steps, rows, seconds } = a.json;
  assert.equal(Object.keys(found), ['oracle', 'vanilla', 'telescoping']);
  assert.is(steps.length, 8);
  assert.is(
    rows,
    steps.reduce((sum: number, step: { rows: number }) => sum + step.rows, 0),
  );
  assert.ok(rows > 500 && seconds > 0);
  for (const m of Object.values(found) as Record<string, number>[]) {
    for (const name of ['auc', 'prAuc', 'logLoss', 'pcoc', 'ece', 'riAuc', 'riLogLoss']) {
      assert.ok(Number.isFinite(m[name]), name);
    }
    assert.ok((m.ci as unknown as { auc: { low: number } }).auc.low <= m.auc);
  }
  assert.is(found.vanilla.riLogLoss, 0);
  assert.is(found.oracle.riLogLoss, 100);
  assert.ok(found.oracle.auc > 0.7, `oracle ${found.oracle.auc}`);
  assert.ok(found.vanilla.pcoc < 0.95 && Math.abs(found.telescoping.pcoc - 1) < 0.2);
  assert.is(b.code, 0, b.err);
  assert.equal(b.json.methods.telescoping.bySteps, found.telescoping.bySteps);
});

test('evaluate: dates, seconds and days are the same log', async ({ folder }) => {
  const rest = ['--methods', 'telescoping', '--bits', '10', '--seed', '3', '--step', '2d', '--json'];
  const until = (days: number) => new Date((START + days * DAY) * 1000).toISOString();
  const [days, seconds, dates] = await Promise.all([
    evaluate(folder, 'log.csv', ...COLUMNS, ...rest, '--pretrain-until', '12', '--until', '30'),
    evaluate(
      folder,
      'seconds.csv',
      ...COLUMNS,
      ...rest,
      ...['--unit', 'seconds', '--pretrain-until', `${12 * DAY}`, '--until', `${30 * DAY}`],
    ),
    evaluate(
      folder,
      'dated.csv',
      ...['--time', 'clicked', '--conversion', 'bought', '--signals', 'cart'],
      ...rest,
      ...['--pretrain-until', until(12), '--until', until(30)],
    ),
  ]);
  assert.is(dates.code, 0, dates.err);
  assert.is(seconds.code, 0, seconds.err);
  for (const other of [seconds, dates]) {
    assert.equal(other.json.counts, days.json.counts);
    assert.is(other.json.rows, days.json.rows);
    const [a, b] = [other, days].map(({ json }) => json.methods.telescoping.logLoss);
    assert.ok(Math.abs(a - b) < 0.003, `${a} and ${b}`);
  }
});

test('evaluate: words for people', async ({ folder }) => {
  const { code, out, err } = await evaluate(
    folder,
    'log.csv',
    ...COLUMNS,
    ...PROTOCOL,
    '--methods',
    'vanilla,oracle,telescoping',
  );
  assert.is(code, 0, err);
  assert.match(out, /Read 1,500 rows from log\.csv, day 0 to day 40/);
  assert.match(out, /converted within 9 days \(\d+\.\d %\)/);
  assert.match(out, /numbers: price; categories: shelf/);
  assert.match(out, /Verdict: .*telescoping/);
  assert.match(out, /telescoping closes \d+ % of log loss/);
  assert.match(out, /Calibration: for 100 conversions that came, telescoping had predicted \d+/);
});

test('bad rows: the first by line and column, or counted and written to --rejects', async ({ folder }) => {
  const methods = ['--methods', 'telescoping', '--json'];
  const [strict, lenient] = await Promise.all([
    evaluate(folder, 'bad.csv', ...COLUMNS, ...PROTOCOL, ...methods),
    evaluate(
      folder,
      'bad.csv',
      ...COLUMNS,
      ...PROTOCOL,
      ...methods,
      ...['--max-bad-rows', '3', '--rejects', 'rejects.csv'],
    ),
  ]);
  assert.is(strict.code, 1);
  assert.equal(
    [strict.json.error.code, strict.json.error.line, strict.json.error.column],
    ['bad-time', 1503, 'time'],
  );
  assert.is(lenient.code, 0, lenient.err);
  assert.is(lenient.json.badRows, 3);
  assert.is(lenient.json.counts.rows, 1500);
  const lines = readFileSync(join(folder, 'rejects.csv'), 'utf8').trimEnd().split('\n');
  assert.is(lines.length, 4);
  assert.match(lines[1], /^bad\.csv,1503,time,bad-time,/);
  assert.match(lines[2], /^bad\.csv,1502,id,duplicate-id,.*,"r\d+,.*"$/);
  assert.match(
    lines[3],
    /^bad\.csv,1504,delay,conversion-before-exposure,the conversion is 2 days before the exposure/,
  );
});

test('bad rows beyond the limit end the reading', async ({ folder }) => {
  const { code, json } = await evaluate(folder, 'bad.csv', ...COLUMNS, '--max-bad-rows', '2', '--json');
  assert.is(code, 1);
  assert.equal([json.error.code, json.error.line], ['conversion-before-exposure', 1504]);
});

/** Each its own clear error: arguments, exit code and what is said. */
const WRONG: [argv: string[], code: number, said: RegExp][] = [
  [['--conversion-delay', 'delay'], 2, /--time COLUMN is missing/],
  [['--time', 'time'], 2, /--conversion COLUMN or --conversion-delay COLUMN is missing/],
  [[...COLUMNS, '--window-column', 'price'], 2, /give --window or --window-column, not both/],
  [[...COLUMNS, '--conversion', 'cart'], 2, /give --conversion or --conversion-delay, not both/],
  [[...COLUMNS, '--pretrain-until', '2024-01-01'], 2, /times of INPUT are numbers of days: give a number/],
  [[...COLUMNS, '--until', 'soon'], 2, /--until must be a number of days or a date, got "soon"/],
  [[...COLUMNS, '--step', '6m'], 2, /--step must be durations such as 30d, 12h/],
  [[...COLUMNS, '--step', '0'], 2, /--step must be above 0/],
  [
    [...COLUMNS, '--numeric', 'price', '--categorical', 'price'],
    2,
    /price is named by --numeric and --categorical/,
  ],
  [[...COLUMNS, '--numeric', 'prize'], 1, /there is no column "prize"; there are "id", "time"/],
  [[...COLUMNS, '--numeric', 'shelf'], 1, /column shelf: must be a finite number, got "\w+"/],
  [[...COLUMNS, '--methods', 'magic'], 2, /--methods must hold words of static, oracle/],
  [[...COLUMNS, '--ignore', 'price,shelf'], 2, /no column is left to learn from/],
  [[...COLUMNS, '--config', 'none.json'], 1, /none\.json: there is no such file/],
  [[...COLUMNS, '--pretrain-until', '30', '--until', '20'], 2, /--until 20 must be after --pretrain-until/],
];

test('wrong options and columns are told by name', async ({ folder }) => {
  for (const [argv, code, said] of WRONG) {
    const { code: found, err, json } = await evaluate(folder, 'log.csv', ...argv, '--json');
    assert.is(found, code, `${argv}: ${err}`);
    assert.match(json.error.message, said);
  }
});

test('nothing says when a row is final; a window of zero; times in another unit; mixed times', async ({
  folder,
}) => {
  const one = (name: string, lines: string[]) =>
    writeFileSync(join(folder, name), `${HEAD}\n${lines.join('\n')}\n`);
  one('mixed.csv', ['a,1,,,1,x', 'b,2024-01-02,,,1,x']);
  one('none.csv', ['a,1,,,1,x', 'b,2,,,1,x', 'c,30,,,1,x', 'd,40,,,1,x']);
  const base = ['conversions', 'evaluate'];
  const [open, zero, unit, mixed, negative] = await Promise.all([
    run(folder, [...base, 'log.csv', ...COLUMNS, '--json']),
    run(folder, [...base, 'log.csv', ...COLUMNS, '--window', '0', '--json']),
    run(folder, [...base, 'seconds.csv', ...COLUMNS, '--window', '9d', '--json']),
    run(folder, [...base, 'mixed.csv', ...COLUMNS, '--window', '9d', '--json']),
    run(folder, [...base, 'none.csv', ...COLUMNS, '--window', '2d', '--pretrain-until', '20', '--json']),
  ]);
  assert.match(open.json.error.message, /nothing says when a row without a conversion is final/);
  assert.equal([zero.code, zero.json.error.code], [2, 'usage']);
  assert.match(zero.json.error.message, /--window must be above 0/);
  assert.equal([unit.code, unit.json.error.code], [1, 'wrong-unit']);
  assert.equal([mixed.code, mixed.json.error.code, mixed.json.error.line], [1, 'mixed-times', 3]);
  assert.equal(
    [negative.code, negative.json.error.code, negative.json.error.file],
    [1, 'all-negative', 'none.csv'],
  );
});

test('a history that ends before the log begins is told in the dates of the file', async ({ folder }) => {
  const argv = ['dated.csv', '--time', 'clicked', '--conversion', 'bought', '--window', '9d', '--json'];
  const bounds = ['--pretrain-until', '2023-11-01'];
  const found = await Promise.all([
    run(folder, ['conversions', 'train', ...argv, ...bounds, '--out', 'early.safetensors']),
    run(folder, ['conversions', 'evaluate', ...argv, ...bounds]),
    run(folder, ['conversions', 'flips', ...argv, ...bounds, '--elapsed', '1d']),
    run(folder, ['conversions', 'flips', ...argv, ...bounds]),
  ]);
  found.forEach(({ code, json }, k) => {
    assert.equal([code, json.error.code], [1, k < 3 ? 'no-history' : 'no-delays']);
    assert.match(
      json.error.message,
      /^dated\.csv: no row before --pretrain-until 2023-11-01 .*; the log begins at 2023-11-14 22:13$/,
    );
  });
});

test('configuration: unknown keys, wrong kinds and broken files are told', async ({ folder }) => {
  const said = async (text: string) => {
    writeFileSync(join(folder, 'c.json'), text);
    const { code, json } = await run(folder, ['conversions', 'evaluate', '--config', 'c.json', '--json']);
    assert.is(code, 2, text);
    return json.error.message as string;
  };
  assert.match(await said('{"window-column": "x"}'), /no option "window-column"; it is written windowColumn/);
  assert.match(await said('{"speed": 3}'), /c\.json: conversions evaluate has no option "speed"/);
  assert.match(await said('{"refresh": "yes"}'), /refresh must be true or false/);
  assert.match(await said('{"seed": {"a": 1}}'), /seed must be text, a number, or a list/);
  assert.match(await said('[1]'), /must hold one JSON object/);
  assert.match(await said('{'), /is not JSON/);
  assert.match(await said('{"time": "t"}'), /INPUT is missing/);
});

test('a column that is the outcome by another name is pointed out', async ({ folder }) => {
  const rows = stream().map((r) => [r.id, r.time, r.delay, r.delay === '' ? 0 : 1, r.price]);
  writeFileSync(join(folder, 'leak.csv'), csv('id,time,delay,bought,price', rows));
  const { code, json, err } = await evaluate(
    folder,
    'leak.csv',
    ...['--time', 'time', '--conversion-delay', 'delay', '--methods', 'static', '--json'],
  );
  assert.is(code, 0, err);
  assert.is(json.notes.length, 1);
  assert.match(json.notes[0], /^bought alone tells which rows convert \(AUC 1\.000\)/);
});

test('flips: ages, features alone and with signals', async ({ folder }) => {
  const argv = [
    'conversions',
    'flips',
    'log.csv',
    '--window',
    '9d',
    ...COLUMNS,
    '--elapsed',
    '1d,2d',
    '--bits',
    '10',
  ];
  const bounds = ['--pretrain-until', '20'];
  const [{ code, json, err }, people] = await Promise.all([
    run(folder, [...argv, ...bounds, '--json']),
    run(folder, argv),
  ]);
  assert.is(code, 0, err);
  assert.equal(json.signals, ['cart']);
  assert.equal(
    json.flips.map((flip: { elapsed: number }) => flip.elapsed),
    [1, 2],
  );
  for (const { featuresOnly, withSignals } of json.flips) {
    assert.is(featuresOnly.rows, withSignals.rows);
    assert.ok(withSignals.auc > featuresOnly.auc + 0.03, `${withSignals.auc} and ${featuresOnly.auc}`);
    assert.ok(withSignals.auc < 1 && withSignals.rate > 0.1 && withSignals.rate < 0.5);
  }
  assert.is(people.code, 0, people.err);
  assert.match(people.out, /After 1 day: of one open row that converts later/);
});

test('nothing is left behind', ({ folder }) => {
  assert.not.ok(listing(folder).some((name) => name.endsWith('.tmp')));
});

test.run();
