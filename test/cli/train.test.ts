import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeModel } from '../../src/model-file.ts';
import { csv, edgeRows, edgesCsv, folderWith, listing, PHONES, removeFolder, run, SHORT } from './run.ts';

const test = suite<{ folder: string }>('cli train');
test.before.each((context) => {
  context.folder = folderWith({ 'edges.csv': edgesCsv() });
});
test.after.each(({ folder }) => removeFolder(folder));

const train = (folder: string, input: string, out: string, ...more: string[]) =>
  run(folder, ['related', 'train', input, '--out', out, '--json', ...SHORT, ...more]);

test('a model, its card and one JSON document; the same seed gives the same hash', async ({ folder }) => {
  const [first, second, other] = await Promise.all([
    train(folder, 'edges.csv', 'a.safetensors'),
    train(folder, 'edges.csv', 'b.safetensors'),
    train(folder, 'edges.csv', 'c.safetensors', '--seed', '4'),
  ]);
  assert.is(first.code, 0, first.err);
  assert.is(first.err, '', 'no progress without a terminal');
  const { json } = first;
  assert.is(json.model, 'a.safetensors');
  assert.is(json.badRows, 0);
  assert.is(json.card.seed, 3);
  assert.is(json.card.encoder.dim, 8);
  assert.is(json.read.nodes, 3 * PHONES + 3);
  assert.is(json.read.edges, 5 * PHONES);
  assert.type(json.seconds.load, 'number');
  const bytes = readFileSync(join(folder, 'a.safetensors'));
  assert.is(json.bytes, bytes.length);
  assert.is(await decodeModel(bytes).modelHash(), json.modelHash);
  assert.is(second.json.modelHash, json.modelHash);
  assert.is.not(other.json.modelHash, json.modelHash);
  assert.equal(listing(folder), ['a.safetensors', 'b.safetensors', 'c.safetensors', 'edges.csv']);
});

test('every format, packed or not, any row order, and standard input give the same model', async ({
  folder,
}) => {
  const rows = edgeRows();
  const object = ([source, target, weight]: (typeof rows)[number]) =>
    JSON.stringify({ source, target, weight });
  const parquet = parquetWriteBuffer({
    columnData: [
      { name: 'source', data: rows.map((row) => row[0]), type: 'STRING' },
      { name: 'target', data: rows.map((row) => row[1]), type: 'STRING' },
      { name: 'weight', data: rows.map((row) => row[2]), type: 'DOUBLE' },
    ],
  });
  const files = folderWith({
    'e.csv.gz': gzipSync(edgesCsv()),
    'e.tsv': edgesCsv().replaceAll(',', '\t'),
    'e.jsonl': rows.map(object).join('\n'),
    'e.parquet': new Uint8Array(parquet),
    'e.csv': csv('source,target,weight', [...rows].reverse()),
  });
  const base = await train(folder, 'edges.csv', 'm');
  const runs = await Promise.all([
    ...listing(files).map((name) => train(folder, join(files, name), `m-${name}`)),
    run(folder, ['related', 'train', '-', '--out', 'stdin', '--json', ...SHORT], { input: edgesCsv() }),
    run(folder, ['related', 'train', '-', '--format', 'parquet', '--out', 'p', '--json', ...SHORT], {
      input: new Uint8Array(parquet),
    }),
  ]);
  removeFolder(files);
  for (const { code, err, json } of runs) {
    assert.is(code, 0, err);
    assert.is(json.modelHash, base.json.modelHash, json.model);
  }
});

test('order lines are found out by their columns, from standard input too', async ({ folder }) => {
  const lines: unknown[][] = [];
  for (let c = 0; c < 60; c++) {
    const i = c % 6;
    lines.push(
      [`c${c}`, `o${c}a`, `phone-${i}`, 86_400 * c],
      [`c${c}`, `o${c}b`, `case-${i}`, 86_400 * (c + 3)],
    );
  }
  const orders = csv('customer,order,item,time', lines);
  const named = csv('who,invoice,what,timestamp', lines);
  const argv = ['related', 'train', '-', '--json', '--min-support', '2', ...SHORT];
  const [plain, renamed, semicolons, jsonl] = await Promise.all([
    run(folder, [...argv, '--out', 'a'], { input: orders }),
    run(folder, [...argv, '--out', 'b', '--customer', 'who', '--item', 'what', '--window', 'order'], {
      input: named,
    }),
    run(folder, [...argv, '--out', 'd', '--delimiter', ';'], { input: orders.replaceAll(',', ';') }),
    run(folder, [...argv, '--out', 'c', '--format', 'jsonl'], {
      input: lines
        .map(([customer, order, item, time]) => JSON.stringify({ customer, order, item, time }))
        .join('\n'),
    }),
  ]);
  for (const { code, err, json } of [plain, renamed, semicolons, jsonl]) {
    assert.is(code, 0, err);
    assert.is(json.read.kind, 'orders');
    assert.is(json.read.edges, 6);
  }
  assert.is(plain.json.modelHash, jsonl.json.modelHash);
  assert.is(plain.json.modelHash, semicolons.json.modelHash);
  assert.is(plain.json.card.encoder.directionLoss, 0.3);
});

test('products bought together are told as such, and why there are none', async ({ folder }) => {
  const lines = Array.from({ length: 40 }, (_, c) => [`c${c}`, c % 2 === 0 ? 'a' : 'x', c]).flatMap(
    ([customer, item, time]) => [
      [customer, item, time],
      [customer, `${item}2`, time],
    ],
  );
  const input = csv('customer,item,time', lines);
  const argv = ['related', 'train', '-', '--pairs', 'co-purchase', '--out', 'm', ...SHORT];
  const [some, none] = await Promise.all([
    run(folder, argv, { input }),
    run(folder, [...argv, '--min-support', '100', '--max-bad-rows', '1'], { input: `${input}c,,1\n` }),
  ]);
  assert.is(some.code, 0, some.err);
  assert.match(some.out, /4 pairs "U is bought with V"/);
  assert.match(some.out, /For example, with a:\n {2}1 {2}a2\n/);
  assert.is(none.code, 1);
  assert.match(
    none.err,
    /no two products are bought together often enough: lower --min-support .*\(1 bad row left out\)/,
  );
});

test('ids that stand in one file only are counted and named', async ({ folder }) => {
  const rows = ['phone-0', 'p1', 'p2', 'p3', 'p4'];
  const files = folderWith({
    'features.csv': csv('node,feature', [...rows.map((id) => [id, 'red']), ['p1', 'blue']]),
    'items.csv': csv(
      'id,name',
      rows.map((id) => [id, `The ${id}`]),
    ),
    'one.csv': csv('node,feature', [
      ['phone-0', 'red'],
      ['odd', 'red'],
    ]),
    'nodes.csv': `id\n${[...new Set(edgeRows().map(([s, t]) => `${s}\n${t}`)), 'unsold'].join('\n')}\n`,
  });
  const file = (name: string) => join(files, name);
  const [features, items, one, nodes] = await Promise.all([
    train(folder, 'edges.csv', 'a', '--features', file('features.csv')),
    train(folder, 'edges.csv', 'b', '--items', file('items.csv')),
    run(folder, ['related', 'train', 'edges.csv', '--out', 'c', '--features', file('one.csv'), ...SHORT]),
    train(folder, 'edges.csv', 'd', '--nodes', file('nodes.csv')),
  ]);
  removeFolder(files);
  const named = (name: string) =>
    `4 ids of ${file(name)} do not occur in edges.csv ("p1", "p2", "p3" ...); such products `;
  assert.equal(features.json.notes, [`${named('features.csv')}take part by their features alone`]);
  assert.equal(items.json.notes, [`${named('items.csv')}can be neither asked for nor answered`]);
  assert.match(one.out, /Note: 1 id of .*one\.csv does not occur in edges\.csv \("odd"\); such products/);
  assert.match(
    nodes.json.notes[0],
    /^1 id of .*nodes\.csv does not occur in edges\.csv \("unsold"\); .* without pairs$/,
  );
});

test('people are told what was read, how good it is, and what to type next', async ({ folder }) => {
  const items = folderWith({ 'items.csv': 'id,name\nphone-0,"Phone, zero"\ncase-0,Case zero\n' });
  const argv = [
    'related',
    'train',
    'edges.csv',
    '--out',
    'm.safetensors',
    '--items',
    join(items, 'items.csv'),
  ];
  const { code, out, err } = await run(folder, [...argv, ...SHORT]);
  removeFolder(items);
  assert.is(code, 0, err);
  assert.match(out, /Read 120 rows from edges\.csv/);
  assert.match(out, /75 products, 120 pairs "U leads to V"/);
  assert.match(out, /Training should take about .* of engine memory and .* \(whole graph\)/);
  assert.match(out, /Quality: too few to judge, only 12 pairs set aside\./);
  assert.match(out, /For example, after Phone, zero:\n {2}1 {2}\S.*\n {2}2 {2}\S.*\n {2}3 {2}\S/);
  assert.match(out, /fletching related recommend m\.safetensors --item phone-0/);
});

test('bad rows are counted, and written to the rejects file, when they are allowed', async ({ folder }) => {
  const files = folderWith({ 'bad.csv': `${edgesCsv()}phone-1,case-1,"NaN"\n,case-1,1\nphone-2,case-2,1\n` });
  const bad = join(files, 'bad.csv');
  const [allowed, refused] = await Promise.all([
    train(folder, bad, 'm', '--max-bad-rows', '2', '--rejects', 'rejects.csv'),
    train(folder, bad, 'n', '--max-bad-rows', '1', '--rejects', 'all.csv'),
  ]);
  removeFolder(files);
  assert.is(allowed.code, 0, allowed.err);
  assert.is(allowed.json.badRows, 2);
  assert.is(allowed.json.read.merged, 1);
  const rejects = readFileSync(join(folder, 'rejects.csv'), 'utf8').trimEnd().split('\n');
  assert.is(rejects[0], 'file,line,column,code,reason,text');
  assert.is(rejects.length, 3);
  assert.match(rejects[1], /bad\.csv,122,weight,bad-number,/);
  assert.is(refused.code, 1);
  assert.is(refused.json.error.line, 123);
  assert.equal(listing(folder), ['all.csv', 'edges.csv', 'm', 'rejects.csv']);
});

const LONG = [
  'related',
  'train',
  'edges.csv',
  '--dim',
  '16',
  '--steps',
  '400',
  '--no-early-stopping',
  '--json',
];

/** Resolves as soon as a file is there. */
async function appears(path: string): Promise<void> {
  for (let i = 0; i < 1500 && !existsSync(path); i++) await new Promise((done) => setTimeout(done, 5));
  assert.ok(existsSync(path), `${path} never came`);
}

test('killed in the middle and resumed, the model is the same, bit for bit', async ({ folder }) => {
  const whole = run(folder, [...LONG, '--out', 'whole']);
  const part = [...LONG, '--out', 'part', '--checkpoint', 'state', '--checkpoint-every', '2', '--resume'];
  const killed = await run(folder, part, {
    onStart: (child) => {
      appears(join(folder, 'state')).then(() => child.kill('SIGKILL'));
    },
  });
  assert.is(killed.code, null, 'it must be killed before it is done');
  assert.is(killed.out, '');
  assert.not.ok(existsSync(join(folder, 'part')));
  const other = await run(folder, [...part, '--seed', '9']);
  assert.is(other.code, 1);
  assert.is(other.json.error.code, 'other-checkpoint');
  assert.is(other.json.error.file, 'state');
  const said = await run(
    folder,
    [...part, '--seed', '9'].filter((word) => word !== '--json'),
  );
  assert.is(said.code, 1);
  assert.not.match(said.out, /Going on/, 'a checkpoint of something else is not gone on from');
  const fresh = await run(
    folder,
    part.filter((word) => word !== '--resume'),
  );
  assert.is(fresh.code, 2);
  assert.match(fresh.json.error.message, /state is there already: give --resume/);
  const resumed = await run(folder, part);
  assert.is(resumed.code, 0, resumed.err);
  assert.is(resumed.json.modelHash, (await whole).json.modelHash);
  assert.not.ok(existsSync(join(folder, 'state')), 'the checkpoint goes when the model is there');
});

test('Ctrl-C or a closed terminal stops it and leaves nothing half-written', async ({ folder }) => {
  const stopped = (signal: 'SIGINT' | 'SIGHUP') => {
    const state = `state-${signal}`;
    const argv = [
      ...LONG,
      '--steps',
      '100000',
      '--out',
      'm',
      '--checkpoint',
      state,
      '--checkpoint-every',
      '1',
    ];
    return run(folder, argv, {
      onStart: (child) => {
        appears(join(folder, state)).then(() => child.kill(signal));
      },
    });
  };
  for (const { code, json, err } of await Promise.all([stopped('SIGINT'), stopped('SIGHUP')])) {
    assert.is(code, 1);
    assert.is(json.error.code, 'aborted');
    assert.match(err, /^fletching: stopped before it was done\n$/);
  }
  assert.equal(listing(folder), ['edges.csv', 'state-SIGHUP', 'state-SIGINT']);
});

test.run();
