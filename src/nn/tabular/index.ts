/** The tabular learner: a pipeline from columns to slots, rows in the arena, a model, and a plain fit. */
export {
  fitTabular,
  startOf,
  type TabularFitOptions,
  type TabularProgress,
  tabularFitDefaults,
} from './fit.ts';
export { hashPair, hashText, mix32, slotOf } from './hash.ts';
export { TabularModel, type TabularState } from './model.ts';
export { type Body, type TabularOptions, tabularDefaults } from './options.ts';
export { type ColumnPlan, FeaturePipeline, type PipelineOptions, pipelineDefaults } from './pipeline.ts';
export { pipelineFromJSON } from './pipeline-json.ts';
export { type ArenaRows, type EncodedRows, encodedRows, type RowShape, RowStore } from './rows.ts';
export {
  type CategoricalColumn,
  categoricalColumn,
  checkTable,
  type FeatureColumn,
  type FeatureTable,
  type NumericColumn,
  numericColumn,
} from './table.ts';
