import { integer, oneOf, options, real } from '../check.ts';
import type { Engine } from '../engine/engine.ts';
import {
  type AbstainOptions,
  type BoundaryOptions,
  boundaryDefaults,
  type Method,
} from './boundary-options.ts';
import { type Certificate, type Certified, certify } from './certificate.ts';
import { decideRows, type Operating, operating } from './evaluate.ts';
import { type LikelihoodGain, surfaceGain } from './gain.ts';
import { countGrid, fitGrid, gridOptions } from './grid.ts';
import { dynamicChoice, gridRule, isotonicChoice, LARGEST, mirrored } from './grid-boundary.ts';
import type { GridOptions } from './grid-options.ts';
import { checkHoldout, type Holdout, type Rows } from './holdout.ts';
import {
  type Decision,
  type LevelRule,
  type NestedRule,
  type PolicyCard,
  ThresholdPolicy,
} from './policy.ts';
import { bestPrefix, prefixes, rejectCut, type Target } from './prefix.ts';
import { fitSurface, type Surface, surfaceLogOdds, surfaceThresholds } from './surface.ts';

/** A fitted boundary: the policy to deploy and what is known of it. */
export interface Boundary {
  /** What was used; 'auto' has chosen. */
  method: Method;
  policy: ThresholdPolicy;
  /** On the rows it was fitted on; in the certified mode on the tested rows, each judged by a surface without it. */
  calibration: Operating;
  /** The surface behind the thresholds, and its cut in log-odds (Infinity: nothing is flagged). */
  surface?: Surface & { cut: number };
  /** Whether the dynamic programme's answer is known to be the best of its grid. */
  exact?: boolean;
  certificate?: Certificate;
  /** What 'auto' decided on. */
  gain?: LikelihoodGain;
  decide(score: number, uncertainty?: number): Decision;
}

/**
 * The boundary over (score, uncertainty) with the most recall at a precision, or the most precision at a recall, on
 * labelled rows that the model was not trained on. TypeError and RangeError name the column and row at fault.
 */
export function fitBoundary(engine: Engine, holdout: Holdout, given: Partial<BoundaryOptions>): Boundary {
  const o = boundaryOptions(given);
  const probability = o.method === 'surface' || o.method === 'auto' || o.confidence !== undefined;
  const rows = checkHoldout(holdout, { probability });
  if (o.method !== 'single' && !rows.hasUncertainty) {
    throw new TypeError(
      `holdout must have uncertainty for method ${o.method}; without it there is only 'single'`,
    );
  }
  if (o.abstain?.negatives !== undefined && rows.cost) {
    throw new TypeError('abstain.negatives counts rows, so the holdout must not have cost');
  }
  const gain = o.method === 'auto' ? surfaceGain(engine, rows, o.seed) : undefined;
  const method = o.method === 'auto' ? (gain?.useful ? 'surface' : 'single') : o.method;
  const plain = plugIn(engine, rows, method, o);
  const fitted = o.confidence === undefined ? plain : certifiedBoundary(engine, rows, method, o, plain);
  return { ...fitted, ...(gain && { gain }) };
}

/** The largest f32. */
const MOST = 3.4028234663852886e38;

function boundaryOptions(given: Partial<BoundaryOptions>): BoundaryOptions {
  const o = options<BoundaryOptions>(given, boundaryDefaults, 'fitBoundary');
  oneOf(o.method, 'method', ['single', 'surface', 'dynamic', 'isotonic', 'auto']);
  if ((o.precision === undefined) === (o.recall === undefined)) {
    throw new TypeError('fitBoundary must be given precision or recall, one of the two');
  }
  const share = (value: number | undefined, name: string) => {
    if (value === undefined) return;
    real(value, name);
    if (!(value > 0 && value < 1)) throw new RangeError(`${name} must be above 0 and below 1, got ${value}`);
  };
  share(o.precision, 'precision');
  share(o.recall, 'recall');
  share(o.confidence, 'confidence');
  oneOf(o.certificate, 'certificate', ['crossFit', 'split']);
  if (o.confidence !== undefined) {
    if (o.precision === undefined) throw new TypeError('confidence is for a precision, not for a recall');
    if (o.method === 'dynamic' || o.method === 'isotonic') {
      throw new TypeError(
        `method ${o.method} has no nested family to test: a certificate is for 'single', 'surface' and 'auto'`,
      );
    }
  }
  real(o.minBlock, 'minBlock', 0);
  integer(o.seed, 'seed', 0, 2 ** 32 - 1);
  if (o.abstain !== undefined) {
    const a = options<AbstainOptions>(
      o.abstain,
      { negatives: undefined, uncertaintyAbove: undefined },
      'abstain',
    );
    share(a.negatives, 'abstain.negatives');
    // Policies are of f32: a number beyond it would be no limit.
    if (a.uncertaintyAbove !== undefined) real(a.uncertaintyAbove, 'abstain.uncertaintyAbove', -MOST, MOST);
  }
  gridOptions(gridOf(o));
  return o;
}

const gridOf = ({ levels, bins, nesting, edges, tail }: BoundaryOptions): GridOptions => ({
  levels,
  bins,
  nesting,
  edges,
  tail,
});

const limitOf = (o: BoundaryOptions) => o.abstain?.uncertaintyAbove ?? Infinity;

function cardOf(method: Method, rows: Rows, { precision, recall }: Target): PolicyCard {
  return {
    method,
    ...(precision !== undefined && { precision }),
    ...(recall !== undefined && { recall }),
    rows: rows.n,
  };
}

/** The rule that flags value >= cut of a family: the score itself, or the surface. */
function familyRule(engine: Engine, surface: Surface | undefined, cut: number, low: number): LevelRule {
  const at = (value: number) =>
    surface
      ? surfaceThresholds(engine, surface, value)
      : {
          edges: new Float32Array(0),
          thresholds: Float32Array.of(value === -Infinity ? -LARGEST : value),
        };
  const { edges, thresholds } = at(cut);
  return { kind: 'levels', edges, high: thresholds, low: low < cut ? at(low).thresholds : thresholds };
}

function finish(
  engine: Engine,
  rows: Rows,
  method: Method,
  rule: LevelRule | NestedRule,
  o: BoundaryOptions,
  more: Partial<Boundary>,
): Boundary {
  const policy = new ThresholdPolicy(rule, cardOf(method, rows, o), Math.fround(limitOf(o)));
  const answers = decideRows(engine, policy, rows);
  const calibration = operating(rows, (i) => answers[i] === 1);
  return { method, policy, calibration, decide: (s, u) => policy.decide(s, u), ...more };
}

function plugIn(engine: Engine, rows: Rows, method: Method, o: BoundaryOptions): Boundary {
  const negatives = o.abstain?.negatives;
  if (method === 'single' || method === 'surface') {
    const surface = method === 'surface' ? fitSurface(engine, rows) : undefined;
    const value = surface ? surfaceLogOdds(engine, surface, rows.score, rows.uncertainty) : rows.score;
    const family = prefixes(engine, value, rows);
    const at = bestPrefix(family, o, rows.positives);
    const cut = at < 0 ? Infinity : family.value[at];
    const low = negatives === undefined ? cut : rejectCut(family, negatives, cut);
    const rule = familyRule(engine, surface, cut, low);
    return finish(engine, rows, method, rule, o, surface ? { surface: { ...surface, cut } } : {});
  }
  const table = countGrid(engine, fitGrid(engine, rows, gridOf(o)), rows);
  const choose = (t: typeof table, target: Target) =>
    method === 'dynamic' ? dynamicChoice(engine, t, target) : isotonicChoice(engine, t, target, o.minBlock);
  const { top, exact } = choose(table, o);
  const bottom = negatives === undefined ? undefined : choose(mirrored(table), { precision: negatives }).top;
  return finish(
    engine,
    rows,
    method,
    gridRule(table.grid, top, bottom),
    o,
    method === 'dynamic' ? { exact } : {},
  );
}

function certifiedBoundary(
  engine: Engine,
  rows: Rows,
  method: Method,
  o: BoundaryOptions,
  plain: Boundary,
): Boundary {
  const found: Certified = certify(engine, rows, {
    precision: o.precision as number,
    confidence: o.confidence as number,
    kind: o.certificate,
    useUncertainty: method === 'surface',
    seed: o.seed,
  });
  const { surface, cut, calibration } = found;
  const negatives = o.abstain?.negatives;
  let low = cut;
  if (negatives !== undefined) {
    const value = surface ? surfaceLogOdds(engine, surface, rows.score, rows.uncertainty) : rows.score;
    low = rejectCut(prefixes(engine, value, rows), negatives, cut);
  }
  const rule = familyRule(engine, surface, cut, low);
  const certificate: Certificate = {
    ...found.certificate,
    plugIn: plain.calibration,
    recallPrice: plain.calibration.recall - calibration.recall,
  };
  const card: PolicyCard = {
    ...cardOf(method, rows, o),
    confidence: o.confidence,
    certified: certificate.certified,
    statement: certificate.statement,
  };
  const policy = new ThresholdPolicy(rule, card, Math.fround(limitOf(o)));
  return {
    method,
    policy,
    calibration,
    certificate,
    decide: (s, u) => policy.decide(s, u),
    ...(surface && { surface: { ...surface, cut } }),
  };
}
