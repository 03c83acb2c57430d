import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string) => readFileSync(resolve(root, file), 'utf8');

/** TypeScript files under a folder, relative to the project, without what embed.mjs writes. */
const files = (folder: string): string[] =>
  (readdirSync(resolve(root, folder), { recursive: true }) as string[])
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('kernels-inline.ts'))
    .sort();

/** A source without its comments; line numbers stay. Strings that hold `//` or `/*` after a colon are URLs and stay. */
const code = (file: string): string =>
  read(file)
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ''))
    .replace(/(^|[^:'"`\\/])\/\/[^\n]*/g, '$1');

/** Fails after printing the whole list, so that one run shows all there is to do. */
function none(wrong: string[], what: string): void {
  if (wrong.length === 0) return;
  console.error(`\n${what}:\n    ${wrong.join('\n    ')}`);
  assert.unreachable(`${wrong.length} ${what}, listed above`);
}

test('every test file runs its suite', () => {
  const suites = files('test').filter((file) => file.endsWith('.test.ts'));
  assert.ok(suites.length >= 10, `found ${suites.length} test files only`);
  none(
    suites.filter((file) => !/^\s*\w+\.run\(\);/m.test(code(file))),
    'test files that never call .run()',
  );
});

/** Sources a source imports, re-exports or loads, types included, as paths relative to the project. */
function imports(file: string): string[] {
  const names = [...code(file).matchAll(/\b(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)].map(
    ([, name]) => name,
  );
  const sources = names.filter((name) => !/\.wasm(\?module)?$/.test(name));
  return sources.map((name) => {
    const path = relative(root, resolve(root, dirname(file), name)).replaceAll('\\', '/');
    return path.endsWith('.ts') ? path : `${path}.ts`;
  });
}

const ROOMS = ['directed-graph', 'delayed-feedback', 'uncertainty'];

/** Files beside the folders that stand below all of them, and so import nothing. The others there are entries. */
const BASE = ['check.ts', 'hash.ts'];

/** src/nn/linear.ts is in `nn`; a file beside the folders is in `check` or in `index`. */
const layerOf = (file: string): string => {
  const [, folder, rest] = file.split('/');
  return rest !== undefined ? folder : BASE.includes(folder) ? 'check' : 'index';
};

const ALLOWED: Record<string, string[]> = {
  check: [],
  engine: ['check'],
  nn: ['check', 'engine'],
  ...Object.fromEntries(ROOMS.map((room) => [room, ['check', 'engine', 'nn']])),
  io: ['check', 'src/nn/metrics.ts'],
  report: ['check', 'src/nn/metrics.ts'],
  simulate: ['check', 'engine', 'src/nn/metrics.ts'],
  index: ['check', 'engine', 'nn', ...ROOMS, 'io', 'report', 'simulate'],
  cli: ['check', 'engine', 'nn', ...ROOMS, 'io', 'report', 'simulate', 'index'],
};

test('imports in src/ go one way: check < engine < nn < rooms < index; io, report and simulate beside them', () => {
  const wrong: string[] = [];
  for (const file of files('src')) {
    const layer = layerOf(file);
    if (!(layer in ALLOWED)) wrong.push(`${file}: the folder ${layer} is not on the map`);
    for (const target of imports(file)) {
      const to = layerOf(target);
      if (!target.startsWith('src/')) wrong.push(`${file} leaves src/ for ${target}`);
      else if (to !== layer && !ALLOWED[layer]?.includes(to) && !ALLOWED[layer]?.includes(target)) {
        wrong.push(`${file} imports ${target}`);
      }
    }
  }
  none(wrong, 'imports against the rule');
});

test('imports in assembly/ go one way: engine < nn < rooms < index', () => {
  const wrong = files('assembly').flatMap((file) =>
    imports(file)
      .filter((target) => {
        const [from, to] = [file, target].map((name) => name.split('/')[1]);
        const allowed = from === 'engine' ? [] : from === 'nn' ? ['engine'] : ['engine', 'nn'];
        return file !== 'assembly/index.ts' && from !== to && !allowed.includes(to);
      })
      .map((target) => `${file} imports ${target}`),
  );
  none(wrong, 'imports against the rule');
});

/** Every exported kernel with the path it mirrors, from the list that is the ABI. */
const kernels = [
  ...code('assembly/index.ts').matchAll(/export\s*\{([^}]*)\}\s*from\s*'\.\/([^']+)'/g),
].flatMap(([, names, path]) =>
  names
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)
    .map((name) => ({ name, path, folder: path.split('/')[0] })),
);

/** A kernel's name as a string, called, or as a member of anything but Math. */
const mentions = (file: string, name: string) =>
  new RegExp(`['"\`]${name}['"\`]|(?<!\\bMath)\\.${name}\\b|(?<!\\.)\\b${name}\\(`).test(code(file));

/** gemmScratch and its like only say how much room a kernel needs: tested, with nothing to compare or to time. */
const isSize = (name: string) => name.endsWith('Scratch');

test('every kernel has a twin, a test, a benchmark and a signature', async () => {
  assert.ok(kernels.length >= 40, `found ${kernels.length} kernels only`);
  const wrong: string[] = [];
  const signatures = code('src/engine/kernels.ts');
  for (const { name, path } of kernels) {
    if (!new RegExp(`^\\s+${name}\\(`, 'm').test(signatures))
      wrong.push(`${name}: not in src/engine/kernels.ts`);
    const [twin, tests, bench] = [
      `test/reference/${path}.ts`,
      `test/kernels/${path}.test.ts`,
      `bench/kernels/${path}.ts`,
    ];
    if (isSize(name)) {
      if (!existsSync(resolve(root, tests)) || !mentions(tests, name)) wrong.push(`${name}: not in ${tests}`);
      continue;
    }
    if (!existsSync(resolve(root, twin))) wrong.push(`${name}: no ${twin}`);
    else if (typeof (await import(resolve(root, twin)))[name] !== 'function') {
      wrong.push(`${name}: not exported by ${twin}`);
    }
    for (const file of [tests, bench]) {
      if (!existsSync(resolve(root, file))) wrong.push(`${name}: no ${file}`);
      else if (!mentions(file, name)) wrong.push(`${name}: not in ${file}`);
    }
  }
  none(wrong, 'kernels without their mirror');
});

test('every signature is a kernel', () => {
  const declared = [...code('src/engine/kernels.ts').matchAll(/^\s+(\w+)\(/gm)].map(([, name]) => name);
  none(
    declared.filter((name) => !kernels.some((kernel) => kernel.name === name)),
    'signatures in src/engine/kernels.ts that assembly/index.ts does not export',
  );
});

/** Kernels that a file reads: `kernels.x`, `alias.x` after `alias = engine.kernels`, or `{ x } = engine.kernels`. */
function kernelsRead(text: string): string[] {
  const aliases = [...text.matchAll(/\b(\w+)\s*=\s*[\w.#?!]*\bkernels\s*;/g)].map(([, alias]) => alias);
  const members = ['kernels', ...aliases].flatMap((of) =>
    [...text.matchAll(new RegExp(`\\b${of}[!?]?\\.(\\w+)`, 'g'))].map(([, name]) => name),
  );
  const taken = [...text.matchAll(/\{([^{}]*)\}\s*=\s*[\w.#?!]*\bkernels\b/g)].flatMap(([, names]) =>
    names.split(',').map((name) => name.split(':')[0].trim()),
  );
  return [...new Set([...members, ...taken])];
}

test('a kernel is called only from the folder it mirrors; those of engine/ from everywhere', () => {
  assert.equal(kernelsRead('e.kernels.dot(1); const k = this.e.kernels; k.axpy(2);'), ['dot', 'axpy']);
  assert.equal(kernelsRead('const { gemmNN, gemmNT: nt } = engine.kernels;'), ['gemmNN', 'gemmNT']);
  const wrong: string[] = [];
  for (const file of files('src')) {
    for (const name of kernelsRead(code(file))) {
      const kernel = kernels.find((k) => k.name === name);
      if (kernel && kernel.folder !== 'engine' && kernel.folder !== layerOf(file)) {
        wrong.push(`${file} calls ${name} of assembly/${kernel.path}.ts`);
      }
    }
  }
  none(wrong, 'kernels called from elsewhere');
});

test('no source is longer than 400 lines', () => {
  const long = [...files('src'), ...files('assembly')]
    .map((file) => ({ file, lines: read(file).trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > 400);
  none(
    long.map(({ file, lines }) => `${file}: ${lines} lines`),
    'sources past 400 lines, to be split by meaning',
  );
});

/** Files that may call the host's functions, because nothing they compute becomes part of a model. */
const HOST_MATH: Record<string, string> = {
  'src/cli/': 'prints numbers',
  'src/io/': 'parses and prints decimal numbers',
  'src/report/': 'draws axes and prints numbers',
  'src/nn/metrics.ts': 'log2 of ndcg: a measurement, not a model',
};

test('no host exp, log, power or tanh in what reaches a model', () => {
  const wrong: string[] = [];
  for (const file of files('src')) {
    if (Object.keys(HOST_MATH).some((allowed) => file.startsWith(allowed))) continue;
    code(file)
      .split('\n')
      .forEach((line, i) => {
        // A power of two with a literal exponent is exact everywhere.
        const rest = line.replace(/\b2 ?\*\* ?-?\d+\b/g, '');
        const use =
          /Math\.(?:exp|log|pow|tanh|sinh|cosh|asinh|acosh|atanh|sin|cos|tan|asin|acos|atan|cbrt|hypot)\w*|\*\*/;
        const found = rest.match(use);
        if (found) wrong.push(`${file}:${i + 1}: ${found[0]}`);
      });
  }
  none(
    wrong,
    'calls of host functions: use expF64 and logF64 of the engine, x * x for x ** 2, or add a reason to HOST_MATH',
  );
});

test('the lock file names no registry host', () => {
  const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, { resolved?: string }> };
  assert.ok(Object.keys(lock.packages).length > 50);
  none(
    Object.entries(lock.packages)
      .filter(([, { resolved }]) => resolved !== undefined && /^https?:/.test(resolved))
      .map(([name, { resolved }]) => `${name}: ${resolved}`),
    'resolved to a host',
  );
});

test.run();
