import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { close } from '../../../test/helpers/close.ts';
import { indices, numbers } from '../../../test/helpers/kernel.ts';
import * as twin from '../../../test/reference/directed-graph/aggregate.ts';
import { benchKernel } from '../../kernel.ts';

const rows = 200_000;
const nodes = 200_000;
const fanout = 10;
const d = 64;
/** Rows for the rivals: at 200,000 one call of a rival takes seconds. The table of features stays whole. */
const few = 20_000;
const edgesPerSecond = (n: number) => ({ count: n * fanout, unit: 'M edges/s', per: 1e6 });

export default async () => {
  const require = createRequire(import.meta.url);
  setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  await tf.setBackend('wasm');
  const indptr = Uint32Array.from({ length: rows + 1 }, (_, i) => i * fanout);
  const index = indices(rows * fanout, nodes, 3);
  const mean = new Float32Array(rows * fanout).fill(1 / fanout);
  const x = numbers(nodes * d);
  // The peer's own way: rows gathered into [rows, fan-out, d], then the mean over the middle axis.
  const features = tf.tensor2d(x, [nodes, d]);
  const neighbours = tf.tensor1d(Int32Array.from(index.subarray(0, few * fanout)), 'int32');
  const peer = () =>
    tf.tidy(() => tf.mean(tf.reshape(tf.gather(features, neighbours), [few, fanout, d]), 1).dataSync());
  const expected = new Float32Array(few * d);
  twin.gather(expected, x, indptr, index, mean, few, d, 0);
  close(peer(), expected, { absolute: 1e-5 }, 'the peer computes the same mean');
  const gather = (n: number, weights: Float32Array | null) => ({
    kernel: 'gather' as const,
    title: `${weights ? 'mean' : 'sum'} ${n / 1000}k x ${fanout} x ${d}`,
    args: [new Float32Array(n * d), x, indptr, index, weights, n, d, 0],
    twin: twin.gather,
    tolerance: { absolute: 1e-5 },
    work: edgesPerSecond(n),
  });
  const results = [
    ...(await benchKernel({ ...gather(rows, null), timeTwin: false })),
    ...(await benchKernel({ ...gather(rows, mean), timeTwin: false })),
    ...(await benchKernel({ ...gather(few, mean), rivals: [{ name: 'tfjs-wasm', run: peer }] })),
    ...(await benchKernel({
      kernel: 'scatter',
      title: `${few / 1000}k x ${fanout} x ${d}`,
      args: [new Float32Array(nodes * d), x, indptr, index, mean, few, d, d],
      twin: twin.scatter,
      tolerance: { absolute: 1e-4 },
      work: edgesPerSecond(few),
    })),
  ];
  features.dispose();
  neighbours.dispose();
  return results;
};
