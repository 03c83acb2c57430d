import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine, type Scope } from '../../src/engine/engine.ts';

const wasm = readFileSync(new URL('../../build/kernels.wasm', import.meta.url));
const used = (engine: Engine) => engine.stats().slices;

test('create takes nothing, bytes, a buffer or a module; all give the same kernels', async () => {
  const module = new WebAssembly.Module(wasm);
  const buffer = wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.length) as ArrayBuffer;
  const engines = [
    await Engine.create(),
    await Engine.create({}),
    await Engine.create({ module: undefined }),
    await Engine.create({ module: wasm }),
    await Engine.create({ module: buffer }),
    await Engine.create({ module }),
    Engine.fromModule(module),
  ];
  for (const engine of engines) {
    const x = engine.from('f32', [1, 2, 3, 4, 5]);
    assert.is(engine.kernels.dot(x.ptr, x.ptr, 5), 55);
    engine.dispose();
  }
});

test('two engines of one module share no memory', () => {
  const module = new WebAssembly.Module(wasm);
  const [a, b] = [Engine.fromModule(module), Engine.fromModule(module)];
  const [x, y] = [a.from('f32', [1]), b.from('f32', [2])];
  assert.is(x.ptr, y.ptr);
  assert.equal([x.array[0], y.array[0]], [1, 2]);
});

/** A module with one export or import, written by hand. */
const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const empty = new Uint8Array(header);
const memoryOnly = new Uint8Array([...header, 5, 3, 1, 0, 1, 7, 10, 1, 6, ...Buffer.from('memory'), 2, 0]);
const importing = new Uint8Array([...header, 1, 4, 1, 0x60, 0, 0, 2, 7, 1, 1, 0x65, 1, 0x66, 0, 0]);

test('what is not the kernels is refused with a TypeError', async () => {
  const wrong = (message: RegExp) => (e: Error) => e instanceof TypeError && message.test(e.message);
  for (const [bytes, message] of [
    [empty, /must be the kernels/],
    [memoryOnly, /no memory or no dot/],
    [importing, /must import nothing, but imports e\.f/],
  ] as const) {
    const module = new WebAssembly.Module(bytes);
    assert.throws(() => Engine.fromModule(module), wrong(message));
    const refusal = await Engine.create({ module: bytes }).catch((e: Error) => e);
    assert.ok(wrong(message)(refusal as Error), String(refusal));
  }
  for (const given of [undefined, null, {}, wasm, 7, 'kernels.wasm']) {
    assert.throws(
      () => Engine.fromModule(given as WebAssembly.Module),
      wrong(/must be a WebAssembly.Module/),
    );
  }
  const unknown = await Engine.create({ wasm } as object).catch((e: Error) => e);
  assert.ok(wrong(/Engine.create: unknown option "wasm"; known are module/)(unknown as Error));
  const damaged = await Engine.create({ module: wasm.subarray(0, 1000) }).catch((e: Error) => e);
  assert.ok(damaged instanceof WebAssembly.CompileError);
});

test('a scope releases when it returns and when it throws', async () => {
  const engine = await Engine.create();
  const kept = engine.alloc('f32', 4);
  const sum = engine.scope((scope) => {
    const x = scope.from('f32', [1, 2, 3]);
    scope.alloc('u32', 0);
    assert.is(used(engine), 3);
    return x.array.reduce((a, b) => a + b, 0);
  });
  assert.equal([sum, used(engine)], [6, 1]);
  const boom = new Error('boom');
  try {
    engine.scope((scope) => {
      scope.alloc('f64', 100);
      throw boom;
    });
    assert.unreachable();
  } catch (error) {
    assert.is(error, boom);
  }
  assert.is(used(engine), 1);
  engine.release(kept, undefined);
  assert.is(used(engine), 0);
});

test('nested scopes end inside out', async () => {
  const engine = await Engine.create();
  engine.scope((outer) => {
    outer.alloc('f32', 1);
    engine.scope((inner) => inner.alloc('f32', 1));
    assert.is(used(engine), 1);
  });
  assert.is(used(engine), 0);
});

test('an asynchronous scope releases when it settles, not before', async () => {
  const engine = await Engine.create();
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const value = engine.scope(async (scope) => {
    const x = scope.from('f32', [4]);
    await gate;
    return x.array[0];
  });
  assert.is(used(engine), 1);
  open();
  assert.is(await value, 4);
  assert.is(used(engine), 0);

  const failing = engine.scope(async (scope) => {
    scope.alloc('f32', 1);
    await gate;
    throw new RangeError('late');
  });
  assert.is(used(engine), 1);
  const error = await failing.catch((e: Error) => e);
  assert.ok(error instanceof RangeError);
  assert.is(used(engine), 0);
});

test('interleaved asynchronous scopes keep their numbers apart while memory grows', async () => {
  const engine = await Engine.create();
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const job = (id: number, turns: number) =>
    engine.scope(async (scope: Scope) => {
      const slices = [];
      for (let i = 0; i < turns; i++) {
        slices.push(scope.alloc('f32', 5000 * (1 + ((id + i) % 4))).fill(id));
        await turn();
      }
      return slices.every((s) => s.array.every((x) => x === id));
    });
  // They end in an order that is neither that of starting nor its reverse.
  assert.equal(await Promise.all([job(1, 5), job(2, 9), job(3, 2), job(4, 7)]), [true, true, true, true]);
  assert.is(engine.stats().usedBytes, 0);
  assert.ok(engine.stats().memoryBytes > 65536);
});

test('a disposed engine refuses every use; disposing twice is fine', async () => {
  const engine = await Engine.create();
  const slice = engine.alloc('f32', 4);
  const late = engine.scope(async (scope) => {
    scope.alloc('f32', 4);
    await null;
    return 'settled';
  });
  engine.dispose();
  engine.dispose();
  const refused = (e: Error) => e.constructor === Error && e.message === 'this engine has been disposed';
  assert.throws(() => engine.kernels, refused);
  assert.throws(() => engine.memory, refused);
  assert.throws(() => engine.alloc('f32', 1), refused);
  assert.throws(() => engine.from('f32', [1]), refused);
  assert.throws(() => engine.release(slice), refused);
  assert.throws(() => engine.stats(), refused);
  assert.throws(() => engine.scope((scope) => scope.alloc('f32', 1)), refused);
  assert.is(await late, 'settled', 'a job under way still settles');
});

test('Symbol.dispose ends the engine', async () => {
  const engine = await Engine.create();
  engine[Symbol.dispose]();
  assert.throws(() => engine.stats(), /disposed/);
});

/** The sections of a module as [id, content]; WebAssembly specification 5.5.2. */
function sections(bytes: Uint8Array): [id: number, content: Uint8Array][] {
  const found: [number, Uint8Array][] = [];
  for (let at = 8; at < bytes.length; ) {
    const id = bytes[at++];
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      size += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    found.push([id, bytes.subarray(at, at + size)]);
    at += size;
  }
  return found;
}

const [IMPORT, MEMORY, GLOBAL, START, DATA, DATA_COUNT] = [2, 5, 6, 8, 11, 12];

test('the kernels import nothing and hold no data, no start function and no state', () => {
  const found = new Map(sections(wasm));
  assert.ok(found.has(MEMORY), 'the walker finds the memory');
  assert.is(found.get(MEMORY)![1] & 1, 0, 'memory has no maximum');
  for (const id of [IMPORT, START, DATA, DATA_COUNT]) assert.not.ok(found.has(id), `section ${id}`);
  // A second instance on shared memory would have its own globals: constants (i32, f32, f64 .const) are harmless.
  const globals = found.get(GLOBAL) ?? new Uint8Array([0]);
  const mutable = WebAssembly.Module.exports(new WebAssembly.Module(wasm)).filter((e) => e.kind === 'global');
  assert.is(globals[0], 0, 'no globals');
  assert.equal(mutable, []);
});

test('the section walker sees what it should', () => {
  const ids = (bytes: number[]) => sections(new Uint8Array([...header, ...bytes])).map(([id]) => id);
  // One mutable i32 global of 7, and one passive data segment of one byte.
  assert.equal(ids([6, 6, 1, 0x7f, 1, 0x41, 7, 0x0b, 12, 1, 1, 11, 4, 1, 1, 1, 9]), [
    GLOBAL,
    DATA_COUNT,
    DATA,
  ]);
  assert.equal(ids([...importing.subarray(8)]), [1, IMPORT]);
  assert.equal(ids([0, 0x81, 0x01, ...new Array(129).fill(0), 5, 3, 1, 0, 1]), [0, MEMORY]);
});

test('a fork ends with its slices, and leaves the rest of the memory alone', async () => {
  const engine = await Engine.create();
  const kept = engine.from('f32', [1, 2, 3]);
  const fork = engine.fork();
  const early = fork.alloc('f32', 1000);
  fork.release(early);
  fork.alloc('u32', 500);
  assert.throws(() =>
    fork.scope((scope) => {
      scope.alloc('f64', 10);
      fork.alloc('u8', 7);
      throw new Error('in the middle');
    }),
  );
  assert.is(engine.stats().slices, 3);
  fork.dispose();
  fork.dispose();
  assert.is(engine.stats().slices, 1);
  assert.equal([...kept.array], [1, 2, 3]);
  assert.throws(() => fork.alloc('f32', 1), /disposed/);
  engine.alloc('f32', 1);
});

test.run();
