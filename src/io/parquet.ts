import { type AsyncBuffer, parquetRead, type SchemaElement } from 'hyparquet';
import { DataError, notAborted } from '../check.ts';
import type { TableBuilder } from './builder.ts';
import { copyOf } from './chunks.ts';
import { type Footer, metadataOf, readFooter } from './parquet-footer.ts';
import { checkPages, Unsupported } from './parquet-pages.ts';
import type { Schema } from './schema.ts';
import { decode, shown } from './values.ts';

export interface ParquetOptions {
  /** Longest text, in UTF-16 units. */
  maxFieldBytes: number;
  maxRows: number;
  signal?: AbortSignal;
}

/** A value that is there but cannot be used; no sink accepts it. */
const UNUSABLE = Object.freeze({});

const PARSERS = {
  stringFromBytes(bytes: Uint8Array): unknown {
    if (bytes === undefined) return undefined;
    try {
      return decode(bytes, 0, bytes.length);
    } catch {
      return UNUSABLE;
    }
  },
  jsonFromBytes: (bytes: Uint8Array) => PARSERS.stringFromBytes(bytes),
};

/**
 * Reads a Parquet file (uncompressed or snappy, flat columns; other columns may be anything) into a builder, one row
 * group at a time. The line of a row is its number + 1.
 *
 * A null, a text that is not UTF-8 and every value the schema refuses is a bad row. A file that is damaged is a
 * DataError `corrupt-parquet`, a compression or encoding that is not read here `unsupported-parquet`, a structure or
 * list asked for as a column `wrong-type`; more rows than the bytes can plausibly hold are refused before anything
 * is allocated.
 */
export async function readParquet<S extends Schema>(
  file: Uint8Array,
  builder: TableBuilder<S>,
  options: ParquetOptions,
): Promise<void> {
  const attempt = async <T>(work: () => T | Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof DataError) throw error;
      const code = error instanceof Unsupported ? 'unsupported-parquet' : 'corrupt-parquet';
      const reason = (error as Error).message;
      throw new DataError(
        code === 'corrupt-parquet' ? `damaged Parquet file: ${reason}` : reason,
        { code, file: builder.file },
        error,
      );
    }
  };
  const footer = await attempt(() => readFooter(file));
  checkRows(footer.rows, file.length, builder.file, options.maxRows);
  const elements = chosen(footer, builder);
  for (const group of footer.groups) {
    notAborted(options.signal);
    if (group.rows === 0) continue;
    const columns = await attempt(() => readGroup(file, elements, group));
    takeRows(columns, group.rows, builder, options.maxFieldBytes);
  }
}

/**
 * Equal values pack to almost nothing, so there is no sharp bound; but ids that differ need bits. 8 rows a byte, and
 * a million on top for small files, bound what a few bytes can make us allocate.
 */
function checkRows(rows: number, bytes: number, file: string, maxRows: number): void {
  if (!(rows <= maxRows)) {
    throw new DataError(`${rows} rows, more than the limit maxRows ${maxRows}`, {
      code: 'too-many-rows',
      file,
    });
  }
  if (!(rows <= bytes * 8 + 1e6)) {
    throw new DataError(`${rows} rows in ${bytes} bytes cannot be right`, { code: 'corrupt-parquet', file });
  }
}

/** The schema elements of the columns the builder wants, in its order. */
function chosen<S extends Schema>(footer: Footer, builder: TableBuilder<S>): SchemaElement[] {
  const fields = builder.bind(
    footer.columns.map(({ element }) => element.name),
    undefined,
  );
  return fields.map((field, i) => {
    const { element, nested } = footer.columns[field];
    const { type, converted_type: converted } = element;
    // hyparquet turns a decimal of n bytes into a number in n^2 steps; the widest in use has 32.
    const fixed = type === 'FIXED_LEN_BYTE_ARRAY' && (element.type_length ?? 0) <= 32;
    const long = converted === 'DECIMAL' && !(fixed || type === 'INT32' || type === 'INT64');
    if (nested || long || converted === 'BSON' || converted === 'INTERVAL') {
      const place = { file: builder.file, column: builder.sinks[i].column, code: 'wrong-type' };
      const kind = nested ? 'structure or list' : `${type} ${converted}`;
      throw new DataError(`a ${kind} cannot be read as a column`, place);
    }
    return element;
  });
}

/** The values of each wanted column of one row group. */
async function readGroup(
  file: Uint8Array,
  elements: SchemaElement[],
  { rows, chunks }: Footer['groups'][number],
): Promise<ArrayLike<unknown>[]> {
  // Two columns of the schema may read the same column of the file.
  const unique = [...new Set(elements)];
  const metas = unique.map((element) => {
    const meta = chunks.get(element.name);
    if (meta === undefined) throw new Error(`a row group without the column ${JSON.stringify(element.name)}`);
    checkPages(file, meta, element, rows);
    return meta;
  });
  const buffer: AsyncBuffer = {
    byteLength: file.length,
    slice: (start, end = file.length) => copyOf(file, start, end),
  };
  const values = new Map(unique.map(({ name }) => [name, [] as unknown[]]));
  await parquetRead({
    file: buffer,
    metadata: metadataOf(unique, metas, rows),
    columns: [...values.keys()],
    parsers: PARSERS,
    onChunk: ({ columnName, columnData, rowStart }) => {
      const column = values.get(columnName)!;
      for (let i = 0; i < columnData.length; i++) column[rowStart + i] = columnData[i];
    },
  });
  return elements.map(({ name }) => {
    const column = values.get(name)!;
    if (column.length !== rows)
      throw new Error(`a column of ${column.length} values where there are ${rows} rows`);
    return column;
  });
}

function takeRows<S extends Schema>(
  columns: ArrayLike<unknown>[],
  rows: number,
  builder: TableBuilder<S>,
  longest: number,
): void {
  const { sinks } = builder;
  for (let row = 0; row < rows; row++) {
    let bad = -1;
    let problem: ReturnType<(typeof sinks)[number]['takeValue']>;
    for (let i = 0; i < sinks.length && problem === undefined; i++) {
      const value = columns[i][row];
      if (value === undefined) {
        throw new DataError('damaged Parquet file: a value is not there', {
          code: 'corrupt-parquet',
          file: builder.file,
          line: builder.seen + 1,
          column: sinks[i].column,
        });
      }
      if (value === UNUSABLE) problem = { code: 'invalid-utf8', reason: 'bytes that are not UTF-8 text' };
      else if (typeof value === 'string' && value.length > longest) {
        problem = { code: 'field-too-long', reason: `a text of more than ${longest} UTF-16 units` };
      } else problem = sinks[i].takeValue(value);
      if (problem) bad = i;
    }
    const line = builder.seen + 1;
    if (problem === undefined) builder.keep(line);
    else
      builder.reject(line, problem, sinks[bad].column, columns.map((column) => shown(column[row])).join(','));
  }
}
