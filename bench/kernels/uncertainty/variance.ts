import { numbers } from '../../../test/helpers/kernel.ts';
import * as twin from '../../../test/reference/uncertainty/variance.ts';
import { benchKernel } from '../../kernel.ts';

const n = 1 << 14;

export default () =>
  benchKernel({
    kernel: 'welford',
    title: '16,384',
    args: [new Float32Array(n), new Float32Array(n), numbers(n, 1), n, 1],
    twin: twin.welford,
    work: { count: n, unit: 'G/s', per: 1e9 },
  });
