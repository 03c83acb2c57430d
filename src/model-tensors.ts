import type { ModelCard } from './directed-graph/fit.ts';
import { encoderOptions } from './directed-graph/options.ts';
import { usesFeatures } from './directed-graph/parameter-shapes.ts';
import { type EncoderWeights, tableCount, weightShapes } from './directed-graph/serving/weights.ts';
import type { Tensor } from './io/safetensors.ts';

export const f32 = (data: Float32Array, ...shape: number[]): Tensor => ({
  dtype: 'F32',
  shape,
  data: data as Float32Array<ArrayBuffer>,
});
export const u32 = (data: Uint32Array): Tensor => ({
  dtype: 'U32',
  shape: [data.length],
  data: data as Uint32Array<ArrayBuffer>,
});

/** Whether every number is within `most` of 0; NaN is not. A loop: `every` with a callback takes four times as long. */
export function within(data: Float32Array, most: number): boolean {
  for (let i = 0; i < data.length; i++) if (!(Math.abs(data[i]) <= most)) return false;
  return true;
}

/** A file being read. */
export interface Opened {
  readonly metadata: Record<string, string>;
  has(name: string): boolean;
  /** The data of a tensor of this type and shape. */
  tensor(name: string, dtype: Tensor['dtype'], shape: number[] | undefined): Tensor['data'];
  fail(rule: string): never;
}

/** The encoder: parameters and tables by name, the features that a new item is compared with. */
export function encodeWeights(
  weights: EncoderWeights,
  { encoder, nodes }: ModelCard,
): Record<string, Tensor> {
  const { parameters, tables, features } = weights;
  const tensors: Record<string, Tensor> = {};
  for (const [name, shape] of Object.entries(weightShapes(encoder, features?.rows.columns ?? 0))) {
    tensors[`encoder.${name}`] = f32(parameters[name], ...shape);
  }
  tables.forEach((table, i) => {
    tensors[`encoder.table${i}`] = f32(table, nodes, encoder.dim);
  });
  if (features) {
    const { csr } = features.rows;
    tensors['features.indptr'] = u32(csr.indptr);
    tensors['features.indices'] = u32(csr.indices);
    tensors['features.weights'] = f32(csr.weights, csr.weights.length);
    tensors['features.idf'] = f32(features.idf, features.idf.length);
  }
  return tensors;
}

/** The encoder of a file, with the switches of its card, every shape, index and number checked. */
export function decodeWeights({ tensor, fail }: Opened, card: ModelCard): EncoderWeights {
  const { nodes: n } = card;
  try {
    encoderOptions(card.encoder);
  } catch (error) {
    fail(`the model card: ${(error as Error).message}`);
  }
  const finite = (name: string, shape: number[] | undefined) => {
    const data = tensor(name, 'F32', shape) as Float32Array;
    if (!within(data, 1e15)) {
      fail(`tensor ${name} holds a number that is not finite or beyond 1e15`);
    }
    return data;
  };
  const idf = usesFeatures(card.encoder) ? finite('features.idf', undefined) : undefined;
  const columns = idf?.length ?? 0;
  const parameters: Record<string, Float32Array> = {};
  for (const [name, shape] of Object.entries(weightShapes(card.encoder, columns))) {
    parameters[name] = finite(`encoder.${name}`, shape);
  }
  // Its exponential is the length of a live source vector; training ends below 5.
  if (!(Math.abs(parameters.logTemperature[0]) <= 13)) fail('encoder.logTemperature is beyond 13');
  const tables = Array.from({ length: tableCount(card.encoder) }, (_, i) =>
    finite(`encoder.table${i}`, [n, card.encoder.dim]),
  );
  if (!idf) return { parameters, tables };
  const indptr = tensor('features.indptr', 'U32', [n + 1]) as Uint32Array;
  const indices = tensor('features.indices', 'U32', undefined) as Uint32Array;
  const weights = finite('features.weights', [indices.length]);
  if (indptr[0] !== 0 || indptr[n] !== indices.length) fail('features.indptr does not span the features');
  for (let u = 0; u < n; u++) if (indptr[u] > indptr[u + 1]) fail('features.indptr falls');
  for (const f of indices) if (f >= columns) fail(`features.indices holds ${f}, of ${columns} features`);
  return {
    parameters,
    tables,
    features: { idf, rows: { rows: n, columns, csr: { indptr, indices, weights } } },
  };
}

/** Texts as one UTF-8 text and the offset of each, so that any text is an id. */
export function encodeTexts(name: string, texts: readonly string[]): Record<string, Tensor> {
  const encoder = new TextEncoder();
  const parts = texts.map((text) => encoder.encode(text));
  const offsets = new Uint32Array(texts.length + 1);
  for (let i = 0; i < parts.length; i++) offsets[i + 1] = offsets[i] + parts[i].length;
  const data = new Uint8Array(offsets[texts.length]);
  for (let i = 0; i < parts.length; i++) data.set(parts[i], offsets[i]);
  return { [`${name}.offsets`]: u32(offsets), [`${name}.text`]: { dtype: 'U8', shape: [data.length], data } };
}

export function decodeTexts({ tensor, fail }: Opened, name: string, n: number): string[] {
  const offsets = tensor(`${name}.offsets`, 'U32', [n + 1]) as Uint32Array;
  const data = tensor(`${name}.text`, 'U8', undefined) as Uint8Array;
  if (offsets[0] !== 0 || offsets[n] !== data.length) fail(`${name}.offsets does not span the text`);
  for (let i = 0; i < n; i++) if (offsets[i] > offsets[i + 1]) fail(`${name}.offsets falls`);
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  if (data.every((byte) => byte < 0x80)) {
    // A byte a character: cut from one text in a tenth of the time of as many decodings.
    const all = decoder.decode(data);
    return Array.from({ length: n }, (_, i) => all.slice(offsets[i], offsets[i + 1]));
  }
  return Array.from({ length: n }, (_, i) => {
    try {
      return decoder.decode(data.subarray(offsets[i], offsets[i + 1]));
    } catch {
      return fail(`the ${name === 'ids' ? 'id' : name} of node ${i} is not UTF-8`);
    }
  });
}
