import { DataError, integer, oneOf, options } from '../../check.ts';
import { hashPair, hashText, slotOf } from './hash.ts';
import type { EncodedRows, RowShape } from './rows.ts';
import { checkTable, type FeatureColumn, type FeatureTable } from './table.ts';

export const pipelineDefaults = {
  /** Slots of the model's table, as a power of two: 1 to 24. */
  bits: 18,
  /** Numbers become one of `buckets` words, or stay numbers of mean 0 and deviation 1. */
  numeric: 'bucket' as 'bucket' | 'standard',
  /** Quantile buckets of the fitting rows, 2 to 1,024; equal edges are merged, missing values have a bucket of their own. */
  buckets: 20,
  /** Salt of the hashes. */
  seed: 0,
};
export type PipelineOptions = typeof pipelineDefaults;

/** What was learned of a column. */
export type ColumnPlan =
  | { readonly name: string; readonly kind: 'categorical' }
  | { readonly name: string; readonly kind: 'bucket'; readonly edges: readonly number[] }
  | {
      readonly name: string;
      readonly kind: 'standard';
      readonly mean: number;
      readonly deviation: number;
      /** Some fitting row had no value, so that a field tells present from missing. */
      readonly missing: boolean;
    };

/** A standardised number is held within this many deviations: one wild value must not move a whole model. */
const FURTHEST = 10;

/**
 * From columns to slots and numbers, learned on the fitting rows alone. A word of a column is hashed with the
 * column's name to one of 2^bits slots, known or not; columns are found by name when encoding.
 */
export class FeaturePipeline implements RowShape {
  readonly slots: number;
  readonly fields: number;
  readonly numbers: number;
  /** A hash of each column's name and the seed. */
  readonly #salts: ReadonlyMap<string, number>;

  /** For `fit` and `pipelineFromJSON`, which have checked the parts. */
  constructor(
    readonly options: PipelineOptions,
    readonly columns: readonly ColumnPlan[],
  ) {
    this.slots = 1 << options.bits;
    this.fields = columns.filter((c) => c.kind !== 'standard' || c.missing).length;
    this.numbers = columns.filter((c) => c.kind === 'standard').length;
    this.#salts = new Map(columns.map(({ name }) => [name, hashPair(hashText(name), options.seed)]));
  }

  /** Learns quantiles, means and deviations from `rows` of the table (all when absent). */
  static fit(
    table: FeatureTable,
    rows?: ArrayLike<number>,
    given?: Partial<PipelineOptions>,
  ): FeaturePipeline {
    const set = checkPipelineOptions(given);
    checkTable(table);
    if (rows) for (let i = 0; i < rows.length; i++) integer(rows[i], `rows[${i}]`, 0, table.rows - 1);
    const plans = table.columns.map((column): ColumnPlan => {
      const { name } = column;
      if (column.kind === 'categorical') return { name, kind: 'categorical' };
      const all = rows ? Float64Array.from(rows, (r) => column.values[r]) : column.values;
      const known = all.filter((x) => !Number.isNaN(x));
      if (set.numeric === 'bucket') return { name, kind: 'bucket', edges: quantileEdges(known, set.buckets) };
      return { name, kind: 'standard', ...moments(known), missing: known.length < all.length };
    });
    return new FeaturePipeline(set, plans);
  }

  /**
   * The rows of a table as slots and numbers. DataError naming column and row for a column that is missing, of another
   * kind or infinite; columns that were not fitted are passed over. `name` is the table's in messages.
   */
  encode(table: FeatureTable, name = 'table'): EncodedRows {
    checkTable(table, name);
    const { rows } = table;
    const { fields, numbers } = this;
    const index = new Uint32Array(rows * fields);
    const values = new Float32Array(rows * numbers);
    let field = 0;
    let number = 0;
    for (const plan of this.columns) {
      const column = this.#find(table, plan);
      if (plan.kind !== 'standard') {
        const slot = this.#slots(plan, column);
        for (let i = 0, to = field; i < rows; i++, to += fields) index[to] = slot(i);
        field++;
        continue;
      }
      const from = column as FeatureColumn & { kind: 'numeric' };
      const scale = plan.deviation > 0 ? 1 / plan.deviation : 0;
      const [present, absent] = [0, 1].map((word) => this.#slot(plan.name, word));
      for (let i = 0; i < rows; i++) {
        const x = from.values[i];
        const missing = Number.isNaN(x);
        const z = missing ? 0 : (x - plan.mean) * scale;
        values[i * numbers + number] = Math.max(-FURTHEST, Math.min(FURTHEST, z));
        if (plan.missing) index[i * fields + field] = missing ? absent : present;
      }
      number++;
      if (plan.missing) field++;
    }
    return { rows, fields, numbers, slots: this.slots, index, values };
  }

  /** A plain object for JSON; `pipelineFromJSON` takes it back. */
  toJSON(): { version: 1; options: PipelineOptions; columns: readonly ColumnPlan[] } {
    return { version: 1, options: { ...this.options }, columns: this.columns };
  }

  #find(table: FeatureTable, plan: ColumnPlan): FeatureColumn {
    const column = table.columns.find(({ name }) => name === plan.name);
    if (!column)
      throw new DataError('the table has no such column', { code: 'missing-column', column: plan.name });
    const kind = plan.kind === 'categorical' ? 'categorical' : 'numeric';
    if (column.kind !== kind) {
      throw new DataError(`must be ${kind}, is ${column.kind}`, { code: 'wrong-kind', column: plan.name });
    }
    return column;
  }

  /** Slot of each row of a hashed column: by way of one slot a level or bucket, unless there are fewer rows than levels. */
  #slots(
    plan: ColumnPlan & { kind: 'categorical' | 'bucket' },
    column: FeatureColumn,
  ): (i: number) => number {
    if (column.kind === 'categorical') {
      const { levels, codes } = column;
      if (codes.length < levels.length) return (i) => this.#slot(plan.name, hashText(levels[codes[i]]));
      const slots = Uint32Array.from(levels, (level) => this.#slot(plan.name, hashText(level)));
      return (i) => slots[codes[i]];
    }
    const { edges } = plan as ColumnPlan & { kind: 'bucket' };
    const { values } = column;
    // Bucket edges.length + 1 is for missing values.
    const buckets = edges.length + 2;
    if (values.length < buckets) return (i) => this.#slot(plan.name, bucketOf(edges, values[i]));
    const slots = Uint32Array.from({ length: buckets }, (_, bucket) => this.#slot(plan.name, bucket));
    return (i) => slots[bucketOf(edges, values[i])];
  }

  #slot(column: string, word: number): number {
    return slotOf(hashPair(this.#salts.get(column) as number, word), this.options.bits);
  }
}

export function checkPipelineOptions(given: Partial<PipelineOptions> | undefined): PipelineOptions {
  const set = options(given, pipelineDefaults, 'pipeline');
  integer(set.bits, 'bits', 1, 24);
  oneOf(set.numeric, 'numeric', ['bucket', 'standard']);
  integer(set.buckets, 'buckets', 2, 1024);
  integer(set.seed, 'seed', 0, 0xffffffff);
  return set;
}

/** How many edges are at or below x; one past the last bucket for a missing value. */
export function bucketOf(edges: readonly number[], x: number): number {
  if (Number.isNaN(x)) return edges.length + 1;
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (edges[middle] <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The inner edges of n buckets of equal count, by linear interpolation between order statistics, each once. */
function quantileEdges(values: Float64Array, n: number): number[] {
  const sorted = values.slice().sort();
  const edges: number[] = [];
  for (let k = 1; k < n && sorted.length > 0; k++) {
    const at = (k / n) * (sorted.length - 1);
    const low = Math.floor(at);
    const next = sorted[Math.min(low + 1, sorted.length - 1)];
    // Finite also where the difference of the two would overflow.
    const edge = sorted[low] * (1 - (at - low)) + next * (at - low);
    if (edges.length === 0 || edge > edges[edges.length - 1]) edges.push(edge);
  }
  return edges;
}

function moments(values: Float64Array): { mean: number; deviation: number } {
  let mean = 0;
  let square = 0;
  // Welford: no cancellation for values far from 0.
  for (let i = 0; i < values.length; i++) {
    const d = values[i] - mean;
    mean += d / (i + 1);
    square += d * (values[i] - mean);
  }
  const deviation = Math.sqrt(square / Math.max(values.length, 1));
  return { mean, deviation: Number.isFinite(deviation) ? deviation : 0 };
}
