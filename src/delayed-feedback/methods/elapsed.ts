import { KIND, type NuisanceName, type Scheme, type StreamRule } from './emission.ts';

const rule: StreamRule = { first: 'elapsed', late: true, final: false };

/** Yang et al., AAAI 2021: w+ = 1 + f_dp(x), w- = (1 + f_dp) f_rn. */
const elapsedSampling = (stays: 'stays' | 'staysSignals'): Scheme => ({
  rule,
  needs: ['late', stays],
  weigh: ({ count, label }, _p, nuisance, a, b) => {
    for (let i = 0; i < count; i++) {
      const both = 1 + nuisance.late[i];
      a[i] = label[i] === 1 ? both : 0;
      b[i] = label[i] === 1 ? 0 : both * nuisance[stays][i];
    }
  },
});

export const esdfm = elapsedSampling('stays');

/** The P/Q weights with f_rn given the engagement seen by e. */
export const engagement = elapsedSampling('staysSignals');

/**
 * Chen et al., WWW 2022, the four kinds apart: an early positive 1 + f_dp, a late one 1, an observed negative
 * z f_dp as a positive and (1 - z)(1 + f_dp) as a negative, z = 1 - f_rn. (Public code adds the early and the late
 * term for every positive, which moves the optimum from .2 to .328 in the case of the test.)
 */
export const defuse: Scheme = {
  rule,
  needs: ['late', 'stays'] satisfies NuisanceName[],
  weigh: ({ count, kind }, _p, { late, stays }, a, b) => {
    for (let i = 0; i < count; i++) {
      const z = 1 - stays[i];
      if (kind[i] === KIND.negative) {
        a[i] = z * late[i];
        b[i] = (1 - z) * (1 + late[i]);
      } else {
        a[i] = kind[i] === KIND.late ? 1 : 1 + late[i];
        b[i] = 0;
      }
    }
  },
};

/**
 * Gu et al., KDD 2021: every row once at e and once with its final label, w+ = p / (p - f_dp / 2),
 * w- = (1 - p) / (1 - p + f_dp / 2). f_dp is held below .95 p, where the own output lags behind the delay model.
 */
export const defer: Scheme = {
  rule: { first: 'elapsed', late: true, final: true },
  needs: ['late'],
  weigh: ({ count, label }, p, { late }, a, b) => {
    for (let i = 0; i < count; i++) {
      const half = Math.min(late[i], 0.95 * p[i]) / 2;
      a[i] = label[i] === 1 ? p[i] / (p[i] - half) : 0;
      b[i] = label[i] === 1 ? 0 : (1 - p[i]) / (1 - p[i] + half);
    }
  },
};
