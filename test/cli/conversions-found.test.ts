import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { featureTable } from '../../src/cli/conversions-features.ts';
import { foundFeature, type RowTimes } from '../../src/cli/conversions-found.ts';
import { categoricalColumn } from '../../src/nn/tabular/table.ts';

const N = 60;
const cells = (of: (i: number) => string | number) => Array.from({ length: N }, (_, i) => String(of(i)));
const START = 1_735_700_000;
const DATES: RowTimes = { values: Float64Array.from({ length: N }, (_, i) => START + 3600 * i), dates: true };
const DAYS: RowTimes = { values: Float64Array.from({ length: N }, (_, i) => i / 2), dates: false };

const found = (values: string[], time?: RowTimes) => {
  const feature = foundFeature(categoricalColumn('x', values), time);
  return 'kind' in feature ? feature.kind : feature.why;
};

test('a column is a number, a category, or no feature at all, by its values', () => {
  const iso = (i: number) => new Date(1000 * (START + 5000 * i)).toISOString();
  assert.is(found(cells((i) => `city ${i % 7}`)), 'categorical');
  assert.is(found(cells((i) => i % 9)), 'categorical', 'few different numbers are codes');
  assert.is(found(cells((i) => ((i * 37) % 41) / 4)), 'numeric');
  assert.is(found(cells((i) => (i % 3 === 0 ? '' : (i * 37) % 41))), 'numeric');
  assert.is(found(cells(() => '')), 'categorical');
  assert.is(found(cells((i) => `order ${i}`)), 'differs in every row');
  assert.is(found(cells((i) => 1000 + i)), 'numbers the rows');
  assert.is(found(cells((i) => 5000 - 3 * i)), 'numbers the rows');
  assert.is(found(cells((i) => (i * 37) % 61)), 'numeric', 'numbers in no order may be amounts');
  for (const time of [undefined, DATES, DAYS]) {
    assert.is(found(cells(iso), time), 'holds dates');
    assert.is(
      found(
        cells((i) => (i % 2 ? '' : '2025-03-01')),
        time,
      ),
      'holds dates',
    );
  }
});

test('times as numbers are found beside the times of the rows, and amounts are not taken for them', () => {
  const cart = cells((i) => (i % 3 === 0 ? START + 3600 * i + ((i * 13) % 500) : ''));
  assert.is(found(cart, DATES), 'holds times');
  assert.is(
    found(
      cart.map((t) => (t === '' ? '' : `${t}000`)),
      DATES,
    ),
    'holds times',
    'milliseconds',
  );
  assert.is(found(cart), 'holds times', 'and without any');
  assert.is(found(cart, DAYS), 'numeric', 'where days are counted from 0, no number of this size is a time');
  assert.is(
    found(
      cells((i) => 19.99 + ((i * 37) % 400)),
      DATES,
    ),
    'numeric',
  );
  const later = (i: number) => i / 2 + ((i * 7) % 5) / 10;
  assert.is(
    found(
      cells((i) => (i % 2 ? '' : later(i))),
      DAYS,
    ),
    'holds times',
  );
  assert.is(found(cells(later), DAYS), 'numeric', 'known for every row: no event that some rows have');
  assert.is(
    found(
      cells((i) => (i % 2 ? '' : 31 - later(i))),
      DAYS,
    ),
    'numeric',
    'before the row',
  );
  assert.is(
    found(
      cells((i) => (i % 2 ? '' : later(i) + 100)),
      DAYS,
    ),
    'numeric',
    'beyond the log',
  );
});

test('what is left out is told, --categorical takes it in, and nothing left is an error that names all', () => {
  const read = {
    'feature seen': cells((i) => (i % 2 ? '' : '2025-03-01')),
    'feature n': cells((i) => i),
    'feature kind': cells((i) => i % 4),
  };
  const names = { numeric: [], categorical: [], unknown: ['seen', 'n', 'kind'] };
  const { features, left } = featureTable(names, read, N, 'log.csv');
  assert.equal(
    features.columns.map(({ name }) => name),
    ['kind'],
  );
  assert.equal(left, [
    { name: 'seen', why: 'holds dates' },
    { name: 'n', why: 'numbers the rows' },
  ]);
  const wanted = featureTable({ numeric: [], categorical: ['seen'], unknown: [] }, read, N, 'log.csv');
  assert.equal([wanted.features.columns.length, wanted.left], [1, []]);
  assert.throws(
    () => featureTable({ ...names, unknown: ['seen', 'n'] }, read, N, 'log.csv'),
    /left to learn from: seen \(holds dates\), n \(numbers the rows\)/,
  );
});

test.run();
