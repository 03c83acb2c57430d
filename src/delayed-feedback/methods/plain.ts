import { plain, type Scheme, type StreamRule } from './emission.ts';

const scheme = (rule: StreamRule): Scheme => ({
  rule,
  needs: [],
  weigh: (batch, _p, _nuisance, a, b) => plain(batch, a, b),
});

/** The history alone. */
export const never = scheme({ first: 'never', late: false, final: false });
/** Final labels at once. */
export const oracle = scheme({ first: 'truth', late: false, final: false });
/** Labels as they look at the end of the update. */
export const vanilla = scheme({ first: 'update', late: false, final: false });
/** Labels as they look after the waiting time (give it as `elapsed`). */
export const wait = scheme({ first: 'elapsed', late: false, final: false });
/** A negative at once, a positive at conversion. */
export const reinsert = scheme({ first: 'exposure', late: true, final: false });
