import { indices, numbers } from '../../../test/helpers/kernel.ts';
import * as twin from '../../../test/reference/directed-graph/score.ts';
import { benchKernel } from '../../kernel.ts';

const n = 10_000;
const k = 32;

export default async () =>
  benchKernel({
    kernel: 'rankCounts',
    title: '32 targets of 10,000',
    args: [new Uint32Array(2 * k), numbers(n), indices(k, n), n, k],
    twin: twin.rankCounts,
    work: { count: n * k, unit: 'G scores/s', per: 1e9 },
  });
