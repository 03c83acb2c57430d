import { KIND, type Scheme, type StreamRule } from './emission.ts';

const rule: StreamRule = { first: 'elapsed', late: false, final: false };

/** Yasui et al., WWW 2020: w+ = 1 / P(d <= e | x, y = 1), w- = P(y = 0 | x, not converted by e). */
export const fsiw: Scheme = {
  rule,
  needs: ['early', 'stays'],
  weigh: ({ count, label }, _p, { early, stays }, a, b) => {
    for (let i = 0; i < count; i++) {
      a[i] = label[i] === 1 ? 1 / early[i] : 0;
      b[i] = label[i] === 1 ? 0 : stays[i];
    }
  },
};

/** Label correction (ULC, KDD 2023): an open row has the label P(y = 1 | x, signals, not converted by e). */
export const softLabel: Scheme = {
  rule,
  needs: ['staysSignals'],
  weigh: ({ count, label }, _p, { staysSignals }, a, b) => {
    for (let i = 0; i < count; i++) {
      a[i] = label[i] === 1 ? 1 : 1 - staysSignals[i];
      b[i] = 1 - a[i];
    }
  },
};

/**
 * Chapelle, KDD 2014, with exponential delays: the likelihood of a row at e, and at a later conversion the likelihood
 * of that given the row was open at e, so that both together are the row's own. With q = p s / (1 - p + p s),
 * s = P(delay > e | x, converts): open at e  a = q, b = 1 - q;  late  a = (1 - q) / (1 - p), which is q - 1 as gradient.
 * Here the model of the delay is learned on the history and the gradient goes to the conversion alone.
 */
export const dfm: Scheme = {
  rule: { first: 'elapsed', late: true, final: true },
  needs: ['survival'],
  weigh: ({ count, label, kind }, p, { survival }, a, b) => {
    for (let i = 0; i < count; i++) {
      const q = (p[i] * survival[i]) / (1 - p[i] + p[i] * survival[i]);
      if (kind[i] <= KIND.negative) {
        a[i] = label[i] === 1 ? 1 : q;
        b[i] = 1 - a[i];
      } else {
        // The last word on a row that was open at e: its final likelihood less that of being open.
        a[i] = kind[i] === KIND.late ? 1 / (1 - p[i] + p[i] * survival[i]) : 0;
        b[i] = label[i] === 1 ? 0 : q / p[i];
      }
    }
  },
};
