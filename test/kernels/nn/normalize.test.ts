import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close } from '../../helpers/close.ts';
import { call, LENGTHS, numbers, sameAsTwin } from '../../helpers/kernel.ts';
import { numericGradient } from '../../reference/engine/math.ts';
import * as twin from '../../reference/nn/normalize.ts';

const empty = (n: number) => new Float32Array(n);

for (const d of LENGTHS) {
  test(`rowNormalize and its backward d=${d}, and in place`, () => {
    for (const rows of [0, 1, 3, 5]) {
      const x = numbers(rows * d);
      const tolerance = { absolute: 1e-6, relative: 1e-6 };
      sameAsTwin('rowNormalize', twin.rowNormalize, [empty(rows * d), empty(rows), x, rows, d], tolerance);
      sameAsTwin('rowNormalize', twin.rowNormalize, [x, empty(rows), x, rows, d], tolerance);

      const y = x.slice();
      const inverse = empty(rows);
      twin.rowNormalize(y, inverse, x, rows, d);
      const dy = numbers(rows * d, 2);
      const back = (dx: Float32Array) =>
        sameAsTwin('rowNormalizeBackward', twin.rowNormalizeBackward, [dx, dy, y, inverse, rows, d], {
          absolute: 3e-6,
          relative: 3e-6,
        });
      back(empty(rows * d));
      back(dy);
      back(y);
    }
  });
}

test('3, 4 becomes 0.6, 0.8 with inverse 0.2', () => {
  const [y, inverse] = call('rowNormalize', [empty(2), empty(1), Float32Array.of(3, 4), 1, 2]).after;
  close(y as Float32Array, [0.6, 0.8], { absolute: 6e-8 });
  close(inverse as Float32Array, [0.2], { absolute: 2e-8 });
});

test('a row without direction becomes 0 and stops the gradient', () => {
  const d = 5;
  const x = Float32Array.of(
    ...empty(d),
    ...new Float32Array(d).fill(4e-10),
    ...new Float32Array(d).fill(5e-10),
  );
  const rows = 3;
  const [y, inverse] = call('rowNormalize', [empty(15), empty(3), x, rows, d]).after as Float32Array[];
  close(y.subarray(0, 10), empty(10));
  assert.ok(inverse[0] === 0 && inverse[1] === 0);
  close(y.subarray(10), new Float32Array(d).fill(1 / Math.sqrt(d)), { relative: 1e-6 });
  const dx = call('rowNormalizeBackward', [empty(15), numbers(15), y, inverse, rows, d]).after[0];
  close((dx as Float32Array).subarray(0, 10), empty(10));
});

test('a row longer than 1.8e19 overflows to 0; NaN stays in its row', () => {
  const x = Float32Array.of(1e20, 0, 0, 0, 0, 1, NaN, 1, 1, 1, 1, 0, 0, 0, 0);
  const [y, inverse] = call('rowNormalize', [empty(15), empty(3), x, 3, 5]).after as Float32Array[];
  close(y, [0, 0, 0, 0, 0, NaN, NaN, NaN, NaN, NaN, 1, 0, 0, 0, 0]);
  close(inverse, [0, NaN, 1]);
});

test('rowNormalizeBackward is the derivative of rowNormalize', () => {
  const [rows, d] = [4, 7];
  const x = Float64Array.from(numbers(rows * d));
  const y = new Float64Array(rows * d);
  const inverse = new Float64Array(rows);
  const dy = numbers(rows * d, 2);
  const loss = () => {
    twin.rowNormalize(y, inverse, x, rows, d);
    return y.reduce((sum, v, i) => sum + v * dy[i], 0);
  };
  const expected = numericGradient(loss, x);
  loss();
  const args = [dy, Float32Array.from(y), Float32Array.from(inverse), rows, d];
  const dx = call('rowNormalizeBackward', [empty(rows * d), ...args]).after[0];
  close(dx as Float32Array, expected, { absolute: 3e-6 });
});

test('every row has length 1, and scaling a row by a power of two changes nothing', () => {
  const [rows, d] = [50, 64];
  const x = numbers(rows * d);
  const normal = (input: Float32Array) =>
    call('rowNormalize', [empty(rows * d), empty(rows), input, rows, d]).after[0] as Float32Array;
  const y = normal(x);
  const lengths = Array.from({ length: rows }, (_, i) => Math.hypot(...y.subarray(i * d, (i + 1) * d)));
  close(lengths, new Float64Array(rows).fill(1), { absolute: 3e-7 });
  close(normal(x.map((v) => v * 1024)), y);
});

test.run();
