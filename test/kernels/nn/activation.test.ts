import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close } from '../../helpers/close.ts';
import { call, LENGTHS, numbers, sameAsTwin } from '../../helpers/kernel.ts';
import { numericGradient } from '../../reference/engine/math.ts';
import * as twin from '../../reference/nn/activation.ts';

const empty = (n: number) => new Float32Array(n);
const first = (r: { after: unknown[] }) => r.after[0] as Float32Array;

for (const n of LENGTHS) {
  test(`relu and reluBackward n=${n}, and in place`, () => {
    const x = numbers(n);
    if (n > 2) x.set([0, -0, 1e-45]);
    const dy = numbers(n, 2);
    sameAsTwin('relu', twin.relu, [empty(n), x, n]);
    sameAsTwin('relu', twin.relu, [x, x, n]);
    sameAsTwin('reluBackward', twin.reluBackward, [empty(n), dy, x, n]);
    sameAsTwin('reluBackward', twin.reluBackward, [dy, dy, x, n]);
    sameAsTwin('reluBackward', twin.reluBackward, [x, dy, x, n]);
  });
  test(`tanh and tanhBackward n=${n}, and in place`, () => {
    const x = numbers(n, 1, -9, 9);
    const y = numbers(n, 3, -1, 1);
    const dy = numbers(n, 2);
    sameAsTwin('tanh', twin.tanh, [empty(n), x, n], { absolute: 1.8e-7 });
    sameAsTwin('tanh', twin.tanh, [x, x, n], { absolute: 1.8e-7 });
    sameAsTwin('tanhBackward', twin.tanhBackward, [empty(n), dy, y, n], { absolute: 3e-7 });
    sameAsTwin('tanhBackward', twin.tanhBackward, [dy, dy, y, n], { absolute: 3e-7 });
    sameAsTwin('tanhBackward', twin.tanhBackward, [y, dy, y, n], { absolute: 3e-7 });
  });
  test(`scaleColumns cols=${n}, and in place`, () => {
    for (const rows of [0, 1, 3]) {
      const x = numbers(rows * n);
      const m = numbers(n, 2);
      sameAsTwin('scaleColumns', twin.scaleColumns, [empty(rows * n), x, m, rows, n]);
      sameAsTwin('scaleColumns', twin.scaleColumns, [x, x, m, rows, n]);
    }
  });
  test(`dropout n=${n}, and in place`, () => {
    const x = numbers(n);
    for (const key of [
      [0, 42, 7, 3],
      [1, 42, 7, 3],
      [52429, 42, 7, 3],
      [65535, 42, 7, 3],
      [65536, 42, 7, 3],
      [32768, 0, 0, 0],
      [32768, 0xffffffff, 0x80000001, 0xfffffffe],
    ]) {
      sameAsTwin('dropout', twin.dropout, [empty(n), x, n, ...key, 0], { relative: 1.8e-7 });
      sameAsTwin('dropout', twin.dropout, [x, x, n, ...key, 0], { relative: 1.8e-7 });
    }
  });
}

test('the backwards are the derivatives of the forwards', () => {
  const n = 19;
  const dy = numbers(n, 2);
  for (const [name, forward] of [
    ['relu', twin.relu],
    ['tanh', twin.tanh],
  ] as const) {
    const x = Float64Array.from(numbers(n));
    const y = new Float64Array(n);
    const loss = () => {
      forward(y, x, n);
      return y.reduce((sum, v, i) => sum + v * dy[i], 0);
    };
    const expected = numericGradient(loss, x);
    loss();
    const back = call(`${name}Backward`, [empty(n), dy, Float32Array.from(y), n]);
    close(first(back), expected, { absolute: 1e-6 }, name);
  }
});

test('tanh stays in [-1, 1] and is within 1.8e-7 everywhere', () => {
  const x = numbers(100_000, 9, -20, 20);
  const y = first(call('tanh', [empty(x.length), x, x.length]));
  close(y, Float64Array.from(x, Math.tanh), { absolute: 1.8e-7 });
  const ends = Float32Array.of(-Infinity, Infinity, -1e30, 1e30, 0, 1e-40, Number.NaN, Number.NaN);
  close(first(call('tanh', [empty(8), ends, 8])), [-1, 1, -1, 1, 0, 0, Number.NaN, Number.NaN]);
});

test('body and tail carry the same bits', () => {
  const n = 67;
  const x = numbers(n, 1, -9, 9);
  const y = numbers(n, 3, -1, 1);
  const bodyTanh = first(call('tanh', [empty(n + 1), Float32Array.of(...x, 0), n + 1]));
  const bodyBack = first(
    call('tanhBackward', [empty(n + 1), Float32Array.of(...x, 0), Float32Array.of(...y, 0), n + 1]),
  );
  for (let i = 0; i < n; i++) {
    assert.is(first(call('tanh', [empty(1), x.slice(i, i + 1), 1]))[0], bodyTanh[i]);
    const back = call('tanhBackward', [empty(1), x.slice(i, i + 1), y.slice(i, i + 1), 1]);
    assert.is(first(back)[0], bodyBack[i]);
  }
  for (const length of [1, 2, 3, 5, 6, 7]) {
    const long = first(call('dropout', [empty(8), x.slice(0, 8), 8, 40000, 1, 2, 3, 0]));
    const short = first(call('dropout', [empty(length), x.slice(0, length), length, 40000, 1, 2, 3, 0]));
    close(short, long.subarray(0, length));
  }
});

test('NaN: relu and tanh pass it on, reluBackward takes it for not positive', () => {
  const x = Float32Array.of(1, NaN, 3, 4, NaN);
  close(first(call('relu', [empty(5), x, 5])), [1, NaN, 3, 4, NaN]);
  sameAsTwin('tanh', twin.tanh, [empty(5), x, 5], { absolute: 1.8e-7 });
  close(first(call('reluBackward', [empty(5), new Float32Array(5).fill(2), x, 5])), [2, 0, 2, 2, 0]);
  close(first(call('reluBackward', [empty(5), x, new Float32Array(5).fill(1), 5])), x);
  sameAsTwin('tanhBackward', twin.tanhBackward, [empty(5), x, empty(5), 5]);
});

/** Chi-square of `kept` out of `draws` at probability p: one degree of freedom, above 15.1 once in 10,000. */
const chi = (kept: number, draws: number, p: number) => (kept - draws * p) ** 2 / (draws * p * (1 - p));

test('dropout keeps the asked fraction, in each of the eight lanes, scaled exactly', () => {
  const n = 1 << 17;
  const ones = new Float32Array(n).fill(1);
  for (const kept of [6554, 32768, 52429]) {
    const y = first(call('dropout', [empty(n), ones, n, kept, 42, kept, 1, 0]));
    const lanes = new Array<number>(8).fill(0);
    y.forEach((v, i) => {
      if (v !== 0) lanes[i % 8]++;
    });
    const total = lanes.reduce((a, b) => a + b, 0);
    assert.ok(chi(total, n, kept / 65536) < 15.1, `${total} of ${n} kept`);
    const each = lanes.reduce((sum, count) => sum + chi(count, n / 8, kept / 65536), 0);
    assert.ok(
      each < 31.9,
      `chi-square of the lanes ${each}, 8 degrees of freedom, above 31.9 once in 10,000`,
    );
    assert.ok(y.every((v) => v === 0 || v === Math.fround(65536 / kept)));
  }
});

test('the same call on a gradient drops the same elements; another step, stream or seed drops others', () => {
  const n = 1000;
  const mask = (x: Float32Array, ...key: number[]) =>
    first(call('dropout', [empty(n), x, n, 32768, ...key, 0])).map((v) => (v === 0 ? 0 : 1));
  const forward = mask(numbers(n, 1, 1, 2), 42, 1, 2);
  close(mask(numbers(n, 9, -2, -1), 42, 1, 2), forward);
  for (const key of [
    [43, 1, 2],
    [42, 2, 2],
    [42, 1, 3],
  ]) {
    const same = mask(numbers(n, 1, 1, 2), ...key).filter((v, i) => v === forward[i]).length;
    assert.ok(chi(same, n, 0.5) < 15.1, `${same} of ${n} agree under key ${key}`);
  }
});

test('dropout of a part drops what the whole drops there', () => {
  const x = numbers(200, 1, 1, 2);
  const whole = first(call('dropout', [empty(200), x, 200, 40000, 1, 2, 3, 0]));
  for (const [from, to] of [
    [0, 64],
    [64, 200],
    [104, 107],
  ]) {
    const part = x.slice(from, to);
    const args = [empty(part.length), part, part.length, 40000, 1, 2, 3, from];
    close(first(call('dropout', args)), whole.subarray(from, to));
    sameAsTwin('dropout', twin.dropout, args, { relative: 1.8e-7 });
  }
});

test('dropout of NaN and infinity: dropped is 0, kept is passed on', () => {
  const x = new Float32Array(64).map((_, i) => (i % 2 ? Number.NaN : Number.POSITIVE_INFINITY));
  sameAsTwin('dropout', twin.dropout, [empty(64), x, 64, 32768, 1, 1, 1, 0]);
  close(first(call('dropout', [empty(64), x, 64, 0, 1, 1, 1, 0])), empty(64));
});

test.run();
