import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeModel, encodeModel } from '../../src/model-file.ts';
import { csv, edgeRows, edgesCsv, folderWith, listing, removeFolder, run, SHORT } from './run.ts';

const HOSTILE = '</script><img src=x onerror=alert(1)>';

const test = suite<{ folder: string }>('cli report');
test.before(async (context) => {
  context.folder = folderWith({
    'edges.csv': edgesCsv(),
    'hostile.csv': csv('source,target,weight', [
      ...edgeRows().map(([u, v, w]) => [u, v === 'case-0' ? `"${HOSTILE}"` : v, w]),
      ['only-source', '', 1],
      ['phone-1', 'case-2', 'many'],
      ['phone-1', 'case-3', 'few'],
    ]),
    'items.csv': csv('id,name', [['phone-0', '"Phone, zero"']]),
  });
  const train = (input: string, out: string, ...more: string[]) =>
    run(context.folder, ['related', 'train', input, '--out', out, ...SHORT, ...more]);
  const evaluate = [
    'related',
    'evaluate',
    'edges.csv',
    '--json',
    '--methods',
    'embedding,popularity',
    ...SHORT,
  ];
  const [plain, hostile, evaluated] = await Promise.all([
    train('edges.csv', 'm', '--steps', '60'),
    train('hostile.csv', 'hostile', '--max-bad-rows', 'all'),
    run(context.folder, evaluate),
  ]);
  for (const { code, err } of [plain, hostile, evaluated]) assert.is(code, 0, err);
  writeFileSync(join(context.folder, 'evaluation.json'), evaluated.out);
});
test.after(({ folder }) => removeFolder(folder));

const report = (folder: string, ...argv: string[]) => run(folder, ['report', ...argv]);

test('one page of a model and its evaluation, the same bytes each time', async ({ folder }) => {
  const options = ['--evaluation', 'evaluation.json', '--items', 'items.csv'];
  const [json, again] = [
    await report(folder, 'm', ...options, '--out', 'a.html', '--json'),
    await report(folder, 'm', ...options, '--out', 'a2.html'),
  ];
  assert.is(json.code, 0, json.err);
  assert.is(again.code, 0, again.err);
  assert.is(json.err, '');
  assert.equal(json.json, { out: 'a.html', bytes: statSync(join(folder, 'a.html')).size, items: 75 });
  assert.match(again.out, /^Wrote a2\.html: \d+ kB, 75 products with their answers\.\n/);
  const text = readFileSync(join(folder, 'a.html'), 'utf8');
  assert.is(
    text.replace('--out a.html --json', '--out a2.html'),
    readFileSync(join(folder, 'a2.html'), 'utf8'),
  );
  const { document } = parseHTML(text);
  const words = (id: string) => document.getElementById(id)!.textContent!.replace(/\s+/g, ' ');
  assert.match(words('quality'), /embedding.*popularity/);
  assert.match(words('items'), /Phone, zero phone-0/);
  assert.match(words('data'), /Read from ?edges\.csv ?Rows ?\d+/);
  assert.match(words('card'), /fletching related train edges\.csv .*--out m /);
  assert.ok(document.querySelectorAll('#training figure').length === 2, 'loss and hit rate');
  assert.not.match(text, /https?:|\ssrc=/i);
  assert.not.ok(listing(folder).some((name) => name.includes('.tmp')));
});

test('hostile ids, rejected rows with reasons, and fewer products than there are', async ({ folder }) => {
  const { code, err } = await report(folder, 'hostile', '--out', 'hostile.html', '--top', '3');
  assert.is(code, 0, err);
  const text = readFileSync(join(folder, 'hostile.html'), 'utf8');
  const { document } = parseHTML(text);
  assert.is(text.match(/<script/g)!.length, 1);
  assert.not.match(text, /<img/);
  assert.is(document.querySelectorAll('#items-list > details').length, 3);
  assert.match(document.querySelector('#items-list-status')!.textContent!, /73 more are in the model/);
  const rejected = Array.from(document.querySelectorAll('#data tbody tr'), (row) => row.textContent!);
  assert.ok(
    rejected.some((row) => /hostile\.csv.*target.*1/.test(row)),
    rejected.join('\n'),
  );
  assert.ok(
    rejected.some((row) => /hostile\.csv.*weight.*2.*"many"/.test(row)),
    rejected.join('\n'),
  );
});

test('a card with values of other kinds is told as far as it can be', async ({ folder }) => {
  const model = decodeModel(readFileSync(join(folder, 'm')));
  const card = model.card as unknown as Record<string, unknown>;
  const looks = [{ step: 'x', loss: null }, 7, null, { step: 1, loss: 2, 'hitRate@10': 0.5, 'mrr@10': 0.1 }];
  card.data = {
    file: 5,
    rows: '9',
    orders: [],
    rejected: [null, 3, { rows: {} }],
    notes: [{}, HOSTILE],
    command: 'rm',
  };
  card.ranker = {
    used: 'yes',
    queries: [],
    heldOut: { ranker: null, counts: 4 },
    weights: { a: 'b', [HOSTILE]: 1 },
  };
  card.history = looks;
  card.steps = HOSTILE;
  writeFileSync(join(folder, 'odd'), encodeModel(model));
  const { code, err } = await report(folder, 'odd', '--out', 'odd.html');
  assert.is(code, 0, err);
  const text = readFileSync(join(folder, 'odd.html'), 'utf8');
  assert.not.match(text, /<img|NaN|undefined|\[object/);
});

test('what cannot work is refused, and an old page stays', async ({ folder }) => {
  writeFileSync(join(folder, 'old.html'), 'old');
  writeFileSync(join(folder, 'bad.json'), '{"methods":{"ranker":{"hitRate@10":2}},"split":{}}');
  const vectors = ['related', 'export', 'm', '--format', 'safetensors', '--out', 'vectors'];
  const exported = await run(folder, vectors);
  assert.is(exported.code, 0, exported.err);
  const [bad, none, over, overJson, other, table, top] = await Promise.all([
    report(folder, 'm', '--evaluation', 'bad.json', '--out', 'old.html', '--json'),
    report(folder, 'm'),
    report(folder, 'm', '--out', 'm'),
    report(folder, 'm', '--evaluation', 'evaluation.json', '--out', 'evaluation.json'),
    report(folder, 'vectors', '--out', 'old.html', '--json'),
    report(folder, 'edges.csv', '--out', 'old.html', '--json'),
    report(folder, 'm', '--out', 'old.html', '--top', '-1'),
  ]);
  assert.is(bad.code, 1);
  assert.is(bad.json.error.code, 'bad-json');
  assert.match(bad.json.error.message, /bad\.json: methods\.ranker\.hitRate@10 must be a number from 0 to 1/);
  assert.is(none.code, 2);
  assert.match(none.err, /--out FILE is missing/);
  assert.is(over.code, 2);
  assert.match(over.err, /would overwrite the input/);
  assert.is(overJson.code, 2);
  assert.match(overJson.err, /would overwrite the file of --evaluation/);
  assert.is(other.json.error.code, 'not-a-model');
  assert.match(other.json.error.message, /no report for this kind of file \("vectors"\)/);
  assert.is(table.json.error.code, 'not-a-model');
  assert.is(top.code, 2);
  assert.is(readFileSync(join(folder, 'old.html'), 'utf8'), 'old');
});

test.run();
