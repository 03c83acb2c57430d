import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readTable } from '../../src/io/index.ts';
import { bytes, edgeSchema, failure, pieces, read } from '../helpers/io-table.ts';

const lines = (...objects: unknown[]) => objects.map((object) => JSON.stringify(object)).join('\n');
const jsonl = (content: string | Uint8Array, options = {}) => read(content, edgeSchema(), options, 'e.jsonl');

test('ids as text or whole numbers, numbers as text, times in every form', async () => {
  const table = await jsonl(
    lines(
      { source: 'a', target: 7, weight: 1.5, timestamp: 1_700_000_000 },
      { target: 'a', source: '7', weight: '2', timestamp: '2023-11-14T22:13:20Z', other: [1, {}] },
      { source: 'é\u0000', target: 'a', weight: 3, timestamp: 1_700_000_000_000 },
    ),
  );
  assert.equal(table.columns.source.ids, ['a', '7', 'é\0']);
  assert.equal([...table.columns.source.codes], [0, 1, 2]);
  assert.equal([...table.columns.target.codes], [1, 0, 0]);
  assert.equal([...table.columns.weight!], [1.5, 2, 3]);
  assert.equal([...table.columns.timestamp!], [1.7e9, 1.7e9, 1.7e9]);
});

test('empty lines are not rows; CR LF and a byte order mark are passed over', async () => {
  const table = await jsonl('\ufeff{"source":"a","target":"b"}\r\n\r\n{"source":"c","target":"d"}');
  assert.equal([...table.line], [1, 3]);
  assert.equal([...table.row], [0, 1]);
  assert.is(table.columns.weight, undefined);
  assert.is((await failure(jsonl('\n\n'))).code, 'no-rows');
  assert.is((await failure(jsonl('\ufeff'))).code, 'no-rows');
});

const FAULTS: [string | Uint8Array, string, string | undefined, RegExp][] = [
  ['{"source":"a",', 'bad-json', undefined, /not JSON/],
  ['[1,2]', 'bad-json', undefined, /one object a line/],
  ['null', 'bad-json', undefined, /one object a line/],
  ['['.repeat(50), 'bad-json', undefined, /not JSON/],
  ['{"source":"a","weight":1}', 'missing-column', 'target', /there are "source", "weight"/],
  ['{"source":"a","target":null,"weight":1}', 'empty-id', 'target', /must not be empty/],
  ['{"source":"","target":"b","weight":1}', 'empty-id', 'source', /must not be empty/],
  ['{"source":1.5,"target":"b","weight":1}', 'bad-id', 'source', /whole number, got 1.5/],
  ['{"source":12345678901234567890,"target":"b","weight":1}', 'bad-id', 'source', /whole number/],
  ['{"source":{},"target":"b","weight":1}', 'bad-id', 'source', /got an object/],
  ['{"source":"a","target":"b","weight":"x"}', 'bad-number', 'weight', /finite number, got "x"/],
  ['{"source":"a","target":"b","weight":1e999}', 'bad-number', 'weight', /got Infinity/],
  ['{"source":"a","target":"b","weight":[1]}', 'bad-number', 'weight', /got an array/],
  ['{"source":"a","target":"b","weight":-1}', 'too-small', 'weight', /greater than 0, got -1/],
  ['{"source":"a","target":"b"}', 'missing-column', 'weight', /not in the object/],
  ['{"source":"a","target":"b","weight":1,"timestamp":5}', 'late-column', 'timestamp', /first object/],
  [
    `{"source":"${'a'.repeat(200)}","target":"b","weight":1}`,
    'field-too-long',
    undefined,
    /more than 100 bytes/,
  ],
  [new Uint8Array([0x7b, 0xff, 0x7d]), 'invalid-utf8', undefined, /UTF-8/],
];

test('each kind of bad row: thrown with file and line, or counted and left out', async () => {
  for (const [row, code, column, text] of FAULTS) {
    const bad = typeof row === 'string' ? bytes(row) : row;
    const head = bytes('{"source":"1","target":"2","weight":3}\n');
    const content = new Uint8Array([...head, ...bad, 10, ...head]);
    const error = await failure(jsonl(content, { maxFieldBytes: 100 }));
    assert.is(error.code, code, `${row}: ${error.message}`);
    assert.ok(
      error.message.startsWith(`e.jsonl, line 2${column ? `, column ${column}` : ''}: `),
      error.message,
    );
    assert.match(error.message, text);
    const table = await jsonl(content, { maxFieldBytes: 100, maxBadRows: 1 });
    assert.equal([...table.row], [0, 2]);
    assert.equal(table.columns.source.ids, ['1', '2'], 'a bad row leaves no id behind');
    assert.equal(table.bad.byCode, { [code]: 1 });
  }
});

test('a key that the first object does not have is passed over, or a bad row where nothing may be lost', async () => {
  const content = lines({ source: 'a', target: 'b' }, { source: 'c', target: 'd', size: 3, constructor: 1 });
  assert.is((await jsonl(bytes(content))).rows, 2);
  const error = await failure(jsonl(bytes(content), { onlyColumns: true }));
  assert.equal([error.code, error.line, error.column], ['late-column', 2, 'size']);
  assert.is((await jsonl(bytes(content), { onlyColumns: true, maxBadRows: 1 })).rows, 1);
});

test('a line of 10 MB is refused early and passed over without being kept', async () => {
  const source = async function* () {
    yield bytes('{"source":"a","target":"b"}\n{"source":"');
    for (let i = 0; i < 160; i++) yield bytes('x'.repeat(1 << 16));
    yield bytes('"}\n{"source":"c","target":"d"}');
  };
  const table = await readTable({ name: 'e.jsonl', bytes: source() }, edgeSchema(), { maxBadRows: 1 });
  assert.equal([...table.line], [1, 3]);
  assert.equal(table.bad.byCode, { 'field-too-long': 1 });
});

test('property: any names in any chunks', async () => {
  const row = fc.record({
    source: fc.string({ minLength: 1, unit: 'binary' }),
    target: fc.constantFrom('__proto__', 'b'),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 6 }),
      fc.array(fc.nat(99)),
      async (rows, cuts) => {
        const content = bytes(lines(...rows));
        const sorted = cuts.filter((cut) => cut <= content.length).sort((x, y) => x - y);
        const { columns } = await readTable(
          { name: 'e.jsonl', bytes: pieces(content, sorted) },
          edgeSchema(),
        );
        assert.equal(
          rows.map(({ source }) => source),
          [...columns.source.codes].map((code) => columns.source.ids[code]),
        );
      },
    ),
    { numRuns: 200 },
  );
});

test.run();
