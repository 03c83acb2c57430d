import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chunks, type ReadProgress, readTable, type TableFormat } from '../../src/io/index.ts';
import { bytes, edgeSchema, failure, pieces, read } from '../helpers/io-table.ts';

const CSV = 'source,target,weight\na,b,1\nb,c,2\n';
const JSONL = '{"source":"a","target":"b","weight":1}\n{"source":"b","target":"c","weight":2}\n';

test('the format follows the extension, packed or not, or is given', async () => {
  const cases: [string, string, TableFormat?][] = [
    ['x.csv', CSV],
    ['x.CSV.GZ', CSV],
    ['x.tsv', CSV.replaceAll(',', '\t')],
    ['x.tsv.gz', CSV.replaceAll(',', '\t')],
    ['x.jsonl', JSONL],
    ['x.ndjson.gz', JSONL],
    ['x.dat', CSV],
    ['-', CSV],
    ['-', JSONL, 'jsonl'],
    ['x.csv', CSV.replaceAll(',', '\t'), 'tsv'],
  ];
  for (const [name, text, format] of cases) {
    const plain = bytes(text);
    const content = /gz$/i.test(name) ? gzipSync(plain) : plain;
    const table = await read(content, edgeSchema(), { format }, name);
    assert.equal(table.columns.target.ids, ['a', 'b', 'c'], name);
    assert.equal([...table.columns.weight!], [1, 2], name);
  }
});

test('gzip is recognised by its bytes, also in several members', async () => {
  assert.is((await read(gzipSync(CSV), edgeSchema(), {}, '-')).rows, 2);
  const two = new Uint8Array([...gzipSync(CSV), ...gzipSync('c,d,3\n')]);
  assert.is((await read(two, edgeSchema(), {}, 'x.csv.gz')).rows, 3);
});

test('damaged gzip: truncated, corrupt, empty, not gzip at all', async () => {
  const packed = gzipSync(`${CSV}${'d,e,3\n'.repeat(5000)}`);
  for (const cut of [1, 2, 9, 12, packed.length >> 1, packed.length - 5, packed.length - 1]) {
    assert.is(
      (await failure(read(packed.subarray(0, cut), edgeSchema(), {}, 'x.csv.gz'))).code,
      'truncated',
      `${cut}`,
    );
  }
  const checksum = packed.slice();
  checksum[packed.length - 6] ^= 1;
  const error = await failure(read(checksum, edgeSchema(), {}, 'x.csv.gz'));
  assert.is(error.code, 'corrupt-gzip');
  assert.ok(error.message.startsWith('x.csv.gz: '));
  assert.is((await failure(read(CSV, edgeSchema(), {}, 'x.csv.gz'))).code, 'corrupt-gzip');
  assert.is((await failure(read('', edgeSchema(), {}, 'x.csv.gz'))).code, 'empty-file');
  assert.is((await failure(read(gzipSync(''), edgeSchema(), {}, 'x.csv.gz'))).code, 'empty-file');
});

test('property: a damaged gzip file is a DataError or reads the same', async () => {
  const packed = gzipSync(CSV);
  const whole = await read(CSV, edgeSchema());
  const at = fc.nat(packed.length - 1);
  await fc.assert(
    fc.asyncProperty(at, fc.integer({ min: 1, max: 255 }), fc.boolean(), async (place, mask, cut) => {
      const damaged = cut ? packed.slice(0, place) : packed.slice();
      if (!cut) damaged[place] ^= mask;
      try {
        const table = await read(damaged, edgeSchema(), {}, 'x.csv.gz');
        assert.equal({ ...table, file: whole.file }, whole);
      } catch (error) {
        await failure(Promise.reject(error));
      }
    }),
    { numRuns: 300 },
  );
});

test('bytes from text, arrays, blobs and streams', async () => {
  const web = () => new Blob([CSV]).stream() as ReadableStream<Uint8Array>;
  const sources = [
    CSV,
    bytes(CSV),
    bytes(CSV).buffer as ArrayBuffer,
    new Blob([CSV]),
    web(),
    pieces(bytes(CSV), [3]),
  ];
  for (const source of sources) {
    assert.is((await readTable({ name: 'a.csv', bytes: chunks(source) }, edgeSchema())).rows, 2);
  }
  try {
    await readTable({ name: 'a.csv', bytes: chunks(7 as never) }, edgeSchema());
    assert.unreachable();
  } catch (error) {
    assert.instance(error, TypeError);
  }
});

test('progress counts the bytes of the input', async () => {
  const seen: ReadProgress[] = [];
  const packed = gzipSync(CSV);
  const input = { name: 'x.csv.gz', bytes: pieces(packed, [10, 20]), size: packed.length };
  await readTable(input, edgeSchema(), { onProgress: (progress) => seen.push(progress) });
  assert.equal(
    seen.map(({ step }) => step),
    [10, 20, packed.length],
  );
  assert.equal(seen[2], { phase: 'read', step: packed.length, total: packed.length });
});

test('an abort and an error of the source come out unchanged, and the source is closed', async () => {
  for (const name of ['x.csv', 'x.csv.gz', 'x.jsonl', 'x.parquet']) {
    const content = name.endsWith('gz') ? gzipSync(CSV) : bytes(CSV);
    for (const kind of ['abort', 'error']) {
      let closed = false;
      const controller = new AbortController();
      const reason = new Error('enough');
      const source = async function* () {
        try {
          for (let i = 0; i < 3; i++) {
            yield content.subarray(i * 8, i * 8 + 8);
            if (i === 1 && kind === 'abort') controller.abort(reason);
            if (i === 1 && kind === 'error') throw reason;
          }
        } finally {
          closed = true;
        }
      };
      try {
        await readTable({ name, bytes: source() }, edgeSchema(), { signal: controller.signal });
        assert.unreachable();
      } catch (error) {
        assert.is(error, reason, `${name} ${kind}`);
      }
      assert.ok(closed, `${name} ${kind}`);
    }
  }
});

test('leaving early closes the source, also behind gzip', async () => {
  const rows = `source,target\n${Array.from({ length: 200_000 }, (_, i) => `${i},${i * 7}`).join('\n')}`;
  const packed = gzipSync(rows.replace('\n5,', '\n,'));
  let closed = false;
  const source = async function* () {
    try {
      for (let at = 0; at < packed.length; at += 5000) yield packed.subarray(at, at + 5000);
    } finally {
      closed = true;
    }
  };
  const error = await failure(readTable({ name: 'x.csv.gz', bytes: source() }, edgeSchema()));
  assert.is(error.message, 'x.csv.gz, line 7, column source: an id must not be empty');
  assert.ok(closed);
});

test('wrong arguments are refused before anything is read', async () => {
  const wrong: [unknown, unknown, RegExp][] = [
    [{}, {}, /number of columns/],
    [{ a: { type: 'int' } }, {}, /schema\.a\.type must be one of id, f64/],
    [{ a: { type: 'id', min: 0 } }, {}, /key of schema\.a must be one of type, name/],
    [{ a: { type: 'id', dictionary: {} } }, {}, /IdDictionary/],
    [{ a: { type: 'f64', min: 'x' } }, {}, /schema\.a\.min must be a number/],
    [{ a: { type: 'f64' } }, { maxBadRow: 1 }, /unknown option "maxBadRow"/],
    [{ a: { type: 'f64' } }, { maxBadRows: -1 }, /maxBadRows/],
    [{ a: { type: 'f64' } }, { maxFieldBytes: 0 }, /maxFieldBytes/],
    [{ a: { type: 'f64' } }, { format: 'xlsx' }, /format must be one of csv/],
  ];
  for (const [schema, options, message] of wrong) {
    try {
      await read('a\n1\n', schema as never, options as never);
      assert.unreachable(String(message));
    } catch (error) {
      assert.match((error as Error).message, message);
    }
  }
});

test.run();
