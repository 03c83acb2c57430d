import { indices, numbers } from '../../../test/helpers/kernel.ts';
import * as twin from '../../../test/reference/directed-graph/message.ts';
import { benchKernel } from '../../kernel.ts';

// 20,000 rows with 10 edges each.
const [rows, degree] = [20_000, 10];
const edges = rows * degree;
const indptr = Uint32Array.from({ length: rows + 1 }, (_, i) => i * degree);
const index = indices(edges, rows, 3);
const edge = Uint32Array.from({ length: edges }, (_, e) => edges - 1 - e);
const weight = numbers(edges, 4, 0.1, 2);
const masked = new Uint32Array(edges / 32);
twin.maskEdges(masked, new Uint32Array(edges), edges, 6554, 1, 2, 3);
const scale = numbers(rows, 5, 0.1, 1);
const work = { count: edges, unit: 'M edges/s', per: 1e6 };
const tolerance = { absolute: 1e-6, relative: 1e-6 };
const n = 1 << 16;

export default async () => [
  ...(await benchKernel({
    kernel: 'maskEdges',
    title: '200,000 at 0.1',
    args: [new Uint32Array(edges / 32), new Uint32Array(edges), edges, 6554, 42, 1, 2],
    twin: twin.maskEdges,
    work,
  })),
  ...(await benchKernel({
    kernel: 'maskedDegrees',
    title: '20,000 x 10 weighted',
    args: [new Float32Array(rows), indptr, edge, weight, masked, rows],
    twin: twin.maskedDegrees,
    tolerance,
    work,
  })),
  ...(await benchKernel({
    kernel: 'edgeWeights',
    title: '20,000 x 10 weighted',
    args: [new Float32Array(edges), indptr, index, edge, weight, masked, scale, scale, rows],
    twin: twin.edgeWeights,
    tolerance,
    work,
  })),
  ...(await benchKernel({
    kernel: 'mix',
    title: '65,536 of three',
    args: [new Float32Array(n), numbers(n), numbers(n, 2), numbers(n, 3), null, n, 0.5, 0.25, 0],
    twin: twin.mix,
    tolerance,
    work: { count: 16 * n, unit: 'GB/s', per: 1e9 },
  })),
];
