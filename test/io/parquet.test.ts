import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ReadOptions, Schema } from '../../src/io/index.ts';
import { PYARROW } from '../helpers/io-pyarrow.ts';
import { edgeSchema, failure, read } from '../helpers/io-table.ts';

type WriteOptions = Parameters<typeof parquetWriteBuffer>[0];
const write = (columnData: WriteOptions['columnData'], options: Partial<WriteOptions> = {}) =>
  new Uint8Array(parquetWriteBuffer({ columnData, ...options }));
const parquet = <const S extends Schema>(content: Uint8Array, schema: S, options?: ReadOptions) =>
  read(content, schema, options, 'e.parquet');

const PYARROW_SCHEMA = {
  source: { type: 'id' },
  target: { type: 'id' },
  weight: { type: 'f64', empty: -1 },
  at: { type: 'time' },
  one: { type: 'category' },
  price: { type: 'f64' },
} as const;

const ROWS = 100;
const SOURCE = Array.from({ length: ROWS }, (_, i) => `s${(i * 7) % 13}`);
const TARGET = Array.from({ length: ROWS }, (_, i) => (i * 11) % 17);
const WEIGHT = Array.from({ length: ROWS }, (_, i) => i + 0.5);
const edges = (options: Partial<WriteOptions> = {}) =>
  write(
    [
      { name: 'source', data: SOURCE, type: 'STRING' },
      { name: 'unused', data: SOURCE.map((name) => [name]) },
      { name: 'target', data: TARGET, type: 'INT32' },
      { name: 'weight', data: WEIGHT, type: 'DOUBLE', nullable: false },
    ],
    options,
  );

test('edges, in one or many row groups and pages, packed or not', async () => {
  const files = [
    edges(),
    Buffer.from(edges()),
    edges({ codec: 'UNCOMPRESSED' }),
    edges({ rowGroupSize: 7 }),
    edges({ pageSize: 50 }),
    gzipSync(edges()),
  ];
  for (const content of files) {
    const { rows, columns, row, line } = await parquet(content, edgeSchema());
    assert.is(rows, ROWS);
    assert.equal(
      [...columns.source.codes].map((code) => columns.source.ids[code]),
      SOURCE,
    );
    assert.equal(
      [...columns.target.codes].map((code) => Number(columns.target.ids[code])),
      TARGET,
    );
    assert.equal([...columns.weight!], WEIGHT);
    assert.is(columns.timestamp, undefined);
    assert.equal([row[99], line[99]], [99, 100]);
  }
});

test('every type that can stand for an id, a number, a time or a text', async () => {
  const at = [new Date('2024-03-01T12:00:00Z'), new Date('1999-01-01T00:00:00.250Z')];
  const seconds = at.map((date) => date.getTime() / 1000);
  const content = write([
    { name: 'big', data: [1n, 2n ** 60n], type: 'INT64' },
    { name: 'date', data: at, type: 'TIMESTAMP' },
    { name: 'millis', data: at.map((date) => BigInt(date.getTime())), type: 'INT64' },
    { name: 'iso', data: at.map((date) => date.toISOString()), type: 'STRING' },
    { name: 'flag', data: [true, false], type: 'BOOLEAN' },
    { name: 'float', data: [0.5, -2], type: 'FLOAT' },
    { name: 'text', data: ['a', null], type: 'STRING', nullable: true },
    { name: 'gap', data: [null, 3], type: 'DOUBLE', nullable: true },
    {
      name: 'uuid',
      data: ['00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002'],
      type: 'UUID',
    },
  ]);
  const { columns } = await parquet(content, {
    big: { type: 'id' },
    date: { type: 'time' },
    millis: { type: 'time' },
    iso: { type: 'time' },
    flag: { type: 'f64' },
    float: { type: 'f64' },
    text: { type: 'category' },
    again: { type: 'text', name: 'text' },
    gap: { type: 'f64', empty: Number.NaN },
    uuid: { type: 'id' },
  });
  assert.equal(columns.big.ids, ['1', '1152921504606846976']);
  assert.equal([...columns.date], seconds);
  assert.equal(
    [...columns.millis],
    seconds.map((s) => (s < 1e9 && s * 1000 <= 1e11 ? s * 1000 : s)),
  );
  assert.equal([...columns.iso], seconds);
  assert.equal([...columns.flag], [1, 0]);
  assert.equal([...columns.float], [0.5, -2]);
  assert.equal(columns.text, ['a', '']);
  assert.equal(columns.again, ['a', '']);
  assert.ok(Number.isNaN(columns.gap[0]) && columns.gap[1] === 3);
  assert.is(columns.uuid.ids[1], '00000000-0000-0000-0000-000000000002');
});

test('a file of another writer: version 1 pages, nulls, microseconds, decimals', async () => {
  const { rows, columns } = await parquet(PYARROW, PYARROW_SCHEMA);
  const range = Array.from({ length: 40 }, (_, i) => i);
  assert.is(rows, 40);
  assert.equal(
    [...columns.source.codes].map((code) => columns.source.ids[code]),
    range.map((i) => `s${(i * 7) % 13}`),
  );
  assert.equal(
    [...columns.target.codes].map((code) => columns.target.ids[code]),
    range.map((i) => String((i * 11) % 17)),
  );
  assert.equal(
    [...columns.weight],
    range.map((i) => (i % 4 === 3 ? -1 : i / 2)),
  );
  assert.equal(
    [...columns.at],
    range.map((i) => Date.UTC(2024, 2, 1) / 1000 + i),
  );
  assert.equal(
    columns.one,
    range.map(() => 'x'),
  );
  assert.equal(
    [...columns.price],
    range.map(() => 1.25),
  );
});

test('encodings: dictionary, delta, byte stream split', async () => {
  const numbers = Array.from({ length: 1000 }, (_, i) => (i * i) % 977);
  const content = write([
    { name: 'plain', data: numbers, type: 'DOUBLE', encoding: 'PLAIN' },
    { name: 'split', data: numbers, type: 'DOUBLE', encoding: 'BYTE_STREAM_SPLIT' },
    { name: 'delta', data: numbers, type: 'INT32', encoding: 'DELTA_BINARY_PACKED' },
    { name: 'long', data: numbers.map(BigInt), type: 'INT64', encoding: 'DELTA_BINARY_PACKED' },
    { name: 'words', data: numbers.map(String), type: 'STRING', encoding: 'DELTA_LENGTH_BYTE_ARRAY' },
    { name: 'few', data: numbers.map((n) => (n % 3 === 0 ? null : n % 5)), type: 'INT32', nullable: true },
  ]);
  const number = { type: 'f64', empty: -1 } as const;
  const schema = { plain: number, split: number, delta: number, long: number, words: number, few: number };
  const { columns } = await parquet(content, schema);
  for (const name of ['plain', 'split', 'delta', 'long', 'words'] as const)
    assert.equal([...columns[name]], numbers, name);
  assert.equal(
    [...columns.few],
    numbers.map((n) => (n % 3 === 0 ? -1 : n % 5)),
  );
  const prefixes = write([{ name: 'a', data: ['x', 'xy'], type: 'STRING', encoding: 'DELTA_BYTE_ARRAY' }]);
  assert.is((await failure(parquet(prefixes, { a: { type: 'id' } }))).code, 'unsupported-parquet');
});

test('bad rows and missing, nested or wrong columns', async () => {
  const content = write([
    { name: 'source', data: ['a', null, '', 'b', 'c'], type: 'STRING', nullable: true },
    { name: 'target', data: ['x', 'y', 'z', 'u', 'w'], type: 'STRING' },
    { name: 'weight', data: [1, 1, 1, Number.NaN, -1], type: 'DOUBLE' },
  ]);
  const first = await failure(parquet(content, edgeSchema()));
  assert.is(first.message, 'e.parquet, line 2, column source: an id must not be empty');
  const table = await parquet(content, edgeSchema(), { maxBadRows: 4 });
  assert.equal(table.bad.byCode, { 'empty-id': 2, 'bad-number': 1, 'too-small': 1 });
  assert.equal([...table.row], [0]);
  assert.is(table.bad.examples[2].text, '"b","u",NaN');
  assert.is((await failure(parquet(edges(), { source: { type: 'f64' } }))).code, 'bad-number');
  const list = write([{ name: 'tags', data: [['a', 'b'], []] }], {
    schema: [
      { name: 'root', num_children: 1 },
      { name: 'tags', converted_type: 'LIST', repetition_type: 'OPTIONAL', num_children: 1 },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
    ],
  });
  const nested = await failure(parquet(list, { tags: { type: 'text' } }));
  assert.is(nested.message, 'e.parquet, column tags: a structure or list cannot be read as a column');
  const missing = await failure(parquet(edges(), { nothing: { type: 'id' } }));
  assert.match(missing.message, /no column "nothing"; there are "source", "unused", "target", "weight"/);
  const text = await failure(parquet(edges(), { source: { type: 'id' } }, { maxFieldBytes: 2 }));
  assert.is(text.code, 'field-too-long');
  const binary = write([{ name: 'a', data: [new Uint8Array([0xff])], type: 'BYTE_ARRAY' }]);
  assert.is((await failure(parquet(binary, { a: { type: 'id' } }))).code, 'invalid-utf8');
  assert.is((await failure(parquet(edges(), edgeSchema(), { maxRows: 99 }))).code, 'too-many-rows');
  assert.is(
    (await failure(parquet(write([{ name: 'a', data: [], type: 'INT32' }]), { a: { type: 'id' } }))).code,
    'no-rows',
  );
});

test('other compressions are named', async () => {
  const zstd = write([{ name: 'a', data: [1, 2], type: 'INT32' }], {
    codec: 'ZSTD',
    compressors: { ZSTD: (x) => x },
  });
  const error = await failure(parquet(zstd, { a: { type: 'id' } }));
  assert.is(error.message, 'e.parquet: compression ZSTD is not supported; write it with SNAPPY or none');
});

test('files that are not Parquet, cut short, or lie about their size', async () => {
  const whole = edges({ codec: 'UNCOMPRESSED' });
  for (const content of [new Uint8Array(4), whole.subarray(0, 4), whole.subarray(4), new Uint8Array(100)]) {
    assert.is((await failure(parquet(content, edgeSchema()))).code, 'corrupt-parquet');
  }
  const long = whole.slice();
  new DataView(long.buffer).setUint32(long.length - 8, 2 ** 31, true);
  assert.match((await failure(parquet(long, edgeSchema()))).message, /the footer is longer/);
  const empty = new Uint8Array(1 << 20).fill(0x1c); // nested structures without end
  for (const at of [0, empty.length - 4]) empty.set([0x50, 0x41, 0x52, 0x31], at);
  new DataView(empty.buffer).setUint32(empty.length - 8, empty.length - 12, true);
  assert.match((await failure(parquet(empty, edgeSchema()))).message, /nested too deeply/);
});

test('a column that says more rows than its bytes can hold is refused before anything is allocated', async () => {
  const rows = 1_000_000;
  const zeros = write([{ name: 'a', data: new Int32Array(rows), type: 'INT32' }]);
  assert.is((await parquet(zeros, { a: { type: 'id' } })).rows, rows, 'a million equal rows are fine');
  // The varint of 1,000,000 (zigzag 2,000,000) becomes one of 2^27 or so wherever it stands in the footer.
  const lying = zeros.slice();
  const varint = [0x80, 0x89, 0x7a];
  for (let at = lying.length - 1; at >= 0; at--) {
    if (varint.every((byte, i) => lying[at + i] === byte)) lying[at + 2] = 0x7b;
  }
  assert.is((await failure(parquet(lying, { a: { type: 'id' } }))).code, 'corrupt-parquet');
});

const SCHEMA = () =>
  ({
    ...edgeSchema(),
    few: { type: 'f64', empty: 0 },
    split: { type: 'f64' },
    delta: { type: 'f64' },
  }) as const;
const fuzzed = (codec: 'SNAPPY' | 'UNCOMPRESSED') =>
  write(
    [
      { name: 'source', data: SOURCE, type: 'STRING' },
      { name: 'target', data: TARGET, type: 'INT32' },
      { name: 'few', data: TARGET.map((n) => (n > 12 ? null : n % 4)), type: 'INT32', nullable: true },
      { name: 'split', data: WEIGHT, type: 'DOUBLE', encoding: 'BYTE_STREAM_SPLIT' },
      { name: 'delta', data: TARGET, type: 'INT32', encoding: 'DELTA_BINARY_PACKED' },
    ],
    { codec, rowGroupSize: 40 },
  );

const CASES: [string, Uint8Array, rows: number, () => Schema][] = [
  ['snappy', fuzzed('SNAPPY'), ROWS, SCHEMA],
  ['plain', fuzzed('UNCOMPRESSED'), ROWS, SCHEMA],
  ['pyarrow', PYARROW, 40, () => PYARROW_SCHEMA],
];

for (const [name, whole, rows, schema] of CASES) {
  test(`property: cut or flipped files give a table of as many rows or a DataError (${name})`, async () => {
    const flips = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(flips, fc.option(fc.nat(whole.length - 1), { freq: 9 }), async (places, cut) => {
        const damaged = Uint8Array.from(whole.subarray(0, cut ?? whole.length));
        for (const [at, value] of places) if (at < damaged.length) damaged[at] = value;
        try {
          const table = await parquet(damaged, schema(), { maxBadRows: Number.POSITIVE_INFINITY });
          assert.is(table.rows + table.bad.count, rows);
        } catch (error) {
          await failure(Promise.reject(error));
        }
      }),
      { numRuns: 1500 },
    );
  });
}

test.run();
