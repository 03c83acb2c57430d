import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { csv, edgesCsv, folderWith, listing, removeFolder, run, SHORT } from './run.ts';

const test = suite<{ folder: string }>('cli errors');
test.before.each((context) => {
  context.folder = folderWith();
});
test.after.each(({ folder }) => removeFolder(folder));

const EDGES = edgesCsv();
const bytes = (text: string) => new TextEncoder().encode(text);
const packed = gzipSync(EDGES);

interface Case {
  content: string | Uint8Array;
  name?: string;
  code: string;
  line?: number;
  column?: string;
  /** In the message. */
  says: RegExp;
}

/** Every file that must be refused, each with its own code. */
const BAD: Record<string, Case> = {
  'missing column': {
    content: 'source,to\na,b\n',
    code: 'missing-column',
    line: 1,
    says: /no column "target"/,
  },
  'order lines without a product': {
    content: 'customer,what,time\na,b,1\n',
    code: 'missing-column',
    line: 1,
    says: /name the columns of orders with --customer, --item, --time/,
  },
  semicolons: {
    content: 'source;target;weight\na;b;1\n',
    code: 'wrong-format',
    line: 1,
    says: /this looks like semicolons: give --delimiter ';'/,
  },
  'semicolons in a TSV': {
    content: 'source;target\na;b\n',
    name: 'e.tsv',
    code: 'wrong-format',
    line: 1,
    says: /semicolons: give --format csv and --delimiter ';'/,
  },
  tabs: {
    content: 'source\ttarget\na\tb\n',
    code: 'wrong-format',
    line: 1,
    says: /tabs: give --format tsv/,
  },
  'JSON lines in a CSV': {
    content: '{"source":"a","target":"b"}\n',
    code: 'wrong-format',
    line: 1,
    says: /JSON lines: give --format jsonl/,
  },
  'NaN weight': {
    content: 'source,target,weight\na,b,1\na,c,NaN\n',
    code: 'bad-number',
    line: 3,
    column: 'weight',
    says: /finite number, got "NaN"/,
  },
  'weight of zero': {
    content: 'source,target,weight\na,b,0\n',
    code: 'too-small',
    line: 2,
    column: 'weight',
    says: /1\.2e-38 or more, got "0"/,
  },
  'weight beyond a 32-bit float': {
    content: 'source,target,weight\na,b,1\na,c,1e39\n',
    code: 'too-large',
    line: 3,
    column: 'weight',
    says: /or less, got "1e39"/,
  },
  'negative time': {
    content: 'source,target,timestamp\na,b,5\na,c,6\na,d,-7\n',
    code: 'too-small',
    line: 4,
    column: 'timestamp',
    says: /0 or more, got "-7"/,
  },
  'negative time of an order': {
    content: 'customer,item,time\na,b,-5\n',
    code: 'too-small',
    line: 2,
    column: 'time',
    says: /0 or more/,
  },
  'empty file': { content: '', code: 'empty-file', says: /the file is empty/ },
  'header only': { content: 'source,target\n', code: 'no-rows', says: /no rows/ },
  'truncated gzip': {
    content: packed.subarray(0, packed.length - 40),
    name: 'edges.csv.gz',
    code: 'truncated',
    says: /ends too early/,
  },
  'a field of 10 MB': {
    content: `source,target\na,b\nc,${'x'.repeat(10 << 20)}\nd,e\n`,
    code: 'field-too-long',
    line: 3,
    column: 'target',
    says: /a field of more than \d+ bytes/,
  },
  'invalid UTF-8': {
    content: new Uint8Array([...bytes('source,target\na,b\nc,'), 0xff, 0xfe, 10]),
    code: 'invalid-utf8',
    line: 3,
    column: 'target',
    says: /not UTF-8/,
  },
  'JSON without a source': {
    content: '{"from":"a","target":"b"}\n',
    name: 'edges.jsonl',
    code: 'missing-column',
    line: 1,
    says: /there are "from", "target"/,
  },
  'damaged Parquet': {
    content: 'PAR1 and no more',
    name: 'e.parquet',
    code: 'corrupt-parquet',
    says: /Parquet/,
  },
  'only self-loops': {
    content: 'source,target\na,a\n',
    code: 'no-edges',
    says: /from a product to itself|to itself/,
  },
};

test('every bad input has its own error with file, line and column, and leaves nothing behind', async ({
  folder,
}) => {
  const check = async ([what, { content, name = 'edges.csv', code, line, column, says }]: [string, Case]) => {
    const files = folderWith({ [name]: content });
    const path = join(files, name);
    const result = await run(folder, ['related', 'train', path, '--out', 'm', '--json', ...SHORT]);
    removeFolder(files);
    const { error } = result.json;
    assert.is(result.code, 1, what);
    assert.is(error.code, code, `${what}: ${error.message}`);
    assert.is(error.file, path, what);
    assert.is(error.line, line, what);
    if (column) assert.is(error.column, column, what);
    assert.match(error.message, says);
    assert.is(result.err, `fletching: ${error.message}\n`, 'one line');
    assert.ok(result.err.includes(path) && (line === undefined || result.err.includes(`line ${line}`)), what);
  };
  await Promise.all(Object.entries(BAD).map(check));
  assert.equal(listing(folder), []);
});

test('a split of another length, with an unknown word; ids that are not on the list', async ({ folder }) => {
  const rows = (EDGES.match(/\n/g) ?? []).length - 1;
  const words = Array.from({ length: rows }, (_, i) => [i % 5 < 3 ? 'train' : i % 5 === 3 ? 'val' : 'test']);
  const changed = words.map((word, i) => (i === 10 ? ['testing'] : word));
  const files = folderWith({
    'edges.csv': EDGES,
    'short.csv': csv('split', words.slice(0, 50)),
    'long.csv': csv('split', [...words, ['test']]),
    'word.csv': csv('split', changed),
    'nodes.csv': 'id\nphone-0\ncase-0\n',
    'features.csv': 'node,feature,value\nphone-0,red,1\nphone-1,red,x\n',
    'large.csv': 'node,feature,value\nphone-0,red,1e16\n',
  });
  const evaluate = (...argv: string[]) =>
    run(folder, ['related', 'evaluate', join(files, 'edges.csv'), '--json', ...argv, ...SHORT]);
  const [short, long, word, unknown, feature, large, temporal] = await Promise.all([
    evaluate('--split', join(files, 'short.csv')),
    evaluate('--split', join(files, 'long.csv')),
    evaluate('--split', join(files, 'word.csv')),
    evaluate('--nodes', join(files, 'nodes.csv')),
    evaluate('--features', join(files, 'features.csv')),
    evaluate('--features', join(files, 'large.csv')),
    evaluate('--split-kind', 'temporal'),
  ]);
  removeFolder(files);
  const is = ({ code, json }: typeof short, want: string, file: string, line: number, column: string) => {
    assert.is(code, 1);
    const { error } = json;
    assert.equal([error.code, error.line, error.column], [want, line, column], error.message);
    assert.is(error.file, join(files, file));
  };
  is(short, 'split-length', 'short.csv', 52, 'split');
  is(long, 'split-length', 'long.csv', rows + 2, 'split');
  is(word, 'unknown-split', 'word.csv', 12, 'split');
  is(unknown, 'unknown-id', 'edges.csv', 3, 'target');
  is(feature, 'bad-number', 'features.csv', 3, 'value');
  is(large, 'too-large', 'large.csv', 2, 'value');
  assert.is(temporal.json.error.code, 'missing-column');
  assert.match(temporal.json.error.message, /edges\.csv: there is no column "timestamp"/);
  assert.equal(listing(folder), []);
});

test('models that are damaged, cut short, of something else; ids they do not know', async ({ folder }) => {
  const files = folderWith({
    'edges.csv': EDGES,
    'text.csv': EDGES,
    empty: '',
    'gone.csv': 'id\ncase-0\nnobody\n',
  });
  const trained = await run(files, ['related', 'train', 'edges.csv', '--out', 'm', ...SHORT]);
  assert.is(trained.code, 0, trained.err);
  const model = readFileSync(join(files, 'm'));
  const flipped = Uint8Array.from(model);
  // The exponent of a number, so that it is no longer finite.
  flipped.set([0, 0, 0x80, 0x7f], flipped.length - 4 * Math.ceil(model.length / 16));
  const damaged = folderWith({
    cut: model.subarray(0, model.length - 5),
    long: flipped.map((b, i) => (i === 7 ? 1 : b)),
    header: flipped.map((b, i) => (i === 30 ? 0 : b)),
  });
  const ask = (path: string, ...argv: string[]) =>
    run(folder, [
      'related',
      'recommend',
      path,
      '--json',
      ...(argv.length > 0 ? argv : ['--item', 'phone-0']),
    ]);
  const results = await Promise.all([
    ask(join(damaged, 'cut')),
    ask(join(damaged, 'header')),
    ask(join(files, 'text.csv')),
    ask(join(files, 'empty')),
    ask('/dev/zero'),
    ask(join(damaged, 'long')),
    ask(files),
    ask(join(files, 'nothing')),
    ask(join(files, 'm'), '--item', 'phone-99'),
    ask(join(files, 'm'), '--item', 'phone-0', '--exclude', 'phone-98'),
    ask(join(files, 'm'), '--item', 'phone-0', '--exclude', join(files, 'gone.csv')),
    run(folder, ['related', 'export', join(damaged, 'cut'), '--format', 'npy', '--out', 'v', '--json']),
    run(folder, ['related', 'train', files, '--out', 'm', '--json']),
    run(folder, ['related', 'train', join(files, 'edges.csv'), '--out', folder, '--json']),
    run(folder, ['related', 'train', join(files, 'edges.csv'), '--out', 'no/such/m', '--json']),
  ]);
  removeFolder(files);
  removeFolder(damaged);
  assert.equal(
    results.map(({ json }) => json.error.code),
    [
      'damaged-model',
      'damaged-model',
      'not-a-model',
      'empty-file',
      'damaged-model',
      'damaged-model',
      'not-a-file',
      'not-found',
      'unknown-id',
      'unknown-id',
      'unknown-id',
      'damaged-model',
      'not-a-file',
      'not-writable',
      'not-writable',
    ],
  );
  for (const { code, err } of results) {
    assert.is(code, 1);
    assert.is(err.split('\n').length, 2, err);
    assert.not.match(err, /\n\s+at /);
  }
  assert.match(results[8].err, /"phone-99"/);
  assert.is(results[10].json.error.line, 3);
  assert.is(results[10].json.error.file, join(files, 'gone.csv'));
  assert.equal(listing(folder), []);
});

test('wrong usage is exit code 2, with the command whose help explains it', async ({ folder }) => {
  const cases: [argv: string, says: RegExp][] = [
    ['bogus', /unknown command "bogus"; there are .* and simulate events \(see fletching --help\)/],
    ['related bogus', /unknown command "related bogus"; there are related train, .* and related export /],
    ['simulate bogus', /unknown command "simulate bogus"; there are simulate shop and simulate events/],
    ['related train - --out -', /--out must be a file, it cannot be -/],
    ['related export m --format json --out -', /--out must be a file, it cannot be -/],
    ['related train', /INPUT is missing \(see fletching related train --help\)/],
    ['related train x --out y --bogus', /unknown option --bogus/],
    ['related train x --out y --dim 0', /--dim must be a whole number from 1 to 4096, got 0/],
    ['related train - --features - --out y', /only one input can be -/],
    [
      'related train - --out y --window order --max-bad-rows 0',
      /--window is for order lines, but - holds edges/,
    ],
    ['related evaluate x --split s --split-kind random', /not both/],
    ['related recommend m', /--item ID is missing/],
    [
      'related export m --out x --format xml',
      /--format must be one of jsonl, csv, parquet, npy, safetensors, got/,
    ],
    ['simulate shop --out x --products 3', /--products must be a whole number from 46/],
  ];
  const results = await Promise.all(cases.map(([argv]) => run(folder, argv.split(' '), { input: EDGES })));
  for (const [i, { code, err, out }] of results.entries()) {
    assert.is(code, 2, `${cases[i][0]}: ${err}`);
    assert.is(out, '');
    assert.match(err, cases[i][1]);
    assert.match(err, /\(see fletching .*--help\)\n$/);
  }
  const json = await run(folder, ['related', 'train', '--json']);
  assert.is(json.json.error.code, 'usage');
  assert.equal(listing(folder), []);
});

test('no output goes over an input or over another output', async ({ folder }) => {
  const files = folderWith({ 'edges.csv': EDGES, 'f.csv': 'node,feature\nphone-0,red\n', state: 'old' });
  mkdirSync(join(files, 'below'));
  symlinkSync('edges.csv', join(files, 'link'));
  symlinkSync('../f.csv', join(files, 'below/link'));
  const train = ['related', 'train', 'edges.csv', '--json', ...SHORT];
  const cases: [argv: string[], says: RegExp][] = [
    [[...train, '--out', './edges.csv'], /--out \.\/edges\.csv would overwrite the input/],
    [[...train, '--out', 'link'], /--out link would overwrite the input/],
    [[...train, '--out', 'below/link', '--features', 'f.csv'], /would overwrite the file of --features/],
    [[...train, '--out', 'm', '--rejects', 'edges.csv'], /--rejects edges\.csv would overwrite the input/],
    [[...train, '--out', 'm', '--checkpoint', 'below/../m'], /--checkpoint .* the file of --out/],
    [[...train, '--out', 'm', '--checkpoint', 'state'], /state is there already: give --resume .* another/],
    [
      ['related', 'export', 'link', '--format', 'json', '--out', 'edges.csv', '--json'],
      /overwrite the input/,
    ],
  ];
  const before = listing(files);
  const results = await Promise.all(cases.map(([argv]) => run(files, argv)));
  for (const [i, { code, json }] of results.entries()) {
    assert.is(code, 2, json.error.message);
    assert.is(json.error.code, 'usage');
    assert.match(json.error.message, cases[i][1]);
  }
  assert.equal(listing(files), before);
  assert.is(readFileSync(join(files, 'edges.csv'), 'utf8'), EDGES);
  assert.is(readFileSync(join(files, 'state'), 'utf8'), 'old');
  removeFolder(files);
  assert.equal(listing(folder), []);
});

test('help and version; a stack only on request', async ({ folder }) => {
  const [help, train, version, json, group, bare, debug] = await Promise.all([
    run(folder, ['--help']),
    run(folder, ['related', 'train', '--help']),
    run(folder, ['--version']),
    run(folder, ['--json', '--version']),
    run(folder, ['related', '--help']),
    run(folder, ['related']),
    run(folder, ['related', 'train', 'nothing', '--out', 'm'], { env: { FLETCHING_DEBUG: '1' } }),
  ]);
  for (const { code } of [help, train, version, group, bare]) assert.is(code, 0);
  assert.match(help.out, /related evaluate <INPUT>/);
  assert.match(train.out, /--checkpoint-every <N>/);
  assert.match(train.out, /Examples:\n {2}\$ fletching related train orders\.csv/);
  const sections = ['Input', 'Orders', 'Training', 'Ranking', 'Sampling', 'Output', 'Examples'];
  assert.equal(
    sections,
    [...train.out.matchAll(/^(\w+):$/gm)].map(([, title]) => title).filter((title) => title !== 'Usage'),
  );
  assert.match(train.out, /--direction-loss <X> .*\(default: 0\.3 for order lines; 0 for pairs/);
  assert.match(group.out, /\$ fletching related <command>/);
  assert.match(group.out, /related export <MODEL>/);
  assert.not.match(group.out, /simulate/);
  assert.is(bare.out, group.out);
  assert.equal(json.json, { version: version.out.trim().slice('fletching '.length) });
  assert.match(version.out, /^fletching \d+\.\d+\.\d+\n$/);
  assert.match(debug.err, /\n\s+at /);
});

test.run();
