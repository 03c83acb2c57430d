import { ByteWriter, ParquetWriter } from 'hyparquet-writer';

const TYPES = {
  STRING: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  INT32: { type: 'INT32' },
  DOUBLE: { type: 'DOUBLE' },
  BOOLEAN: { type: 'BOOLEAN' },
} as const;

export type ColumnType = keyof typeof TYPES;
/** Values by column, all of one length. */
export type Columns = Readonly<Record<string, readonly unknown[]>>;

/**
 * The bytes of a Parquet file, a row group for each batch of rows, yielded as soon as it is encoded: memory is that of one
 * batch. No value may be missing. Without a batch it is a file of no rows.
 */
export async function* encodeParquet(
  types: Readonly<Record<string, ColumnType>>,
  groups: AsyncIterable<Columns>,
): AsyncGenerator<Uint8Array> {
  const bytes = new ByteWriter();
  const names = Object.keys(types);
  const schema = [
    { name: 'root', num_children: names.length },
    ...names.map((name) => ({ name, repetition_type: 'REQUIRED' as const, ...TYPES[types[name]] })),
  ];
  // Bounds of texts would put 16 characters of every column into the footer for nothing.
  const writer = new ParquetWriter({ writer: bytes, schema, statistics: false, createdBy: 'fletching' });
  const taken = () => {
    const part = bytes.getBytes().slice();
    // `offset` counts on; `index` is the place in the buffer, which is used again.
    bytes.index = 0;
    return part;
  };
  for await (const columns of groups) {
    const columnData = names.map((name) => ({ name, data: columns[name].slice() }));
    await writer.write({ columnData, rowGroupSize: Math.max(1, columnData[0].data.length) });
    yield taken();
  }
  await writer.finish();
  yield taken();
}
