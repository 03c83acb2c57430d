import type { Slice } from '../../engine/arena.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Batch, TabularBody } from './body.ts';
import type { Descent } from './descent.ts';
import type { ResolvedOptions } from './options.ts';
import { SlotTable } from './slot-table.ts';

/** logit[h] = bias[h] + sum over fields of w[slot, h] + sum over numbers of x_j w_j[h]. */
export class LogisticBody implements TabularBody {
  readonly features = 0;
  readonly tables: { readonly linear: SlotTable; readonly bias: SlotTable };
  /** The first values of the bias' block: one a head. */
  readonly constants: Slice<'f32'>;
  readonly #touched: Slice<'u32'>;

  constructor(
    readonly engine: Engine,
    readonly descent: Descent,
    set: ResolvedOptions,
  ) {
    this.tables = {
      linear: new SlotTable(engine, set.slots, set.heads, set.optimizer),
      // The bias, then a slot for each number.
      bias: new SlotTable(engine, 1 + set.numbers, set.heads, set.optimizer),
    };
    this.constants = this.tables.bias.block.part(0, set.heads);
    this.#touched = engine.alloc('u32', set.batch * set.fields);
  }

  forward({ rows, ids, count }: Batch, out: Slice<'f32'>): void {
    const { linear, bias } = this.tables;
    this.engine.kernels.linearForward(
      out.ptr,
      linear.block.ptr,
      bias.block.ptr,
      rows.index.ptr,
      rows.values.ptr,
      ids?.ptr ?? 0,
      count,
      rows.fields,
      rows.numbers,
      linear.d,
    );
  }

  step({ rows, ids, count }: Batch, gradient: Slice<'f32'>): void {
    const { linear, bias } = this.tables;
    const n = this.engine.kernels.linearBackward(
      linear.block.ptr,
      bias.block.ptr,
      this.#touched.ptr,
      0,
      rows.index.ptr,
      rows.values.ptr,
      ids?.ptr ?? 0,
      gradient.ptr,
      count,
      rows.fields,
      rows.numbers,
      linear.d,
    );
    this.descent.slots(linear, this.#touched, n, count);
    this.descent.slots(bias, undefined, bias.slots, count);
  }

  dispose(): void {
    this.tables.linear.dispose();
    this.tables.bias.dispose();
    this.engine.release(this.#touched);
  }
}
