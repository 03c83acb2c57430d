/** Bytes to typed arrays and back. Runs in browsers; reading and writing files is in `node.ts`. */
export { type AnsweredItem, answersToCsv, answersToJsonl, answersToParquet } from './answers.ts';
export type { BadRow, BadSummary, Table } from './builder.ts';
export { type ByteSource, chunks } from './chunks.ts';
export { gunzip } from './gunzip.ts';
export { IdDictionary } from './ids.ts';
export { decodeNpy, encodeNpy, type NpyArray, type NpyData } from './npy.ts';
export {
  type Dtype,
  decodeSafetensors,
  encodeSafetensors,
  type Tensor,
  type TensorData,
  type TensorFile,
} from './safetensors.ts';
export type { ColumnSpec, Columns, IdColumn, IdSpec, NumberSpec, Schema, TextSpec } from './schema.ts';
export {
  type ReadOptions,
  type ReadProgress,
  readDefaults,
  readTable,
  type TableFormat,
  type TableInput,
} from './table.ts';
