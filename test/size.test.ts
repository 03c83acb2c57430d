import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bundleSize, kernelSize, PROGRAMS } from '../bench/bundles.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const SLACK = 1.03;

/** What is loaded before a page's first line: everything, and one room. */
const BUDGETS = { everything: 60_000, 'one room': 35_000 };

/** The bytes of a program's row of the README's table: first load, and with its work done. */
function promised(name: string): number[] {
  const row = readme.split('\n').find((line) => line.startsWith(`| ${name} |`));
  assert.ok(row, `the README's table has no row for ${name}`);
  return row
    .split(' | ')
    .slice(-2)
    .map((cell) => 1000 * Number.parseFloat(cell));
}

test.before(() => {
  const dist = fileURLToPath(new URL('../dist/index.js', import.meta.url));
  assert.ok(existsSync(dist), 'the package is not built: npm run build');
});

for (const [name, program] of Object.entries(PROGRAMS)) {
  test(`as small as the README says: ${name}`, async () => {
    const { first, all } = await bundleSize(program);
    const [mostFirst, mostInAll] = promised(name).map((bytes) => bytes * SLACK);
    assert.ok(first > 1000, `${first} bytes: something was dropped that is needed`);
    assert.ok(first <= mostFirst, `${first} bytes at once, ${mostFirst.toFixed(0)} are allowed`);
    assert.ok(all <= mostInAll, `${all} bytes in all, ${mostInAll.toFixed(0)} are allowed`);
    const budget = Object.entries(BUDGETS).find(([kind]) => name.startsWith(`${kind}: `))?.[1];
    if (budget) assert.ok(first <= budget, `${first} bytes at once, ${budget} are the budget`);
  });
}

test('each budget is held against an entry', () => {
  const held = (kind: string) => Object.keys(PROGRAMS).filter((name) => name.startsWith(`${kind}: `)).length;
  assert.equal(Object.keys(BUDGETS).map(held), [1, 3]);
});

test('a program takes only the rooms it names, and the kernels only with an engine', async () => {
  const size = async (...names: string[]) => (await bundleSize({ entry: 'index', names })).all;
  const kernels = kernelSize('kernels.wasm').gzip;
  assert.ok((await size('ThresholdPolicy')) < kernels / 2);
  const parts = [
    await size('Engine'),
    await size('Engine', 'fitBoundary'),
    (await bundleSize({ entry: 'index' })).all,
  ];
  assert.ok(parts[0] > kernels, 'the kernels are inside');
  assert.ok(parts[1] < parts[2] / 2, `${parts}: one room is less than half of all`);
});

test('the kernels are at most 40,000 bytes', () => {
  for (const name of ['kernels.wasm', 'kernels.threads.wasm'] as const) {
    const { raw } = kernelSize(name);
    assert.ok(raw > 8 && raw <= 40_000, `${name}: ${raw}`);
  }
});

test.run();
