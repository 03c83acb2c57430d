import { integer, notAborted, options, sized } from '../../check.ts';
import type { Slice } from '../../engine/arena.ts';
import type { Engine } from '../../engine/engine.ts';
import { softLogistic } from '../loss.ts';
import type { TabularModel } from './model.ts';
import type { ArenaRows } from './rows.ts';
import { TABULAR_STREAM } from './streams.ts';

export interface TabularProgress {
  phase: 'fit';
  /** Rows seen, over all epochs. */
  step: number;
  total: number;
  /** Mean loss of the epoch so far. */
  loss: number;
}

export interface TabularFitOptions {
  /** Rows to learn from; all when absent. */
  ids: ArrayLike<number> | undefined;
  /** Weight of each row and head, >= 0; 1 when absent. Rows x heads, as the labels. */
  weights: ArrayLike<number> | undefined;
  /** Added to each logit. */
  offsets: ArrayLike<number> | undefined;
  epochs: number;
  /** Of the order of the rows. */
  seed: number;
  signal: AbortSignal | undefined;
  onProgress: ((progress: TabularProgress) => void) | undefined;
}

export const tabularFitDefaults: TabularFitOptions = {
  ids: undefined,
  weights: undefined,
  offsets: undefined,
  epochs: 5,
  seed: 0,
  signal: undefined,
  onProgress: undefined,
};

/** Milliseconds between two chances for the host to draw a frame or to abort. */
const BREATH = 50;

/**
 * Epochs of logistic loss with labels in [0, 1] (rows x heads), each in a new order. Returns the mean loss of the last
 * epoch, weighted. RangeError naming the row for a label outside [0, 1], a weight below 0 or a number that is not.
 */
export async function fitTabular(
  engine: Engine,
  model: TabularModel,
  rows: ArenaRows & { readonly rows: number },
  labels: ArrayLike<number>,
  given?: Partial<TabularFitOptions>,
): Promise<number> {
  const set = options(given, tabularFitDefaults, 'fitTabular');
  notAborted(set.signal);
  const { heads } = model;
  integer(set.epochs, 'epochs', 0, 1e6);
  integer(set.seed, 'seed', 0, 0xffffffff);
  const size = rows.rows * heads;
  within(sized(labels, 'labels', size), 'labels', 0, 1);
  if (set.weights) within(sized(set.weights, 'weights', size), 'weights', 0, 1e30);
  if (set.offsets) within(sized(set.offsets, 'offsets', size), 'offsets', -1e30, 1e30);
  const chosen = Uint32Array.from(set.ids ?? { length: rows.rows }, (id, i) =>
    set.ids ? integer(id, `ids[${i}]`, 0, rows.rows - 1) : i,
  );
  const n = chosen.length;
  const { batch } = model.options;

  return engine.scope(async ({ alloc, from }) => {
    const label = from('f32', labels);
    const weight = set.weights && from('f32', set.weights);
    const offset = set.offsets && from('f32', set.offsets);
    const order = alloc('u32', n);
    const logits = alloc('f32', batch * heads);
    let loss = 0;
    let last = performance.now();
    for (let epoch = 0; epoch < set.epochs; epoch++) {
      shuffle(engine, order, chosen, set.seed, epoch);
      loss = 0;
      for (let at = 0; at < n; at += batch) {
        const count = Math.min(batch, n - at);
        const ids = order.part(at, count);
        model.trainingLogits(rows, ids, count, logits);
        loss += softLogistic(engine, {
          gradient: logits,
          logits,
          label,
          weight,
          offset,
          ids,
          rows: count,
          heads,
        });
        model.step(rows, ids, count, logits);
        if (performance.now() - last < BREATH) continue;
        const seen = at + count;
        set.onProgress?.({ phase: 'fit', step: epoch * n + seen, total: set.epochs * n, loss: loss / seen });
        await new Promise((resolve) => setTimeout(resolve));
        notAborted(set.signal);
        last = performance.now();
      }
    }
    return loss / n;
  });
}

/**
 * Where a model's constant should start: the log-odds of the labels, as if one row more were half positive. A few steps
 * from 0 would leave it there: 5 epochs over 223 rows, of which 16 % convert, promised 28 %.
 */
export function startOf(engine: Engine, labels: ArrayLike<number>, ids?: ArrayLike<number>): number {
  const n = ids?.length ?? labels.length;
  let positives = 0;
  for (let i = 0; i < n; i++) positives += labels[ids ? ids[i] : i];
  return engine.kernels.logF64((positives + 0.5) / (n - positives + 0.5));
}

/** order = `rows` in a random order: Fisher and Yates, each place from 53 random bits. */
export function shuffle(
  engine: Engine,
  order: Slice<'u32'>,
  rows: Uint32Array,
  seed: number,
  epoch: number,
): void {
  engine.scope(({ alloc }) => {
    const bits = alloc('u32', 2 * rows.length);
    engine.kernels.randomBits(bits.ptr, bits.length, seed, TABULAR_STREAM.order, epoch);
    const word = bits.array;
    const to = order.array;
    for (let i = 0; i < rows.length; i++) {
      const unit = (word[2 * i] * 2 ** 21 + (word[2 * i + 1] >>> 11)) * 2 ** -53;
      const j = Math.floor(unit * (i + 1));
      to[i] = to[j];
      to[j] = rows[i];
    }
  });
}

function within(values: ArrayLike<number>, name: string, low: number, high: number): void {
  for (let i = 0; i < values.length; i++) {
    if (!(values[i] >= low && values[i] <= high)) {
      throw new RangeError(`${name}[${i}] must be from ${low} to ${high}, got ${values[i]}`);
    }
  }
}
