import { type ColumnMetaData, type SchemaElement, snappyUncompress } from 'hyparquet';
import { type Cursor, int, readStruct, struct, type ThriftStruct, varint } from './thrift.ts';

/** Something valid that is not read here: another codec, another encoding. */
export class Unsupported extends Error {}

// Page types and encodings by their number in the format.
const [DATA_PAGE, DICTIONARY_PAGE, DATA_PAGE_V2] = [0, 2, 3];
const [PLAIN, PLAIN_DICTIONARY, RLE, DELTA, DELTA_LENGTH, RLE_DICTIONARY, STREAM_SPLIT] = [
  0, 2, 3, 5, 6, 8, 9,
];
const WIDTHS: Record<string, number> = { INT32: 4, FLOAT: 4, INT64: 8, DOUBLE: 8 };

/** Throws the rule that is broken unless `test` holds. */
function must(test: boolean, rule: string): asserts test {
  if (!test) throw new Error(rule);
}

/**
 * Walks the pages of one flat column before hyparquet 1.31 decodes them, because it believes what a page says about
 * itself: with one byte of a run length changed, a file of 2 KB kept it busy for two minutes until it was stopped.
 * Every count and size it would act on is compared with the rows and bytes there are; the values are not looked at.
 *
 * Throws Error with the rule that is broken, or Unsupported.
 */
export function checkPages(
  file: Uint8Array,
  meta: ColumnMetaData,
  element: SchemaElement,
  rows: number,
): void {
  const start = Number(meta.dictionary_page_offset || meta.data_page_offset);
  const size = Number(meta.total_compressed_size);
  must(start >= 4 && start + size <= file.length - 8, 'column data outside the file');
  must(
    meta.type === element.type && Number(meta.num_values) === rows,
    'column type or count is not the schema',
  );
  if (meta.codec !== 'UNCOMPRESSED' && meta.codec !== 'SNAPPY') {
    throw new Unsupported(`compression ${meta.codec} is not supported; write it with SNAPPY or none`);
  }
  const bytes = file.subarray(start, start + size);
  const cursor: Cursor = { bytes, at: 0, budget: 0 };
  let seen = 0;
  let hasDictionary = false;
  while (seen < rows && cursor.at < bytes.length - 1) {
    cursor.budget = 1000;
    const header = readStruct(cursor);
    const stored = int(header, 3, 'compressed_page_size');
    must(stored <= bytes.length - cursor.at, 'a page longer than its column');
    const page = bytes.subarray(cursor.at, cursor.at + stored);
    cursor.at += stored;
    const type = int(header, 1, 'page type');
    if (type === DICTIONARY_PAGE) {
      const unpacked = unpack(page, int(header, 2, 'uncompressed_page_size'), meta.codec);
      const count = int(struct(header, 7, 'dictionary header'), 1, 'num_values');
      must(count <= unpacked.length * 8, 'a dictionary of more values than bits');
      hasDictionary = true;
    } else {
      must(type === DATA_PAGE || type === DATA_PAGE_V2, 'an unknown page type');
      const check = type === DATA_PAGE ? checkDataPage : checkDataPageV2;
      seen += check(page, header, meta, element, rows - seen, hasDictionary);
    }
  }
  must(seen === rows, `a column of ${seen} values where there are ${rows} rows`);
}

function unpack(page: Uint8Array, size: number, codec: ColumnMetaData['codec']): Uint8Array {
  if (codec === 'UNCOMPRESSED') {
    must(page.length === size, 'a page of the wrong size');
    return page;
  }
  // Snappy's best case is 64 bytes for a copy of 3.
  must(size <= page.length * 22 + 64, 'a page that says it unpacks to more than snappy can');
  const unpacked = new Uint8Array(size);
  snappyUncompress(page, unpacked);
  return unpacked;
}

type Check = (
  page: Uint8Array,
  header: ThriftStruct,
  meta: ColumnMetaData,
  element: SchemaElement,
  most: number,
  hasDictionary: boolean,
) => number;

const checkDataPage: Check = (page, header, meta, element, most, hasDictionary) => {
  const data = struct(header, 5, 'data page header');
  const count = int(data, 1, 'num_values');
  must(count <= most, 'a page of more values than rows are left');
  const unpacked = unpack(page, int(header, 2, 'uncompressed_page_size'), meta.codec);
  let at = 0;
  let values = count;
  if (element.repetition_type !== 'REQUIRED') {
    must(int(data, 3, 'definition level encoding') === RLE, 'definition levels in an unknown encoding');
    const end = 4 + word(unpacked, 0);
    must(end <= unpacked.length, 'definition levels beyond their page');
    values = checkRuns(unpacked.subarray(4, end), 1, count);
    at = end;
  }
  checkValues(unpacked.subarray(at), int(data, 2, 'encoding'), values, meta, hasDictionary);
  return count;
};

const checkDataPageV2: Check = (page, header, meta, element, most, hasDictionary) => {
  const data = struct(header, 8, 'data page header');
  const count = int(data, 1, 'num_values');
  must(count <= most && int(data, 3, 'num_rows') === count, 'a page of more values than rows are left');
  const levels = int(data, 5, 'definition_levels_byte_length');
  must(int(data, 6, 'repetition_levels_byte_length') === 0, 'repetition levels in a flat column');
  must(levels <= page.length, 'definition levels beyond their page');
  const optional = element.repetition_type !== 'REQUIRED';
  must(optional || levels === 0, 'definition levels in a required column');
  const values = optional ? checkRuns(page.subarray(0, levels), 1, count) : count;
  must(int(data, 2, 'num_nulls') === count - values, 'a wrong number of nulls');
  const size = int(header, 2, 'uncompressed_page_size') - levels;
  must(size >= 0, 'definition levels longer than their page');
  const codec = data.get(7) === false ? 'UNCOMPRESSED' : meta.codec;
  checkValues(
    unpack(page.subarray(levels), size, codec),
    int(data, 4, 'encoding'),
    values,
    meta,
    hasDictionary,
  );
  return count;
};

function checkValues(
  bytes: Uint8Array,
  encoding: number,
  count: number,
  { type }: ColumnMetaData,
  hasDictionary: boolean,
): void {
  if (encoding === PLAIN) {
    must(count <= bytes.length * 8, 'more values than bits');
  } else if (encoding === PLAIN_DICTIONARY || encoding === RLE_DICTIONARY) {
    must(hasDictionary, 'a dictionary page is missing');
    must(bytes.length > 0 || count === 0, 'an empty page');
    // One entry needs 0 bits an index, and some writers then leave the runs out.
    if (count > 0 && bytes.length > 1) checkRuns(bytes.subarray(1), bytes[0], count);
  } else if (encoding === RLE && type === 'BOOLEAN') {
    checkRuns(bytes.subarray(4, 4 + word(bytes, 0)), 1, count);
  } else if (encoding === DELTA || encoding === DELTA_LENGTH) {
    const integers = type === 'INT32' || type === 'INT64';
    must(encoding === DELTA ? integers : type === 'BYTE_ARRAY', 'a delta encoding of another type');
    const cursor: Cursor = { bytes, at: 0, budget: 0 };
    const [block, parts] = [varint(cursor), varint(cursor)];
    must(block > 0 && block <= 65_536 && block % 128 === 0, 'a delta block of a wrong size');
    must(parts > 0 && parts <= 512 && (block / parts) % 32 === 0, 'delta blocks cut into wrong parts');
  } else if (encoding === STREAM_SPLIT && type in WIDTHS) {
    must(count * WIDTHS[type] <= bytes.length, 'more values than bytes');
  } else {
    throw new Unsupported(`encoding ${encoding} of ${type} columns is not supported`);
  }
}

/** Little-endian 32-bit word, or an error beyond the end. */
function word(bytes: Uint8Array, at: number): number {
  must(at + 4 <= bytes.length, 'a page cut short');
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}

/**
 * Walks a run-length / bit-packed hybrid of `count` values of `width` bits, so that no run goes beyond the count.
 * Returns how many of the values are 1 when `width` is 1 (the non-null ones of definition levels).
 */
function checkRuns(bytes: Uint8Array, width: number, count: number): number {
  must(width <= 32, 'values of more than 32 bits');
  const cursor: Cursor = { bytes, at: 0, budget: 0 };
  const wide = Math.ceil(width / 8);
  let ones = 0;
  for (let left = count; left > 0; ) {
    const head = varint(cursor);
    if (head % 2 === 0) {
      const run = head / 2;
      must(run <= left && cursor.at + wide <= bytes.length, 'a run beyond the end of its page');
      if (bytes[cursor.at] & 1) ones += run;
      cursor.at += wide;
      left -= run;
    } else {
      const groups = (head - 1) / 2;
      // Some writers pad the last run to a whole block of 512.
      must(groups * 8 <= left + 512, 'a packed run beyond the end of its page');
      const taken = Math.min(left, groups * 8);
      if (width === 1) for (let i = 0; i < taken; i++) ones += (bytes[cursor.at + (i >> 3)] >> (i & 7)) & 1;
      cursor.at += groups * width;
      left -= taken;
      must(left === 0 || cursor.at <= bytes.length, 'a packed run cut short');
    }
  }
  return ones;
}
