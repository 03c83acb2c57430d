import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeModel } from '../../src/model-file.ts';
import { csv, edgesCsv, folderWith, listing, removeFolder, run, SHORT } from './run.ts';

const test = suite<{ folder: string }>('cli update');
const orders = (from: number, to: number) =>
  csv(
    'customer,item,time',
    Array.from({ length: to - from }, (_, i) => [
      `c${(from + i) >> 1}`,
      (from + i) % 2 ? `case-${((from + i) >> 1) % 5}` : `phone-${((from + i) >> 1) % 5}`,
      1e9 + 1e6 * (from + i),
    ]),
  );

test.before(async (context) => {
  context.folder = folderWith({
    'edges.csv': edgesCsv(),
    'new.csv': csv('source,target,weight', [
      ['phone-3', 'lamp', 2],
      ['lamp', 'case-9', 1],
      ['phone-3', 'case-3', 4],
      ['phone-5', 'phone-5', 1],
      ['', 'phone-1', 1],
      ['phone-5', 'case-9', 'NaN'],
    ]),
    'kinds.csv': csv('id,category', [
      ['lamp', 'light'],
      ['phone-1', 'phone'],
    ]),
    'loops.csv': csv('source,target', [['a', 'a']]),
    'plain.csv': csv('source,target', [['phone-1', 'case-7']]),
    'first.csv': orders(0, 80),
    'later.csv': orders(80, 120),
  });
  const { code, err } = await run(context.folder, ['related', 'train', 'edges.csv', '--out', 'm', ...SHORT]);
  assert.is(code, 0, err);
});
test.after(({ folder }) => removeFolder(folder));

const opened = (folder: string, name: string) => decodeModel(readFileSync(join(folder, name)));

test('new pairs and products come in, bad rows are counted, the same twice', async ({ folder }) => {
  const argv = ['related', 'update', 'm', 'new.csv', '--max-bad-rows', '2', '--rejects', 'bad.csv'];
  const [first, again, other] = await Promise.all([
    run(folder, [...argv, '--categories', 'kinds.csv', '--out', 'n', '--json']),
    run(folder, ['related', 'update', 'm', 'new.csv', '--max-bad-rows', 'all', '--out', 'n2', '--json']),
    run(folder, [
      'related',
      'update',
      'm',
      'new.csv',
      '--max-bad-rows',
      'all',
      '--out',
      'n3',
      '--seed',
      '9',
      '--json',
    ]),
  ]);
  assert.is(first.code, 0, first.err);
  const { read, steps, tuned, touched, loss, card, modelHash, notes, from } = first.json;
  assert.is(from, 'm');
  assert.equal(read, {
    file: 'new.csv',
    kind: 'edges',
    rows: 4,
    badRows: 2,
    merged: 0,
    selfLoops: 1,
    pairs: 3,
    known: 1,
    newItems: 1,
  });
  assert.is(steps, 60);
  assert.is(tuned, 4);
  assert.ok(touched > 4);
  assert.ok(loss.after < loss.before, JSON.stringify(loss));
  assert.equal(card.added, { nodes: 1, edges: 2 });
  assert.is(card.updateSteps, 60);
  assert.equal(notes, []);
  assert.is(again.json.modelHash, modelHash);
  assert.is.not(other.json.modelHash, modelHash);
  assert.is(readFileSync(join(folder, 'bad.csv')).toString().trim().split('\n').length, 3);

  const model = opened(folder, 'n');
  const node = (id: string) => model.graph.indexOf(id);
  assert.ok(model.graph.hasEdge(node('phone-3'), node('lamp')));
  assert.is(model.catalogue!.category[node('lamp')], 'light');
  assert.is(await model.modelHash(), modelHash);
  const { json } = await run(folder, ['related', 'recommend', 'n', '--item', 'lamp', '-k', '3', '--json']);
  assert.ok(json.items[0].recommendations.some(({ id }: { id: string }) => id === 'case-9'));
});

test('no steps add the pairs alone; what people read', async ({ folder }) => {
  const [none, told] = await Promise.all([
    run(folder, ['related', 'update', 'm', 'plain.csv', '--steps', '0', '--out', 'p', '--json']),
    run(folder, ['related', 'update', 'm', 'plain.csv', '--steps', '5', '--out', 'q']),
  ]);
  assert.is(none.code, 0, none.err);
  assert.is(none.json.steps, 0);
  assert.is(none.json.loss, undefined);
  assert.is(none.json.card.updateSteps, undefined);
  assert.is(told.code, 0, told.err);
  assert.match(told.out, /^Read 1 row from plain\.csv\.\n {2}1 pair: 1 new\n/);
  assert.match(told.out, /Trained the rows of 2 products for 5 steps in /);
  assert.match(told.out, /Embedded \d+ products again; the others are as they were\.\nModel: {3}q, /);
  assert.is(told.err, '');
});

test('order lines, later times, and a note when the time has come to train anew', async ({ folder }) => {
  const how = ['--min-support', '1', '--min-lift', '0'];
  const trained = await run(folder, ['related', 'train', 'first.csv', ...how, ...SHORT, '--out', 'o']);
  assert.is(trained.code, 0, trained.err);
  const [later, plain] = await Promise.all([
    run(folder, ['related', 'update', 'o', 'later.csv', ...how, '--out', 'o2', '--json']),
    run(folder, ['related', 'update', 'o', 'edges.csv', '--out', 'o3', '--json']),
  ]);
  assert.is(later.code, 0, later.err);
  assert.is(later.json.read.kind, 'orders');
  assert.is(later.json.read.rows, 40);
  assert.is(plain.code, 0, plain.err);
  assert.match(plain.json.notes.join('\n'), /no times, its pairs are taken to be as late/);
  assert.match(
    plain.json.notes.join('\n'),
    /\d+ % of the pairs came after training, it is time to train anew/,
  );
  const { timestamps } = opened(folder, 'o3').graph.out;
  const { timestamps: before } = opened(folder, 'o').graph.out;
  assert.is(Math.max(...timestamps!), Math.max(...before!));
});

test('what cannot be is refused, and nothing is written', async ({ folder }) => {
  const before = listing(folder);
  const update = (...argv: string[]) => run(folder, ['related', 'update', ...argv, '--json']);
  const wrong: [string[], number, RegExp][] = [
    [['m', 'new.csv'], 2, /--out NEW is missing/],
    [['m'], 2, /INPUT is missing/],
    [['m', 'new.csv', '--out', 'm'], 2, /would overwrite the input/],
    [['m', 'new.csv', '--out', 'new.csv'], 2, /would overwrite the input/],
    [['m', 'new.csv', '--out', 'x', '--steps', 'NaN'], 2, /--steps must be a whole number/],
    [['m', 'new.csv', '--out', 'x', '--steps', '1e9'], 2, /--steps must be a whole number/],
    [['m', 'new.csv', '--out', 'x', '--learning-rate', '-1'], 2, /--learning-rate/],
    [['m', 'new.csv', '--out', 'x', '--seed', '1.5'], 2, /--seed must be a whole number/],
    [['m', 'new.csv', '--out', 'x'], 1, /new\.csv, line 6, column source: an id must not be empty/],
    [['m', 'loops.csv', '--out', 'x'], 1, /no pairs to add: every row leads from a product to itself/],
    [['m', 'later.csv', '--min-support', '500', '--out', 'x'], 1, /lower --min-support or --min-lift/],
    [['edges.csv', 'new.csv', '--out', 'x'], 1, /this is not a model/],
    [['m', 'gone.csv', '--out', 'x'], 1, /there is no such file/],
    [['m', 'plain.csv', '--out', 'no/x'], 1, /its folder does not exist/],
  ];
  for (const [argv, code, rule] of wrong) {
    const result = await update(...argv);
    assert.is(result.code, code, argv.join(' '));
    assert.match(result.err, rule);
    assert.match(result.json.error.message, rule);
  }
  assert.equal(listing(folder), before);
});

test.run();
