import * as twin from '../../../test/reference/engine/random.ts';
import { benchKernel, engine, timeCases } from '../../kernel.ts';

const n = 1 << 16;
const work = { count: n, unit: 'M/s', per: 1e6 };

function hundred(f: (x: number) => number): () => number {
  return () => {
    let sum = 0;
    for (let i = 1; i <= 100; i++) sum += f(i / 101);
    return sum;
  };
}

export default async () => [
  ...(await benchKernel({
    kernel: 'randomBits',
    title: '65,536',
    args: [new Uint32Array(n), n, 1, 2, 3],
    twin: twin.randomBits,
    work,
  })),
  ...(await benchKernel({
    kernel: 'randomUniform',
    title: '65,536',
    args: [new Float32Array(n), n, 1, 2, 3],
    twin: twin.randomUniform,
    work,
    rivals: [
      {
        name: 'Math.random',
        run: () => {
          const out = new Float32Array(n);
          for (let i = 0; i < n; i++) out[i] = Math.random();
          return out;
        },
      },
    ],
  })),
  ...(await benchKernel({
    kernel: 'randomIntegers',
    title: '65,536 below 40,000',
    args: [new Uint32Array(n), n, 40_000, 1, 2, 3],
    twin: twin.randomIntegers,
    work,
  })),
  ...(await benchKernel({
    kernel: 'randomNormal',
    title: '65,536',
    args: [new Float32Array(n), n, 1, 1, 2, 3],
    twin: twin.randomNormal,
    tolerance: { relative: 1e-6, absolute: 1e-6 },
    work,
  })),
  ...(await benchKernel({
    kernel: 'philoxBlock',
    title: 'one block, a call each',
    args: [new Uint32Array(4), 1, 2, 3, 4, 5, 6],
    twin: twin.philoxBlock,
    work: { count: 4, unit: 'M/s', per: 1e6 },
  })),
  ...(await timeCases(
    'normalQuantile, 100 calls',
    { name: 'kernel', run: hundred(engine.kernels.normalQuantile) },
    [{ name: 'twin', run: hundred(twin.normalQuantile) }],
    { count: 100, unit: 'M/s', per: 1e6 },
  )),
];
