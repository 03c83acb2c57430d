import type { Scheme } from './emission.ts';
import { reinsert } from './plain.ts';

/** Ktena et al., RecSys 2019: w+ = 1 + p, w- = (1 - p)(1 + p), p the model's own output. */
export const fnw: Scheme = {
  rule: reinsert.rule,
  needs: [],
  weigh: ({ count, label }, p, _nuisance, a, b) => {
    for (let i = 0; i < count; i++) {
      a[i] = label[i] === 1 ? 1 + p[i] : 0;
      b[i] = label[i] === 1 ? 0 : (1 - p[i]) * (1 + p[i]);
    }
  },
};

/** The same paper: plain loss learns b = p / (1 + p), so p = b / (1 - b), cut below 1 where b passes a half. */
export const fnc: Scheme = { ...reinsert, output: (b) => Math.min(b / (1 - b), 0.9999) };
