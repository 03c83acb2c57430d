import { DataError } from '../check.ts';
import type { Engine } from '../engine/engine.ts';
import { type Boundary, fitBoundary } from '../uncertainty/boundary.ts';
import type { BoundaryOptions } from '../uncertainty/boundary-options.ts';
import { evaluatePolicy, type Operating, recallGain } from '../uncertainty/evaluate.ts';
import type { Holdout } from '../uncertainty/holdout.ts';
import type { ThresholdPolicy } from '../uncertainty/policy.ts';

/** A boundary on rows it has not seen, beside one threshold. */
export interface Judged {
  boundary: Boundary;
  policy: ThresholdPolicy;
  test: Operating;
  /** What it is compared with: a certified threshold where both are certified, else one of the same precision. */
  rival: Operating;
  /** The latter. */
  matched: boolean;
  /** Recall above that of the rival, with its paired 95 % interval. */
  gain: { gain: number; interval: [number, number] };
}

/** Fits on the calibration rows and judges on the test rows. `base` is one threshold fitted alike; none for itself. */
export function judge(
  engine: Engine,
  { calibration, test }: { calibration: Holdout; test: Holdout },
  options: Partial<BoundaryOptions>,
  base?: Boundary,
): Judged {
  const boundary = fitBoundary(engine, calibration, options);
  return judged(engine, boundary, base ?? boundary, test);
}

export function judged(engine: Engine, boundary: Boundary, base: Boundary, test: Holdout): Judged {
  const promised = boundary.certificate !== undefined || boundary.method === 'single';
  return {
    boundary,
    policy: boundary.policy,
    ...compared(engine, boundary.policy, base.policy, test, promised),
  };
}

/**
 * Two boundaries that missed the bound by different amounts cannot be compared by their recalls. Unless both promise the
 * bound, the cut of the one threshold is therefore slid on the test rows until it has the precision that the policy has.
 */
export function compared(
  engine: Engine,
  policy: ThresholdPolicy,
  base: ThresholdPolicy,
  test: Holdout,
  promised: boolean,
): Pick<Judged, 'test' | 'rival' | 'matched' | 'gain'> {
  const found = evaluatePolicy(engine, policy, test);
  const { precision } = found;
  const promises = promised && evaluatePolicy(engine, base, test).flagged > 0;
  const matched = !promises && precision > 0 && precision < 1;
  const other = matched ? fitBoundary(engine, test, { method: 'single', precision }).policy : base;
  return {
    test: found,
    rival: evaluatePolicy(engine, other, test),
    matched,
    gain: recallGain(engine, policy, other, test),
  };
}

/** One threshold on the score with the same bound and the same promise, to compare with. */
export function oneThreshold(
  engine: Engine,
  calibration: Holdout,
  { precision, recall, confidence, certificate, seed }: Partial<BoundaryOptions>,
): Boundary {
  return fitBoundary(engine, calibration, {
    method: 'single',
    ...(precision === undefined ? { recall } : { precision }),
    ...(confidence === undefined ? {} : { confidence }),
    ...(certificate === undefined ? {} : { certificate }),
    seed,
  });
}

/** Refuses a boundary that would act on nothing: DataError with what would help. */
export function acting({ calibration, certificate, policy }: Boundary, file: string): void {
  if (certificate && !certificate.certified) {
    throw new DataError(certificate.statement, { code: 'cannot-certify', file });
  }
  if (calibration.flagged > 0) return;
  const { precision: bound } = policy.card;
  const share = calibration.positives / calibration.rows;
  throw new DataError(
    `no boundary keeps a precision of ${bound}: nothing would be acted on. Of the rows it was fitted on ${(100 * share).toFixed(1)} % are positive; ` +
      'a --precision between the two might be kept',
    { code: 'no-boundary', file },
  );
}

const share = (value: number) => (Number.isFinite(value) ? value : null);

/** What a boundary is made of: thresholds by level of uncertainty, or the surface's parameters. */
export function parametersOf({ policy, surface, certificate }: Boundary) {
  const { rule } = policy;
  const numbers = (x: ArrayLike<number>) => Array.from(x, share);
  const shape = surface
    ? {
        kind: 'surface',
        center: surface.center,
        scale: surface.scale,
        coefficients: numbers(surface.coefficients),
        ranks: numbers(surface.ranks),
        tops: numbers(surface.tops),
        cut: share(surface.cut),
      }
    : rule.kind === 'levels'
      ? { kind: 'thresholds', edges: numbers(rule.edges), thresholds: numbers(rule.high) }
      : {
          kind: 'score-first',
          scoreEdges: numbers(rule.outer),
          uncertaintyEdges: numbers(rule.inner),
          firstBins: numbers(rule.high),
        };
  if (!certificate) return shape;
  const { certified, proven, statement, rowsNeeded } = certificate;
  return { ...shape, certificate: { certified, proven, statement, rowsNeeded } };
}

/** Recall and precision for JSON: null where nothing was flagged. */
export const sharesOf = ({ recall, precision }: Operating) => ({
  recall: share(recall),
  precision: share(precision),
});

/** The same with intervals at 95 %. */
export const testOf = (operating: Operating) => ({
  ...sharesOf(operating),
  ci: { recall: operating.recallInterval, precision: operating.precisionInterval },
});
