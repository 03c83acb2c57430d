import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close } from '../../helpers/close.ts';
import { type Argument, call, indices, LENGTHS, numbers, sameAsTwin } from '../../helpers/kernel.ts';
import { numericGradient } from '../../reference/engine/math.ts';
import * as twin from '../../reference/nn/loss.ts';

const empty = (n: number) => new Float32Array(n);
const first = (r: { after: unknown[] }) => r.after[0] as Float32Array;

function softmaxCase(rows: number, negatives: number, scale: number, spread = 2): Argument[] {
  return [
    numbers(rows * negatives, 1, -spread, spread),
    empty(rows),
    numbers(rows, 2, -spread, spread),
    numbers(negatives, 3),
    indices(rows, 6, 4),
    indices(negatives, 6, 5),
    rows,
    negatives,
    scale,
  ];
}

for (const negatives of LENGTHS) {
  test(`sampledSoftmax negatives=${negatives}`, () => {
    for (const rows of [0, 1, 3, 5]) {
      for (const spread of [2, 30, 100]) {
        sameAsTwin('sampledSoftmax', twin.sampledSoftmax, softmaxCase(rows, negatives, 0.5, spread), {
          absolute: 2e-5,
          relative: 1e-5,
        });
      }
    }
  });
}

for (const n of [...LENGTHS, 4095, 4096, 4097, 10_001]) {
  test(`logisticLoss n=${n}, with and without weights`, () => {
    for (const [sign, shift, scale] of [
      [1, 0, 1],
      [-1, 1, 0.25],
    ]) {
      for (const weight of [null, numbers(n, 2, 0, 3)]) {
        sameAsTwin(
          'logisticLoss',
          twin.logisticLoss,
          [numbers(n, 1, -20, 20), weight, n, sign, shift, scale],
          {
            absolute: 1e-6,
            relative: 1e-6,
          },
        );
      }
    }
  });
}

for (const cols of LENGTHS) {
  test(`addColumnSums cols=${cols}`, () => {
    for (const rows of [0, 1, 5, 64]) {
      sameAsTwin('addColumnSums', twin.addColumnSums, [numbers(cols, 2), numbers(rows * cols), rows, cols], {
        absolute: 1e-5,
      });
    }
  });
}

for (const rows of LENGTHS) {
  test(`softLogistic rows=${rows}, with and without weights, offsets and ids`, () => {
    for (const heads of [1, 3]) {
      const all = 2 * rows * heads;
      const [label, weight, offset] = [numbers(all, 2, 0, 1), numbers(all, 3, 0, 3), numbers(all, 4)];
      const ids = indices(rows, Math.max(1, 2 * rows), 5);
      const logits = numbers(rows * heads, 1, -20, 20);
      for (const options of [
        [null, null, null],
        [weight, null, ids],
        [null, offset, ids],
        [weight, offset, null],
      ]) {
        const args = [label, ...options, rows, heads];
        const tolerance = { absolute: 2e-6, relative: 1e-6 };
        sameAsTwin('softLogistic', twin.softLogistic, [empty(rows * heads), logits, ...args], tolerance);
        sameAsTwin('softLogistic', twin.softLogistic, [logits, logits, ...args], tolerance);
      }
    }
  });
}

test('softLogistic: the gradient matches central differences', () => {
  const [rows, heads] = [7, 2];
  const logits = Float64Array.from(numbers(rows * heads, 1, -6, 6));
  const [label, weight] = [numbers(rows * heads, 2, 0, 1), numbers(rows * heads, 3, 0, 3)];
  const offset = numbers(rows * heads, 4);
  const out = empty(rows * heads);
  const loss = () => twin.softLogistic(out.slice(), logits, label, weight, offset, null, rows, heads);
  const gradient = first(
    call('softLogistic', [out, Float32Array.from(logits), label, weight, offset, null, rows, heads]),
  );
  close(gradient, numericGradient(loss, logits), { absolute: 2e-6 });
});

test('softLogistic: golden values, one bit pattern for body and tail, NaN in its own row', () => {
  const golden = call('softLogistic', [
    empty(2),
    Float32Array.of(0, 0),
    Float32Array.of(1, 0.25),
    null,
    null,
    null,
    2,
    1,
  ]);
  close([golden.result], [2 * Math.LN2], { relative: 1e-7 });
  close(first(golden), [-0.5, 0.25]);
  const [z, y, w] = [numbers(8, 1, -9, 9), numbers(8, 2, 0, 1), numbers(8, 3, 0, 2)];
  const body = first(call('softLogistic', [empty(8), z, y, w, null, null, 8, 1]));
  for (let i = 0; i < 8; i++) {
    const one = first(
      call('softLogistic', [empty(1), z.slice(i, i + 1), y, w, null, Uint32Array.of(i), 1, 1]),
    );
    assert.is(one[0], body[i]);
  }
  z[2] = Number.NaN;
  const bad = call('softLogistic', [empty(8), z, y, w, null, null, 8, 1]);
  assert.ok(Number.isNaN(bad.result) && first(bad).every((g, i) => Number.isNaN(g) === (i === 2)));
});

test('golden: sampledSoftmax of equal logits is log(1 + negatives), gradient 1 / (1 + negatives)', () => {
  const [rows, negatives] = [2, 9];
  const args = [
    empty(18),
    empty(2),
    empty(2),
    empty(9),
    Uint32Array.of(100, 101),
    indices(9, 50),
    rows,
    negatives,
  ];
  const { result, after } = call('sampledSoftmax', [...args, 1]);
  close([result], [2 * Math.log(10)], { relative: 1e-7 });
  close(after[0] as Float32Array, new Float32Array(18).fill(0.1), { relative: 1e-6 });
  close(after[1] as Float32Array, [-0.9, -0.9], { relative: 1e-6 });
});

test('golden: a negative that is the positive is left out, and offsets are log weights', () => {
  // Row 0 counts negatives 7 and 9 with weights 2 and 3 out of 7, 8, 9: S = 5.
  const offset = Float32Array.of(Math.log(2), Math.log(100), Math.log(3));
  const ids = [Uint32Array.of(8), Uint32Array.of(7, 8, 9)];
  const { result, after } = call('sampledSoftmax', [empty(3), empty(1), empty(1), offset, ...ids, 1, 3, 6]);
  close([result], [Math.log(6)], { relative: 1e-6 });
  close(after[0] as Float32Array, [2, 0, 3], { relative: 1e-6 });
  close(after[1] as Float32Array, [-5], { relative: 1e-6 });
});

test('sampledSoftmax: all negatives left out costs nothing; a hopeless positive costs 60 at most', () => {
  const all = call('sampledSoftmax', [
    numbers(5),
    empty(1),
    empty(1),
    empty(5),
    Uint32Array.of(3),
    new Uint32Array(5).fill(3),
    1,
    5,
    1,
  ]);
  assert.is(all.result, 0);
  close(first(all), empty(5));
  close(all.after[1] as Float32Array, [-0]);
  const ids = [Uint32Array.of(9), Uint32Array.of(1)];
  const hopeless = call('sampledSoftmax', [
    Float32Array.of(500),
    empty(1),
    empty(1),
    empty(1),
    ...ids,
    1,
    1,
    1,
  ]);
  close([hopeless.result], [60], { relative: 1e-6 });
  close(first(hopeless), [1]);
});

test('sampledSoftmax: the gradients of a row sum to zero, and match central differences', () => {
  const [rows, negatives, scale] = [3, 11, 0.5];
  const args = softmaxCase(rows, negatives, scale);
  const { after } = call('sampledSoftmax', args);
  const [dLogits, dPositive] = after as Float32Array[];
  for (let i = 0; i < rows; i++) {
    const row = dLogits.subarray(i * negatives, (i + 1) * negatives);
    close([row.reduce((a, b) => a + b, 0)], [-dPositive[i]], { absolute: 1e-6 });
  }
  const wide = args.map((a) => (a instanceof Float32Array ? Float64Array.from(a) : a)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Uint32Array,
    Uint32Array,
  ];
  const [logits, , positive, offset, positiveId, negativeId] = wide;
  // The twin overwrites the logits, so it differentiates a copy.
  const loss = () => {
    const out = new Float64Array(rows);
    const sum = twin.sampledSoftmax(
      logits.slice(),
      out,
      positive,
      offset,
      positiveId,
      negativeId,
      rows,
      negatives,
      1,
    );
    return scale * sum;
  };
  close(dLogits, numericGradient(loss, logits), { absolute: 1e-6 }, 'logits');
  close(dPositive, numericGradient(loss, positive), { absolute: 1e-6 }, 'positive');
});

test('golden: logisticLoss with sign -1 and shift 1 at 0 is -log sigmoid(1)', () => {
  const published = call('logisticLoss', [empty(1), null, 1, -1, 1, 1]);
  close([published.result], [0.31326168751822286], { relative: 1e-7 });
  close(first(published), [1 - 0.7310585786300049], { relative: 1e-6 });
  const plain = call('logisticLoss', [empty(5), null, 5, 1, 0, 2]);
  close([plain.result], [5 * Math.LN2], { relative: 1e-7 });
  close(first(plain), new Float32Array(5).fill(-1), { relative: 1e-7 });
});

test('logisticLoss: the gradient matches central differences, and is finite at both ends', () => {
  const n = 13;
  const weight = numbers(n, 2, 0, 3);
  for (const [sign, shift, scale] of [
    [1, 0, 1],
    [-1, 1, 0.25],
  ]) {
    const score = Float64Array.from(numbers(n, 1, -8, 8));
    const loss = () => scale * twin.logisticLoss(score.slice(), weight, n, sign, shift, 1);
    const gradient = first(call('logisticLoss', [Float32Array.from(score), weight, n, sign, shift, scale]));
    close(gradient, numericGradient(loss, score), { absolute: 1e-6 });
  }
  const ends = Float32Array.of(1e30, -1e30, Infinity, 0);
  const { result, after } = call('logisticLoss', [ends, Float32Array.of(1, 0, 1, 0), 4, 1, 0, 1]);
  close([result], [0]);
  close(after[0] as Float32Array, [0, -0, 0, -0], { absolute: 1e-37 });
});

test('logisticLoss: body and tail carry the same bits', () => {
  const x = numbers(8, 1, -20, 20);
  const w = numbers(8, 2, 0, 3);
  const body = first(call('logisticLoss', [x, w, 8, -1, 1, 0.3]));
  for (let i = 0; i < 8; i++) {
    const one = call('logisticLoss', [x.slice(i, i + 1), w.slice(i, i + 1), 1, -1, 1, 0.3]);
    assert.is(first(one)[0], body[i]);
  }
});

test('logisticLoss and addColumnSums keep their accuracy over 200,000 terms', () => {
  const n = 200_000;
  const x = numbers(n, 1, -3, 3);
  const { result } = call('logisticLoss', [x, null, n, 1, 0, 1]);
  close([result], [twin.logisticLoss(Float64Array.from(x), null, n, 1, 0, 1)], { relative: 1e-7 });
  const ones = numbers(n, 3, 0.9, 1.1);
  for (const cols of [1, 4]) {
    const sums = first(call('addColumnSums', [empty(cols), ones, n / cols, cols]));
    const exact = new Float64Array(cols);
    twin.addColumnSums(exact, ones, n / cols, cols);
    close(sums, exact, { relative: 4e-7 }, `columns of ${n / cols}`);
  }
});

test('NaN reaches the result and its own row only', () => {
  const args = softmaxCase(3, 7, 1);
  (args[0] as Float32Array)[8] = Number.NaN;
  (args[5] as Uint32Array)[1] = 77;
  const { result, after } = call('sampledSoftmax', args);
  assert.ok(Number.isNaN(result));
  const [logits, dPositive] = after as Float32Array[];
  assert.ok(logits.subarray(0, 7).every(Number.isFinite) && logits.subarray(14).every(Number.isFinite));
  assert.ok(Number.isNaN(dPositive[1]) && Number.isFinite(dPositive[0]) && Number.isFinite(dPositive[2]));
  const x = Float32Array.of(1, 2, 3, 4, NaN, 6, NaN);
  sameAsTwin('logisticLoss', twin.logisticLoss, [x, null, 7, 1, 0, 1], { absolute: 1e-6 });
  sameAsTwin('addColumnSums', twin.addColumnSums, [empty(7), x, 1, 7]);
});

test.run();
