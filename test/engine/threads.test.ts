import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/engine/engine.ts';
import type { Kernels } from '../../src/engine/kernels.ts';
import { sharedModule } from '../../src/engine/threads/shared-module.ts';
import { spawn } from '../../src/engine/threads/spawn-node.ts';
import { Team, type ThreadWorker } from '../../src/engine/threads/team.ts';
import { numbers } from '../helpers/kernel.ts';

const test = suite('threads');
const read = (name: string) => readFileSync(new URL(`../../build/${name}`, import.meta.url));
const n = 1 << 17;
/** A sum large enough to be shared. */
const sum = (engine: Engine) =>
  engine.scope((scope) => {
    const x = scope.from('f32', numbers(n));
    return engine.kernels.dot(x.ptr, x.ptr, n);
  });
const expected = await Engine.create().then(sum);

test('an engine says how many threads it has, and its forks have them too', async () => {
  const alone = await Engine.create();
  assert.equal([alone.threads, alone.threadsReason], [1, undefined]);
  const engine = await Engine.create({ threads: 3 });
  assert.equal([engine.threads, engine.threadsReason], [3, undefined]);
  assert.ok(engine.memory.buffer instanceof SharedArrayBuffer);
  const fork = engine.fork();
  assert.is(fork.threads, 3);
  assert.is(sum(fork), expected);
  fork.dispose();
  assert.equal([engine.threads, sum(engine)], [3, expected], 'the threads outlive a fork');
  engine.dispose();
  engine.dispose();
  assert.is(engine.threads, 1);
  assert.throws(() => engine.kernels, /disposed/);
});

test('threads must be a whole number from 1 to 64', async () => {
  for (const threads of [0, -1, 1.5, 65, Number.NaN, Infinity, '2']) {
    const error = await Engine.create({ threads: threads as number }).catch((e: Error) => e);
    const kind = typeof threads === 'string' ? TypeError : RangeError;
    assert.ok(error instanceof kind && /^threads must be a/.test(error.message), String(error));
  }
});

test('the kernels of threads are those of one thread with their memory taken from outside', () => {
  const rewritten = sharedModule(read('kernels.wasm'));
  assert.ok(
    Buffer.from(rewritten).equals(read('kernels.threads.wasm')),
    'byte for byte what is compiled for threads',
  );
  assert.ok(Buffer.from(sharedModule(rewritten)).equals(rewritten), 'done once');
  const module = new WebAssembly.Module(read('kernels.threads.wasm'));
  assert.equal(WebAssembly.Module.imports(module), [{ module: 'env', name: 'memory', kind: 'memory' }]);
  const names = (name: string) =>
    WebAssembly.Module.exports(new WebAssembly.Module(read(name))).map((entry) => entry.name);
  assert.equal(names('kernels.threads.wasm'), names('kernels.wasm'));
});

test('kernels can be given as bytes or compiled; compiled with a memory of their own they leave one thread', async () => {
  const compiled = new WebAssembly.Module(read('kernels.threads.wasm'));
  for (const module of [read('kernels.threads.wasm'), read('kernels.wasm'), compiled]) {
    const engine = await Engine.create({ threads: 2, module });
    assert.equal([engine.threads, sum(engine)], [2, expected]);
    engine.dispose();
  }
  const plain = await Engine.create({ threads: 2, module: new WebAssembly.Module(read('kernels.wasm')) });
  assert.equal([plain.threads, sum(plain)], [1, expected]);
  assert.match(plain.threadsReason!, /has a memory of its own; threads need kernels\.threads\.wasm/);
  const broken = () => {
    throw new Error('no workers here');
  };
  const alone = await Engine.create({ threads: 2, module: compiled, spawn: broken });
  assert.equal([alone.threads, sum(alone)], [1, expected], 'kernels for threads, without threads');
});

test('what is no module, or none of ours, is refused as it is with one thread', async () => {
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  for (const bytes of [
    [],
    [1, 2, 3],
    header,
    [...header, 5],
    [...header, 5, 255, 255, 255, 255, 255, 1, 1],
  ]) {
    const errors = await Promise.all(
      [1, 2].map((threads) =>
        Engine.create({ threads, module: new Uint8Array(bytes) }).catch((e: Error) => e.constructor.name),
      ),
    );
    assert.type(errors[0], 'string');
    assert.is(errors[1], errors[0], `bytes ${bytes}`);
  }
});

test('where workers or shared memory are missing there is one thread, and the reason', async () => {
  const global = globalThis as { SharedArrayBuffer?: unknown; crossOriginIsolated?: boolean };
  const kept = global.SharedArrayBuffer;
  try {
    global.SharedArrayBuffer = undefined;
    const without = await Engine.create({ threads: 2 });
    assert.equal([without.threads, sum(without)], [1, expected]);
    assert.match(without.threadsReason!, /no SharedArrayBuffer/);
    global.crossOriginIsolated = false;
    assert.match(
      (await Engine.create({ threads: 2 })).threadsReason!,
      /Cross-Origin-Opener-Policy: same-origin/,
    );
  } finally {
    global.SharedArrayBuffer = kept;
    delete global.crossOriginIsolated;
  }
  const broken: [() => ThreadWorker, RegExp][] = [
    [
      () => {
        throw new Error('no workers here');
      },
      /did not start: no workers here/,
    ],
    [() => new Worker('throw new Error("bad script")', { eval: true }), /did not start: bad script/],
    [() => new Worker('process.exit(3)', { eval: true }), /did not start: exit code 3/],
    [() => new Worker('/nowhere/worker.js'), /did not start: Cannot find module/],
  ];
  for (const [start, reason] of broken) {
    const engine = await Engine.create({ threads: 2, spawn: start });
    assert.equal([engine.threads, sum(engine)], [1, expected]);
    assert.match(engine.threadsReason!, reason);
  }
});

test('a worker that ends leaves the others, or one thread, with the same results and the reason', async () => {
  const workers: Worker[] = [];
  const engine = await Engine.create({
    threads: 3,
    spawn: () => {
      workers.push(spawn());
      return workers.at(-1)!;
    },
  });
  for (const [i, left] of [2, 1].entries()) {
    await workers[i].terminate();
    await new Promise((resolve) => setTimeout(resolve));
    assert.equal([engine.threads, sum(engine)], [left, expected]);
    assert.match(engine.threadsReason!, /worker [12] ended: exit code 1/);
  }
  engine.dispose();
});

/** A team of two over fresh memory, whose worker runs `script` instead of its own. */
async function team(script: string, patience?: number): Promise<{ kernels: Kernels; team: Team }> {
  const module = new WebAssembly.Module(read('kernels.threads.wasm'));
  const memory = new WebAssembly.Memory({ initial: 40, maximum: 65_536, shared: true });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const text = `const { parentPort: port } = require('node:worker_threads');
    port.once('message', ({ control }) => { const int = new Int32Array(control); port.postMessage('ready'); ${script} });`;
  const start = () => new Worker(text, { eval: true, execArgv: [] });
  const made = await Team.start(
    exports as unknown as Kernels,
    { module, memory, threads: 2 },
    start,
    patience,
  );
  return { kernels: made.kernels, team: made };
}

/** Takes a piece as soon as there is one. */
const TAKE = 'while (Atomics.load(int, 0) <= 0 || Atomics.sub(int, 0, 1) <= 0);';

test('a worker that takes work and is gone gives an error in bounded time, then and at every later call', async () => {
  const { kernels } = await team(`${TAKE} process.exit(0);`, 300);
  const start = performance.now();
  assert.throws(() => {
    for (;;) kernels.axpy(1024, 1024, n, 1);
  }, /the threads of this engine have failed: a worker took a piece of work and is gone/);
  assert.ok(performance.now() - start < 20_000);
  assert.throws(() => kernels.axpy(1024, 1024, n, 1), /threads of this engine have failed/);
});

test('what a kernel throws on another thread is thrown here', async () => {
  const { kernels } = await team(`${TAKE}
    const num = new Float64Array(control);
    'lost'.split('').forEach((c, i) => { num[8289 + i] = c.charCodeAt(0); });
    num[8288] = 4; int[48] = 1; Atomics.add(int, 16, 1);`);
  assert.throws(() => {
    for (;;) kernels.axpy(1024, 1024, n, 1);
  }, /the threads of this engine have failed: lost/);
  const own = await team('');
  // 65 MiB beyond the end of the memory.
  assert.throws(
    () => own.kernels.axpy(2 ** 26, 2 ** 26, n, 1),
    /have failed: RuntimeError: memory access out of/,
  );
});

test('workers see memory that has grown since they began', async () => {
  const engine = await Engine.create({ threads: 2 });
  const before = engine.stats().memoryBytes;
  for (let turn = 1; turn <= 8; turn++) {
    engine.scope((scope) => {
      const length = turn * 700_000;
      const [x, y] = [scope.alloc('f32', length).fill(1), scope.alloc('f32', length)];
      for (let i = 0; i < 20; i++) engine.kernels.axpy(y.ptr, x.ptr, length, 1);
      assert.ok(y.array.every((value) => value === 20));
      assert.not.ok(y.copy().buffer instanceof SharedArrayBuffer, 'copies are not shared');
    });
  }
  assert.ok(engine.stats().memoryBytes > before + 4e7);
  engine.dispose();
});

test('a process ends by itself though its engine is never disposed', async () => {
  const url = (path: string) => new URL(`../../${path}`, import.meta.url).href;
  const script = `
    const { Engine } = await import(${JSON.stringify(url('src/engine/engine.ts'))});
    const engine = await Engine.create({ threads: 3 });
    const x = engine.alloc('f32', 1e6).fill(1);
    console.log(String(engine.threads) + ' ' + engine.kernels.dot(x.ptr, x.ptr, 1e6));`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', script],
    { cwd: fileURLToPath(new URL('../..', import.meta.url)), timeout: 60_000 },
  );
  assert.is(stdout, '3 1000000\n');
});

test.run();
