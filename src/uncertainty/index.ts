/** The uncertainty room: from (score, uncertainty, label) rows to a decision policy that keeps its precision. */
export { binomialTail, clopperPearsonLower, wilson } from './binomial.ts';
export {
  type AbstainOptions,
  type Boundary,
  type BoundaryOptions,
  boundaryDefaults,
  fitBoundary,
  type Method,
} from './boundary.ts';
export type { Certificate, CertificateKind } from './certificate.ts';
export { type Curve, type CurveOptions, frontier } from './curve.ts';
export {
  type Cell,
  type DiagnoseOptions,
  type Diagnosis,
  diagnose,
  type ReliabilityBin,
} from './diagnose.ts';
export type { Prediction } from './estimators/prediction.ts';
export {
  ESTIMATORS,
  type EstimatorName,
  type ScorerOptions,
  type ScorerState,
  scorerDefaults,
  UncertainScorer,
} from './estimators/scorer.ts';
export { evaluatePolicy, type Operating, recallGain } from './evaluate.ts';
export { type LikelihoodGain, uncertaintyGain } from './gain.ts';
export type { Grid, GridOptions, Nesting } from './grid.ts';
export type { Holdout } from './holdout.ts';
export { type Measured, type MeasureOptions, measureFailures } from './measure.ts';
export type { Monotonicity, Trend } from './monotonicity.ts';
export {
  DECISIONS,
  type Decision,
  type LevelRule,
  type NestedRule,
  type PolicyCard,
  ThresholdPolicy,
} from './policy.ts';
export type { PolicyJson } from './policy-json.ts';
export {
  type Calibration,
  type IsotonicOptions,
  isotonicCalibration,
  type PosteriorOptions,
  posteriorMean,
  surfaceCalibration,
} from './recalibrate.ts';
export type { Surface } from './surface.ts';
