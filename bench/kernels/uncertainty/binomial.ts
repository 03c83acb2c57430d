import * as twin from '../../../test/reference/uncertainty/binomial.ts';
import { engine, timeCases } from '../../kernel.ts';

const { betaIncomplete, binomialTail } = engine.kernels;
const work = { count: 1, unit: 'M/s', per: 1e6 };

export default async () => [
  ...(await timeCases(
    'binomialTail 1,420 of 2,000',
    { name: 'kernel', run: () => binomialTail(1420, 2000, 0.7) },
    [{ name: 'sum (twin)', run: () => twin.binomialTail(1420, 2000, 0.7) }],
    work,
  )),
  ...(await timeCases(
    'betaIncomplete a = 700, b = 300',
    { name: 'kernel', run: () => betaIncomplete(0.71, 700, 300) },
    [{ name: 'sum (twin)', run: () => twin.betaIncomplete(0.71, 700, 300) }],
    work,
  )),
];
