import { DataError, instance } from './check.ts';
import { DelayedFeedbackClassifier } from './delayed-feedback/classifier.ts';
import type { ClassifierState } from './delayed-feedback/state.ts';
import type { Engine } from './engine/engine.ts';
import {
  type Dtype,
  decodeSafetensors,
  encodeSafetensors,
  type Tensor,
  type TensorData,
} from './io/safetensors.ts';
import { checksum } from './model-file.ts';

const FORMAT = 'fletching';
export const CONVERSIONS_KIND = 'conversions';

/** What stands in the JSON for an array (its tensor's name), and for a number that JSON cannot hold. */
const TENSOR = '$tensor';
const NUMBER = '$number';

/**
 * A classifier as the bytes of a safetensors file: arrays as tensors named by their path, the rest as JSON in the
 * metadata, with a checksum. It holds the open rows too, so that it is also the checkpoint of the stream.
 */
export function encodeConversions(classifier: DelayedFeedbackClassifier): Uint8Array<ArrayBuffer> {
  instance(classifier, DelayedFeedbackClassifier, 'classifier', 'a DelayedFeedbackClassifier');
  const tensors: Record<string, Tensor> = {};
  const state = JSON.stringify(flatten(classifier.state(), '', tensors));
  const metadata = { format: FORMAT, kind: CONVERSIONS_KIND, state };
  return encodeSafetensors(tensors, {
    ...metadata,
    checksum: checksum(new Map(Object.entries(tensors)), metadata),
  });
}

/**
 * The classifier of a file. DataError `not-a-model` for another file, `damaged-model` for one that breaks a rule:
 * lengths, indices and numbers are all checked before anything is built.
 */
export function decodeConversions(
  engine: Engine,
  bytes: Uint8Array,
  file?: string,
): DelayedFeedbackClassifier {
  const { tensors, metadata } = decodeSafetensors(bytes, file);
  if (metadata.format !== FORMAT || metadata.kind !== CONVERSIONS_KIND) {
    throw new DataError('a safetensors file, but not a conversions model', { code: 'not-a-model', file });
  }
  const damaged = (rule: string, cause?: unknown) =>
    new DataError(`damaged model file: ${rule}`, { code: 'damaged-model', file }, cause);
  const { checksum: stored, ...rest } = metadata;
  if (stored !== checksum(tensors, rest)) throw damaged('its checksum does not fit');
  // Whatever a restore allocates before it refuses ends with the fork.
  const fork = engine.fork();
  try {
    if (metadata.state === undefined) throw new RangeError('the state is missing');
    const state = unflatten(JSON.parse(metadata.state), tensors) as ClassifierState;
    DelayedFeedbackClassifier.restore(fork, state).dispose();
    return DelayedFeedbackClassifier.restore(engine, state);
  } catch (cause) {
    throw damaged((cause as Error).message, cause);
  } finally {
    fork.dispose();
  }
}

const DTYPES: Record<string, Dtype> = {
  Float64Array: 'F64',
  Float32Array: 'F32',
  Uint32Array: 'U32',
  Uint8Array: 'U8',
};

function flatten(value: unknown, path: string, tensors: Record<string, Tensor>): unknown {
  if (ArrayBuffer.isView(value)) {
    const data = value as unknown as TensorData;
    tensors[path] = { dtype: DTYPES[value.constructor.name], shape: [data.length], data };
    return { [TENSOR]: path };
  }
  if (typeof value === 'number' && !Number.isFinite(value)) return { [NUMBER]: String(value) };
  if (Array.isArray(value)) return value.map((entry, i) => flatten(entry, `${path}.${i}`, tensors));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  return Object.fromEntries(
    entries.map(([key, entry]) => [key, flatten(entry, path === '' ? key : `${path}.${key}`, tensors)]),
  );
}

function unflatten(value: unknown, tensors: ReadonlyMap<string, Tensor>): unknown {
  if (Array.isArray(value)) return value.map((entry) => unflatten(entry, tensors));
  if (typeof value !== 'object' || value === null) return value;
  const record = value as Record<string, unknown>;
  if (typeof record[TENSOR] === 'string') {
    const found = tensors.get(record[TENSOR]);
    if (!found) throw new RangeError(`tensor ${record[TENSOR].slice(0, 80)} is missing`);
    return found.data;
  }
  if (typeof record[NUMBER] === 'string') return Number(record[NUMBER]);
  return Object.fromEntries(Object.entries(record).map(([key, entry]) => [key, unflatten(entry, tensors)]));
}
