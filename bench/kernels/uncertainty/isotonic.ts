import { indices } from '../../../test/helpers/kernel.ts';
import * as twin from '../../../test/reference/uncertainty/isotonic.ts';
import { benchKernel, engine } from '../../kernel.ts';

const n = 1 << 16;
const weight = Float64Array.from(indices(n, 40, 1), (w) => w + 1);
const noise = indices(n, 100, 2);
const positives = weight.map((w, i) => Math.floor((w * (i / n + noise[i] / 100)) / 2));
const scratch = engine.alloc('f64', engine.kernels.isotonicScratch(n));

export default () =>
  benchKernel({
    kernel: 'isotonic',
    title: '65,536 bins',
    args: [new Float64Array(n), positives, weight, scratch.ptr, n, 30],
    twin: twin.isotonic,
    tolerance: { relative: 1e-12 },
    work: { count: n, unit: 'M bins/s', per: 1e6 },
  });
