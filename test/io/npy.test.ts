import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeNpy, encodeNpy } from '../../src/io/index.ts';
import { bytes, failure } from '../helpers/io-table.ts';

test('the bytes are those numpy writes', () => {
  const file = encodeNpy(new Float32Array([1, 2, 3, 4, 5, 6]), [2, 3]);
  const head = `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`;
  assert.is(file.length, 128 + 24);
  assert.equal([...file.subarray(0, 10)], [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]);
  assert.is(new TextDecoder().decode(file.subarray(10, 128)), `${head.padEnd(117)}\n`);
  assert.equal([...file.subarray(128, 136)], [0, 0, 0x80, 0x3f, 0, 0, 0, 0x40]);
  assert.match(new TextDecoder().decode(encodeNpy(new Uint8Array(3))), /'\|u1'.*\(3,\)/);
});

test('every type and shape is read back, from an unaligned view as well', () => {
  const arrays = [
    new Float32Array([1.5, -0]),
    new Float64Array([Math.PI, 2]),
    new Int32Array([-1, 7]),
    new Uint32Array([2 ** 32 - 1, 0]),
    new Uint8Array([1, 255]),
  ];
  for (const data of arrays) {
    for (const shape of [[2], [1, 2], [2, 1, 1]]) {
      const file = encodeNpy(data, shape);
      const shifted = new Uint8Array(file.length + 1);
      shifted.set(file, 1);
      assert.equal(decodeNpy(shifted.subarray(1)), { data, shape });
      assert.equal(decodeNpy(Buffer.from(file)), { data, shape }, 'whose slice is not a copy');
    }
  }
  assert.equal(decodeNpy(encodeNpy(new Float64Array([3]), [])).shape, []);
  assert.equal(decodeNpy(encodeNpy(new Float64Array(0), [0, 5])).shape, [0, 5]);
  assert.throws(() => encodeNpy(new Float32Array(3), [2]), /shape \[2\] does not fit 3 numbers/);
  assert.throws(() => encodeNpy(new Int16Array(3) as never), TypeError);
});

/** A file with another header text. */
function file(head: string, data: number): Uint8Array {
  const text = bytes(`${head}\n`);
  return new Uint8Array([
    0x93,
    0x4e,
    0x55,
    0x4d,
    0x50,
    0x59,
    1,
    0,
    text.length & 255,
    text.length >> 8,
    ...text,
    ...new Uint8Array(data),
  ]);
}

test('what cannot be read is a damaged-npy error that says why', async () => {
  const head = (descr: string, order: string, shape: string) =>
    `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${shape}), }`;
  const wrong: [Uint8Array, RegExp][] = [
    [new Uint8Array(5), /version 1\.0/],
    [encodeNpy(new Uint8Array(3)).fill(2, 6, 7), /version 1\.0/],
    [encodeNpy(new Uint8Array(3)).subarray(0, 60), /a header of 118 bytes in a file of 60/],
    [file(head('<f2', 'False', '1,'), 2), /type <f2/],
    [file(head('>f4', 'False', '1,'), 4), /type >f4/],
    [file(head('<f4', 'True', '1,'), 4), /Fortran/],
    [file(head('<f4', 'False', '2,'), 4), /needs 8 bytes, there are 4/],
    [file(head('<f4', 'False', '9007199254740993,'), 4), /shape|needs/],
    [file(head('<f4', 'False', '-1,'), 4), /unknown header/],
    [file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", 4), /unknown header/],
  ];
  for (const [content, message] of wrong) {
    const error = await failure(() => decodeNpy(content, 'x.npy'));
    assert.is(error.code, 'damaged-npy');
    assert.match(error.message, message);
  }
});

test('property: cut or flipped files are a DataError, or flipped only in the data', async () => {
  const whole = encodeNpy(new Float32Array([1, 2, 3, 4]), [2, 2]);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
      await failure(() => decodeNpy(whole.subarray(0, at)));
      const damaged = whole.slice();
      damaged[at] ^= mask;
      try {
        assert.is(decodeNpy(damaged).data.byteLength, 16);
      } catch (error) {
        await failure(Promise.reject(error));
        assert.ok(at < 128);
      }
    }),
    { numRuns: 1000 },
  );
});

test.run();
