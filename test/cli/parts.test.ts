import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DataError } from '../../src/check.ts';
import { Args } from '../../src/cli/args.ts';
import { failureOf, printable, UsageError } from '../../src/cli/errors.ts';
import { checkOutput, checkOutputFolder, writeFolder } from '../../src/cli/files.ts';
import { numbering } from '../../src/cli/nodes.ts';
import { duration, size, tableLines } from '../../src/cli/output.ts';
import { ProgressBar } from '../../src/cli/progress.ts';
import { Reader, replay } from '../../src/cli/reader.ts';
import { relatedTrain } from '../../src/cli/related-train.ts';
import { fitOptions } from '../../src/cli/training.ts';
import { pieces } from '../helpers/io-table.ts';
import { folderWith, listing, removeFolder } from './run.ts';

test('whole numbers are numbered by size, other ids by text, whatever their order', () => {
  const numbers = numbering(['10', '9', '0', '123']);
  assert.equal(numbers.ids, ['0', '9', '10', '123']);
  assert.equal([...numbers.rank], [2, 1, 0, 3]);
  assert.equal(numbering(['10', '9', '07']).ids, ['07', '10', '9']);
  assert.equal(numbering(['b', '__proto__', 'a']).ids, ['__proto__', 'a', 'b']);
  assert.equal(numbering([]).ids, []);
});

test('option values stay what was typed', () => {
  const specs = [
    { name: 'item', value: 'ID', multiple: true, about: '' },
    { name: 'k', short: 'k', value: 'N', about: '' },
    { name: 'json', about: '' },
  ];
  const args = new Args(['-', '--item', '007', '--item=1e3', '-k', '5', '--json'], ['INPUT'], specs);
  assert.equal(args.positionals, ['-']);
  assert.equal(args.texts('item'), ['007', '1e3']);
  assert.is(args.integer('k', 1, 10), 5);
  assert.ok(args.flag('json'));
});

test('every wrong option value is named', () => {
  const read = (line: string) => {
    const args = new Args(line.split(' '), ['INPUT'], relatedTrain.options);
    args.need('out', 'MODEL');
    fitOptions(args);
    new Reader({ args, bar: new ProgressBar(), signal: new AbortController().signal });
  };
  read('x --out y --seed=7 --fanout 10,5 --degree-power .25 --memory 1.5e9 --max-bad-rows all --delimiter ;');
  const cases: [line: string, says: RegExp][] = [
    ['x', /--out MODEL is missing/],
    ['x y --out z', /unexpected argument "y"/],
    ['x --out', /the value of --out is missing/],
    ['x --out=', /--out must not be empty/],
    ['x --out y --resume=1', /--resume takes no value/],
    ['x --out y --seed -1', /the value of --seed is missing \(.*--seed=-1\)/],
    ['x --out y --seed=1.5', /--seed must be a whole number from 0 to 4294967295, got 1.5/],
    ['x --out y --seed 0x10', /--seed/],
    ['x --out y --preset best', /--preset must be one of default, blade, got "best"/],
    ['x --out y --mode next', /--mode must be one of auto, full, sampled/],
    ['x --out y --fanout 10,x', /--fanout must be whole numbers from 1 to 10000 with commas, got x/],
    ['x --out y --degree-power .3', /--degree-power must be 0, .25, .5, .75 or 1, got .3/],
    ['x --out y --memory Infinity', /--memory must be a number/],
    ['x --out y --memory 2TB', /--memory must be a number of bytes .*500MB or 2GB, got 2TB/],
    ['x --out y --memory 5GB', /--memory must be a number of bytes from 1 to 4200000000/],
    ['x --out y --delimiter ;;', /--delimiter must be one character/],
    ['x --out y --epochs 2 --steps 3', /--epochs or --steps/],
    ['x --out y --mode sampled --coview z', /--mode sampled cannot be used with --coview/],
    ['x --out y --max-bad-rows some', /--max-bad-rows must be a whole number/],
  ];
  for (const [line, says] of cases) {
    let error: unknown;
    try {
      read(line);
    } catch (thrown) {
      error = thrown;
    }
    assert.instance(error, UsageError, `${line} was taken`);
    assert.match((error as Error).message, says);
  }
});

test('input can be read twice, however it is cut', async () => {
  const whole = new TextEncoder().encode('source,target\na,b\nc,d\n');
  const text = async (source: AsyncIterable<Uint8Array>) => {
    let all = '';
    for await (const part of source) all += new TextDecoder().decode(part);
    return all;
  };
  for (const stop of [0, 1, 2, 9]) {
    const open = replay({ name: '-', bytes: pieces(whole, [3, 9, 15]) });
    let taken = 0;
    for await (const _ of (await open()).bytes) if (taken++ === stop) break;
    assert.is(await text((await open()).bytes), 'source,target\na,b\nc,d\n', `after ${stop}`);
  }
});

/** The message of the DataError `not-writable` that a check must end in. */
async function refusal(check: Promise<void>): Promise<string> {
  const error = await check.then(
    () => undefined,
    (thrown) => thrown,
  );
  assert.instance(error, DataError);
  assert.is(error.code, 'not-writable');
  return error.message;
}

test('output paths that cannot work are refused', async () => {
  const folder = folderWith({ file: 'x' });
  const at = (path: string) => join(folder, path);
  for (const path of ['file', 'new']) await checkOutput(at(path));
  await checkOutput('/dev/null');
  for (const path of ['', 'new', 'new/below/']) await checkOutputFolder(at(path));
  const long = at('x'.repeat(300));
  assert.match(await refusal(checkOutput(folder)), /is a folder, not a file/);
  assert.match(await refusal(checkOutput(`${at('new')}/`)), /is a folder, not a file/);
  assert.match(await refusal(checkOutput(at('no/such'))), /its folder does not exist/);
  assert.match(await refusal(checkOutput(at('file/x'))), /not a folder/);
  assert.match(await refusal(checkOutput(long)), /the name is too long/);
  assert.match(await refusal(checkOutputFolder(long)), /the name is too long/);
  assert.match(await refusal(checkOutputFolder(at('file'))), /is a file, not a folder/);
  removeFolder(folder);
});

test('rejects that cannot be written are refused at once, and never hide what is wrong with the data', async () => {
  const reader = (path: string) => {
    const args = new Args(['x', '--out', 'y', '--rejects', path], ['INPUT'], relatedTrain.options);
    return new Reader({ args, bar: new ProgressBar(), signal: new AbortController().signal });
  };
  let begun = false;
  const work = async () => void (begun = true);
  assert.match(await refusal(reader('/no/such/r.csv').reading(work)), /its folder does not exist/);
  assert.not.ok(begun);
  const folder = folderWith();
  const failing = reader(join(folder, 'r.csv'));
  const bad = { file: 'x', line: 2, row: 0, code: 'bad-number', reason: 'r', text: 't' };
  const fault = new Error('of the data');
  const thrown = await failing
    .reading(async () => {
      failing.options('x').onBadRow?.(bad);
      mkdirSync(join(folder, 'r.csv'));
      throw fault;
    })
    .catch((error) => error);
  assert.is(thrown, fault);
  removeFolder(folder);
});

test('a folder of files is written as a whole or not at all', async () => {
  const folder = folderWith({ a: 'old a', b: 'old b' });
  async function* failing() {
    yield 'new';
    throw new Error('no more');
  }
  const message = async (at: string, files: Parameters<typeof writeFolder>[1]) =>
    writeFolder(at, files).catch((error) => error.message);
  assert.is(await message(folder, { a: 'new a', b: failing() }), 'no more');
  assert.is(await message(join(folder, 'made'), { a: 'new a', b: failing() }), 'no more');
  assert.equal(listing(folder), ['a', 'b']);
  assert.is(readFileSync(join(folder, 'a'), 'utf8'), 'old a');
  mkdirSync(join(folder, 'c'));
  assert.match(await message(folder, { a: 'new a', c: 'new c' }), /is a folder/);
  assert.is(readFileSync(join(folder, 'a'), 'utf8'), 'old a');
  await writeFolder(folder, { a: 'new a', b: 'new b' });
  assert.equal(listing(folder), ['a', 'b', 'c']);
  assert.is(readFileSync(join(folder, 'a'), 'utf8'), 'new a');
  assert.not.ok(existsSync(join(folder, 'made')));
  removeFolder(folder);
});

test('numbers for people', () => {
  assert.equal([999, 1000, 9949, 312_400, 2.5e9].map(size), [
    '999 bytes',
    '1.0 kB',
    '9.9 kB',
    '312 kB',
    '2.5 GB',
  ]);
  assert.equal([0.01, 1.23, 59.6, 200, 7500].map(duration), [
    'less than 0.1 s',
    '1.2 s',
    '1 min',
    '3 min 20 s',
    '2 h 5 min',
  ]);
  assert.equal(
    tableLines(
      '<>',
      ['a', 'n'],
      [
        ['x', '1'],
        ['日本', '12'],
      ],
    ),
    ['a      n', 'x      1', '日本  12'],
  );
});

test('errors are one line, and steer no terminal', () => {
  assert.is(failureOf(new Error('a\n  b\u001b[2J')).message, 'a b\ufffd[2J');
  assert.is(failureOf(new DOMException('x', 'AbortError')).code, 'aborted');
  assert.is(failureOf('text').message, 'text');
  const bad = failureOf(new DataError('is wrong', { code: 'bad', file: '-', line: 3 }));
  assert.is(bad.message, 'standard input, line 3: is wrong');
  assert.is(bad.file, '-');
  assert.is(printable('ok \u202e'), 'ok \ufffd');
});

test('numbers of bytes have units', () => {
  const of = (text: string) =>
    new Args(['--memory', text], [], [{ name: 'memory', value: 'BYTES', about: '' }]).bytes(
      'memory',
      1,
      4.2e9,
    );
  assert.equal(
    ['2GB', '500MB', '2.3g', '64kb', '1GiB', '1.5e9', '7'].map(of),
    [2e9, 5e8, 2.3e9, 64_000, 1_073_741_824, 1.5e9, 7],
  );
});

test('order lines are trained with a direction loss, pairs and the preset blade without', () => {
  const loss = (kind: 'edges' | 'orders', ...argv: string[]) =>
    fitOptions(new Args(argv, [], relatedTrain.options), kind).encoder?.directionLoss;
  assert.is(loss('orders'), 0.3);
  assert.is(loss('orders', '--direction-loss', '0'), 0);
  assert.is(loss('edges'), undefined);
  assert.is(loss('edges', '--direction-loss', '2'), 2);
  assert.is(loss('orders', '--preset', 'blade'), undefined);
});

test.run();
