import { spawn, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readTable } from '../../src/io/index.ts';
import { openInput, writeFileAtomic } from '../../src/io/node.ts';
import { bytes, edgeSchema, failure } from '../helpers/io-table.ts';

const test = suite<{ folder: string }>('node');
const MODULE = JSON.stringify(new URL('../../src/io/node.ts', import.meta.url).href);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), 'fletching-io-'));
});
test.after.each(({ folder }) => rm(folder, { recursive: true, force: true }));

test('a file is read by its path, plain or packed, with its size', async ({ folder }) => {
  for (const [name, content] of [
    ['e.csv', bytes('source,target\na,b\n')],
    ['e.csv.gz', gzipSync('source,target\na,b\n')],
  ] as const) {
    const path = join(folder, name);
    await writeFile(path, content);
    const input = await openInput(path);
    assert.is(input.size, content.length);
    assert.is((await readTable(input, edgeSchema())).rows, 1);
  }
});

test('a path that is not there, a folder', async ({ folder }) => {
  const error = await failure(openInput(join(folder, 'nothing.csv')));
  assert.is(error.code, 'not-found');
  assert.ok(error.message.includes('nothing.csv: there is no such file'));
  assert.is((await failure(openInput(folder))).code, 'not-a-file');
});

test('- is standard input, packed or not', () => {
  const script = `const { openInput } = await import(${MODULE});
    let text = ''; const { name, bytes } = await openInput('-');
    for await (const chunk of bytes) text += Buffer.from(chunk).toString();
    process.stdout.write(name + text);`;
  const run = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    cwd: ROOT,
    input: 'a,b\n',
    encoding: 'utf8',
  });
  assert.is(run.stdout, '-a,b\n', run.stderr);
});

test('writing replaces a file at once and keeps its mode; parts may come one by one', async ({ folder }) => {
  const path = join(folder, 'out.json');
  await writeFileAtomic(path, 'one');
  await chmod(path, 0o600);
  await writeFileAtomic(
    path,
    (async function* () {
      yield 'tw';
      assert.is(await readFile(path, 'utf8'), 'one', 'the old file until the end');
      yield bytes('o');
    })(),
  );
  assert.is(await readFile(path, 'utf8'), 'two');
  assert.is((await stat(path)).mode & 0o777, 0o600);
  assert.equal(await readdir(folder), ['out.json']);
});

test('a failing source or an abort leaves the old file and nothing else', async ({ folder }) => {
  const path = join(folder, 'out.json');
  await writeFile(path, 'old');
  const controller = new AbortController();
  const failing = async function* (kind: string) {
    yield 'new';
    if (kind === 'abort') controller.abort(new Error('abort'));
    else throw new Error(kind);
    yield 'more';
  };
  for (const kind of ['error', 'abort']) {
    try {
      await writeFileAtomic(path, failing(kind), { signal: controller.signal });
      assert.unreachable();
    } catch (error) {
      assert.is((error as Error).message, kind);
    }
    assert.is(await readFile(path, 'utf8'), 'old');
    assert.equal(await readdir(folder), ['out.json']);
  }
});

test('a process that exits in the middle leaves the old file and nothing else', async ({ folder }) => {
  const path = join(folder, 'out.json');
  await writeFile(path, 'old');
  const script = `const { writeFileAtomic } = await import(${MODULE});
    await writeFileAtomic(${JSON.stringify(path)}, (async function* () { yield 'new'; process.exit(3); })());`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    cwd: ROOT,
  });
  const code = await new Promise((resolve) => child.on('exit', resolve));
  assert.is(code, 3);
  assert.is(await readFile(path, 'utf8'), 'old');
  assert.equal(await readdir(folder), ['out.json']);
});

test('a link is followed, a device is not replaced, a folder is refused', async ({ folder }) => {
  const path = join(folder, 'real.json');
  await writeFile(path, 'old');
  await symlink(path, join(folder, 'link.json'));
  await writeFileAtomic(join(folder, 'link.json'), 'new');
  assert.is(await readFile(path, 'utf8'), 'new');
  await writeFileAtomic('/dev/null', 'gone');
  assert.ok((await stat('/dev/null')).isCharacterDevice());
  await mkdir(join(folder, 'folder'));
  for (const target of ['folder', join('missing', 'x.json')]) {
    try {
      await writeFileAtomic(join(folder, target), 'x');
      assert.unreachable();
    } catch (error) {
      assert.match((error as NodeJS.ErrnoException).code ?? '', /^E(ISDIR|NOENT|EXIST|PERM|NOTEMPTY)$/);
    }
  }
  assert.equal((await readdir(folder)).sort(), ['folder', 'link.json', 'real.json']);
});

test.run();
