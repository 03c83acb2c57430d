import { numbers } from '../../../test/helpers/kernel.ts';
import * as twin from '../../../test/reference/uncertainty/frontier.ts';
import { benchKernel } from '../../kernel.ts';

/** The last of ten levels with 200 bins of one weight. */
const [states, before, choices] = [2001, 1801, 201];

export default () =>
  benchKernel({
    kernel: 'maxPlus',
    title: '2,001 states, 201 choices',
    args: [
      new Float64Array(states),
      new Float64Array(states),
      Float64Array.from({ length: before }, (_, i) => 300 * Math.sqrt(i)),
      Uint32Array.from({ length: choices }, (_, i) => i),
      Float64Array.from(numbers(choices, 1, 0, 9), (x, i) => 300 * Math.sqrt(i) + x),
      states,
      before,
      choices,
    ],
    twin: twin.maxPlus,
    work: { count: before * choices, unit: 'G/s', per: 1e9 },
  });
