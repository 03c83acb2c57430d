import { numbers } from '../../../test/helpers/kernel.ts';
import * as twin from '../../../test/reference/engine/math.ts';
import { benchKernel, engine, timeCases } from '../../kernel.ts';

const n = 1 << 14;
const work = { count: n, unit: 'G/s', per: 1e9 };
const tolerance = { absolute: 2e-7, relative: 2e-7 };
const out = () => new Float32Array(n);

/** One call from JavaScript for one value, as a room uses it outside a loop. */
const calls = { count: 100, unit: 'M/s', per: 1e6 };
function hundred(f: (x: number) => number): () => number {
  return () => {
    let sum = 0;
    for (let i = 1; i <= 100; i++) sum += f(i * 0.07);
    return sum;
  };
}

export default async () => [
  ...(await benchKernel({
    kernel: 'exp',
    title: '16,384',
    args: [out(), numbers(n, 1, -80, 5), n],
    twin: twin.exp,
    tolerance,
    work,
  })),
  ...(await benchKernel({
    kernel: 'log',
    title: '16,384',
    args: [out(), numbers(n, 1, 0.001, 100), n],
    twin: twin.log,
    tolerance,
    work,
  })),
  ...(await benchKernel({
    kernel: 'sigmoid',
    title: '16,384',
    args: [out(), numbers(n, 1, -20, 20), n],
    twin: twin.sigmoid,
    tolerance,
    work,
  })),
  ...(await benchKernel({
    kernel: 'softplus',
    title: '16,384',
    args: [out(), numbers(n, 1, -20, 20), n],
    twin: twin.softplus,
    tolerance,
    work,
  })),
  ...(await timeCases(
    'expF64, 100 calls',
    { name: 'kernel', run: hundred(engine.kernels.expF64) },
    [{ name: 'twin', run: hundred(twin.expF64) }],
    calls,
  )),
  ...(await timeCases(
    'logF64, 100 calls',
    { name: 'kernel', run: hundred(engine.kernels.logF64) },
    [{ name: 'twin', run: hundred(twin.logF64) }],
    calls,
  )),
  ...(await timeCases(
    'lgammaF64, 100 calls',
    { name: 'kernel', run: hundred(engine.kernels.lgammaF64) },
    [{ name: 'twin', run: hundred(twin.lgammaF64) }],
    calls,
  )),
  ...(await timeCases(
    'digammaF64, 100 calls',
    { name: 'kernel', run: hundred(engine.kernels.digammaF64) },
    [{ name: 'twin', run: hundred(twin.digammaF64) }],
    calls,
  )),
  ...(await timeCases(
    'trigammaF64, 100 calls',
    { name: 'kernel', run: hundred(engine.kernels.trigammaF64) },
    [{ name: 'twin', run: hundred(twin.trigammaF64) }],
    calls,
  )),
];
