import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readTable } from '../../src/io/index.ts';
import { bytes, edgeSchema, failure, pieces, read } from '../helpers/io-table.ts';

const TEXT = { a: { type: 'text' }, b: { type: 'text' } } as const;
const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;

test('edges become codes in order of first appearance, shared by both columns', async () => {
  const table = await read(
    'source,target,weight\nphone,case,0.5\ncase,film,2\nphone,film,1e1\n',
    edgeSchema(),
  );
  assert.is(table.rows, 3);
  assert.equal([...table.columns.source.codes], [0, 1, 0]);
  assert.equal([...table.columns.target.codes], [1, 2, 2]);
  assert.equal(table.columns.source.ids, ['phone', 'case', 'film']);
  assert.is(table.columns.source.ids, table.columns.target.ids);
  assert.equal([...table.columns.weight!], [0.5, 2, 10]);
  assert.is(table.columns.timestamp, undefined);
  assert.equal([...table.row], [0, 1, 2]);
  assert.equal([...table.line], [2, 3, 4]);
});

test('other header names, any order of columns, unused ones', async () => {
  const schema = { source: { type: 'id', name: 'customer' }, at: { type: 'time', name: 'when' } } as const;
  const table = await read('x,when,customer\n9,2024-01-01,ann\n', schema);
  assert.equal(table.columns.source.ids, ['ann']);
  assert.is(table.columns.at[0], 1704067200);
});

test('no name is special', async () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '__proto__'];
  const table = await read(`a,b\n${names.map((name) => `${name},x`).join('\n')}`, {
    a: { type: 'id' },
    b: { type: 'category' },
  });
  assert.equal([...table.columns.a.codes], [0, 1, 2, 3, 0]);
  assert.equal(table.columns.a.ids, names.slice(0, 4));
  const proto = await read('__proto__\n7\n', { ['__proto__']: { type: 'f64' } } as const);
  assert.equal(Object.values(proto.columns), [new Float64Array([7])]);
});

test('"7", "07" and "+7" are three ids; long, odd and large ones are kept', async () => {
  const ids = ['7', '07', '+7', '0', '00', '4194303', '4194304', '99999999', 'é', 'x'.repeat(100), '7'];
  const table = await read(`a\n${ids.join('\n')}`, { a: { type: 'id' } });
  assert.equal(table.columns.a.ids, ids.slice(0, -1));
  assert.equal([...table.columns.a.codes], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0]);
});

test('quotes, doubled quotes, delimiters and line ends in fields, with the right line numbers', async () => {
  const table = await read('a,b\n"x,y","say ""hi"""\r\n"two\nlines\r\nthree",5" screen\n,"" \n"",\n', TEXT, {
    maxBadRows: 1,
  });
  assert.equal(table.columns.a, ['x,y', 'two\nlines\r\nthree', '']);
  assert.equal(table.columns.b, ['say "hi"', '5" screen', '']);
  assert.equal([...table.line], [2, 3, 7]);
  assert.equal([...table.row], [0, 1, 3]);
  assert.equal(table.bad.byCode, { 'bad-quote': 1 });
  assert.is(table.bad.examples[0].line, 6);
});

test('line ends LF, CR LF and CR, a byte order mark, empty lines and a missing last line end', async () => {
  for (const end of ['\n', '\r\n', '\r']) {
    const table = await read(`\ufeffa,b${end}1,2${end}${end}3,4`, TEXT);
    assert.equal(table.columns.a, ['1', '3']);
    assert.equal([...table.line], [2, 4]);
    assert.equal([...table.row], [0, 1], 'an empty line is not a row');
  }
});

test('tab for .tsv, other delimiters on request', async () => {
  assert.equal((await read('a\tb\n1,2\t3\n', TEXT, {}, 'x.tsv')).columns.a, ['1,2']);
  assert.equal((await read('a;b\n1,2;3\n', TEXT, { delimiter: ';' })).columns.a, ['1,2']);
  for (const delimiter of ['', ',,', '"', '\n', 'é']) {
    try {
      await read('a,b\n1,2\n', TEXT, { delimiter });
      assert.unreachable();
    } catch (error) {
      assert.instance(error, RangeError);
    }
  }
});

test('faults of the header', async () => {
  const missing = await failure(read('from,to\n1,2\n', edgeSchema()));
  assert.is(missing.code, 'missing-column');
  assert.is(missing.message, 'edges.csv, line 1: there is no column "source"; there are "from", "to"');
  assert.is((await failure(read('source,target,source\n1,2,3\n', edgeSchema()))).code, 'duplicate-column');
  assert.is((await failure(read('', edgeSchema()))).code, 'empty-file');
  assert.is((await failure(read('\ufeff', edgeSchema()))).code, 'empty-file');
  assert.is((await failure(read('source,target\n', edgeSchema()))).code, 'no-rows');
  assert.is((await failure(read(new Uint8Array([0xff, 0xfe, 0x61, 0]), edgeSchema()))).code, 'nul-byte');
  assert.is((await failure(read(new Uint8Array([0xff, 0xfe, 0x61, 10]), edgeSchema()))).code, 'invalid-utf8');
  assert.is(
    (await failure(read(`${'x'.repeat(200)}\n1\n`, TEXT, { maxFieldBytes: 100 }))).code,
    'field-too-long',
  );
  assert.is((await failure(read(`${'x,'.repeat(20_000)}\n1\n`, TEXT))).code, 'too-many-columns');
});

const FAULTS: [row: string | Uint8Array, code: string, column: string | undefined, text: RegExp][] = [
  ['a,b', 'wrong-field-count', undefined, /2 fields, but the header has 4 columns/],
  ['a,b,1,1,1', 'wrong-field-count', undefined, /5 fields/],
  ['a,b,x,1', 'bad-number', 'weight', /must be a finite number, got "x"/],
  ['a,b,NaN,1', 'bad-number', 'weight', /"NaN"/],
  ['a,b,Infinity,1', 'bad-number', 'weight', /"Infinity"/],
  ['a,b,1e999,1', 'bad-number', 'weight', /"1e999"/],
  ['a,b,0x10,1', 'bad-number', 'weight', /"0x10"/],
  ['a,b,,1', 'empty-value', 'weight', /empty/],
  ['a,b,0,1', 'too-small', 'weight', /greater than 0, got "0"/],
  ['a,b,1,-1', 'too-small', 'timestamp', /0 or more, got "-1"/],
  ['a,b,1,1960-01-01', 'too-small', 'timestamp', /1960/],
  ['a,b,1,yesterday', 'bad-time', 'timestamp', /ISO 8601/],
  [',b,1,1', 'empty-id', 'source', /must not be empty/],
  ['a,"",1,1', 'empty-id', 'target', /must not be empty/],
  ['a,b\0,1,1', 'nul-byte', 'target', /NUL/],
  ['a,"b"c,1,1', 'bad-quote', 'target', /closing quote/],
  [new Uint8Array([0x61, 0x2c, 0xc3, 0x28, 0x2c, 0x31, 0x2c, 0x31]), 'invalid-utf8', 'target', /UTF-8/],
  [`a,${'b'.repeat(101)},1,1`, 'field-too-long', 'target', /a field of more than 100 bytes/],
  [`a,"${'b\n'.repeat(51)}",1,1`, 'field-too-long', 'target', /a field of more than 100 bytes/],
];

test('each kind of bad row: thrown with file, line and column, or counted and left out', async () => {
  for (const [row, code, column, text] of FAULTS) {
    const bad = typeof row === 'string' ? bytes(row) : row;
    const content = new Uint8Array([
      ...bytes('source,target,weight,timestamp\n1,2,3,4\n'),
      ...bad,
      ...bytes('\n5,6,7,8\n'),
    ]);
    const error = await failure(read(content, edgeSchema(), { maxFieldBytes: 100 }));
    assert.is(error.code, code, `${row}`);
    assert.match(error.message, text);
    assert.ok(
      error.message.startsWith(`edges.csv, line 3${column ? `, column ${column}` : ''}: `),
      error.message,
    );
    const seen: string[] = [];
    const table = await read(content, edgeSchema(), {
      maxFieldBytes: 100,
      maxBadRows: 1,
      onBadRow: ({ text: raw }) => seen.push(raw),
    });
    assert.is(table.rows, 2, `${row}`);
    assert.equal([...table.row], [0, 2]);
    assert.equal(table.columns.source.ids, ['1', '2', '5', '6'], 'a bad row leaves no id behind');
    assert.equal([...table.columns.weight!], [3, 7]);
    assert.equal(table.bad.byCode, { [code]: 1 });
    assert.is(seen.length, 1);
    if (typeof row === 'string') assert.ok(row.startsWith(seen[0].slice(0, 50)));
  }
});

test('more bad rows than allowed end the reading; examples stop at 20', async () => {
  const content = `source,target\n${'x\n'.repeat(50)}a,b\n`;
  const table = await read(content, edgeSchema(), { maxBadRows: Number.POSITIVE_INFINITY });
  assert.is(table.bad.count, 50);
  assert.is(table.bad.examples.length, 20);
  assert.is(table.row[0], 50);
  const error = await failure(read(content, edgeSchema(), { maxBadRows: 49 }));
  assert.match(error.message, /line 51: .*bad row 50, and 49 are allowed/);
  assert.is((await failure(read('source,target\nx\n', edgeSchema(), { maxBadRows: 5 }))).code, 'no-rows');
  assert.is((await failure(read('a,b\n1,2\n1,2\n1,2\n', TEXT, { maxRows: 2 }))).code, 'too-many-rows');
});

test('a quote that is never closed cannot be recovered from', async () => {
  for (const content of ['a,b\n1,2\n3,"4\n5,6\n', `a,b\n1,2\n3,"${'x\n'.repeat(300)}`, 'a,b\n1,2\n3,"']) {
    const error = await failure(
      read(content, TEXT, { maxBadRows: Number.POSITIVE_INFINITY, maxFieldBytes: 100 }),
    );
    assert.is(error.code, 'unterminated-quote');
    assert.is(error.line, 3);
  }
});

test('a field of 10 MB is refused after a megabyte, and passed over without being kept', async () => {
  const chunk = bytes('x'.repeat(1 << 16));
  const stream = (pulled: { count: number }, open: string) =>
    (async function* () {
      yield bytes(`a,b\n1,${open}`);
      for (; pulled.count < 160; pulled.count++) yield chunk;
      yield bytes(`${open}\n3,4\n`);
    })();
  for (const open of ['', '"']) {
    const pulled = { count: 0 };
    const error = await failure(readTable({ name: 'a.csv', bytes: stream(pulled, open) }, TEXT));
    assert.is(error.message, 'a.csv, line 2, column b: a field of more than 1048576 bytes');
    assert.ok(pulled.count <= 34, `stopped after ${pulled.count} chunks`);
    const table = await readTable({ name: 'a.csv', bytes: stream({ count: 0 }, open) }, TEXT, {
      maxBadRows: 1,
    });
    assert.equal(table.columns.a, ['3']);
    assert.is(table.line[0], 3);
    assert.is(table.bad.examples[0].text.length, 500);
  }
});

test('a row of many fields that never ends is refused as well', async () => {
  const content = `a,b\n${'x,'.repeat(1000)}\n1,2\n`;
  const cuts = Array.from({ length: 200 }, (_, i) => 10 * (i + 1));
  const table = await readTable({ name: 'a.csv', bytes: pieces(bytes(content), cuts) }, TEXT, {
    maxFieldBytes: 10,
    maxBadRows: 1,
  });
  assert.equal(table.bad.byCode, { 'row-too-long': 1 });
  assert.equal(table.columns.b, ['2']);
});

const ODD = bytes('a,b\r\n"x""","é\r\n"\r\n\r\n"1"2,3\r\n4\r5,"6"\n"",""\n7,"8');

test('chunks cut anywhere give the same table, bad rows and lines', async () => {
  const options = { maxBadRows: 10 };
  const whole = await read(new Uint8Array([...ODD, 34]), TEXT, options);
  assert.is(whole.rows, 4);
  for (let cut = 1; cut < ODD.length; cut++) {
    const bytesOf = pieces(new Uint8Array([...ODD, 34]), [cut, Math.min(cut + 1, ODD.length)]);
    assert.equal(
      await readTable({ name: 'edges.csv', bytes: bytesOf }, TEXT, options),
      whole,
      `cut at ${cut}`,
    );
  }
  const single = pieces(
    new Uint8Array([...ODD, 34]),
    Array.from(ODD, (_, i) => i + 1),
  );
  assert.equal(await readTable({ name: 'edges.csv', bytes: single }, TEXT, options), whole);
});

const cell = fc.string({
  unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é', '漢', '😀', '1'),
  maxLength: 8,
});

test('property: text survives quoting and any chunk boundaries', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 }),
      fc.array(fc.nat(200), { maxLength: 6 }),
      fc.constantFrom('\n', '\r\n'),
      async (rows, cuts, end) => {
        const content = bytes(`a,b${end}${rows.map((row) => row.map(quoted).join(',')).join(end)}${end}`);
        const sorted = cuts.filter((cut) => cut <= content.length).sort((x, y) => x - y);
        const table = await readTable({ name: 'x.csv', bytes: pieces(content, sorted) }, TEXT);
        assert.equal(
          table.columns.a,
          rows.map(([a]) => a),
        );
        assert.equal(
          table.columns.b,
          rows.map(([, b]) => b),
        );
      },
    ),
    { numRuns: 300 },
  );
});

test('property: any bytes in any chunks give the same table or the same DataError', async () => {
  const some = fc.uint8Array({ maxLength: 60 });
  const likely = fc
    .array(fc.constantFrom('a', '"', '""', ',', '\n', '\r', '\0', '\u00e9', 'x,y\n'), { maxLength: 30 })
    .map((parts) => bytes(parts.join('')));
  const outcome = async (source: AsyncIterable<Uint8Array>) => {
    const work = readTable({ name: 'x.csv', bytes: source }, TEXT, { maxBadRows: 3, maxFieldBytes: 40 });
    return work.catch(async (error) => (await failure(Promise.reject(error))).message);
  };
  await fc.assert(
    fc.asyncProperty(fc.oneof(some, likely), fc.array(fc.nat(60), { maxLength: 4 }), async (body, cuts) => {
      const content = new Uint8Array([...bytes('a,b\n'), ...body]);
      const sorted = cuts.filter((cut) => cut <= content.length).sort((x, y) => x - y);
      assert.equal(await outcome(pieces(content, sorted)), await outcome(pieces(content, [])));
    }),
    { numRuns: 500 },
  );
});

test.run();
