import { numbers } from '../../../test/helpers/kernel.ts';
import * as twin from '../../../test/reference/uncertainty/surface.ts';
import { benchKernel, engine } from '../../kernel.ts';

const n = 1 << 14;
const doubles = (count: number, seed: number, low: number, high: number) =>
  Float64Array.from(numbers(count, seed, low, high));
const work = { count: n, unit: 'M rows/s', per: 1e6 };
const tolerance = { absolute: 1e-9, relative: 1e-9 };
const [z, r, beta] = [doubles(n, 3, -3, 3), doubles(n, 4, -1, 1), doubles(7, 5, -1, 1)];
const scratch = engine.alloc('f64', engine.kernels.surfaceStepScratch());

export default async () => [
  ...(await benchKernel({
    kernel: 'surfaceLogits',
    title: '16,384',
    args: [new Float64Array(n), numbers(n, 1, 0, 1), n, 0.3, 1.7],
    twin: twin.surfaceLogits,
    tolerance,
    work,
  })),
  ...(await benchKernel({
    kernel: 'surfaceRanks',
    title: '16,384, 200 quantiles',
    args: [
      new Float64Array(n),
      numbers(n, 2, 0, 1),
      Float32Array.from({ length: 200 }, (_, i) => i / 200),
      n,
      200,
    ],
    twin: twin.surfaceRanks,
    work,
  })),
  ...(await benchKernel({
    kernel: 'surfaceStep',
    title: '16,384',
    args: [new Float64Array(72), scratch.ptr, z, r, numbers(n, 6, 0, 1).map(Math.round), null, beta, n],
    twin: twin.surfaceStep,
    tolerance,
    work,
  })),
  ...(await benchKernel({
    kernel: 'surfaceTops',
    title: '16,384',
    args: [doubles(20, 6, 1, 3), z, r, n, 20],
    twin: twin.surfaceTops,
    work,
  })),
  ...(await benchKernel({
    kernel: 'surfaceValues',
    title: '16,384',
    args: [new Float64Array(n), z, r, beta, doubles(20, 6, 1, 3), n, 20],
    twin: twin.surfaceValues,
    tolerance,
    work,
  })),
];
