import type { Slice } from '../../engine/arena.ts';
import type { Parameters } from '../parameters.ts';
import type { ArenaRows } from './rows.ts';
import type { SlotTable } from './slot-table.ts';

/** A batch: rows by number, 0 .. count-1 when `ids` is absent. */
export interface Batch {
  readonly rows: ArenaRows;
  readonly ids: Slice<'u32'> | undefined;
  readonly count: number;
}

/** Which hidden units are dropped: by the training step, a mask a row; or in a sampled pass, one mask for all rows. */
export type Masks = { readonly step: number } | { readonly pass: number; readonly seed: number };

/** What makes a model logistic, fm or mlp. */
export interface TabularBody {
  readonly tables: Readonly<Record<string, SlotTable>>;
  readonly dense?: Parameters;
  /** Where the constant of each logit stands. */
  readonly constants: Slice<'f32'>;
  /** out[count x heads] = logits of any number of rows; with `keep`, of at most a batch, remembered for `step`. */
  forward(batch: Batch, out: Slice<'f32'>, masks?: Masks, keep?: boolean): void;
  /** Adds the gradients of at most a batch of rows and takes the step. */
  step(batch: Batch, gradient: Slice<'f32'>, masks?: Masks): void;
  /** Units of the last hidden layer, 0 without one. */
  readonly features: number;
  /** out[count x features] = the last hidden layer. */
  hidden?(batch: Batch, out: Slice<'f32'>): void;
  dispose(): void;
}

/** The batch in pieces of at most `size` rows, with the place of the first. */
export function* pieces({ rows, ids, count }: Batch, size: number): Generator<[Batch, at: number]> {
  const { fields, numbers, slots, index, values } = rows;
  for (let at = 0; at < count; at += size) {
    const n = Math.min(size, count - at);
    if (ids) yield [{ rows, ids: ids.part(at, n), count: n }, at];
    else {
      const part = {
        index: index.part(at * fields, n * fields),
        values: values.part(at * numbers, n * numbers),
      };
      yield [{ rows: { fields, numbers, slots, ...part }, ids, count: n }, at];
    }
  }
}

/** Whether two batches name the same rows: the same slices, as their memory is. */
export function sameBatch(a: Batch | undefined, b: Batch): boolean {
  return a !== undefined && a.rows === b.rows && a.ids?.ptr === b.ids?.ptr && a.count === b.count;
}
