import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DataError } from '../../../src/check.ts';
import {
  categoricalColumn,
  encodedRows,
  type FeatureColumn,
  FeaturePipeline,
  type FeatureTable,
  hashPair,
  hashText,
  mix32,
  numericColumn,
  pipelineFromJSON,
  RowStore,
  slotOf,
} from '../../../src/nn/tabular/index.ts';
import { close } from '../../helpers/close.ts';
import { engine, indices, numbers } from '../../helpers/kernel.ts';
import { refused } from '../../helpers/refused.ts';

const table = (...columns: FeatureColumn[]): FeatureTable => {
  const first = columns[0];
  return { rows: first.kind === 'numeric' ? first.values.length : first.codes.length, columns };
};

const refusal = (work: () => unknown): DataError => {
  try {
    work();
  } catch (error) {
    assert.instance(error, DataError, String(error));
    return error as DataError;
  }
  assert.unreachable('must be refused');
  throw new Error();
};

test('hashes: golden values, slots evenly used, order of a pair matters', () => {
  assert.equal([mix32(0), mix32(1), mix32(0xffffffff)], [0, 0x514e28b7, 0x81f16f39]);
  assert.equal([hashText(''), hashText('a')], [mix32(0x811c9dc5), mix32(0xe40c292c)]);
  assert.is(hashPair(1, 2) === hashPair(2, 1), false);
  assert.is(slotOf(0xffffffff, 13), 8191);
  const bits = 6;
  const count = new Float64Array(2 ** bits);
  const n = 64_000;
  for (let i = 0; i < n; i++) count[slotOf(hashPair(7, i), bits)]++;
  // Chi-square with 63 degrees of freedom: 120 is beyond the 1 - 1e-5 quantile.
  const chi = count.reduce((sum, c) => sum + (c - n / 64) ** 2 / (n / 64), 0);
  assert.ok(chi < 120, `chi-square ${chi}`);
});

test('numbers fall in quantile buckets of the fitting rows alone; missing has its own; equal edges merge', () => {
  const values = Array.from({ length: 100 }, (_, i) => i);
  const wide = table(numericColumn('x', [...values, 1e9, -1e9, Number.NaN]));
  const rows = values;
  const pipeline = FeaturePipeline.fit(wide, rows, { buckets: 4, bits: 16 });
  const [plan] = pipeline.columns;
  // numpy.quantile(range(100), [.25, .5, .75])
  assert.equal(plan, { name: 'x', kind: 'bucket', edges: [24.75, 49.5, 74.25] });
  const { index, fields, numbers: plain } = pipeline.encode(wide);
  assert.equal([fields, plain], [1, 0]);
  const bucket = (i: number) => [0, 25, 50, 75].findIndex((first) => index[i] === index[first]);
  assert.equal([24, 25, 49, 50, 74, 75, 99, 100, 101].map(bucket), [0, 1, 1, 2, 2, 3, 3, 3, 0]);
  assert.is(bucket(102), -1);
  const constant = FeaturePipeline.fit(table(numericColumn('x', [3, 3, 3, 3])), undefined, { buckets: 16 });
  assert.equal(constant.columns[0], { name: 'x', kind: 'bucket', edges: [3] });
  const empty = FeaturePipeline.fit(table(numericColumn('x', [Number.NaN])));
  assert.equal(empty.columns[0], { name: 'x', kind: 'bucket', edges: [] });
});

test('a value on an edge is in the bucket above it, as numpy.searchsorted(side="right")', () => {
  const pipeline = FeaturePipeline.fit(table(numericColumn('x', [0, 1, 2])), undefined, { buckets: 2 });
  const { index } = pipeline.encode(table(numericColumn('x', [0.99, 1, 1.01])));
  assert.ok(index[0] !== index[1] && index[1] === index[2]);
});

test('standardised numbers: mean 0 and deviation 1 on the fitting rows, missing at the mean with a field, held at 10', () => {
  const x = [1, 2, 3, 4, Number.NaN];
  const fit = table(numericColumn('x', x), numericColumn('y', [5, 5, 5, 5, 5]));
  const pipeline = FeaturePipeline.fit(fit, undefined, { numeric: 'standard' });
  const { values, index, fields } = pipeline.encode(fit);
  assert.is(fields, 1);
  const sd = Math.sqrt(1.25);
  close(values, [-1.5 / sd, 0, -0.5 / sd, 0, 0.5 / sd, 0, 1.5 / sd, 0, 0, 0], { absolute: 1e-6 });
  assert.ok(index[4] !== index[0] && index[3] === index[0]);
  const far = pipeline.encode(table(numericColumn('x', [1e300]), numericColumn('y', [-4])));
  close(far.values, [10, 0]);
});

test('words: the same slot in any table, in any order, known or not; another column or seed another slot', () => {
  const words = ['red', 'blue', '', 'red'];
  const pipeline = FeaturePipeline.fit(table(categoricalColumn('a', words), categoricalColumn('b', words)));
  const { index } = pipeline.encode(table(categoricalColumn('b', words), categoricalColumn('a', words)));
  assert.is(index[0], index[6]);
  assert.ok(index[0] !== index[1] && new Set([index[0], index[2], index[4]]).size === 3);
  const serving = pipeline.encode(
    table(
      categoricalColumn('a', ['new', 'red']),
      categoricalColumn('b', ['new', 'red']),
      numericColumn('c', [1, 2]),
    ),
  );
  assert.equal([serving.index[2], serving.index[3]], [index[0], index[1]]);
  assert.ok(serving.index.every((slot) => slot < pipeline.slots));
  const salted = FeaturePipeline.fit(table(categoricalColumn('a', words)), undefined, { seed: 1 });
  assert.ok(salted.encode(table(categoricalColumn('a', words))).index[0] !== index[0]);
});

test('what is wrong with a table is said with column and row', () => {
  const good = table(numericColumn('x', [1, 2]), categoricalColumn('c', ['a', 'b']));
  const pipeline = FeaturePipeline.fit(good);
  for (const [bad, code, column, message] of [
    [table(numericColumn('x', [1, 2])), 'missing-column', 'c', /no such column/],
    [table(categoricalColumn('x', ['1', '2']), good.columns[1]), 'wrong-kind', 'x', /must be numeric/],
    [
      table(numericColumn('x', [1, Infinity]), good.columns[1]),
      'bad-number',
      'x',
      /row 1: must be finite or missing/,
    ],
    [table(good.columns[0], good.columns[0]), 'duplicate-column', 'x', /twice/],
    [{ rows: 3, columns: good.columns }, 'wrong-length', 'x', /2 values for 3 rows/],
    [
      table(good.columns[0], { name: 'c', kind: 'categorical', codes: Uint32Array.of(0, 5), levels: ['a'] }),
      'bad-code',
      'c',
      /row 1: code 5 has no level/,
    ],
  ] as [FeatureTable, string, string, RegExp][]) {
    const error = refusal(() => pipeline.encode(bad));
    assert.equal([error.code, error.column], [code, column]);
    assert.match(error.message, message);
  }
  assert.throws(() => FeaturePipeline.fit(good, [2]), /rows\[0\]/);
  assert.throws(() => FeaturePipeline.fit(good, undefined, { bits: 25 }), /bits/);
  assert.throws(
    () => FeaturePipeline.fit(good, undefined, { bukets: 3 } as object),
    /unknown option "bukets"/,
  );
});

test('a column of anything but numbers or texts is refused: null is no 0', () => {
  for (const [work, message] of [
    [() => numericColumn('x', [1, null] as never), /column x\[1\] must be a number \(NaN .*, got null/],
    [() => numericColumn('x', ['1'] as never), /column x\[0\] must be a number .*got "1"/],
    [() => numericColumn('x', undefined as never), /column x must be an array/],
    [() => categoricalColumn('x', ['a', null] as never), /column x\[1\] must be text, got null/],
    [() => categoricalColumn('x', undefined as never), /column x must be an array/],
  ] as [() => unknown, RegExp][]) {
    refused(work, TypeError, message);
  }
  const pipeline = FeaturePipeline.fit(table(categoricalColumn('c', ['a', 'b'])));
  for (const column of [
    { name: 'c', kind: 'other', values: new Float64Array(2) },
    { name: 'c', kind: 'numeric', values: [1, 2] },
    { name: 'c', kind: 'categorical', codes: [-1, 0.5], levels: ['a'] },
    { name: 'c', kind: 'categorical', codes: new Uint32Array(2) },
  ]) {
    const rows = { rows: 2, columns: [column] } as unknown as FeatureTable;
    refused(() => pipeline.encode(rows), TypeError, /column c must be numeric .* or categorical/);
  }
});

test('JSON: a round trip encodes alike; damaged or hostile objects are refused', () => {
  const rows = 50;
  const fit = table(
    numericColumn('x', numbers(rows, 2)),
    numericColumn(
      'y',
      Array.from(numbers(rows, 3), (v, i) => (i === 4 ? Number.NaN : v)),
    ),
    categoricalColumn(
      'c',
      Array.from(indices(rows, 7), (i) => `word ${i}`),
    ),
  );
  for (const numeric of ['bucket', 'standard'] as const) {
    const pipeline = FeaturePipeline.fit(fit, undefined, { numeric, bits: 12, buckets: 5, seed: 9 });
    const text = JSON.stringify(pipeline);
    const back = pipelineFromJSON(JSON.parse(text));
    assert.is(JSON.stringify(back), text);
    const [a, b] = [pipeline.encode(fit), back.encode(fit)];
    close(a.index, b.index);
    close(a.values, b.values);
    for (const [path, value] of [
      ['version', 2],
      ['columns', undefined],
      ['more', 1],
      ['options.bits', 40],
      ['options.evil', 1],
      ['columns', { length: 1e9 }],
      ['columns.0', null],
      ['columns.0.name', 7],
      ['columns.1.name', 'x'],
      ['columns.2.kind', 'constructor'],
      ['columns.2.extra', 1],
      ['columns.0.edges', [2, 1]],
      ['columns.0', { name: 'x', kind: 'bucket', edges: [null] }],
      ['columns.0', { name: 'x', kind: 'standard', mean: 'a', deviation: 1, missing: false }],
      ['columns.0', { name: 'x', kind: 'standard', mean: 0, deviation: -1, missing: false }],
    ] as const) {
      const copy = JSON.parse(text) as Record<string, unknown>;
      const keys = path.split('.');
      const last = keys.pop() as string;
      const at = keys.reduce((of, key) => of[key] as Record<string, unknown>, copy);
      if (value === undefined) delete at[last];
      else at[last] = value;
      assert.is(refusal(() => pipelineFromJSON(copy)).code, 'damaged-pipeline');
    }
  }
  for (const nonsense of [null, undefined, 3, 'text', [], {}]) {
    assert.is(refusal(() => pipelineFromJSON(nonsense)).code, 'damaged-pipeline');
  }
});

test('a store keeps rows as it grows, replaces them in place, and refuses what does not fit', () => {
  const shape = { fields: 2, numbers: 1, slots: 10 };
  const rows = (n: number, seed: number) => encodedRows(shape, indices(2 * n, 10, seed), numbers(n, seed));
  const store = new RowStore(engine, shape, 1);
  const parts = [rows(1, 2), rows(7, 3), rows(0, 4), rows(20, 5)];
  assert.equal(
    parts.map((part) => store.append(part)),
    [0, 1, 8, 8],
  );
  assert.is(store.rows, 28);
  const index = parts.flatMap((part) => [...part.index]);
  close(store.index.array.subarray(0, 56), index);
  close(
    store.values.array.subarray(0, 28),
    parts.flatMap((part) => [...part.values]),
  );
  store.write(3, parts[3], 4, 2);
  index.splice(6, 4, ...parts[3].index.subarray(8, 12));
  close(store.index.array.subarray(0, 56), index);
  assert.throws(() => store.write(27, parts[3], 0, 2), /first/);
  assert.throws(() => store.write(0, parts[3], 19, 2), /count/);
  assert.throws(
    () => store.append(encodedRows(shape, Uint32Array.of(1, 10), numbers(1))),
    /index\[1\] must be below 10/,
  );
  assert.throws(
    () => store.append(encodedRows({ ...shape, fields: 1 }, Uint32Array.of(1), numbers(1))),
    /1 fields/,
  );
  assert.throws(() => encodedRows(shape, Uint32Array.of(1, 2, 3), numbers(1)), /rows/);
  store.dispose();
});

test.run();
