import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { numberOfBytes, numberOfText, secondsOfNumber, secondsOfText } from '../../src/io/values.ts';
import { bytes } from '../helpers/io-table.ts';

const number = (text: string) => numberOfBytes(bytes(text), 0, bytes(text).length);

test('decimal numbers, and what is not one', () => {
  const good = [
    '0',
    '-0',
    '12',
    '-3.5',
    '.5',
    '5.',
    '+4',
    '1e3',
    '1E-3',
    ' 7 ',
    '0.1',
    '123456789012345678',
    '1e308',
  ];
  for (const text of good) assert.is(number(text), Number(text), text);
  const bad = [
    '',
    ' ',
    '-',
    '.',
    '+',
    'e5',
    '1e',
    '0x1F',
    '0b1',
    'NaN',
    'inf',
    '-Infinity',
    '1e999',
    '1_000',
    '1,5',
  ];
  for (const text of [...bad, '1 2', '--1', '1.2.3', '١', '9'.repeat(500), `1${'\0'}`])
    assert.ok(Number.isNaN(number(text)), text);
});

test('property: the fast path gives the bits of Number()', () => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 17 });
  fc.assert(
    fc.property(digits, fc.nat(17), fc.boolean(), (text, point, negative) => {
      const at = Math.min(point, text.length);
      const decimal = `${negative ? '-' : ''}${text.slice(0, at)}.${text.slice(at)}`;
      assert.ok(Object.is(number(decimal), Number(decimal)), decimal);
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      assert.is(number(String(value)), value);
      assert.is(numberOfText(String(value)), value);
    }),
    { numRuns: 2000 },
  );
});

test('a number is seconds up to 1e11, then milli-, micro- and nanoseconds', () => {
  assert.is(secondsOfNumber(1_700_000_000), 1_700_000_000);
  assert.is(secondsOfNumber(0.25), 0.25);
  assert.is(secondsOfNumber(1e11), 1e11);
  assert.is(secondsOfNumber(1_700_000_000_000), 1_700_000_000);
  assert.is(secondsOfNumber(1_700_000_000_000_000), 1_700_000_000);
  assert.is(secondsOfNumber(1_700_000_000_000_000_000), 1_700_000_000);
  assert.is(secondsOfNumber(-1_700_000_000_000), -1_700_000_000);
  assert.ok(Number.isNaN(secondsOfNumber(1e21)));
  assert.ok(Number.isNaN(secondsOfNumber(Number.NaN)));
});

test('ISO 8601 dates and times; without a zone they are UTC', () => {
  const day = Date.UTC(2024, 1, 29) / 1000;
  assert.is(secondsOfText('2024-02-29'), day);
  assert.is(secondsOfText('2024-02-29 12:30'), day + 45_000);
  assert.is(secondsOfText('2024-02-29T12:30:05'), day + 45_005);
  assert.is(secondsOfText('2024-02-29T12:30:05.25Z'), day + 45_005.25);
  assert.is(secondsOfText('2024-02-29T12:30:05+02:00'), day + 45_005 - 7200);
  assert.is(secondsOfText('2024-02-29T12:30:05-0130'), day + 45_005 + 5400);
  assert.is(secondsOfText('0050-01-01'), new Date('0050-01-01T00:00:00Z').getTime() / 1000);
  const bad = [
    '2023-02-29',
    '2024-13-01',
    '2024-00-10',
    '2024-01-32',
    '2024-01-01T24:00',
    '2024-01-01T10:60',
    '24-01-01',
  ];
  for (const text of [...bad, '2024-1-1', '01/02/2024', '2024-01-01T10', '2024-01-01T10:00+25:00', '']) {
    assert.ok(Number.isNaN(secondsOfText(text)), text);
  }
});

test('property: every ISO string of a Date is read back', () => {
  const date = fc.date({
    min: new Date('0001-01-01T00:00:00Z'),
    max: new Date('9999-12-31T00:00:00Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(date, (d) => assert.ok(Math.abs(secondsOfText(d.toISOString()) - d.getTime() / 1000) < 1e-4)),
  );
});

test.run();
