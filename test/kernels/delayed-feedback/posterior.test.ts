import { test } from 'uvu';
import { close } from '../../helpers/close.ts';
import { call, indices, LENGTHS, numbers, sameAsTwin } from '../../helpers/kernel.ts';
import * as twin from '../../reference/delayed-feedback/posterior.ts';

const EDGES = Float32Array.of(0, 0.5, 1, 2.5, 6, 13);
const K = EDGES.length;
const tolerance = { absolute: 2e-6, relative: 2e-5 };

for (const n of LENGTHS) {
  for (const stride of [1, 2]) {
    for (const bins of [1, 9]) {
      test(`openPosterior and hazardGradient n=${n}, stride ${stride}, bins ${bins}`, () => {
        const x = numbers(n * stride, 1, -6, 4);
        const bucket = indices(n, K, 2);
        const window = numbers(n, 3, 0, 30);
        if (n > 3) window[1] = Infinity;
        const factor = numbers(K * bins, 4, 0.001, 0.6);
        sameAsTwin(
          'openPosterior',
          twin.openPosterior,
          [new Float32Array(n), x, bucket, window, numbers(n, 5, 0.2, 4), factor, EDGES, n, stride, K, bins],
          tolerance,
        );
        const label = Float32Array.from(indices(n, 3, 6), (v) => v - 1);
        sameAsTwin(
          'hazardGradient',
          twin.hazardGradient,
          [
            new Float32Array(n * stride),
            new Float32Array(n),
            x,
            bucket,
            window,
            label,
            factor,
            EDGES,
            n,
            stride,
            bins,
          ],
          tolerance,
        );
      });
    }
    test(`visitGradient n=${n}, stride ${stride}`, () => {
      for (const cap of [1, 1.5]) {
        const unit = (seed: number) => numbers(n, seed, 0, 1);
        sameAsTwin(
          'visitGradient',
          twin.visitGradient,
          [
            new Float32Array(n * stride),
            unit(1),
            unit(2),
            numbers(n * stride, 3, -9, 9),
            numbers(n, 4, -9, 9),
            n,
            stride,
            cap,
          ],
          tolerance,
        );
      }
    });
  }
}

const posterior = (hazards: number[], from: number, shift = 1) => {
  const n = hazards.length;
  const factor = Float32Array.from(hazards, (h) => h / (1 - h));
  const edge = Float32Array.from({ length: n }, (_, j) => j);
  const args = [new Float32Array(1), new Float32Array(1), Uint32Array.of(from), Float32Array.of(99)];
  return (
    call('openPosterior', [...args, Float32Array.of(shift), factor, edge, 1, 1, n, 1])
      .after[0] as Float32Array
  )[0];
};

test('golden: hazards .1 .05 .02 .01, and the shift of a signal on .2', () => {
  close(
    [0, 1, 2, 3].map((from) => posterior([0.1, 0.05, 0.02, 0.01], from)),
    [0.170479, 0.07831, 0.0298, 0.01],
    { absolute: 1e-7 },
  );
  close([posterior([0.2], 0, Math.exp(1.5)), posterior([0.2], 0, Math.exp(-1))], [0.52839582, 0.08422381], {
    absolute: 1e-7,
  });
});

const gradient = (dv: number, p: number, p0: number, cap: number) => {
  const logit = (q: number) => Float32Array.of(Math.log(q / (1 - q)));
  const args = [
    new Float32Array(1),
    Float32Array.of(0.2 + dv),
    Float32Array.of(0.2),
    logit(p),
    logit(p0),
    1,
    1,
    cap,
  ];
  return (call('visitGradient', args).after[0] as Float32Array)[0];
};

test('golden: gradients of a visit under caps 1, 1.5 and 2', () => {
  const rows: [number, number, number, number[]][] = [
    [0.8, 0.2, 0.2, [-0.8, -0.8, -0.8]],
    [0.8, 0.6, 0.2, [-0.4, -0.4, -0.4]],
    [0.8, 0.1, 0.2, [-0.8, -0.9, -0.9]],
    [-0.15, 0.2, 0.2, [0.15, 0.15, 0.15]],
    [-0.15, 0.05, 0.2, [0.0375, 0.0375, 0.0375]],
    [-0.15, 0.5, 0.2, [0.15, 0.225, 0.3]],
  ];
  for (const [dv, p, p0, expected] of rows) {
    close(
      [1, 1.5, 2].map((cap) => gradient(dv, p, p0, cap)),
      expected,
      { absolute: 1e-6 },
    );
  }
});

test('the gradient of a hazard is that of its log-likelihood by central differences', () => {
  const factor = 0.3;
  const loss = (x: number, label: number) => {
    const h = (Math.exp(x) * factor) / (1 + Math.exp(x) * factor);
    return -(label * Math.log(h) + (1 - label) * Math.log(1 - h));
  };
  for (const label of [0, 1]) {
    for (const x of [-3, 0.4, 2]) {
      const args = [
        new Float32Array(1),
        new Float32Array(1),
        Float32Array.of(x),
        Uint32Array.of(0),
        Float32Array.of(9),
      ];
      const { after } = call('hazardGradient', [
        ...args,
        Float32Array.of(label),
        Float32Array.of(factor),
        Float32Array.of(0),
        1,
        1,
        1,
      ]);
      close(after[0] as Float32Array, [(loss(x + 1e-4, label) - loss(x - 1e-4, label)) / 2e-4], {
        absolute: 1e-5,
      });
    }
  }
});

test('NaN stays in its row, and a cure of every bucket is never certain', () => {
  const x = Float32Array.of(0, Number.NaN, 0, 0, 0);
  const of = Float32Array.from([9, 9, 9, 0, 9]);
  const { after } = call('openPosterior', [
    new Float32Array(5),
    x,
    new Uint32Array(5),
    of,
    new Float32Array(5).fill(1),
    Float32Array.of(1e9, 1e9),
    Float32Array.of(0, 1),
    5,
    1,
    2,
    1,
  ]);
  close(after[0] as Float32Array, [1 - 1e-6, Number.NaN, 1 - 1e-6, 1e-6, 1 - 1e-6], { absolute: 1e-7 });
});

test.run();
