import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { embeddedKernels } from '../../src/engine/embedded.ts';
import { Engine } from '../../src/engine/engine.ts';
import { kernelModule } from '../../src/engine/module.ts';

const wasm = readFileSync(new URL('../../build/kernels.wasm', import.meta.url));

/** Runs `body` where one function of WebAssembly is another. */
async function replaced<R>(name: 'compile' | 'validate', by: unknown, body: () => Promise<R>): Promise<R> {
  const { [name]: original } = WebAssembly;
  Object.assign(WebAssembly, { [name]: by });
  try {
    return await body();
  } finally {
    Object.assign(WebAssembly, { [name]: original });
  }
}

const forbidden = () => Promise.reject(new WebAssembly.CompileError('disallowed by embedder'));
const refusal = (given?: Uint8Array) => kernelModule(given).catch((error: Error) => error) as Promise<Error>;

test('the embedded bytes are those of the built kernels, which import nothing', async () => {
  const embedded = new Uint8Array((await embeddedKernels()) as ArrayBuffer);
  assert.is(Buffer.compare(embedded, wasm), 0);
  assert.equal(WebAssembly.Module.imports(await kernelModule()), []);
});

test('where compiling is forbidden, the error names the directive and the option, and keeps its cause', async () => {
  for (const given of [undefined, wasm]) {
    const error = await replaced('compile', forbidden, () => refusal(given));
    assert.is(error.constructor, Error);
    assert.match(error.message, /script-src 'self' 'wasm-unsafe-eval'/);
    assert.match(error.message, /option module of Engine\.create/);
    assert.match(error.message, /fletching\/kernels\.wasm/);
    assert.instance(error.cause, WebAssembly.CompileError);
  }
  const module = new WebAssembly.Module(wasm);
  assert.is(await replaced('compile', forbidden, () => kernelModule(module)), module);
});

test('damaged bytes stay a CompileError; a runtime without SIMD is told so', async () => {
  assert.instance(await refusal(wasm.subarray(0, 99)), WebAssembly.CompileError);
  const old = await replaced(
    'validate',
    () => false,
    () => replaced('compile', forbidden, () => refusal()),
  );
  assert.match(old.message, /no WebAssembly SIMD/);
});

test('a module of another realm is taken, an object that only says so is not', async () => {
  const module = runInNewContext('new WebAssembly.Module(wasm)', { wasm }) as WebAssembly.Module;
  assert.not.instance(module, WebAssembly.Module);
  const engine = await Engine.create({ module });
  const x = engine.from('f32', [3, 4]);
  assert.is(engine.kernels.dot(x.ptr, x.ptr, 2), 25);
  const liar = { [Symbol.toStringTag]: 'WebAssembly.Module' } as unknown as WebAssembly.Module;
  assert.throws(
    () => Engine.fromModule(liar),
    (error: Error) => error instanceof TypeError,
  );
});

test.run();
