import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Manifest {
  exports: Record<string, string | Record<string, string>>;
  imports: Record<string, Record<string, string>>;
  sideEffects: string[];
  scripts: Record<string, string>;
}

/** The package as it would be published from the built dist, unpacked. */
const test = suite<{ folder: string; tarball: string; pkg: string; manifest: Manifest; files: string[] }>(
  'package',
);

test.before((context) => {
  assert.ok(existsSync(join(root, 'dist/index.js')), 'the package is not built: npm run build');
  const folder = mkdtempSync(join(tmpdir(), 'fletching-package-'));
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const [{ filename }] = JSON.parse(execFileSync('npm', pack, { cwd: root, encoding: 'utf8' }));
  const tarball = join(folder, filename);
  execFileSync('tar', ['-xzf', tarball, '-C', folder]);
  const pkg = join(folder, 'package');
  const manifest = JSON.parse(readFileSync(join(pkg, 'package.json'), 'utf8')) as Manifest;
  const files = readdirSync(pkg, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(pkg.length + 1));
  Object.assign(context, { folder, tarball, pkg, manifest, files });
});

test.after(({ folder }) => rmSync(folder, { recursive: true }));

/** Every file that `exports` or `imports` names, whatever the condition. */
const targets = (map: Manifest['exports'] | Manifest['imports']): string[] =>
  Object.values(map).flatMap((target) => (typeof target === 'string' ? [target] : Object.values(target)));

test('the tarball holds what is run and read, and nothing else', ({ files, pkg }) => {
  const documents = ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'];
  assert.ok(documents.every((file) => files.includes(file)));
  const strange = files.filter(
    (file) => !documents.includes(file) && !/^dist\/[\w/.-]+(\.js|\.d\.ts|\.wasm)$/.test(file),
  );
  assert.equal(strange, []);
  assert.equal(
    files.filter((file) => /(^|\/)(tests?|bench|data|golden|reference)\/|\.test\./.test(file)),
    [],
  );
  const mapped = files.filter(
    (file) => file.endsWith('.js') && readFileSync(join(pkg, file), 'utf8').includes('sourceMappingURL'),
  );
  assert.equal(mapped, [], 'they name a source map that is not there');
});

test('nothing runs at installation', ({ manifest }) => {
  const running = ['preinstall', 'install', 'postinstall', 'prepare', 'preprepare', 'postprepare'];
  assert.equal(
    running.filter((name) => name in manifest.scripts),
    [],
  );
});

test('every file that exports and imports name is there; types come first, default last', ({
  manifest,
  pkg,
}) => {
  const named = [...targets(manifest.exports), ...targets(manifest.imports)];
  assert.ok(named.length > 20, `${named.length} only`);
  assert.equal(
    named.filter((file) => !existsSync(join(pkg, file))),
    [],
  );
  for (const [name, target] of Object.entries(manifest.exports)) {
    if (typeof target === 'string') continue;
    assert.is(Object.keys(target)[0], 'types', name);
    assert.is(Object.keys(target).at(-1), 'default', name);
  }
  assert.equal(Object.keys(manifest.imports['#kernels']), ['workerd', 'edge-light', 'default']);
});

test('bundlers may drop what is not used, except the script of a thread', ({ manifest }) => {
  assert.equal(manifest.sideEffects, [(manifest.exports['./worker'] as Record<string, string>).default]);
});

test('the entry of all rooms is the union of the entries of the rooms', async () => {
  const names = async (entry: string) =>
    Object.entries(await import(pathToFileURL(join(root, `dist/${entry}.js`)).href));
  const all = new Map(await names('index'));
  const rooms = await Promise.all(['directed-graph', 'delayed-feedback', 'uncertainty', 'engine'].map(names));
  for (const [name, value] of rooms.flat()) assert.is(all.get(name), value, name);
  assert.equal([...new Set(rooms.flat().map(([name]) => name))].sort(), [...all.keys()].sort());
  const engine = (await names('engine')).map(([name]) => name);
  for (const room of rooms) {
    const has = room.map(([name]) => name);
    assert.equal(
      engine.filter((name) => !has.includes(name)),
      [],
    );
  }
});

test('publint has nothing to say', async ({ pkg, manifest }) => {
  const { messages } = await publint({ pkgDir: pkg, pack: false, strict: true });
  assert.equal(
    messages.map((message) => formatMessage(message, manifest as never)),
    [],
  );
});

test('the types are those that each resolver needs', ({ tarball }) => {
  // CommonJS reaches the package by import(), and Node 10 did not know `exports`: esm-only leaves both out.
  const attw = [join(root, 'node_modules/.bin/attw'), tarball, '--profile', 'esm-only', '--format', 'ascii'];
  const { status, stdout } = spawnSync(process.execPath, attw, { encoding: 'utf8' });
  assert.is(status, 0, stdout);
  assert.match(stdout, /"fletching\/kernels\.wasm"/);
});

test('a TypeScript program of a user compiles, libraries checked', ({ folder, pkg, manifest }) => {
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(pkg, join(folder, 'node_modules/fletching'));
  const entries = Object.entries(manifest.exports).filter(([, target]) => typeof target !== 'string');
  // graphology's types are an optional peer of the one entry that names them.
  const names = entries.map(([name]) => name.slice(2)).filter((name) => name !== 'graphology');
  const lines = names.map((name, i) => `export * as e${i} from 'fletching${name && `/${name}`}';`);
  const wasm = `import module from 'fletching/kernels.wasm';\nexport const bytes: WebAssembly.Module = module;`;
  writeFileSync(join(folder, 'use.ts'), [...lines, wasm].join('\n'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const compilerOptions = {
    ...{ module: 'nodenext', target: 'es2022', lib: ['es2022', 'dom'], strict: true, noEmit: true },
    ...{ types: ['node'], typeRoots: [join(root, 'node_modules/@types')] },
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use.ts'] }));
  const tsc = [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder];
  const { status, stdout } = spawnSync(process.execPath, tsc, { encoding: 'utf8' });
  assert.is(status, 0, stdout);
});

test.run();
