import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeNpy, decodeSafetensors } from '../../src/io/index.ts';
import { csv, edgeRows, edgesCsv, folderWith, listing, PHONES, removeFolder, run, SHORT } from './run.ts';

const test = suite<{ folder: string }>('cli use');
test.before(async (context) => {
  context.folder = folderWith({
    'edges.csv': edgesCsv(),
    'many.csv': csv(
      'source,target',
      Array.from({ length: 400 }, (_, i) => [`p${i % 40}`, `c${(i * 7 + Math.floor(i / 40)) % 45}`]),
    ),
    'items.csv': csv('id,name', [
      ['phone-0', '"Phone, zero"'],
      ['case-0', 'Case\u001b[31m zero'],
    ]),
    'prices.csv': 'id,price\nphone-0,300\n',
    'out-of-stock.csv': 'id\ncase-0\nglass-0\n',
  });
  const { code, err } = await run(context.folder, ['related', 'train', 'edges.csv', '--out', 'm', ...SHORT]);
  assert.is(code, 0, err);
});
test.after(({ folder }) => removeFolder(folder));

type Answer = { id: string; score: number; known: boolean; source: string };

const recommend = (folder: string, ...argv: string[]) => run(folder, ['related', 'recommend', 'm', ...argv]);

test('recommend: answers as JSON and as a table with names', async ({ folder }) => {
  const [many, few, table, nameless] = await Promise.all([
    recommend(folder, '--item', 'phone-0', '--item', 'case-0', '-k', '5', '--json'),
    recommend(
      folder,
      '--item',
      'phone-0',
      '--json',
      '-k',
      '80',
      '--new-only',
      '--exclude',
      'charger-1,phone-3',
      '--exclude',
      'out-of-stock.csv',
    ),
    recommend(folder, '--item', 'phone-0', '--items', 'items.csv', '-k', '75'),
    recommend(folder, '--item', 'phone-0', '--items', 'prices.csv'),
  ]);
  assert.is(nameless.code, 0, nameless.err);
  assert.match(
    nameless.out,
    /prices\.csv has no column name, title, description: products are shown by their ids/,
  );
  const { json } = many;
  assert.match(json.model, /^[0-9a-f]{64}$/);
  assert.equal(
    json.items.map((entry: { item: string }) => entry.item),
    ['phone-0', 'case-0'],
  );
  const [first] = json.items;
  assert.is(first.recommendations.length, 5);
  const scores = first.recommendations.map((answer: Answer) => answer.score);
  assert.equal(
    scores,
    [...scores].sort((a, b) => b - a),
  );
  assert.ok(first.recommendations.some((answer: Answer) => answer.known === true));

  const left = few.json.items[0].recommendations;
  const gone = ['phone-0', 'case-0', 'glass-0', 'charger-0', 'case-1', 'charger-1', 'phone-3'];
  assert.is(left.length, 3 * PHONES + 3 - gone.length);
  assert.not.ok(left.some((answer: Answer) => answer.known || gone.includes(answer.id)));

  assert.is(table.code, 0, table.err);
  assert.match(table.out, /^Customers who bought Phone, zero \(phone-0\) next buy:/);
  assert.match(table.out, /case-0 +Case.*zero +-?\d+\.\d{3} +seen in the data/);
  assert.not.match(table.out, '\u001b', 'a name must not steer the terminal');
});

test('recommend: a cart, filters, spread and reasons, for people and as JSON', async ({ folder }) => {
  const files = folderWith({
    'stock.csv': csv('id', [['case-1'], ['case-2'], ['glass-1'], ['charger-1'], ['not-ours'], ['charger-2']]),
    'categories.csv': csv(
      'item,category',
      edgeRows().map(([, id]) => [id, id.split('-')[0]]),
    ),
  });
  const [stock, kinds] = [join(files, 'stock.csv'), join(files, 'categories.csv')];
  const cart = ['--item', 'phone-1', '--item', 'phone-2', '--cart'];
  const filters = ['--in-stock', stock, '--categories', kinds, '--max-per-category', '1'];
  const more = ['--diversity', '.3', '--popularity=-0.2', '--min-score=-99', '--explain'];
  const [both, words, few, needs, wrong] = await Promise.all([
    recommend(folder, ...cart, ...filters, ...more, '--json'),
    recommend(folder, ...cart, '--in-stock', stock, '--explain'),
    recommend(folder, '--item', 'phone-1', '--allow', 'case-1,case-2', '--min-score', '1e9', '--json'),
    recommend(folder, '--item', 'phone-1', '--max-per-category', '1'),
    recommend(folder, '--item', 'phone-1', '--diversity', '2'),
  ]);
  removeFolder(files);
  assert.is(both.code, 0, both.err);
  assert.equal(both.json.cart, ['phone-1', 'phone-2']);
  const kindsSeen = both.json.recommendations.map(({ id }: Answer) => id.split('-')[0]);
  assert.equal([...kindsSeen].sort(), ['case', 'charger', 'glass']);
  for (const { source, reason, explanation } of both.json.recommendations) {
    assert.type(source, 'string');
    assert.ok(reason.length > 0 && explanation.length > 0);
    const shares = explanation.reduce((sum: number, { share }: { share: number }) => sum + share, 0);
    assert.ok(Math.abs(shares - 1) < 1e-6);
    for (const { text } of explanation) assert.ok(text.length > 3);
  }
  assert.is(words.code, 0, words.err);
  assert.match(words.out, /^Note: 1 product in stock is not in the model\.$/m);
  assert.equal(both.json.notes, ['1 product in stock is not in the model']);
  assert.match(words.out, /Customers who bought phone-1 and phone-2 next buy:/);
  assert.match(words.out, /why/);
  assert.match(words.out, /customers who bought|also bought|goes with|often bought|what the model learned/);
  assert.ok(few.json.items[0].recommendations.every(({ id }: Answer) => ['case-1', 'case-2'].includes(id)));
  assert.is(needs.code, 2);
  assert.match(needs.err, /needs --categories FILE/);
  assert.is(wrong.code, 2);
  assert.match(wrong.err, /--diversity must be a number from 0 to 1/);
});

test('recommend: an empty list excludes nothing and allows nothing; a cart counts a product once', async ({
  folder,
}) => {
  const files = folderWith({
    'none.csv': '',
    'head.csv': 'id\n',
    'bad.csv': 'id\n"case-0\n',
  });
  const at = (name: string) => join(files, name);
  const one = ['--item', 'phone-1', '--json'];
  const twice = ['--item', 'phone-1', '--item', 'phone-2', '--item', 'phone-1', '--cart'];
  const [plain, excluded, allowed, bad, cart, once, words] = await Promise.all([
    recommend(folder, ...one),
    recommend(folder, ...one, '--exclude', at('none.csv'), '--exclude', at('head.csv')),
    recommend(folder, ...one, '--allow', at('head.csv')),
    recommend(folder, ...one, '--exclude', at('bad.csv'), '--max-bad-rows', 'all'),
    recommend(folder, ...twice, '--json'),
    recommend(folder, '--item', 'phone-1', '--item', 'phone-2', '--cart', '--json'),
    recommend(folder, ...twice, '--exclude', at('none.csv')),
  ]);
  removeFolder(files);
  assert.is(excluded.code, 0, excluded.err);
  assert.equal(excluded.json.items, plain.json.items);
  assert.equal(plain.json.notes, []);
  const none = (name: string) => `${at(name)} lists no products, so it excludes none`;
  assert.equal(excluded.json.notes, [none('none.csv'), none('head.csv')]);
  assert.is(allowed.json.error.code, 'no-rows');
  assert.is(bad.code, 1, 'rows that cannot be read are not an empty list');
  assert.equal(cart.json.cart, ['phone-1', 'phone-2']);
  assert.equal(cart.json.recommendations, once.json.recommendations);
  assert.equal(cart.json.notes, ['phone-1 given more than once, a cart counts a product once']);
  assert.match(words.out, /^Note: .*none\.csv lists no products, so it excludes none\.$/m);
  assert.match(words.out, /^Note: phone-1 given more than once, a cart counts a product once\.$/m);
  assert.match(words.out, /^Customers who bought phone-1 and phone-2 next buy:$/m);
});

test('export: vectors for NumPy and safetensors, answers as JSON lines, CSV and Parquet', async ({
  folder,
}) => {
  const exported = (out: string, ...more: string[]) =>
    run(folder, ['related', 'export', 'm', '--out', out, '--json', '--format', ...more]);
  const [npy, tensors, lines, table, parquet, answer] = await Promise.all([
    exported('vectors', 'npy'),
    exported('v.safetensors', 'safetensors'),
    exported('answers.jsonl', 'jsonl', '--top-k', '3'),
    exported('answers.csv', 'csv', '--top-k', '3', '--new-only'),
    exported('answers.parquet', 'parquet', '--top-k', '3'),
    recommend(folder, '--item', 'case-7', '-k', '3', '--json'),
  ]);
  for (const { code, err } of [npy, tensors, lines, table, parquet]) assert.is(code, 0, err);
  assert.equal(listing(join(folder, 'vectors')), ['bias.npy', 'ids.json', 'source.npy', 'target.npy']);
  const nodes = 3 * PHONES + 3;
  const read = (name: string) => readFileSync(join(folder, name));
  const source = decodeNpy(read('vectors/source.npy'));
  assert.equal(source.shape, [nodes, 8]);
  assert.equal(decodeNpy(read('vectors/bias.npy')).shape, [nodes]);
  const ids = JSON.parse(read('vectors/ids.json').toString());
  assert.is(ids[0], 'case-0');

  const file = decodeSafetensors(read('v.safetensors'));
  assert.equal([...file.tensors.keys()].sort(), ['bias', 'source', 'target']);
  assert.equal(JSON.parse(file.metadata.ids), ids);
  assert.equal([...file.tensors.get('source')!.data].slice(0, 8), [...source.data].slice(0, 8));

  const rows = read('answers.jsonl')
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.is(rows.length, nodes);
  assert.equal(
    rows.map((row) => row.item),
    ids,
  );
  const [{ item, recommendations }] = answer.json.items;
  const same = rows.find((row) => row.item === item);
  assert.equal(
    same.recommendations,
    recommendations.map(({ id, score, known, source: of }: Answer) => ({ id, score, known, source: of })),
  );
  assert.equal(
    { ...lines.json, modelHash: '' },
    {
      format: 'jsonl',
      files: ['answers.jsonl'],
      nodes,
      dim: 8,
      topK: 3,
      answers: 3 * nodes,
      modelHash: '',
    },
  );

  const long = rows.flatMap((row) =>
    row.recommendations.map(({ id: related, ...rest }: Answer, i: number) => {
      return { item: row.item, rank: i + 1, related, ...rest };
    }),
  );
  const bytes = new Uint8Array(read('answers.parquet'));
  assert.equal(await parquetReadObjects({ file: bytes.buffer }), long);
  const [head, ...told] = read('answers.csv').toString().trimEnd().split('\n');
  assert.is(head, 'item,rank,related,score,known,source');
  assert.is(told.length, table.json.answers);
  for (const line of told) assert.match(line, /^[\w-]+,[123],[\w-]+,-?[\d.e-]+,false,[\w-]+$/);
});

test('export: an older name of the format, and options that are not for it', async ({ folder }) => {
  const exported = (...more: string[]) =>
    run(folder, ['related', 'export', 'm', '--out', 'x', '--json', ...more]);
  const [old, vectors, none, many] = await Promise.all([
    exported('--format', 'json', '--top-k', '1'),
    exported('--format', 'npy', '--top-k', '1'),
    exported(),
    exported('--format', 'csv', '--top-k', '1e9'),
  ]);
  assert.is(old.code, 0, old.err);
  for (const wrong of [vectors, none, many]) assert.is(wrong.code, 2);
  assert.match(vectors.err, /--top-k and --new-only are for answers/);
  assert.match(none.err, /--format jsonl\|csv\|parquet\|npy\|safetensors is missing/);
  assert.match(many.err, /--top-k must be a whole number from 1 to 1000000/);
});

test('evaluate: split file, list of nodes, methods in order, two seeds the same', async ({ folder }) => {
  const rows = edgeRows();
  const files = folderWith({
    // Ids are numbers here, with a repeated row and a product without pairs.
    'edges.csv': csv('source,target', [...rows.map((_, i) => [i % 40, (i * 7 + 3) % 40]), [0, 1]]),
    'split.csv': csv('split', [
      ...rows.map((_, i) => [['train', 'train', 'train', 'val', 'test'][i % 5]]),
      ['train'],
    ]),
    'nodes.csv': csv(
      'id,label',
      Array.from({ length: 45 }, (_, i) => [44 - i, 'x']),
    ),
  });
  const argv = ['related', 'evaluate', 'edges.csv', '--split', 'split.csv', '--json', ...SHORT];
  const [listed, again, free] = await Promise.all([
    run(files, [...argv, '--nodes', 'nodes.csv']),
    run(files, [...argv, '--nodes', 'nodes.csv']),
    run(files, [...argv, '--methods', 'twoHop,popularity', '--filter', 'all']),
  ]);
  removeFolder(files);
  assert.is(listed.code, 0, listed.err);
  const { json } = listed;
  assert.is(json.nodes, 45);
  assert.is(json.split.kind, 'file');
  assert.is(json.split.train + json.split.validation + json.split.test, json.edges);
  assert.is(json.filter, 'train');
  assert.equal(Object.keys(json.methods).slice(0, 5), [
    'ranker',
    'embedding',
    'control',
    'popularity',
    'twoHop',
  ]);
  assert.ok(!('ranks' in json.methods.ranker) && !('degrees' in json));
  assert.match(json.verdict.sentence, /^Too few to judge: \d+ hidden pairs among 45 products\.$/);
  assert.not.ok('contentCosine' in json.methods, 'no features were given');
  for (const key of ['hitRate@5', 'hitRate@10', 'hitRate@20', 'mrr', 'mrr@10', 'ndcg@10', 'directionAuc']) {
    assert.type(json.methods.embedding[key], 'number', key);
  }
  assert.ok(json.methods.embedding.byInDegree.length > 0);
  assert.match(json.modelHash, /^[0-9a-f]{64}$/);
  assert.is(again.json.modelHash, json.modelHash);
  for (const key of ['methods', 'verdict']) assert.equal(again.json[key], json[key], key);
  assert.is(free.code, 0, free.err);
  assert.is(free.json.nodes, 40, 'only the ids that occur');
  assert.equal(Object.keys(free.json.methods), ['popularity', 'twoHop']);
  assert.not.ok('modelHash' in free.json || 'direction' in free.json);
  assert.match(free.json.verdict.sentence, /^Nothing to judge/);
  assert.ok(folder);
});

test('evaluate for people: a table, a verdict and the direction; also-viewed pairs that are hidden are left out', async ({
  folder,
}) => {
  const files = folderWith({
    'views.csv': csv('source,target', [
      ...edgeRows().map(([s, t]) => [t, s]),
      ['phone-0', 'phone-1'],
      ['phone-0', 'unsold'],
    ]),
  });
  const argv = ['related', 'evaluate', 'edges.csv', '--coview', join(files, 'views.csv'), ...SHORT];
  const [{ code, out, err }, many] = await Promise.all([
    run(folder, [...argv, '--methods', 'ranker,embedding,control,popularity']),
    run(folder, ['related', 'evaluate', 'many.csv', '--methods', 'ranker,control,popularity,svd', ...SHORT]),
  ]);
  removeFolder(files);
  assert.is(code, 0, err);
  assert.match(out, /Hiding pairs: 96 to train on, 12 to choose by, 12 to judge by/);
  assert.match(out, /24 pairs looked at together are hidden pairs and left out/);
  assert.match(out, /\(1 row about other products left out\)/);
  assert.match(out, /ranker +what ships: learned vectors and counts, fitted/);
  assert.match(out, /embedding +learned vectors alone/);
  assert.match(out, /control +CONTROL: the ranker without learned vectors/);
  assert.match(out, /^Too few to judge: 12 hidden pairs among 75 products\.$/m);
  assert.not.match(out, /^Verdict: /m);
  assert.is(many.code, 0, many.err);
  assert.match(many.out, /^Verdict: .* learned vectors \(the control\): .* standard errors \(paired/m);
  assert.match(many.out, /^The ranker is .* the best of 2 other methods, (popularity|svd): .* \(paired/m);
  assert.match(many.out, /^For whom: /m);
  assert.match(many.out, /^Direction: .*Guessing gives 50 %/m);
});

test('evaluate: with enough products the ranker ships, and direction is told four ways', async ({
  folder,
}) => {
  // A hundred phones, each leading to 8 of the 12 accessories of its family of ten.
  const rows = Array.from({ length: 800 }, (_, i) => [
    `p${i % 100}`,
    `a${i % 10}-${(3 * (i % 100) + 5 * Math.floor(i / 100)) % 12}`,
  ]);
  const files = folderWith({ 'wide.csv': csv('source,target', rows) });
  const argv = ['related', 'evaluate', join(files, 'wide.csv'), '--methods', 'ranker,control,svd', ...SHORT];
  const { code, err, json } = await run(folder, [...argv, '--json']);
  removeFolder(files);
  assert.is(code, 0, err);
  assert.equal(json.notes, []);
  assert.ok(json.card.ranker.used);
  assert.equal(Object.keys(json.direction).sort(), ['degrees', 'edges', 'head', 'offset', 'raw']);
  for (const area of ['raw', 'offset', 'head', 'degrees']) assert.type(json.direction[area], 'number', area);
  assert.is(json.verdict.method, 'ranker');
  assert.is(json.verdict.best.method, 'svd');
  assert.is(json.verdict.control.paired, true);
  assert.match(json.verdict.sentence, /^Verdict: .*For whom: .*Direction: /);
});

test('evaluate: a method that was asked for and cannot be had is told, with the reason', async ({
  folder,
}) => {
  const argv = ['related', 'evaluate', 'edges.csv', '--json', '--methods'];
  const files = folderWith({
    'split.csv': csv(
      'split',
      edgeRows().map((_, i) => [i % 5 === 0 ? 'test' : 'train']),
    ),
  });
  const [content, fitted, all] = await Promise.all([
    run(folder, [...argv, 'popularity,contentCosine']),
    run(folder, [...argv, 'ranker,popularity,control,ease', '--split', join(files, 'split.csv'), ...SHORT]),
    run(folder, [...argv.slice(0, -1), '--split', join(files, 'split.csv'), ...SHORT]),
  ]);
  removeFolder(files);
  assert.equal(content.json.notes, ['contentCosine is not measured: it needs --features']);
  assert.equal(Object.keys(content.json.methods), ['popularity']);
  const why = 'is not measured: it is fitted on pairs to choose by, and there are none';
  assert.equal(fitted.json.notes, [
    `control ${why}`,
    `ease ${why}`,
    'what ships ranks by its learned vectors alone: 8 products with pairs set aside are too few to fit it, 50 are needed',
  ]);
  assert.equal(all.json.notes, [
    'without pairs to choose by, the control and other fitted methods are absent',
    'what ships ranks by its learned vectors alone: 8 products with pairs set aside are too few to fit it, 50 are needed',
  ]);
});

test('simulate shop: five files, the same for the same seed, and the next command works', async ({
  folder,
}) => {
  const argv = ['simulate', 'shop', '--products', '60', '--customers', '400', '--days', '200', '--json'];
  const [a, b] = await Promise.all([
    run(folder, [...argv, '--out', 'a']),
    run(folder, [...argv, '--out', 'b']),
  ]);
  assert.is(a.code, 0, a.err);
  const names = ['also-viewed.csv', 'features.csv', 'items.csv', 'orders.csv', 'truth.csv'];
  assert.equal(listing(join(folder, 'a')), names);
  for (const name of names) {
    assert.is(readFileSync(join(folder, 'a', name), 'utf8'), readFileSync(join(folder, 'b', name), 'utf8'));
  }
  assert.is(b.json.orderLines, a.json.orderLines);
  assert.ok(a.json.buyers > 0 && a.json.buyers <= a.json.customers);
  const [train, ask] = a.json.next.map((command: string) => command.replace(/^.*?fletching /, '').split(' '));
  assert.match(a.json.next[0], / --min-support 4 --seed 1 --out /);
  const next = await run(folder, [...train, ...SHORT]);
  assert.is(next.code, 0, next.err);
  assert.match(next.out, /order lines of .* customers/);
  const answers = await run(folder, ask);
  assert.is(answers.code, 0, answers.err);
  assert.match(
    answers.out,
    /^Customers who bought .* phone .*next buy:[\s\S]*^Customers who bought .* case, /m,
  );
});

/** What a line of bash writes to stderr, where `fletching` is the command line and the folder is the current one. */
async function bash(folder: string, line: string): Promise<string> {
  const main = new URL('../../src/cli/main.ts', import.meta.url).pathname;
  const loader = new URL('../../node_modules/tsx/dist/loader.mjs', import.meta.url).href;
  const script = `F=("$0" --import "$1" "$2"); fletching() { "\${F[@]}" "$@"; echo "code $?" >&2; }; ${line}`;
  const child = spawn('bash', ['-c', script, process.execPath, loader, main], { cwd: folder });
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (err += text));
  await new Promise((done) => child.on('close', done));
  return err;
}

test('a reader that closes early is no failure, a full disk is; the work is done in both cases', async ({
  folder,
}) => {
  const train = `fletching related train edges.csv ${SHORT.join(' ')} --out`;
  const [early, full] = await Promise.all([
    bash(folder, `${train} early | true`),
    bash(folder, `${train} full > /dev/full`),
  ]);
  assert.is(early, 'code 0\n');
  assert.is(full, 'fletching: standard output: the disk is full\ncode 1\n');
  const model = readFileSync(join(folder, 'm'));
  assert.equal(readFileSync(join(folder, 'early')), model);
  assert.equal(readFileSync(join(folder, 'full')), model);
});

test('order lines and models come through pipes', async ({ folder }) => {
  const orders = Array.from({ length: 40 }, (_, i) => [
    `c${i >> 1}`,
    i % 2 ? 'case' : 'phone',
    1e9 + 1e6 * i,
  ]);
  writeFileSync(join(folder, 'orders.csv'), csv('customer,item,time', orders));
  const err = await bash(
    folder,
    `fletching related train <(cat orders.csv) --min-support 2 --min-lift 0 ${SHORT.join(' ')} --out piped > /dev/null
    fletching related recommend <(cat piped) --item phone > /dev/null`,
  );
  assert.is(err, 'code 0\ncode 0\n');
});

test.run();
