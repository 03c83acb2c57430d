import { test } from 'uvu';
import { close } from '../../helpers/close.ts';
import { call, LENGTHS, numbers, sameAsTwin } from '../../helpers/kernel.ts';
import * as twin from '../../reference/uncertainty/variance.ts';

for (const n of LENGTHS) {
  test(`welford n=${n}`, () => {
    const args = [numbers(n, 1), numbers(n, 2, 0, 3), numbers(n, 3), n, 7];
    sameAsTwin('welford', twin.welford, args);
  });
}

test('welford over many vectors gives their mean and variance, NaN where one has NaN', () => {
  const n = 5;
  const vectors = Array.from({ length: 40 }, (_, k) => numbers(n, k + 1, 99, 101));
  vectors[3][2] = Number.NaN;
  let mean: Float32Array = new Float32Array(n);
  let squares: Float32Array = new Float32Array(n);
  vectors.forEach((x, k) => {
    const { after } = call('welford', [mean, squares, x, n, k + 1]);
    [mean, squares] = [after[0] as Float32Array, after[1] as Float32Array];
  });
  const means = Array.from(mean, (_, i) => vectors.reduce((sum, x) => sum + x[i], 0) / 40);
  const variances = means.map((m, i) => vectors.reduce((sum, x) => sum + (x[i] - m) ** 2, 0) / 40);
  close(mean, means, { relative: 1e-6 });
  // Sums of squares less the square of the mean would be 2e-3 of 0.3 off here: 1e4 x 6e-8.
  close(
    squares.map((s) => s / 40),
    variances,
    { relative: 1e-4 },
  );
});

test.run();
