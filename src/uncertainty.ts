/** Whom to act on: from scores with an uncertainty to a policy that keeps its precision. */

export * from './engine.ts';
export {
  type CategoricalColumn,
  categoricalColumn,
  type FeatureColumn,
  type FeatureTable,
  type NumericColumn,
  numericColumn,
} from './nn/tabular/table.ts';
export { decodeThresholds, encodeThresholds, type ThresholdsModel } from './thresholds-model-file.ts';
export * from './uncertainty/index.ts';
