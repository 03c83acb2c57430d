import { DataError } from '../check.ts';
import { copyOf } from './chunks.ts';

/** NumPy type code of each array type; little-endian, one byte needs no order. */
const ARRAYS = {
  '<f4': Float32Array,
  '<f8': Float64Array,
  '<i4': Int32Array,
  '<u4': Uint32Array,
  '|u1': Uint8Array,
} as const;

type Descr = keyof typeof ARRAYS;
export type NpyData = InstanceType<(typeof ARRAYS)[Descr]>;

export interface NpyArray {
  data: NpyData;
  /** Row-major (C order); the empty shape is one number. */
  shape: number[];
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]; // \x93NUMPY, version 1.0
const HEADER =
  /^\{'descr': '([<|=>]?[a-z]\d+)', 'fortran_order': (True|False), 'shape': \(((?:\d+, ?)*\d*)\),? *\} *\n$/;

const product = (shape: readonly number[]): number => shape.reduce((count, side) => count * side, 1);

/** The bytes of a .npy file, version 1.0. Throws RangeError when the shape does not fit the data. */
export function encodeNpy(data: NpyData, shape: readonly number[] = [data.length]): Uint8Array {
  const descr = (Object.keys(ARRAYS) as Descr[]).find((code) => data instanceof ARRAYS[code]);
  if (descr === undefined) throw new TypeError('data must be Float32, Float64, Int32, Uint32 or Uint8Array');
  if (!(shape.every((side) => Number.isSafeInteger(side) && side >= 0) && product(shape) === data.length)) {
    throw new RangeError(`shape [${shape}] does not fit ${data.length} numbers`);
  }
  // Python writes a tuple of one with a comma.
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${tuple}), }`;
  // The data begin at a multiple of 64 bytes; the header ends with a line feed.
  const begin = Math.ceil((10 + text.length + 1) / 64) * 64;
  if (!(begin - 10 <= 0xffff))
    throw new RangeError(`a shape of ${shape.length} sides does not fit the header`);
  const file = new Uint8Array(begin + data.byteLength);
  file.set(MAGIC);
  new DataView(file.buffer).setUint16(8, begin - 10, true);
  file.set(new TextEncoder().encode(`${text.padEnd(begin - 11)}\n`), 10);
  file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), begin);
  return file;
}

/**
 * Reads a .npy file, version 1.0, little-endian f4, f8, i4, u4 or u1 in C order. The array is a copy with its own
 * aligned buffer. Any other type or order, and any damage, is a DataError `damaged-npy` that says which.
 */
export function decodeNpy(file: Uint8Array, fileName?: string): NpyArray {
  const fail = (rule: string): never => {
    throw new DataError(`not a .npy file that can be read: ${rule}`, { code: 'damaged-npy', file: fileName });
  };
  if (!(file.length >= 10 && MAGIC.every((byte, i) => file[i] === byte))) fail('it is not NumPy version 1.0');
  const begin = 10 + file[8] + file[9] * 256;
  if (!(begin <= file.length)) fail(`a header of ${begin - 10} bytes in a file of ${file.length}`);
  const match = HEADER.exec(String.fromCharCode(...file.subarray(10, Math.min(begin, 10 + 4096))));
  if (match === null) return fail('an unknown header');
  const [, descr, fortran, sides] = match;
  if (!Object.hasOwn(ARRAYS, descr)) fail(`type ${descr}; known are ${Object.keys(ARRAYS).join(', ')}`);
  if (fortran === 'True') fail('Fortran order');
  const shape = sides
    .split(',')
    .filter((side) => side.trim() !== '')
    .map(Number);
  if (!(shape.every(Number.isSafeInteger) && shape.length <= 64)) fail(`shape (${sides.slice(0, 80)})`);
  const kind = ARRAYS[descr as Descr];
  const bytes = product(shape) * kind.BYTES_PER_ELEMENT;
  if (bytes !== file.length - begin)
    fail(`shape (${sides}) needs ${bytes} bytes, there are ${file.length - begin}`);
  return { data: new kind(copyOf(file, begin, file.length)), shape };
}
