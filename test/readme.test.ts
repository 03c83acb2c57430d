import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeModel } from '../src/model-file.ts';
import { ordersCsv, simulateShop } from '../src/simulate/index.ts';
import { engine } from './helpers/kernel.ts';

const root = new URL('../', import.meta.url);
const readme = readFileSync(new URL('README.md', root), 'utf8');
const examples = [...readme.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code);
const source = (path: string) => pathToFileURL(new URL(path, root).pathname).href;
const ENTRIES: Record<string, string> = {
  fletching: 'src/index.ts',
  'fletching/node': 'src/node.ts',
  'fletching/simulate': 'src/simulate/index.ts',
  'fletching/graphology': 'src/directed-graph/from-graphology.ts',
};

/** Runs an example of the README on the sources, in a folder; what it prints, each line parsed: a value, or a list of several. */
function printed(code: string, folder: string, before = ''): unknown[] {
  const local = code
    .replaceAll(/from '(fletching[^']*)'/g, (_, name) => `from '${source(ENTRIES[name])}'`)
    .replaceAll(/console\.log\((.*)\);/g, 'console.log(JSON.stringify([$1]));');
  const file = join(folder, 'example.mts');
  writeFileSync(file, before + local);
  const loader = source('node_modules/tsx/dist/loader.mjs');
  const output = execFileSync(process.execPath, ['--import', loader, file], {
    cwd: folder,
    encoding: 'utf8',
  });
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .map((values) => (values.length === 1 ? values[0] : values));
}

/** In a folder of its own, which goes again. */
function inFolder(body: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'fletching-readme-'));
  try {
    body(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The lines of an example without its imports and empty lines. */
const statements = (code: string) => code.split('\n').filter((line) => line && !line.startsWith('import '));

test('the first example prints what its comments say', () => {
  inFolder((folder) => {
    const [phone, phoneCase] = printed(examples[0], folder) as string[][];
    for (const part of ['case-clear', 'case-rugged', 'case-leather', 'screen-glass']) {
      assert.ok(phone.includes(`orbit-x1-${part}`), `${part} among ${phone}`);
    }
    assert.ok(phone.some((id) => id.includes('charger')) && phone.some((id) => id.includes('power-bank')));
    assert.not.ok(
      phoneCase.some((id) => id.endsWith('-phone')),
      String(phoneCase),
    );
  });
});

type Answers = { id: string; score: number }[];

test('from a file of orders in five lines: a verdict, answers and a model file', () => {
  assert.is(statements(examples[1]).length, 5);
  inFolder((folder) => {
    mkdirSync(join(folder, 'shop'));
    writeFileSync(
      join(folder, 'shop/orders.csv'),
      [...ordersCsv(simulateShop(engine, { seed: 1 }))].join(''),
    );
    const [sentence, answers] = printed(examples[1], folder) as [string, Answers];
    assert.match(sentence, /^Verdict: .* standard errors \(paired.*For whom: .*Direction: /);
    assert.is(answers.length, 5);
    assert.ok(answers.filter(({ id }) => /^orbit-x1-|charger|power-bank/.test(id)).length >= 4);
    const model = decodeModel(readFileSync(join(folder, 'shop.safetensors')));
    model.attach(engine);
    assert.equal(
      model.recommend('orbit-x1-phone', { k: 5 }).map(({ id }) => id),
      answers.map(({ id }) => id),
    );
    model.dispose();
  });
});

test('from a graphology graph in three lines', () => {
  assert.is(statements(examples[2]).length, 3);
  inFolder((folder) => {
    const before = `
      import Graph from '${source('node_modules/graphology/dist/graphology.cjs.js')}';
      const shop = new Graph({ type: 'directed' });
      for (let i = 0; i < 30; i++) {
        const phone = i === 0 ? 'orbit-x1-phone' : 'phone-' + i;
        for (const part of ['case', 'glass', 'strap', 'cable', 'charger-' + (i % 3)]) {
          shop.mergeEdge(phone, part.includes('-') ? part : part + '-' + (i % 10), { customers: 1 + (i % 4) });
        }
      }\n`;
    const [answers] = printed(examples[2], folder, before) as [Answers];
    assert.is(answers.length, 5);
    assert.not.ok(answers.some(({ id }) => id.includes('phone')));
    assert.not.ok(existsSync(join(folder, 'shop.safetensors')));
  });
});

test('conversions: an open row, the curve of delays, and how much of the gap is closed', () => {
  inFolder((folder) => {
    type Open = { age: number; probability: number };
    const [[open, known], closed] = printed(examples[3], folder) as [[Open, number[]], number];
    assert.ok(open.age >= 0 && open.age <= 30 && open.probability > 0 && open.probability < 1);
    assert.ok(Object.values(known).every((share) => share >= 0 && share <= 1));
    assert.ok(closed > 50 && closed <= 110, `${closed} %`);
  });
});

test('thresholds: a certificate, quality on rows not seen, and a decision without an engine', () => {
  inFolder((folder) => {
    const [statement, [quality], decision] = printed(examples[4], folder) as [
      string,
      [{ precision: number; recall: number }],
      string,
    ];
    assert.match(statement, /^With 90 % confidence at least 60 %/);
    assert.ok(quality.precision > 0.5 && quality.recall > 0, JSON.stringify(quality));
    assert.is(decision, 'positive');
  });
});

test('every example is tested here', () => {
  assert.is(examples.length, 5);
});

test('every npm script that the documents name exists', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  for (const document of ['README.md', 'CONTRIBUTING.md']) {
    const text = readFileSync(new URL(document, root), 'utf8');
    for (const [, name] of text.matchAll(/npm run ([\w:-]+)/g))
      assert.ok(name in scripts, `${document}: ${name}`);
  }
});

test.run();
