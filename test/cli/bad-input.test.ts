import { spawn } from 'node:child_process';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Args } from '../../src/cli/args.ts';
import { apart } from '../../src/cli/column-roles.ts';
import { learnerOptions } from '../../src/cli/conversions-options.ts';
import { conversionsTrain } from '../../src/cli/conversions-train.ts';
import { csv, folderWith, removeFolder, run } from './run.ts';

/** Rows of an event log in days: [id, time, conversion, cart, kind, price]. */
function logRows(rows = 400, from = 0): (string | number)[][] {
  let state = 5;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return Array.from({ length: rows }, (_, i) => {
    const time = from + (i * 30) / rows;
    const hot = next() < 0.4;
    const converts = next() < (hot ? 0.6 : 0.15);
    const delay = 4 * next();
    const cart = converts && next() < 0.7 ? time + delay / 2 : '';
    return [`r${i}`, time, converts ? time + delay : '', cart, hot ? 'hot' : 'cold', next()];
  });
}

const HEAD = 'id,time,conv,cart,kind,price';
const LOG = ['--time', 'time', '--conversion', 'conv', '--signals', 'cart', '--window', '10d'];
const FEATURES = ['--numeric', 'price', '--categorical', 'kind'];

function scored(rows = 800): (string | number)[][] {
  return logRows(rows).map(([id, , conversion, , kind, price]) => [
    id,
    price,
    Number(price) / 3,
    conversion === '' ? 0 : 1,
    kind,
  ]);
}

const test = suite<{ folder: string }>('cli bad input');

test.before(async (context) => {
  const folder = folderWith({
    'log.csv': csv(HEAD, logRows()),
    'scored.csv': csv('id,score,uncertainty,label,kind', scored()),
  });
  context.folder = folder;
  const train = ['conversions', 'train', 'log.csv', ...LOG, ...FEATURES, '--out', 'm'];
  const fit = ['thresholds', 'fit', 'scored.csv', '--precision', '.4', '--out', 'p.json'];
  for (const { code, err } of await Promise.all([run(folder, train), run(folder, fit)]))
    assert.is(code, 0, err);
});
test.after(({ folder }) => removeFolder(folder));

/** Exit code and words of a command that must fail, with one JSON document on standard output. */
async function said(folder: string, argv: readonly string[]) {
  const { code, json, err } = await run(folder, [...argv, '--json']);
  assert.ok(code === 1 || code === 2, `${argv.join(' ')}: ${code} ${err}`);
  assert.equal(Object.keys(json), ['error']);
  return { code, ...json.error } as {
    code: string;
    message: string;
    file?: string;
    line?: number;
    column?: string;
  };
}

async function refuse(folder: string, argv: readonly string[], message: RegExp): Promise<void> {
  const found = await said(folder, argv);
  assert.match(found.message, message, argv.join(' '));
}

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const LOADER = new URL('../../node_modules/tsx/dist/loader.mjs', import.meta.url).href;

test('predictions to a reader that has seen enough end quietly, to a full disk with an error', async ({
  folder,
}) => {
  writeFileSync(
    join(folder, 'many.csv'),
    csv(
      'id,kind,price',
      Array.from({ length: 20_000 }, (_, i) => [i, 'hot', 0.5]),
    ),
  );
  const argv = ['--import', LOADER, MAIN, 'conversions', 'predict', 'm', 'many.csv'];
  const ended = (child: ReturnType<typeof spawn>) =>
    new Promise<[number | null, string]>((resolve) => {
      let err = '';
      child.stderr?.setEncoding('utf8').on('data', (text) => (err += text));
      child.on('close', (code) => resolve([code, err]));
    });
  const head = spawn(process.execPath, argv, { cwd: folder });
  head.stdout.once('data', () => head.stdout.destroy());
  assert.equal(await ended(head), [0, '']);
  if (process.platform !== 'linux') return;
  const full = openSync('/dev/full', 'w');
  const [code, err] = await ended(
    spawn(process.execPath, argv, { cwd: folder, stdio: ['ignore', full, 'pipe'] }),
  );
  assert.is(code, 1);
  assert.match(err, /standard output: the disk is full/);
});

test('what a policy says of itself cannot steer the terminal', async ({ folder }) => {
  const policy = JSON.parse(readFileSync(join(folder, 'p.json'), 'utf8'));
  policy.card.statement = 'fine\u001b[31m\u202e.';
  writeFileSync(join(folder, 'steers.json'), JSON.stringify(policy));
  const { code, out } = await run(folder, [
    'thresholds',
    'apply',
    'steers.json',
    'scored.csv',
    '--out',
    'd.csv',
  ]);
  assert.is(code, 0);
  assert.match(out, /fine\ufffd\[31m\ufffd\./);
});

test('a policy without end is not read to its end', async ({ folder }) => {
  if (process.platform !== 'linux') return;
  await refuse(
    folder,
    ['thresholds', 'apply', '/dev/zero', 'scored.csv', '--out', 'd.csv'],
    /more than 16000000 bytes/,
  );
});

test('apply loses no key of a JSON line, and writes no number that a reader cannot hold', async ({
  folder,
}) => {
  const line = (more: string) => `{"score":0.5,"uncertainty":0.1${more}}\n`;
  writeFileSync(join(folder, 'keys.jsonl'), line('') + line(',"order":7'));
  const lost = await said(folder, ['thresholds', 'apply', 'p.json', 'keys.jsonl', '--out', 'd.jsonl']);
  assert.equal([lost.line, lost.column], [2, 'order']);
  const big = [
    ['score', 'uncertainty', 'order', 'size', 'year'],
    ['0.5', '0.1', '12345678901234567890', '1e999', '2025'],
  ];
  writeFileSync(join(folder, 'big.csv'), big.map((row) => row.join(',')).join('\n'));
  const { code, err } = await run(folder, ['thresholds', 'apply', 'p.json', 'big.csv', '--out', 'big.jsonl']);
  assert.is(code, 0, err);
  const { order, size, year } = JSON.parse(readFileSync(join(folder, 'big.jsonl'), 'utf8'));
  assert.equal([order, size, year], ['12345678901234567890', '1e999', 2025]);
});

test('configuration: no option by way of a path, no file without end, no folder', async ({ folder }) => {
  const config = (value: unknown) => writeFileSync(join(folder, 'run.json'), JSON.stringify(value));
  const train = ['conversions', 'train', '--config', 'run.json', '--out', 'm2'];
  config({ input: '--seed=3', time: 'time' });
  await refuse(folder, train, /run\.json: input must not begin with -/);
  config({ Input: 'log.csv' });
  await refuse(folder, train, /no option "Input"; it is written input/);
  config({ config: 'run.json' });
  await refuse(folder, train, /no option "config"$/);
  await refuse(folder, ['conversions', 'train', '--config', '.'], /^\.: is a folder, not a file/);
  await refuse(
    folder,
    ['conversions', 'train', '--config', 'none.json'],
    /none\.json: there is no such file/,
  );
  writeFileSync(join(folder, 'latin.json'), Buffer.from('{"time": "f\u00fcr"}', 'latin1'));
  await refuse(
    folder,
    ['conversions', 'train', '--config', 'latin.json'],
    /latin\.json is not JSON in UTF-8/,
  );
  if (process.platform === 'linux')
    await refuse(folder, ['conversions', 'train', '--config', '/dev/zero'], /more than 1048576 bytes/);
});

test('a model trained on days is not told of dates, nor the other way round', async ({ folder }) => {
  const dated = logRows(60).map(([id, time, , , kind, price]) => [
    id,
    new Date(1.74e12 + 86_400_000 * Number(time)).toISOString(),
    '',
    '',
    kind,
    price,
  ]);
  writeFileSync(join(folder, 'dated.csv'), csv(HEAD, dated));
  await refuse(
    folder,
    ['conversions', 'update', 'm', 'dated.csv', ...LOG, '--out', 'm2'],
    /trained on times that are plain numbers; those of dated\.csv are dates/,
  );
});

/** Arguments of `conversions train` without a process. */
const args = (...argv: string[]) => new Args(argv, [], conversionsTrain.options);

test('a column cannot be two things', async ({ folder }) => {
  const outcome = ['conversion', 'conversion-delay', 'label'];
  const both = (argv: string[], message: RegExp) =>
    assert.throws(() => apart(args(...argv), outcome, ['signals', 'numeric', ...outcome]), message);
  both(['--conversion', 'a', '--signals', 'b,a'], /--conversion and --signals both name "a"/);
  both(['--label', 'y', '--numeric', 'x,y'], /--label and --numeric both name "y"/);
  both(['--label', 'y', '--conversion', 'y'], /both name "y"/);
  apart(args('--conversion', 'a', '--signals', 'b', '--numeric', 'b,c'), outcome, ['signals', 'numeric']);
  const log = ['conversions', 'train', 'log.csv', '--time', 'time', '--window', '10d', '--out', 'm2'];
  const table = ['thresholds', 'fit', 'scored.csv', '--precision', '.4', '--out', 'p2.json'];
  const train = ['thresholds', 'train', 'scored.csv', '--precision', '.4', '--out', 'm2'];
  const predict = ['conversions', 'predict', 'm', 'log.csv'];
  const cases = [
    [[...log, '--conversion', 'conv', '--signals', 'cart', '--numeric', 'cart'], /--signals and --numeric/],
    [[...table, '--label', 'score'], /two of them are "score"/],
    [[...train, '--numeric', 'score,label'], /--numeric names "label", which is the label/],
    [[...predict, '--at', '20', '--time', 'time', '--conversion', 'time'], /both name "time"/],
    [[...predict, '--conversion', 'conv'], /--conversion says nothing without --at/],
    [
      ['report', 'm', '--table', 'scored.csv', '--out', 'r.html'],
      /--table says nothing about m, which is a model of conversions/,
    ],
    [
      ['report', 'p.json', '--top', '3', '--out', 'r.html'],
      /--top says nothing about p\.json, which is a policy/,
    ],
  ] as [string[], RegExp][];
  await Promise.all(cases.map(([argv, message]) => refuse(folder, argv, message)));
});

test('options are refused before a long file is read', async ({ folder }) => {
  const ages = Array.from({ length: 65 }, (_, i) => i + 1).join(',');
  for (const [argv, message] of [
    [['--seed', 'x'], /--seed must be a whole number/],
    [['--width', '7'], /--width must be a multiple of 4, got 7/],
    [['--ages', ages], /--ages takes at most 64 ages, got 65/],
    [['--clip', 'nan'], /--clip must be a number/],
  ] as [string[], RegExp][]) {
    assert.throws(() => learnerOptions(args(...argv)), message);
  }
  const fit = ['thresholds', 'fit', 'none.csv', '--precision', '.4', '--out', 'p2.json'];
  const cases = [
    [
      ['conversions', 'train', 'none.csv', ...LOG, '--out', 'm2', '--width', '7'],
      /--width must be a multiple/,
    ],
    [['conversions', 'flips', 'none.csv', ...LOG, '--bits', '30'], /--bits must be/],
    [[...fit, '--confidence', '.9999999'], /--confidence must be from \.5 to 0\.999999/],
  ] as [string[], RegExp][];
  await Promise.all(
    cases.map(async ([argv, message]) => {
      const found = await said(folder, argv);
      assert.is(found.code, 'usage', argv.join(' '));
      assert.match(found.message, message);
    }),
  );
});

test('predict --at: what came before its exposure is a bad row, told or left out and counted', async ({
  folder,
}) => {
  const rows = logRows(40).map((row, i) => (i === 3 ? row.with(2, -1) : i === 5 ? row.with(3, -1) : row));
  writeFileSync(join(folder, 'early.csv'), csv(HEAD, rows));
  const argv = [
    'conversions',
    'predict',
    'm',
    'early.csv',
    '--at',
    '20',
    '--time',
    'time',
    '--conversion',
    'conv',
  ];
  const found = await said(folder, [...argv, '--signals', 'cart']);
  assert.equal([found.line, found.column], [5, 'conv']);
  assert.match(found.message, /the conversion is 3\.25 days before the exposure/);
  const kept = await run(folder, [...argv, '--signals', 'cart', '--max-bad-rows', 'all', '--json']);
  assert.equal([kept.json.rows, kept.json.badRows, kept.json.predictions.length], [38, 2, 38]);
});

test('rejects hold the rows as they stand, also those that break a rule among themselves', async ({
  folder,
}) => {
  const rows = logRows(120).map((row, i) => (i === 7 ? row.with(0, 'r3') : row));
  writeFileSync(join(folder, 'twice.csv'), csv(HEAD, rows));
  const { code, json, err } = await run(folder, [
    ...['conversions', 'train', 'twice.csv', ...LOG, '--numeric', 'price', '--out', 'm3'],
    ...['--max-bad-rows', 'all', '--rejects', 'left.csv', '--json'],
  ]);
  assert.is(code, 0, err);
  assert.equal([json.badRows, json.unused], [1, ['kind']]);
  const [, line] = readFileSync(join(folder, 'left.csv'), 'utf8').split('\n');
  assert.is(line, `twice.csv,9,id,duplicate-id,this id was used by an earlier row,"${rows[7].join(',')}"`);
});

test('what the rows as a whole do not allow is told with the file', async ({ folder }) => {
  const alike = scored().map((row) => row.with(2, 1));
  writeFileSync(join(folder, 'alike.csv'), csv('id,score,uncertainty,label,kind', alike));
  const fit = [
    'thresholds',
    'fit',
    'alike.csv',
    '--precision',
    '.4',
    '--method',
    'dynamic',
    '--levels',
    '5',
    '--out',
    'p2.json',
  ];
  const found = await said(folder, fit);
  assert.is(found.file, 'alike.csv');
  assert.match(
    found.message,
    /^alike\.csv: levels must all hold rows, but uncertainty level 1 of 5 is empty/,
  );
  const atOnce = logRows().map((row) => row.with(2, row[2] === '' ? '' : row[1]).with(3, ''));
  writeFileSync(join(folder, 'at-once.csv'), csv(HEAD, atOnce));
  const train = await said(folder, [
    'conversions',
    'train',
    'at-once.csv',
    ...LOG,
    ...FEATURES,
    '--out',
    'm2',
  ]);
  assert.match(train.message, /^at-once\.csv: no conversion after its exposure/);
});

test.run();
