import { integer, object, oneOf, options } from '../../check.ts';
import type { Engine } from '../../engine/engine.ts';
import {
  FeaturePipeline,
  type FeatureTable,
  pipelineFromJSON,
  RowStore,
  TabularModel,
} from '../../nn/tabular/index.ts';
import { checkTable } from '../../nn/tabular/table.ts';
import { column } from '../holdout.ts';
import { evidenceCounts, slotCounts } from './counts.ts';
import { betaEvidence, ensemble, monteCarloDropout } from './estimators.ts';
import { laplace, lastLayerCovariance } from './laplace.ts';
import { type CountedRows, networkOptions, trainEvidence, trainNetworks } from './networks.ts';
import {
  ESTIMATORS,
  type EstimatorName,
  networkDefaults,
  type ScorerOptions,
  scorerDefaults,
} from './options.ts';
import type { Estimator, Prediction } from './prediction.ts';

/**
 * Steps below which a network has hardly left its start, and 50 of which already learn small tables by heart: log loss on
 * later bookings of hotel_city after 3 passes / 42 steps / 50 steps over 300 rows .67/.62/.67, over 1,000 .68/.58/.67.
 */
const FEWEST_STEPS = 40;

/** What a file must keep of a scorer: plain JSON, and arrays by name. */
export interface ScorerState {
  json: {
    kind: 'uncertain-scorer';
    version: 1;
    estimator: EstimatorName;
    passes: number;
    seed: number;
    pipeline: unknown;
    /** Options of each network, as TabularModel takes them. */
    networks: unknown[];
    steps: number[];
  };
  tensors: Record<string, Float32Array>;
}

/** A network over a table's columns that answers with a probability and an uncertainty for each row. */
export class UncertainScorer {
  private constructor(
    readonly engine: Engine,
    readonly pipeline: FeaturePipeline,
    readonly options: Pick<ScorerOptions, 'estimator' | 'passes' | 'seed'>,
    private readonly models: readonly TabularModel[],
    private readonly estimator: Estimator,
  ) {}

  /** Trains on all rows of the table; labels in [0, 1]. RangeError and DataError name the option, column and row. */
  static async fit(
    engine: Engine,
    table: FeatureTable,
    label: ArrayLike<number>,
    given?: Partial<ScorerOptions>,
  ): Promise<UncertainScorer> {
    checkTable(table);
    const set = options<ScorerOptions>(
      { ...(given?.estimator === 'ensemble' && { members: 5 }), ...given },
      scorerDefaults,
      'UncertainScorer.fit',
    );
    const { estimator: name, passes, bits, ...rest } = set;
    oneOf(name, 'estimator', ESTIMATORS);
    integer(passes, 'passes', 2, 10_000);
    const steps = Math.ceil(table.rows / integer(rest.batch, 'batch', 1, 65_536));
    const epochs =
      rest.epochs ?? Math.max(networkDefaults.epochs, Math.ceil(FEWEST_STEPS / Math.max(steps, 1)));
    const network = networkOptions({ ...rest, epochs });
    const pipeline = FeaturePipeline.fit(table, undefined, { bits });
    if (!(table.rows > 0)) throw new RangeError('table must have at least one row');
    const y = column(label, 'label', table.rows, 0, 1);
    if (name === 'ensemble' && network.members < 2)
      throw new RangeError('an ensemble must have at least 2 members');
    if (name === 'dropout' && !(network.dropout > 0))
      throw new RangeError('dropout must be above 0 for its passes');
    const rows = RowStore.from(engine, pipeline.encode(table));
    try {
      const models =
        name === 'evidence'
          ? [await trainEvidence(engine, rows, y, network)]
          : await trainNetworks(engine, rows, y, network);
      const learned = learn(engine, name, models, rows);
      const { seed } = network;
      const estimator = build(engine, name, models, passes, seed, learned);
      return new UncertainScorer(engine, pipeline, { estimator: name, passes, seed }, models, estimator);
    } finally {
      rows.dispose();
    }
  }

  /** Score and uncertainty of every row; columns are found by name. */
  predict(table: FeatureTable): Prediction {
    const rows = RowStore.from(this.engine, this.pipeline.encode(table));
    try {
      return this.estimator.predict(rows);
    } finally {
      rows.dispose();
    }
  }

  /** Everything that `restore` needs. */
  state(): ScorerState {
    const states = this.models.map((model) => model.state());
    const tensors: Record<string, Float32Array> = {};
    states.forEach((state, k) => {
      for (const [name, x] of Object.entries(state.tensors)) tensors[`network${k}.${name}`] = x;
    });
    for (const [name, x] of Object.entries(this.estimator.state())) tensors[`estimator.${name}`] = x;
    return {
      json: {
        kind: 'uncertain-scorer',
        version: 1,
        ...this.options,
        pipeline: this.pipeline.toJSON(),
        networks: this.models.map((model) => model.options),
        steps: states.map(({ steps }) => steps),
      },
      tensors,
    };
  }

  /** A scorer from its state: the same predictions to the bit. TypeError or RangeError names what is damaged. */
  static restore(engine: Engine, state: ScorerState): UncertainScorer {
    const { json, tensors } = object(state, 'state', 'what UncertainScorer.state gave');
    oneOf(json?.kind, 'kind', ['uncertain-scorer']);
    if (!(json.version === 1)) throw new RangeError(`version must be 1, got ${String(json.version)}`);
    const name = oneOf(json.estimator, 'estimator', ESTIMATORS);
    const passes = integer(json.passes, 'passes', 2, 10_000);
    const seed = integer(json.seed, 'seed', 0, 2 ** 31);
    const pipeline = pipelineFromJSON(json.pipeline);
    if (!(Array.isArray(json.networks) && json.networks.length > 0 && json.networks.length <= 100)) {
      throw new RangeError('networks must be a list of 1 to 100');
    }
    const models: TabularModel[] = [];
    try {
      json.networks.forEach((given, k) => {
        const shape = given as Partial<Record<'fields' | 'numbers' | 'slots' | 'heads' | 'body', unknown>>;
        const same = (['fields', 'numbers', 'slots'] as const).every((key) => shape?.[key] === pipeline[key]);
        const heads = name === 'evidence' ? 2 : 1;
        if (!(same && shape.body === 'mlp' && shape.heads === heads)) {
          throw new RangeError(`network ${k} must be an mlp of ${heads} head(s) over the pipeline's fields`);
        }
        const state = { steps: json.steps?.[k], tensors: named(tensors, `network${k}.`) };
        models.push(TabularModel.from(engine, given as object, state));
      });
      const learned = named(tensors, 'estimator.');
      for (const [key, length] of Object.entries(expected(name, models))) {
        const x = learned[key];
        if (!(x instanceof Float32Array && x.length === length && x.every(Number.isFinite))) {
          throw new RangeError(`tensor estimator.${key} must be f32[${length}] of finite numbers`);
        }
      }
      const estimator = build(engine, name, models, passes, seed, learned);
      return new UncertainScorer(engine, pipeline, { estimator: name, passes, seed }, models, estimator);
    } catch (error) {
      for (const model of models) model.dispose();
      throw error;
    }
  }

  dispose(): void {
    for (const model of this.models) model.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

type Learned = Record<string, Float32Array>;

const named = (tensors: Learned, prefix: string): Learned =>
  Object.fromEntries(
    Object.entries(tensors)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, x]) => [key.slice(prefix.length), x]),
  );

/** What an estimator learns from the training rows beside the networks. */
function learn(
  engine: Engine,
  name: EstimatorName,
  models: readonly TabularModel[],
  rows: CountedRows,
): Learned {
  if (name === 'laplace') {
    return Object.fromEntries(
      models.map((model, k) => [`covariance${k}`, lastLayerCovariance(engine, model, rows)]),
    );
  }
  return name === 'counts' ? { counts: slotCounts(rows) } : {};
}

function expected(name: EstimatorName, models: readonly TabularModel[]): Record<string, number> {
  if (name === 'laplace') {
    return Object.fromEntries(
      models.map(({ features }, k) => [`covariance${k}`, (features + 1) * (features + 1)]),
    );
  }
  return name === 'counts' ? { counts: models[0].options.slots } : {};
}

function build(
  engine: Engine,
  name: EstimatorName,
  models: readonly TabularModel[],
  passes: number,
  seed: number,
  learned: Learned,
): Estimator {
  switch (name) {
    case 'laplace':
      return laplace(
        engine,
        models,
        models.map((_, k) => learned[`covariance${k}`]),
      );
    case 'ensemble':
      return ensemble(engine, models);
    case 'dropout':
      return monteCarloDropout(engine, models, passes, seed);
    case 'evidence':
      return betaEvidence(engine, models[0]);
    case 'counts':
      return evidenceCounts(engine, models, learned.counts);
  }
}
