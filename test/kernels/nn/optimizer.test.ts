import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close } from '../../helpers/close.ts';
import { call, LENGTHS, numbers, sameAsTwin } from '../../helpers/kernel.ts';
import * as twin from '../../reference/nn/optimizer.ts';

/** The numbers adam takes at step `t`, from the textbook's. */
function settings({ t = 1, lr = 0.01, b1 = 0.9, b2 = 0.999, eps = 1e-8, weightDecay = 0 }): number[] {
  const root = Math.sqrt(1 - b2 ** t);
  return [(lr * root) / (1 - b1 ** t), b1, b2, eps * root, 1 - lr * weightDecay];
}

const TOLERANCE = { absolute: 2e-7, relative: 1e-6 };

for (const n of LENGTHS) {
  test(`adam n=${n}`, () => {
    for (const given of [{}, { t: 10, weightDecay: 0.1 }, { t: 1000, b1: 0, lr: 0.1 }]) {
      const args = [numbers(n), numbers(n, 2), numbers(n, 3), numbers(n, 4, 0.01, 2), n];
      sameAsTwin('adam', twin.adam, [...args, ...settings(given)], TOLERANCE);
    }
  });
  test(`adagrad n=${n}`, () => {
    for (const [rate, pull, scale] of [
      [0.1, 0, 1],
      [0.05, 0.01, 1 / 256],
    ]) {
      const args = [numbers(n), numbers(n, 2), numbers(n, 3, 0.01, 2), n, rate, pull, scale];
      sameAsTwin('adagrad', twin.adagrad, args, TOLERANCE);
    }
  });
  test(`adamRows d=${n}: the listed rows move, the others stay`, () => {
    const [table, rows] = [7, Uint32Array.of(5, 0, 3)];
    for (const count of [0, 1, 3]) {
      const args = [
        numbers(table * n),
        numbers(count * n, 2),
        numbers(table * n, 3),
        numbers(table * n, 4, 0.01, 2),
        rows.slice(0, count),
        count,
        n,
      ];
      sameAsTwin('adamRows', twin.adamRows, [...args, ...settings({ t: 3, weightDecay: 0.1 })], TOLERANCE);
      const after = call('adamRows', [...args, ...settings({ t: 3, weightDecay: 0.1 })])
        .after as Float32Array[];
      for (const i of [0, 2, 3]) {
        for (const untouched of [1, 2, 4, 6]) {
          const part = (x: Float32Array) => x.subarray(untouched * n, (untouched + 1) * n);
          close(part(after[i]), part(args[i] as Float32Array));
        }
      }
    }
  });
}

test('golden: the first step is lr sign(g), whatever the size of g', () => {
  const g = Float32Array.of(1e-3, -5, 0.25, -1e4, 1);
  const zero = () => new Float32Array(5);
  const [p, , m, v] = call('adam', [zero(), g, zero(), zero(), 5, ...settings({ lr: 0.01 })])
    .after as Float32Array[];
  close(
    p,
    Float64Array.from(g, (x) => -0.01 * Math.sign(x)),
    { relative: 2e-5 },
  );
  close(
    m,
    Float64Array.from(g, (x) => 0.1 * x),
    { relative: 1e-6 },
  );
  close(
    v,
    Float64Array.from(g, (x) => 0.001 * x * x),
    { relative: 2e-5 },
  );
});

test('golden: the first step of adagrad is the rate, the second with the same gradient the rate / sqrt 2', () => {
  const g = Float32Array.of(1e-2, -5, 0.25, -1e4, 1);
  const once = call('adagrad', [new Float32Array(5), g, new Float32Array(5).fill(1e-8), 5, 0.1, 0, 1]).after;
  const [p, , s] = once as Float32Array[];
  close(
    p,
    Float64Array.from(g, (x) => -0.1 * Math.sign(x)),
    { relative: 1e-4 },
  );
  const twice = call('adagrad', [p, g, s, 5, 0.1, 0, 1]).after[0] as Float32Array;
  close(
    twice,
    Float64Array.from(p, (x) => x * (1 + Math.SQRT1_2)),
    { relative: 1e-4 },
  );
});

test('golden: without a gradient only the decay acts', () => {
  const zero = () => new Float32Array(5);
  const args = [
    new Float32Array(5).fill(2),
    zero(),
    zero(),
    zero(),
    5,
    ...settings({ lr: 0.1, weightDecay: 0.5 }),
  ];
  close(call('adam', args).after[0] as Float32Array, new Float32Array(5).fill(1.9), { relative: 1e-7 });
});

test('body and tail carry the same bits, and adamRows those of adam', () => {
  const n = 8;
  const all = [numbers(n), numbers(n, 2), numbers(n, 3), numbers(n, 4, 0.01, 2)];
  const given = settings({ t: 5, weightDecay: 0.01 });
  const body = call('adam', [...all, n, ...given]).after as Float32Array[];
  for (let i = 0; i < n; i++) {
    const one = call('adam', [...all.map((x) => x.slice(i, i + 1)), 1, ...given]).after as Float32Array[];
    for (const k of [0, 2, 3]) assert.is(one[k][0], body[k][i]);
  }
  const rows = call('adamRows', [...all, Uint32Array.of(1, 0), 2, 4, ...given]).after as Float32Array[];
  const swapped = all[1].slice();
  swapped.copyWithin(0, 4);
  swapped.set(all[1].subarray(0, 4), 4);
  const flat = call('adam', [all[0], swapped, all[2], all[3], n, ...given]).after as Float32Array[];
  for (const k of [0, 2, 3]) close(rows[k], flat[k]);
});

test('a NaN gradient stays in its element', () => {
  const g = numbers(6, 2);
  g[1] = Number.NaN;
  g[5] = Number.NaN;
  const zero = () => new Float32Array(6);
  sameAsTwin('adam', twin.adam, [numbers(6), g, zero(), zero(), 6, ...settings({})], TOLERANCE);
});

test('1,000 steps reach the minimum of a badly scaled quadratic', () => {
  const target = numbers(6, 8);
  let [p, m, v] = [new Float32Array(6), new Float32Array(6), new Float32Array(6)] as Float32Array[];
  for (let t = 1; t <= 1000; t++) {
    const g = p.map((x, i) => 10 ** (i - 3) * (x - target[i]));
    const args = [p, g, m, v, 6, ...settings({ t, lr: 0.02 * (1 - t / 1001) })];
    [p, , m, v] = call('adam', args).after as Float32Array[];
  }
  close(p, target, { absolute: 1e-3 });
});

test.run();
