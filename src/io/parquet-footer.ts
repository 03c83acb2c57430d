import type { ColumnMetaData, FileMetaData, LogicalType, RowGroup, SchemaElement } from 'hyparquet';
import { int, readStruct, struct, structs, type ThriftStruct, text } from './thrift.ts';

/**
 * The footer of a Parquet file, read here rather than by hyparquet 1.31, which trusts every length in it. Statistics,
 * indexes and key-value metadata are left out; hyparquet decodes the pages of the columns that are left.
 */
export interface Footer {
  rows: number;
  /** Top-level columns; `nested` ones (structures, lists) cannot be read as a table column. */
  columns: { element: SchemaElement; nested: boolean }[];
  groups: { rows: number; chunks: Map<string, ColumnMetaData> }[];
}

const MAGIC = 0x31524150; // PAR1
const MOST_VALUES = 2_000_000;
const TYPES = 'BOOLEAN INT32 INT64 INT96 FLOAT DOUBLE BYTE_ARRAY FIXED_LEN_BYTE_ARRAY'.split(' ');
const REPETITIONS = ['REQUIRED', 'OPTIONAL', 'REPEATED'];
const CODECS = 'UNCOMPRESSED SNAPPY GZIP LZO BROTLI LZ4 ZSTD LZ4_RAW'.split(' ');
const CONVERTED = [
  ...'UTF8 MAP MAP_KEY_VALUE LIST ENUM DECIMAL DATE TIME_MILLIS TIME_MICROS'.split(' '),
  ...'TIMESTAMP_MILLIS TIMESTAMP_MICROS UINT_8 UINT_16 UINT_32 UINT_64'.split(' '),
  ...'INT_8 INT_16 INT_32 INT_64 JSON BSON INTERVAL'.split(' '),
];

/** Reads and checks the footer of a whole file. Throws Error with the rule that is broken. */
export function readFooter(file: Uint8Array): Footer {
  const { length } = file;
  const view = new DataView(file.buffer, file.byteOffset, length);
  if (!(length >= 12 && view.getUint32(0, true) === MAGIC && view.getUint32(length - 4, true) === MAGIC)) {
    throw new Error('it does not begin and end with PAR1');
  }
  const size = view.getUint32(length - 8, true);
  if (!(size <= length - 12)) throw new Error(`the footer is longer (${size} bytes) than the file`);
  const bytes = file.subarray(length - 8 - size, length - 8);
  const fields = readStruct({ bytes, at: 0, budget: MOST_VALUES });
  const columns = topLevel(structs(fields, 2, 'schema').map(elementOf));
  const groups = structs(fields, 4, 'row groups').map(groupOf);
  const rows = int(fields, 3, 'num_rows');
  const sum = groups.reduce((total, group) => total + group.rows, 0);
  if (sum !== rows) throw new Error(`the row groups hold ${sum} rows where the file says ${rows}`);
  return { rows, columns, groups };
}

/** The metadata of one row group cut down to some of its columns, for hyparquet. */
export function metadataOf(elements: SchemaElement[], chunks: ColumnMetaData[], rows: number): FileMetaData {
  const group = {
    columns: chunks.map((meta_data) => ({ meta_data, file_offset: 0n })),
    num_rows: BigInt(rows),
  };
  return {
    version: 1,
    schema: [{ name: 'root', num_children: elements.length }, ...elements],
    num_rows: BigInt(rows),
    row_groups: [group as RowGroup],
    metadata_length: 0,
  };
}

/** The children of the root; a flat list with child counts, walked without recursion. */
function topLevel(elements: SchemaElement[]): Footer['columns'] {
  const columns: Footer['columns'] = [];
  for (let at = 1; at < elements.length; ) {
    const element = elements[at];
    const start = at;
    for (let open = 1; open > 0; at++) {
      if (at >= elements.length) throw new Error('the schema is cut short');
      open += (elements[at].num_children ?? 0) - 1;
    }
    const repeated = element.repetition_type === 'REPEATED';
    columns.push({ element, nested: at - start > 1 || element.type === undefined || repeated });
  }
  if (columns.length !== (elements[0]?.num_children ?? 0)) throw new Error('the schema does not add up');
  return columns;
}

function elementOf(fields: ThriftStruct): SchemaElement {
  const pick = (words: string[], id: number) =>
    fields.has(id) ? words[int(fields, id, 'a schema entry')] : undefined;
  return {
    type: pick(TYPES, 1) as SchemaElement['type'],
    type_length: int(fields, 2, 'type_length', 0),
    repetition_type: pick(REPETITIONS, 3) as SchemaElement['repetition_type'],
    name: text(fields.get(4), 'a column name'),
    num_children: int(fields, 5, 'num_children', 0),
    converted_type: pick(CONVERTED, 6) as SchemaElement['converted_type'],
    scale: int(fields, 7, 'scale', 0),
    logical_type: fields.has(10) ? logicalOf(struct(fields, 10, 'logical type')) : undefined,
  };
}

/** The logical types that change a value; for the others the converted type or the plain value does. */
function logicalOf(fields: ThriftStruct): LogicalType | undefined {
  if (fields.has(1)) return { type: 'STRING' };
  if (fields.has(8)) {
    const timestamp = struct(fields, 8, 'timestamp');
    const unit = struct(timestamp, 2, 'time unit');
    const name = unit.has(1) ? 'MILLIS' : unit.has(2) ? 'MICROS' : 'NANOS';
    return { type: 'TIMESTAMP', isAdjustedToUTC: timestamp.get(1) === true, unit: name };
  }
  if (fields.has(10)) {
    const integer = struct(fields, 10, 'integer');
    const bitWidth = int(integer, 1, 'bit width');
    return { type: 'INTEGER', bitWidth, isSigned: integer.get(2) === true };
  }
  if (fields.has(14)) return { type: 'UUID' };
  return fields.has(15) ? { type: 'FLOAT16' } : undefined;
}

function groupOf(fields: ThriftStruct): Footer['groups'][number] {
  const chunks = new Map<string, ColumnMetaData>();
  for (const column of structs(fields, 1, 'columns of a row group')) {
    if (column.has(1)) throw new Error('its data are in another file');
    const meta = struct(column, 3, 'metadata of a column');
    const path = meta.get(3);
    if (!(Array.isArray(path) && path.length > 0)) throw new Error('a column without a path');
    const names = path.map((part) => text(part, 'a column path'));
    if (names.length > 1) continue;
    const dictionary = int(meta, 11, 'dictionary_page_offset', 0);
    chunks.set(names[0], {
      type: TYPES[int(meta, 1, 'type')] as ColumnMetaData['type'],
      encodings: [],
      path_in_schema: names,
      codec: CODECS[int(meta, 4, 'codec')] as ColumnMetaData['codec'],
      num_values: BigInt(int(meta, 5, 'num_values')),
      total_uncompressed_size: BigInt(int(meta, 6, 'total_uncompressed_size')),
      total_compressed_size: BigInt(int(meta, 7, 'total_compressed_size')),
      data_page_offset: BigInt(int(meta, 9, 'data_page_offset')),
      dictionary_page_offset: dictionary > 0 ? BigInt(dictionary) : undefined,
    });
  }
  return { rows: int(fields, 3, 'rows of a row group'), chunks };
}
