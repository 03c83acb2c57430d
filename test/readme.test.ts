import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const root = new URL('../', import.meta.url);
const readme = readFileSync(new URL('README.md', root), 'utf8');

test('the first example of the README prints what its comments say', () => {
  const code = /```js\n([\s\S]*?)```/.exec(readme)![1];
  const source = (path: string) => pathToFileURL(new URL(path, root).pathname).href;
  const local = code
    .replace("'fletching'", `'${source('src/index.ts')}'`)
    .replace("'fletching/simulate'", `'${source('src/simulate/index.ts')}'`);
  const folder = mkdtempSync(join(tmpdir(), 'fletching-readme-'));
  try {
    const file = join(folder, 'example.mts');
    writeFileSync(file, local.replaceAll(/console\.log\((.*?)\);/g, 'console.log(JSON.stringify($1));'));
    const output = execFileSync(process.execPath, ['--import', 'tsx', file], { cwd: root, encoding: 'utf8' });
    const [phone, phoneCase] = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as string[]);
    for (const part of ['case-clear', 'case-rugged', 'case-leather', 'screen-glass']) {
      assert.ok(phone.includes(`orbit-x1-${part}`), `${part} among ${phone}`);
    }
    assert.ok(phone.some((id) => id.includes('charger')) && phone.some((id) => id.includes('power-bank')));
    assert.not.ok(
      phoneCase.some((id) => id.endsWith('-phone')),
      String(phoneCase),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
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
