import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { close } from '../../helpers/close.ts';
import { engine, numbers } from '../../helpers/kernel.ts';
import * as twin from '../../reference/uncertainty/binomial.ts';

const { binomialTail, betaIncomplete } = engine.kernels;

test('binomialTail has the published values', () => {
  const golden = [
    [90, 100, 0.8, 0.005696381],
    [370, 500, 0.7, 0.027325266],
    [650, 1000, 0.6, 0.00064549915],
    [50, 50, 0.9, 0.0051537752],
  ];
  for (const [k, n, p, tail] of golden) close([binomialTail(k, n, p)], [tail], { relative: 1e-7 });
});

test('binomialTail is the sum of probabilities, for every count of small samples and around the mean of large ones', () => {
  for (const p of [0.001, 0.3, 0.6, 0.95]) {
    for (const n of [1, 2, 7, 40]) {
      for (let k = 0; k <= n; k++) {
        close(
          [binomialTail(k, n, p)],
          [twin.binomialTail(k, n, p)],
          { relative: 1e-11 },
          `${k} of ${n} at ${p}`,
        );
      }
    }
    for (const shift of [-3, -1, 0, 1, 3]) {
      const k = Math.round(5000 * p + shift * Math.sqrt(5000 * p * (1 - p)));
      close([binomialTail(k, 5000, p)], [twin.binomialTail(k, 5000, p)], { relative: 1e-8 });
    }
  }
  assert.is(binomialTail(5, 4, 0.5), 0);
  assert.is(binomialTail(0, 0, 0.5), 1);
  assert.ok(Number.isNaN(binomialTail(Number.NaN, 4, 0.5)) && Number.isNaN(binomialTail(2, 4, Number.NaN)));
});

test('betaIncomplete agrees with the integral, and with its reflection', () => {
  const shapes = numbers(60, 3, 0.5, 30);
  for (let i = 0; i < 60; i += 3) {
    const x = 0.02 + (0.96 * shapes[i]) / 30;
    const [a, b] = [shapes[i + 1], shapes[i + 2]];
    close([betaIncomplete(x, a, b)], [twin.betaIncomplete(x, a, b)], { absolute: 1e-7 });
    close([betaIncomplete(x, a, b)], [1 - betaIncomplete(1 - x, b, a)], { absolute: 1e-13 });
  }
  assert.is(betaIncomplete(0, 2, 3), 0);
  assert.is(betaIncomplete(1, 2, 3), 1);
  close([betaIncomplete(0.3, 1, 1), betaIncomplete(0.5, 1e6, 1e6)], [0.3, 0.5], { relative: 1e-8 });
});

test.run();
