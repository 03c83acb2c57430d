import { DataError, instance } from '../check.ts';
import { copyOf } from './chunks.ts';
import { checkHeaderText, isRecord } from './safetensors-header.ts';

/** Typed array of each element type. Bytes are little-endian, as on every machine that runs WebAssembly. */
const ARRAYS = {
  F64: Float64Array,
  I64: BigInt64Array,
  F32: Float32Array,
  I32: Int32Array,
  U32: Uint32Array,
  U8: Uint8Array,
} as const;

export type Dtype = keyof typeof ARRAYS;
export type TensorData = InstanceType<(typeof ARRAYS)[Dtype]>;

export interface Tensor {
  dtype: Dtype;
  /** Row-major; the empty shape is one number. */
  shape: readonly number[];
  data: TensorData;
}

export interface TensorFile {
  /** In the order of the data. A Map, so that no name is special. */
  tensors: Map<string, Tensor>;
  /** Without prototype, so that no key is special. */
  metadata: Record<string, string>;
}

const MOST_HEADER = 100_000_000;
const entriesOf = (tensors: Record<string, Tensor> | Map<string, Tensor>): [string, Tensor][] =>
  tensors instanceof Map ? [...tensors] : Object.entries(tensors);

/**
 * The bytes of a safetensors file: 8 bytes header length, JSON header padded with spaces to 8 bytes, data. The same
 * tensors and metadata give the same bytes whatever their order: metadata by key; tensors by element size (largest
 * first, which keeps every one aligned), then by name.
 *
 * Throws TypeError or RangeError naming the tensor when dtype, shape and data do not agree.
 */
export function encodeSafetensors(
  tensors: Record<string, Tensor> | Map<string, Tensor>,
  metadata: Record<string, string> = {},
): Uint8Array<ArrayBuffer> {
  const order = entriesOf(tensors);
  for (const [name, tensor] of order) checkTensor(name, tensor);
  const size = (tensor: Tensor) => ARRAYS[tensor.dtype].BYTES_PER_ELEMENT;
  order.sort(([a, s], [b, t]) => size(t) - size(s) || (a < b ? -1 : 1));

  // Written by hand because JSON.stringify moves keys like "0" to the front.
  const parts: string[] = [];
  const keys = Object.keys(metadata).sort();
  if (keys.length > 0) {
    const pairs = keys.map((key) => {
      if (typeof metadata[key] !== 'string')
        throw new TypeError(`metadata ${JSON.stringify(key)} must be text`);
      return `${JSON.stringify(key)}:${JSON.stringify(metadata[key])}`;
    });
    parts.push(`"__metadata__":{${pairs.join(',')}}`);
  }
  let end = 0;
  for (const [name, { dtype, shape, data }] of order) {
    const entry = { dtype, shape, data_offsets: [end, (end += data.byteLength)] };
    parts.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
  }
  const header = new TextEncoder().encode(`{${parts.join(',')}}`);
  const padded = Math.ceil(header.length / 8) * 8;
  if (!(padded <= MOST_HEADER))
    throw new RangeError(`the header must be at most ${MOST_HEADER} bytes, got ${padded}`);
  const file = new Uint8Array(8 + padded + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(padded), true);
  file.fill(0x20, 8, 8 + padded);
  file.set(header, 8);
  let at = 8 + padded;
  for (const [, { data }] of order) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

function checkTensor(name: string, { dtype, shape, data }: Tensor): void {
  const label = `tensor ${JSON.stringify(name)}`;
  if (name === '__metadata__') throw new RangeError(`${label}: this name is taken by the format`);
  if (!Object.hasOwn(ARRAYS, dtype)) throw new RangeError(`${label}: unknown dtype ${dtype}`);
  if (!(data instanceof ARRAYS[dtype])) throw new TypeError(`${label}: data must be a ${ARRAYS[dtype].name}`);
  const count = shape.reduce((product, side) => product * side, 1);
  if (!(shape.every((side) => Number.isSafeInteger(side) && side >= 0) && count === data.length)) {
    throw new RangeError(`${label}: shape [${shape}] does not fit ${data.length} numbers`);
  }
}

/**
 * Reads a safetensors file. Every length and offset is checked before it is used, and the tensors must cover the data
 * exactly: no overlap, no hole, nothing after the end. Each array is a copy with its own aligned buffer.
 *
 * Any broken rule is a DataError `damaged-model` that says which; TypeError for anything but a Uint8Array.
 */
export function decodeSafetensors(file: Uint8Array, fileName?: string): TensorFile {
  const fail = (rule: string): never => {
    throw new DataError(`damaged model file: ${rule}`, { code: 'damaged-model', file: fileName });
  };
  instance(file, Uint8Array, 'the bytes of a model', 'a Uint8Array');
  if (!(file.length >= 8)) fail(`${file.length} bytes are too few for a header`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (!(length <= MOST_HEADER)) fail(`a header of ${length} bytes, more than ${MOST_HEADER}`);
  if (!(length <= file.length - 8)) fail(`a header of ${length} bytes in a file of ${file.length}`);
  const header = parseHeader(file.subarray(8, 8 + length), fail);

  const data = file.subarray(8 + length);
  const metadata: Record<string, string> = Object.create(null);
  const found: { name: string; dtype: Dtype; shape: number[]; begin: number; end: number }[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name !== '__metadata__') {
      found.push({ name, ...readEntry(name, entry, data.length, fail) });
      continue;
    }
    if (!isRecord(entry)) return fail('__metadata__ is not an object');
    for (const [key, value] of Object.entries(entry)) {
      metadata[key] = typeof value === 'string' ? value : fail(`metadata ${JSON.stringify(key)} is not text`);
    }
  }
  found.sort((a, b) => a.begin - b.begin || a.end - b.end);
  const tensors = new Map<string, Tensor>();
  let at = 0;
  for (const { name, dtype, shape, begin, end } of found) {
    if (begin !== at)
      fail(`tensor ${JSON.stringify(name)} begins at ${begin} where the one before ends at ${at}`);
    tensors.set(name, {
      dtype,
      shape,
      data: new ARRAYS[dtype](copyOf(data, begin, end)),
    });
    at = end;
  }
  if (at !== data.length) fail(`the tensors end at ${at} of ${data.length} data bytes`);
  return { tensors, metadata };
}

type Fail = (rule: string) => never;

function parseHeader(bytes: Uint8Array, fail: Fail): Record<string, unknown> {
  let text = '';
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    fail('the header is not UTF-8');
  }
  if (text[0] !== '{') fail('the header does not begin with {');
  checkHeaderText(text, fail);
  try {
    return JSON.parse(text);
  } catch {
    return fail('the header is not JSON');
  }
}

/** One header entry with its dtype, shape and byte range checked against each other and the data. */
function readEntry(name: string, entry: unknown, dataLength: number, fail: Fail) {
  const label = `tensor ${JSON.stringify(name.slice(0, 80))}`;
  if (!isRecord(entry)) return fail(`${label} is not an object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  const keys = Object.keys(entry).sort().join();
  if (keys !== 'data_offsets,dtype,shape') fail(`${label} must have dtype, shape and data_offsets`);
  if (!(typeof dtype === 'string' && Object.hasOwn(ARRAYS, dtype))) fail(`${label}: unknown dtype`);
  const whole = (list: unknown): list is number[] =>
    Array.isArray(list) && list.every((n) => Number.isSafeInteger(n) && n >= 0);
  if (!(whole(shape) && shape.length <= 64))
    return fail(`${label}: shape must be non-negative whole numbers`);
  if (!(whole(offsets) && offsets.length === 2))
    return fail(`${label}: data_offsets must be two whole numbers`);
  const [begin, end] = offsets;
  if (!(begin <= end && end <= dataLength)) fail(`${label}: bytes ${begin} to ${end} of ${dataLength}`);
  const kind = dtype as Dtype;
  const bytes = shape.reduce((product, side) => product * side, ARRAYS[kind].BYTES_PER_ELEMENT);
  if (bytes !== end - begin) fail(`${label}: shape [${shape}] of ${kind} does not fit ${end - begin} bytes`);
  return { dtype: kind, shape, begin, end };
}
