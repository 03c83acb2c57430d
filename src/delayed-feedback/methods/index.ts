import { defer, defuse, engagement, esdfm } from './elapsed.ts';
import type { Scheme } from './emission.ts';
import { fnc, fnw } from './fake-negative.ts';
import { gdfm } from './horizons.ts';
import type { MethodName } from './names.ts';
import { never, oracle, reinsert, vanilla, wait } from './plain.ts';
import { dfm, fsiw, softLabel } from './snapshot.ts';

/** Every published scheme with its stream and its loss in one piece, so that they cannot be mismatched. */
export const SCHEMES: Readonly<Record<Exclude<MethodName, 'telescoping'>, Scheme>> = {
  static: never,
  oracle,
  vanilla,
  wait,
  reinsert,
  fnw,
  fnc,
  fsiw,
  dfm,
  esdfm,
  defer,
  defuse,
  softLabel,
  gdfm,
  engagement,
};
