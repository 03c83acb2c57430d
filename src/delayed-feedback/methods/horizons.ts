import type { Scheme } from './emission.ts';

/**
 * After GDFM (NeurIPS 2022): at each horizon what the row has done so far, a, speaks through
 *   -w log sum over y of p(y | x) p(a | y),   whose gradient is that of the soft label p(y = 1 | x, a).
 * p(a | y) is counted on the history; w falls with the horizon's age and with what a leaves unknown of y.
 */
export const gdfm: Scheme = {
  rule: { first: 'elapsed', late: false, final: false, horizons: true },
  needs: ['evidence', 'stageWeight'],
  weigh: ({ count, label }, p, { evidence, stageWeight }, a, b) => {
    for (let i = 0; i < count; i++) {
      const odds = (p[i] / (1 - p[i])) * evidence[i];
      const posterior = label[i] === 1 ? 1 : odds / (1 + odds);
      a[i] = stageWeight[i] * posterior;
      b[i] = stageWeight[i] * (1 - posterior);
    }
  },
};
