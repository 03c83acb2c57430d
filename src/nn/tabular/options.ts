import { integer, oneOf, options, real } from '../../check.ts';

export type Body = 'logistic' | 'fm' | 'mlp';

export interface TabularOptions {
  /** Slots a row has, numbers a row has, and slots of the table: those of the pipeline. */
  fields: number;
  numbers: number;
  slots: number;
  /** Logits of a row. */
  heads: number;
  body: Body;
  /** Numbers a slot's embedding has (fm: a head), a multiple of 4. */
  width: number;
  /** Units of the hidden layers of `mlp`, first to last. */
  hidden: readonly number[];
  /** Share of hidden units dropped in a training step of `mlp`. */
  dropout: number;
  /** Unless given, adagrad for logistic and fm, adam for mlp. */
  optimizer: 'adagrad' | 'adam' | undefined;
  /** Step length; one a head for `logistic`, when the heads learn at different speeds. */
  learningRate: number | readonly number[];
  /** Pull of the touched slots towards 0 (or `centre`), per full batch; one a head for `logistic`. */
  l2: number | readonly number[];
  /** Rows of a step at most. Gradients are summed and divided by this, so that a part-filled batch is not overweighted. */
  batch: number;
  seed: number;
}

export const tabularDefaults: TabularOptions = {
  fields: 0,
  numbers: 0,
  slots: 1,
  heads: 1,
  body: 'logistic',
  width: 8,
  hidden: [64, 32],
  dropout: 0,
  optimizer: undefined,
  learningRate: 0.05,
  l2: 1e-6,
  batch: 256,
  seed: 0,
};

export type ResolvedOptions = TabularOptions & { optimizer: 'adagrad' | 'adam' };

export function checkTabularOptions(given: Partial<TabularOptions>): ResolvedOptions {
  const set = options(given, tabularDefaults, 'TabularModel');
  integer(set.fields, 'fields', 0, 65535);
  integer(set.numbers, 'numbers', 0, 65535);
  if (!(set.fields + set.numbers > 0)) throw new RangeError('fields and numbers must not both be 0');
  integer(set.slots, 'slots', 1, 2 ** 24);
  integer(set.heads, 'heads', 1, 64);
  oneOf(set.body, 'body', ['logistic', 'fm', 'mlp']);
  integer(set.width, 'width', 4, 256);
  if (!(set.width % 4 === 0)) throw new RangeError(`width must be a multiple of 4, got ${set.width}`);
  if (!(Array.isArray(set.hidden) && (set.hidden.length > 0 || set.body !== 'mlp'))) {
    throw new TypeError('hidden must be a list of at least one layer');
  }
  for (const [i, units] of set.hidden.entries()) integer(units, `hidden[${i}]`, 1, 4096);
  real(set.dropout, 'dropout', 0, 0.95);
  perHead(set.learningRate, 'learningRate', set);
  perHead(set.l2, 'l2', set);
  integer(set.batch, 'batch', 1, 65536);
  integer(set.seed, 'seed', 0, 0xffffffff);
  const optimizer = set.optimizer ?? (set.body === 'mlp' ? 'adam' : 'adagrad');
  return { ...set, optimizer: oneOf(optimizer, 'optimizer', ['adagrad', 'adam']) };
}

/** Numbers that a model's state holds at least: those of its table three times (value and two of the optimiser), and layers. */
export function leastNumbers({ body, slots, heads, fields, numbers, width, hidden }: TabularOptions): number {
  if (body !== 'mlp') return 3 * slots * heads * (body === 'fm' ? width : 1);
  const sizes = [fields * width + numbers, ...hidden, heads];
  const layers = sizes.slice(1).reduce((sum, units, i) => sum + units * sizes[i], 0);
  return 3 * slots * width + 2 * layers;
}

/** One number a head from one for all, or from a list where the body keeps its heads apart. */
export function perHead(
  value: number | readonly number[],
  name: string,
  { heads, body }: { heads: number; body: Body },
): number[] {
  if (typeof value === 'number') return Array(heads).fill(real(value, name, 0, 1e6));
  if (!(body === 'logistic' && Array.isArray(value) && value.length === heads)) {
    throw new TypeError(`${name} must be a number, or for logistic a list of ${heads}`);
  }
  return value.map((x, h) => real(x, `${name}[${h}]`, 0, 1e6));
}
