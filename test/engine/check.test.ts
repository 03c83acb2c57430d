import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  DataError,
  flag,
  integer,
  list,
  notAborted,
  numbers,
  oneOf,
  options,
  real,
  sized,
} from '../../src/check.ts';
import { refused } from '../helpers/refused.ts';

const NOT_NUMBERS = [undefined, null, '3', '', true, [], {}, 3n, () => 3];

test('integer: whole numbers from min to max', () => {
  for (const value of [0, 5, 10]) assert.is(integer(value, 'k', 0, 10), value);
  assert.is(integer(Number.MAX_SAFE_INTEGER, 'k', 0), Number.MAX_SAFE_INTEGER);
  for (const value of NOT_NUMBERS)
    refused(() => integer(value, 'k', 0, 10), TypeError, /^k must be a number, got /);
  for (const value of [NaN, Infinity, -Infinity, 0.5, -1, 11, 2 ** 53]) {
    refused(
      () => integer(value, 'k', 0, 10),
      RangeError,
      `k must be a whole number from 0 to 10, got ${value}`,
    );
  }
  refused(() => integer(2 ** 53, 'k', 0), RangeError, /k must be a whole number/);
});

test('real: finite numbers from min to max', () => {
  for (const value of [0, 0.5, 1]) assert.is(real(value, 'rate', 0, 1), value);
  for (const value of [-Number.MAX_VALUE, Number.MAX_VALUE, 5e-324]) assert.is(real(value, 'rate'), value);
  for (const value of NOT_NUMBERS)
    refused(() => real(value, 'rate'), TypeError, /^rate must be a number, got /);
  for (const value of [NaN, Infinity, -Infinity]) {
    refused(() => real(value, 'rate'), RangeError, /^rate must be a finite number .* got /);
  }
  for (const value of [-1e-9, 1.0000001, NaN]) {
    refused(
      () => real(value, 'rate', 0, 1),
      RangeError,
      `rate must be a finite number from 0 to 1, got ${value}`,
    );
  }
});

test('list: the entries of anything iterable but text', () => {
  for (const value of [[1, 2], new Uint8Array([1, 2]), new Set([1, 2]), [1, 2].values()]) {
    assert.equal(list<number>(value, 'items'), [1, 2]);
  }
  assert.equal(list([], 'items'), []);
  for (const value of [undefined, null, 'ab', '', 3, true, {}, { length: 1 }, () => []]) {
    refused(() => list(value as never, 'items'), TypeError, /^items must be a list, got /);
  }
});

test('oneOf: a word of the list', () => {
  assert.is(oneOf('sum', 'reduce', ['sum', 'mean']), 'sum');
  for (const value of ['max', 'Sum', '', undefined, null, NaN, 0, ['sum']]) {
    refused(
      () => oneOf(value, 'reduce', ['sum', 'mean']),
      RangeError,
      /^reduce must be one of sum, mean, got /,
    );
  }
  refused(
    () => oneOf('max', 'reduce', ['sum', 'mean']),
    RangeError,
    'reduce must be one of sum, mean, got "max"',
  );
});

test('flag: true or false and nothing like them', () => {
  assert.is(flag(true, 'shuffle'), true);
  assert.is(flag(false, 'shuffle'), false);
  for (const value of [undefined, null, 0, 1, NaN, 'true', '', []]) {
    refused(() => flag(value, 'shuffle'), TypeError, /^shuffle must be true or false, got /);
  }
});

test('sized: arrays and typed arrays of one length', () => {
  for (const value of [[], new Float32Array(0)]) assert.is(sized(value, 'x', 0), value);
  for (const value of [[1, 2], new Uint8Array(2), { length: 2 }]) assert.is(sized(value, 'x', 2), value);
  for (const value of [undefined, null, 2, NaN, 'ab', {}, { length: '2' }, () => 2]) {
    refused(() => sized(value as unknown as unknown[], 'x', 2), TypeError, /^x must be an array, got /);
  }
  refused(() => sized([1], 'x', 2), RangeError, 'x must have 2 entries, got 1');
  refused(() => sized(new Float64Array(3), 'x', 2), RangeError, 'x must have 2 entries, got 3');
  refused(() => sized([1], 'x', NaN), RangeError, /^x must have NaN entries/);
});

test('numbers: arrays of numbers alone', () => {
  for (const value of [[1, NaN], new Float32Array(2), new Uint8Array(2)])
    assert.is(numbers(value, 'x', 2), value);
  for (const [value, at] of [
    [[1, null], 1],
    [['1', 2], 0],
    [[1, undefined], 1],
    [new BigInt64Array(2), 0],
  ] as [never, number][]) {
    refused(() => numbers(value, 'x', 2), TypeError, new RegExp(`^x\\[${at}\\] must be a number, got `));
  }
  refused(() => numbers([1], 'x', 2), RangeError, 'x must have 2 entries, got 1');
  assert.equal(numbers(new BigInt64Array(0) as never, 'x', 0).length, 0);
});

test('options: defaults overlaid, unknown keys refused by name', () => {
  const defaults = { rate: 0.1, epochs: 5, name: undefined as string | undefined };
  assert.equal(options(undefined, defaults, 'train'), defaults);
  assert.is.not(options(undefined, defaults, 'train'), defaults, 'a copy');
  assert.equal(options({ epochs: 0, name: 'a' }, defaults, 'train'), { rate: 0.1, epochs: 0, name: 'a' });
  assert.equal(options({ rate: undefined }, defaults, 'train'), defaults, 'undefined is absent');
  assert.equal(defaults, { rate: 0.1, epochs: 5, name: undefined }, 'the defaults stay');
  for (const key of ['epoch', 'Rate', 'toString', 'constructor', '']) {
    refused(
      () => options({ [key]: 1 }, defaults, 'train'),
      TypeError,
      `train: unknown option ${JSON.stringify(key)}; known are rate, epochs, name`,
    );
  }
  refused(
    () => options(JSON.parse('{"__proto__": 1}'), defaults, 'train'),
    TypeError,
    /unknown option "__proto__"/,
  );
  for (const value of [null, 5, NaN, 'rate', true]) {
    refused(
      () => options(value as unknown as object, defaults, 'train'),
      TypeError,
      /^train must be an object of options, got /,
    );
  }
});

test('values are shown briefly', () => {
  const shown = (value: unknown) => {
    try {
      return String(integer(value, 'k', 0));
    } catch (error) {
      return (error as Error).message.replace('k must be a number, got ', '');
    }
  };
  assert.is(shown('x'.repeat(1000)), `"${'x'.repeat(60)}..."`);
  assert.is(shown('a\nb'), '"a\\nb"');
  assert.is(shown([1, 2, 3]), 'Array(3)');
  assert.is(shown(new Float32Array(9)), 'Float32Array(9)');
  assert.is(shown({ a: 1 }), 'an object');
  assert.is(shown(Object.create(null)), 'an object');
  assert.equal([null, undefined, true, 3n, Symbol('s')].map(shown), [
    'null',
    'undefined',
    'true',
    '3',
    'Symbol(s)',
  ]);
  assert.is(
    shown(function large() {
      return 'a function does not print its source';
    }),
    'a function',
  );
});

test('DataError names its place in the message and in fields', () => {
  const cause = new Error('inner');
  const place = { code: 'bad-number', file: 'a.csv', line: 7, column: 'price' };
  const error = new DataError('must be a number, got "x"', place, cause);
  assert.instance(error, Error);
  assert.is(error.name, 'DataError');
  assert.is(error.message, 'a.csv, line 7, column price: must be a number, got "x"');
  assert.equal([error.code, error.file, error.line, error.column], ['bad-number', 'a.csv', 7, 'price']);
  assert.is(error.cause, cause);
  const bare = new DataError('is damaged', { code: 'truncated' });
  assert.is(bare.message, 'is damaged');
  assert.not.ok('cause' in bare);
  assert.is(new DataError('x', { code: 'c', line: 0 }).message, 'line 0: x');
});

test('notAborted throws the reason of a signal that has fired', () => {
  notAborted(undefined);
  const controller = new AbortController();
  notAborted(controller.signal);
  const reason = new Error('enough');
  controller.abort(reason);
  try {
    notAborted(controller.signal);
    assert.unreachable();
  } catch (error) {
    assert.is(error, reason);
  }
  refused(() => notAborted(AbortSignal.abort()), Error, /abort/i);
});

test.run();
