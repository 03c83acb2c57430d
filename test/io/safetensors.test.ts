import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeSafetensors, encodeSafetensors, type Tensor } from '../../src/io/index.ts';
import { bytes, failure } from '../helpers/io-table.ts';

const SAMPLE = (): Record<string, Tensor> => ({
  b: { dtype: 'F32', shape: [2, 3], data: new Float32Array([1, 2, 3, 4, 5, -0]) },
  a: { dtype: 'U8', shape: [3], data: new Uint8Array([1, 2, 3]) },
  '10': { dtype: 'F64', shape: [], data: new Float64Array([Math.PI]) },
  '9': { dtype: 'I64', shape: [1], data: new BigInt64Array([-(2n ** 60n)]) },
  none: { dtype: 'I32', shape: [0, 4], data: new Int32Array(0) },
  u: { dtype: 'U32', shape: [1], data: new Uint32Array([2 ** 32 - 1]) },
});

/** A file of the given header text and data. */
function file(header: string, data = new Uint8Array(0), length = bytes(header).length): Uint8Array {
  const text = bytes(header);
  const whole = new Uint8Array(8 + text.length + data.length);
  new DataView(whole.buffer).setBigUint64(0, BigInt(length), true);
  whole.set(text, 8);
  whole.set(data, 8 + text.length);
  return whole;
}

test('the bytes are the format: length, padded header, aligned data', () => {
  const encoded = encodeSafetensors(SAMPLE(), { kind: 'graph', café: '"x"' });
  const length = new DataView(encoded.buffer).getUint32(0, true);
  assert.is(length % 8, 0);
  const header = new TextDecoder().decode(encoded.subarray(8, 8 + length));
  assert.is(
    header.trimEnd(),
    '{"__metadata__":{"café":"\\"x\\"","kind":"graph"},' +
      '"10":{"dtype":"F64","shape":[],"data_offsets":[0,8]},"9":{"dtype":"I64","shape":[1],"data_offsets":[8,16]},' +
      '"b":{"dtype":"F32","shape":[2,3],"data_offsets":[16,40]},"none":{"dtype":"I32","shape":[0,4],"data_offsets":[40,40]},' +
      '"u":{"dtype":"U32","shape":[1],"data_offsets":[40,44]},"a":{"dtype":"U8","shape":[3],"data_offsets":[44,47]}}',
  );
  assert.is(encoded.length, 8 + length + 47);
});

test('what is encoded is decoded, in any order of tensors and from an unaligned view', () => {
  const encoded = encodeSafetensors(SAMPLE(), { kind: 'graph' });
  const reversed = Object.fromEntries(Object.entries(SAMPLE()).reverse());
  assert.equal(encodeSafetensors(reversed, { kind: 'graph' }), encoded);
  const shifted = new Uint8Array(encoded.length + 3);
  shifted.set(encoded, 3);
  for (const view of [encoded, shifted.subarray(3), Buffer.from(encoded)]) {
    const { tensors, metadata } = decodeSafetensors(view);
    assert.equal({ ...metadata }, { kind: 'graph' });
    assert.is(tensors.size, 6);
    for (const [name, tensor] of Object.entries(SAMPLE())) assert.equal(tensors.get(name), tensor, name);
    assert.is(tensors.get('a')!.data.buffer.byteLength, 3, 'a copy of its own');
  }
  assert.is(decodeSafetensors(encodeSafetensors({})).tensors.size, 0);
});

test('no name is special', () => {
  const one = (): Tensor => ({ dtype: 'U8', shape: [1], data: new Uint8Array([7]) });
  const tensors = new Map(['__proto__', 'constructor', '', 'a"\\b', '\u2028'].map((name) => [name, one()]));
  const metadata = Object.fromEntries([['__proto__', 'x']]);
  const decoded = decodeSafetensors(encodeSafetensors(tensors, metadata));
  assert.equal([...decoded.tensors.keys()].sort(), [...tensors.keys()].sort());
  assert.equal(Object.entries(decoded.metadata), [['__proto__', 'x']]);
  assert.is(Object.getPrototypeOf(decoded.metadata), null);
});

test('encoding refuses what does not fit', () => {
  const data = new Float32Array(4);
  const wrong: [Tensor, RegExp][] = [
    [{ dtype: 'F32', shape: [3], data }, /tensor "x": shape \[3\] does not fit 4 numbers/],
    [{ dtype: 'F32', shape: [-2, -2], data }, /shape/],
    [{ dtype: 'F64', shape: [4], data }, /must be a Float64Array/],
    [{ dtype: 'F16' as never, shape: [4], data }, /unknown dtype F16/],
  ];
  for (const [tensor, message] of wrong) assert.throws(() => encodeSafetensors({ x: tensor }), message);
  assert.throws(() => encodeSafetensors({ __metadata__: { dtype: 'F32', shape: [4], data } }), /taken/);
  assert.throws(() => encodeSafetensors({}, { a: 1 as never }), /metadata "a" must be text/);
});

const entry = (shape: string, offsets: string, dtype = '"F32"') =>
  `{"dtype":${dtype},"shape":${shape},"data_offsets":${offsets}}`;

test('every broken rule is a damaged-model error that names it', async () => {
  const four = new Uint8Array(4);
  const eight = new Uint8Array(8);
  const x = `{"x":${entry('[1]', '[0,4]')}`;
  const wrong: [Uint8Array, RegExp][] = [
    [new Uint8Array(7), /too few/],
    [file('{}', undefined, 3), /a header of 3 bytes in a file of 10/],
    [file('{}', undefined, 2 ** 52), /more than 100000000/],
    [file('', undefined), /does not begin with/],
    [file(' {}'), /does not begin with/],
    [file('{"x"'), /not JSON/],
    [file('{}x'), /not JSON/],
    [new Uint8Array([3, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff, 0x7d]), /not UTF-8/],
    [file(`{"x":${'['.repeat(9)}`), /nested too deeply/],
    [file(`${x},"x":${entry('[1]', '[4,8]')}}`, eight), /the name x stands twice/],
    [file(`${x},"\\u0078"${' '.repeat(99)}: ${entry('[1]', '[4,8]')}}`, eight), /the name x stands twice/],
    [
      file('{"x":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', four),
      /dtype stands twice/,
    ],
    [file('{"x":1}'), /"x" is not an object/],
    [file('{"x":{"dtype":"F32","shape":[1]}}', four), /must have dtype, shape and data_offsets/],
    [file(`{"x":${entry('[1]', '[0,4]').slice(0, -1)},"y":1}}`, four), /must have/],
    [file(`{"x":${entry('[1]', '[0,4]', '"F16"')}}`, four), /unknown dtype/],
    [file(`{"x":${entry('[1]', '[0,4]', '"__proto__"')}}`, four), /unknown dtype/],
    [file(`{"x":${entry('[-1]', '[0,4]')}}`, four), /shape must be/],
    [file(`{"x":${entry('[0.5]', '[0,4]')}}`, four), /shape must be/],
    [file(`{"x":${entry('[1e300]', '[0,4]')}}`, four), /shape must be/],
    [file(`{"x":${entry('1', '[0,4]')}}`, four), /shape must be/],
    [file(`{"x":${entry('[2]', '[0,4]')}}`, four), /shape \[2\] of F32 does not fit 4 bytes/],
    [file(`{"x":${entry('[4503599627370496,4503599627370496]', '[0,4]')}}`, four), /does not fit/],
    [file(`{"x":${entry('[1]', '[0]')}}`, four), /data_offsets must be/],
    [file(`{"x":${entry('[1]', '[4,0]')}}`, four), /bytes 4 to 0 of 4/],
    [file(`{"x":${entry('[1]', '[4,8]')}}`, four), /bytes 4 to 8 of 4/],
    [file(`{"x":${entry('[1]', '[4,8]')}}`, eight), /begins at 4 where the one before ends at 0/],
    [file(`${x},"y":${entry('[1]', '[0,4]')}}`, four), /begins at 0 where the one before ends at 4/],
    [file(`${x}}`, eight), /end at 4 of 8/],
    [file('{"__metadata__":[]}'), /__metadata__ is not an object/],
    [file('{"__metadata__":{"a":1}}'), /metadata "a" is not text/],
  ];
  for (const [content, message] of wrong) {
    const error = await failure(() => decodeSafetensors(content, 'm.safetensors'));
    assert.is(error.code, 'damaged-model');
    assert.match(error.message, message);
    assert.ok(error.message.startsWith('m.safetensors: '));
  }
});

test('property: cut or flipped files are a DataError, or flipped only in the data', async () => {
  const encoded = encodeSafetensors(SAMPLE(), { kind: 'graph' });
  const begin = 8 + new DataView(encoded.buffer).getUint32(0, true);
  const shapes = (content: Uint8Array) =>
    JSON.stringify([...decodeSafetensors(content).tensors].map(([, t]) => t.data.length));
  const sizes = shapes(encoded);
  await fc.assert(
    fc.asyncProperty(fc.nat(encoded.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
      await failure(() => decodeSafetensors(encoded.subarray(0, at)));
      const damaged = encoded.slice();
      damaged[at] ^= mask;
      try {
        const read = shapes(damaged);
        if (at >= begin) assert.is(read, sizes);
      } catch (error) {
        await failure(Promise.reject(error));
        assert.ok(at < begin, 'the data hold no rule to break');
      }
    }),
    { numRuns: 1000 },
  );
});

test.run();
