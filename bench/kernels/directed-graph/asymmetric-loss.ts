import { indices, numbers } from '../../../test/helpers/kernel.ts';
import * as twin from '../../../test/reference/directed-graph/asymmetric-loss.ts';
import { benchKernel } from '../../kernel.ts';

const [n, d, nodes] = [8192, 64, 2000];
const tables = [numbers(nodes * d), numbers(nodes * d, 2)];
const pairs = [indices(n, nodes, 3), indices(n, nodes, 4)];

export default async () => [
  ...(await benchKernel({
    kernel: 'pairScores',
    title: '8192 pairs of 64',
    args: [new Float32Array(n), ...tables, ...pairs, n, d],
    twin: twin.pairScores,
    tolerance: { absolute: 1e-4 },
    work: { count: n, unit: 'M pairs/s', per: 1e6 },
  })),
  ...(await benchKernel({
    kernel: 'pairScoresBackward',
    title: '8192 pairs of 64',
    args: [
      new Float32Array(nodes * d),
      new Float32Array(nodes * d),
      ...tables,
      ...pairs,
      numbers(n, 5),
      n,
      d,
    ],
    twin: twin.pairScoresBackward,
    tolerance: { absolute: 1e-4 },
    work: { count: n, unit: 'M pairs/s', per: 1e6 },
  })),
];
