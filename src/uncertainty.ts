/**
 * Whom to act on: from scores with an uncertainty to a policy that keeps its precision. A policy decides at once; what
 * learns, judges, or reads and writes a model's file is imported when it is first called, and returns a promise. What is
 * given to it must stay as it is until the promise is settled. `fit` gives the event loop a turn now and then; once
 * imported, the others hold the thread (`measureFailures` for seconds).
 *
 * The engine's exports are named one by one: Vite 8 loses what `export *` passes on to a worker that it builds as one file.
 */
import { checkEngine } from './engine/check-engine.ts';
import type { Engine } from './engine/engine.ts';
import type { FeatureTable } from './nn/tabular/table.ts';
import type { ThresholdsModel } from './thresholds-model-file.ts';
import type { Boundary } from './uncertainty/boundary.ts';
import type { BoundaryOptions } from './uncertainty/boundary-options.ts';
import type { Curve, CurveOptions } from './uncertainty/curve.ts';
import type { DiagnoseOptions, Diagnosis } from './uncertainty/diagnose.ts';
import type { ScorerOptions } from './uncertainty/estimators/options.ts';
import type { UncertainScorer as Scorer, ScorerState } from './uncertainty/estimators/scorer.ts';
import type { Operating } from './uncertainty/evaluate.ts';
import type { LikelihoodGain } from './uncertainty/gain.ts';
import type { Holdout } from './uncertainty/holdout.ts';
import type { Measured, MeasureOptions } from './uncertainty/measure.ts';
import type { ThresholdPolicy } from './uncertainty/policy.ts';
import type { Calibration, IsotonicOptions, PosteriorOptions } from './uncertainty/recalibrate.ts';
import type { Surface } from './uncertainty/surface.ts';

export { DataError, type DataErrorPlace } from './check.ts';
export { type ArrayTypes, type ElementType, Slice } from './engine/arena.ts';
export { Engine, type EngineOptions, type Scope } from './engine/engine.ts';
export type { Kernels } from './engine/kernels.ts';
export type { KernelSource } from './engine/module.ts';
export type { ThreadWorker } from './engine/threads/team.ts';
export {
  type CategoricalColumn,
  categoricalColumn,
  type FeatureColumn,
  type FeatureTable,
  type NumericColumn,
  numericColumn,
} from './nn/tabular/table.ts';
export type { ThresholdsModel } from './thresholds-model-file.ts';
export { binomialTail, clopperPearsonLower, wilson } from './uncertainty/binomial.ts';
export type { Boundary } from './uncertainty/boundary.ts';
export {
  type AbstainOptions,
  type BoundaryOptions,
  boundaryDefaults,
  type Method,
} from './uncertainty/boundary-options.ts';
export type { Certificate, CertificateKind } from './uncertainty/certificate.ts';
export type { Curve, CurveOptions } from './uncertainty/curve.ts';
export type { Cell, DiagnoseOptions, Diagnosis, ReliabilityBin } from './uncertainty/diagnose.ts';
export {
  ESTIMATORS,
  type EstimatorName,
  type ScorerOptions,
  scorerDefaults,
} from './uncertainty/estimators/options.ts';
export type { Prediction } from './uncertainty/estimators/prediction.ts';
export type { ScorerState } from './uncertainty/estimators/scorer.ts';
export type { Operating } from './uncertainty/evaluate.ts';
export type { LikelihoodGain } from './uncertainty/gain.ts';
export type { Grid } from './uncertainty/grid.ts';
export type { GridOptions, Nesting } from './uncertainty/grid-options.ts';
export type { Holdout } from './uncertainty/holdout.ts';
export type { Measured, MeasureOptions } from './uncertainty/measure.ts';
export type { Monotonicity, Trend } from './uncertainty/monotonicity.ts';
export {
  DECISIONS,
  type Decision,
  type LevelRule,
  type NestedRule,
  type PolicyCard,
  ThresholdPolicy,
} from './uncertainty/policy.ts';
export type { PolicyJson } from './uncertainty/policy-json.ts';
export type { Calibration, IsotonicOptions, PosteriorOptions } from './uncertainty/recalibrate.ts';
export type { Surface } from './uncertainty/surface.ts';

/** A network over a table's columns that answers with a probability and an uncertainty for each row, made by `fit`. */
export interface UncertainScorer extends Scorer {}

/** Trains scorers. */
export const UncertainScorer = {
  /** Trains on all rows of the table; labels in [0, 1]. RangeError and DataError name the option, column and row. */
  async fit(
    engine: Engine,
    table: FeatureTable,
    label: ArrayLike<number>,
    given?: Partial<ScorerOptions>,
  ): Promise<UncertainScorer> {
    const { UncertainScorer } = await import('./uncertainty/estimators/scorer.ts');
    return UncertainScorer.fit(checkEngine(engine), table, label, given);
  },

  /** A scorer from its state: the same predictions to the bit. TypeError or RangeError names what is damaged. */
  async restore(engine: Engine, state: ScorerState): Promise<UncertainScorer> {
    const { UncertainScorer } = await import('./uncertainty/estimators/scorer.ts');
    return UncertainScorer.restore(checkEngine(engine), state);
  },
};

/**
 * The bytes of a safetensors file: networks and rows as tensors, the rest as JSON in the metadata, with a checksum.
 * TypeError names a part that is missing.
 */
export async function encodeThresholds(model: ThresholdsModel): Promise<Uint8Array<ArrayBuffer>> {
  const { encodeThresholds } = await import('./thresholds-model-file.ts');
  return encodeThresholds(model);
}

/**
 * The model of a file. DataError `not-a-model` for another file, `damaged-model` for one that breaks a rule: every length
 * and number is checked before it is used. `file` names it in messages.
 */
export async function decodeThresholds(
  engine: Engine,
  bytes: Uint8Array,
  file?: string,
): Promise<ThresholdsModel> {
  const { decodeThresholds } = await import('./thresholds-model-file.ts');
  return decodeThresholds(checkEngine(engine), bytes, file);
}

/**
 * The boundary over (score, uncertainty) with the most recall at a precision, or the most precision at a recall, on
 * labelled rows that the model was not trained on. TypeError and RangeError name the column and row at fault.
 */
export async function fitBoundary(
  engine: Engine,
  holdout: Holdout,
  given: Partial<BoundaryOptions>,
): Promise<Boundary> {
  const { fitBoundary } = await import('./uncertainty/boundary.ts');
  return fitBoundary(checkEngine(engine), holdout, given);
}

/** Precision and recall of a policy on labelled rows, with 95 % intervals that respect `group`. */
export async function evaluatePolicy(
  engine: Engine,
  policy: ThresholdPolicy,
  holdout: Holdout,
): Promise<Operating> {
  const { evaluatePolicy } = await import('./uncertainty/evaluate.ts');
  return evaluatePolicy(checkEngine(engine), policy, holdout);
}

/** Recall of `policy` less recall of `base` on the same rows, with its paired 95 % interval. */
export async function recallGain(
  engine: Engine,
  policy: ThresholdPolicy,
  base: ThresholdPolicy,
  holdout: Holdout,
): Promise<{ gain: number; interval: [number, number] }> {
  const { recallGain } = await import('./uncertainty/evaluate.ts');
  return recallGain(checkEngine(engine), policy, base, holdout);
}

/**
 * The precision-recall curve of a method on labelled rows: 'single' by score, 'surface' by out-of-fold values, 'dynamic' from
 * one table of the dynamic programme (the points that no other point beats; exact for cells of equal weight).
 */
export async function frontier(
  engine: Engine,
  holdout: Holdout,
  given?: Partial<CurveOptions>,
): Promise<Curve> {
  const { frontier } = await import('./uncertainty/curve.ts');
  return frontier(checkEngine(engine), holdout, given);
}

/**
 * Looks at labelled rows before a boundary is fitted to them. Scores must be probabilities. Unless `levels` says how many
 * levels of uncertainty, as many as hold rows, up to 5; RangeError for more than hold rows.
 */
export async function diagnose(
  engine: Engine,
  holdout: Holdout,
  given?: Partial<DiagnoseOptions>,
): Promise<Diagnosis> {
  const { diagnose } = await import('./uncertainty/diagnose.ts');
  return diagnose(checkEngine(engine), holdout, given);
}

/** Out-of-fold gain of the surface over (score, uncertainty) above the one over the score alone; five folds, drawn by `seed`. */
export async function uncertaintyGain(engine: Engine, holdout: Holdout, seed = 1): Promise<LikelihoodGain> {
  const { uncertaintyGain } = await import('./uncertainty/gain.ts');
  return uncertaintyGain(checkEngine(engine), holdout, seed);
}

/**
 * Redraws the labels from their true rates, fits, and counts how often the true precision of what is flagged lies below
 * the bound. Labels are drawn anew because re-sampling one fixed set makes even valid tests read 15 % at 90 %.
 */
export async function measureFailures(
  engine: Engine,
  holdout: Holdout,
  options: Partial<BoundaryOptions>,
  given: MeasureOptions,
): Promise<Measured> {
  const { measureFailures } = await import('./uncertainty/measure.ts');
  return measureFailures(checkEngine(engine), holdout, options, given);
}

/** Steps of probability that never fall as the score rises, inside each level of uncertainty. */
export async function isotonicCalibration(
  engine: Engine,
  holdout: Holdout,
  given?: Partial<IsotonicOptions>,
): Promise<Calibration> {
  const { isotonicCalibration } = await import('./uncertainty/recalibrate.ts');
  return isotonicCalibration(checkEngine(engine), holdout, given);
}

/** A logistic surface over (log-odds of the score, uncertainty) as a calibration; without uncertainty, over the score. */
export async function surfaceCalibration(
  engine: Engine,
  holdout: Holdout,
  given?: { uncertainty?: boolean },
): Promise<Calibration & { surface: Surface }> {
  const { surfaceCalibration } = await import('./uncertainty/recalibrate.ts');
  return surfaceCalibration(checkEngine(engine), holdout, given);
}

/**
 * f64[trials.length]: the mean true rate behind k `positives` of n `trials` when negatives were kept with probability 1 / tau
 * (Arora et al., ICLR 2024): a / (a + b) x 2F1(n, a + 1; a + b + 1; 1 - tau) / 2F1(n, a; a + b; 1 - tau) with
 * a = k + prior[0] and b = n - k + prior[1], by quadrature. Positives may be fractions.
 */
export async function posteriorMean(
  engine: Engine,
  positives: ArrayLike<number>,
  trials: ArrayLike<number>,
  given: PosteriorOptions,
): Promise<Float64Array> {
  const { posteriorMean } = await import('./uncertainty/recalibrate.ts');
  return posteriorMean(checkEngine(engine), positives, trials, given);
}
