import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close } from '../../helpers/close.ts';
import { call, engine, LENGTHS, sameAsTwin } from '../../helpers/kernel.ts';
import * as twin from '../../reference/engine/random.ts';

// Random123 (kat_vectors, philox 4x32 10): counter, key, result.
for (const [counter, key, expected] of [
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
]) {
  test(`philox known answer ${key.map((k) => k.toString(16))}`, () => {
    const args = [new Uint32Array(4), ...counter, ...key];
    assert.equal([...(call('philoxBlock', args).after[0] as Uint32Array)], expected);
    sameAsTwin('philoxBlock', twin.philoxBlock, args);
  });
}

for (const n of LENGTHS) {
  for (const [seed, stream, step] of [
    [0, 0, 0],
    [0xffffffff, 1, 0xfffffff0],
  ]) {
    test(`n=${n} seed=${seed}`, () => {
      sameAsTwin('randomBits', twin.randomBits, [new Uint32Array(n), n, seed, stream, step]);
      sameAsTwin('randomUniform', twin.randomUniform, [new Float32Array(n), n, seed, stream, step]);
      for (const bound of [1, 2, 10, 3_000_000_000, 0xffffffff]) {
        sameAsTwin('randomIntegers', twin.randomIntegers, [new Uint32Array(n), n, bound, seed, stream, step]);
      }
      sameAsTwin('randomNormal', twin.randomNormal, [new Float32Array(n), n, 2.5, seed, stream, step], {
        relative: 1e-6,
        absolute: 1e-6,
      });
    });
  }
}

const drawn = <T>(
  name: 'randomBits' | 'randomUniform' | 'randomIntegers' | 'randomNormal',
  args: Parameters<typeof call>[1],
) => call(name, args).after[0] as T;

test('a longer draw begins with the shorter one; other keys give other numbers', () => {
  const bits = (n: number, ...key: number[]) => [
    ...drawn<Uint32Array>('randomBits', [new Uint32Array(n), n, ...key]),
  ];
  const first = bits(50, 1, 2, 3);
  assert.equal(bits(100, 1, 2, 3).slice(0, 50), first);
  for (const key of [
    [2, 2, 3],
    [1, 3, 3],
    [1, 2, 4],
  ]) {
    assert.is(bits(50, ...key).filter((x, i) => x === first[i]).length, 0);
  }
});

const N = 1_000_000;

test('uniform: in [0, 1), both ends reached as closely as a million draws should', () => {
  const x = drawn<Float32Array>('randomUniform', [new Float32Array(N), N, 7, 0, 0]);
  let [low, high, sum, squares] = [1, 0, 0, 0];
  for (const v of x) {
    low = Math.min(low, v);
    high = Math.max(high, v);
    sum += v;
    squares += v * v;
  }
  assert.ok(low >= 0 && low < 2e-5, `smallest ${low}`);
  assert.ok(high < 1 && high > 1 - 2e-5, `largest ${high}`);
  assert.ok(Math.abs(sum / N - 0.5) < 5 * Math.sqrt(1 / 12 / N));
  assert.ok(Math.abs(squares / N - 1 / 3) < 5 * Math.sqrt(4 / 45 / N));
  // The ends of the map itself: no bits give 1, and zero bits give 0.
  assert.is(Math.fround(0xffffff * 2 ** -24), 1 - 2 ** -24);
});

test('integers: chi-square near the top of the range, where the modulo of few bits would show', () => {
  for (const bound of [10_000, 40_000, 3 * 2 ** 30]) {
    const x = drawn<Uint32Array>('randomIntegers', [new Uint32Array(N), N, bound, 3, 1, 0]);
    const cells = 3000;
    const counts = new Float64Array(cells);
    for (const v of x) {
      assert.ok(v < bound);
      counts[Math.floor((v * cells) / bound)]++;
    }
    // Cells hold a whole number of values that may differ by one.
    let statistic = 0;
    for (let c = 0; c < cells; c++) {
      const values = Math.ceil(((c + 1) * bound) / cells) - Math.ceil((c * bound) / cells);
      const expected = (N * values) / bound;
      statistic += (counts[c] - expected) ** 2 / expected;
    }
    const deviation = (statistic - (cells - 1)) / Math.sqrt(2 * (cells - 1));
    assert.ok(Math.abs(deviation) < 5, `bound ${bound}: ${deviation} standard deviations`);
  }
});

test('normal: four moments, and never beyond 6.4', () => {
  const x = drawn<Float32Array>('randomNormal', [new Float32Array(N), N, 1, 5, 0, 0]);
  const moment = (k: number) => x.reduce((sum, v) => sum + v ** k, 0) / N;
  // Standard errors of the first four moments of N standard normals: 1, 2, 15, 96 over N.
  assert.ok(Math.abs(moment(1)) < 5 * Math.sqrt(1 / N));
  assert.ok(Math.abs(moment(2) - 1) < 5 * Math.sqrt(2 / N));
  assert.ok(Math.abs(moment(3)) < 5 * Math.sqrt(15 / N));
  assert.ok(Math.abs(moment(4) - 3) < 5 * Math.sqrt(96 / N));
  assert.ok(x.every((v) => Math.abs(v) <= 6.4));
  assert.ok(Math.abs(twin.normalQuantile(0.975) - 1.959963985) < 1e-6, 'the twin knows a table');
  assert.ok(Math.abs(twin.normalQuantile(0.5 / 2 ** 32) + 6.3378) < 1e-3);
  for (const p of [1e-300, 1e-12, 0.001, 0.0749, 0.075, 0.3, 0.5, 0.8, 0.925, 0.999, 1 - 1e-12]) {
    close([engine.kernels.normalQuantile(p)], [twin.normalQuantile(p)], { absolute: 1e-12, relative: 1e-13 });
  }
});

test.run();
