import { DataError } from '../check.ts';
import { takeRows } from '../delayed-feedback/take-rows.ts';
import type { Engine as EngineType } from '../engine/engine.ts';
import { Engine } from '../index.ts';
import { type Schema, readTable } from '../io/index.ts';
import type { FeatureTable } from '../nn/tabular/table.ts';
import { encodeThresholds } from '../thresholds-model-file.ts';
import {
  ESTIMATORS,
  fitBoundary,
  type Holdout,
  type ScorerOptions,
  scorerDefaults,
  UncertainScorer,
} from '../uncertainty/index.ts';
import { type Args, under } from './args.ts';
import type { Command, Context } from './command.ts';
import { columnNames, type FeatureNames, featureNames, featureSchema, featureTable } from './conversions-features.ts';
import { leaks } from './thresholds-leaks.ts';
import { checkOutput, writeOutput } from './files.ts';
import { count, counted, program, quoted, seconds, size } from './output.ts';
import { timeLeft } from './progress.ts';
import { Reader } from './reader.ts';
import { FORMATS, labelOption, type Part, partsOf, splitOptions, splitSchema, tableOptions } from './thresholds-columns.ts';
import { acting, judged, oneThreshold, sharesOf, testOf } from './thresholds-judge.ts';
import { abstainOptions, boundOptions, gridOptions, methodOption, oneBound } from './thresholds-options.ts';
import { bothClasses, partsByChance } from './thresholds-parts.ts';
import { verdict } from './thresholds-tell.ts';
