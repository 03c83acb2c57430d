import type { Slice } from '../../engine/arena.ts';
import type { Engine } from '../../engine/engine.ts';
import { type Batch, type Masks, pieces, sameBatch, type TabularBody } from './body.ts';
import type { Descent } from './descent.ts';
import { LogisticBody } from './logistic.ts';
import type { ResolvedOptions } from './options.ts';
import { SlotTable } from './slot-table.ts';
import { TABULAR_STREAM } from './streams.ts';

/** Normal deviation of the first pair vectors: pairs start a hundred times smaller than one AdaGrad step. */
const START = 0.02;

/** A factorisation machine of degree two (Rendle 2010): the logistic body and, for each head, vectors of `width`. */
export class FmBody implements TabularBody {
  readonly features = 0;
  readonly tables: Readonly<Record<'linear' | 'bias' | 'pairs' | 'numberPairs', SlotTable>>;
  readonly constants: Slice<'f32'>;
  readonly #linear: LogisticBody;
  readonly #touched: Slice<'u32'>;
  /** f32[batch x heads width], the sums of the vectors of each row. */
  readonly #sums: Slice<'f32'>;
  #kept: Batch | undefined;

  constructor(
    readonly engine: Engine,
    readonly descent: Descent,
    readonly options: ResolvedOptions,
  ) {
    const { slots, numbers, heads, width, optimizer, batch, fields, seed } = options;
    this.#linear = new LogisticBody(engine, descent, options);
    this.constants = this.#linear.constants;
    const pairs = new SlotTable(engine, slots, heads * width, optimizer);
    const numberPairs = new SlotTable(engine, numbers, heads * width, optimizer);
    pairs.randomize(START, seed, TABULAR_STREAM.table);
    numberPairs.randomize(START, seed, TABULAR_STREAM.table + 1);
    this.tables = { ...this.#linear.tables, pairs, numberPairs };
    this.#touched = engine.alloc('u32', batch * fields);
    this.#sums = engine.alloc('f32', batch * heads * width);
  }

  forward(batch: Batch, out: Slice<'f32'>, _masks?: Masks, keep = false): void {
    const { heads } = this.options;
    this.#linear.forward(batch, out);
    this.#kept = undefined;
    for (const [part, at] of pieces(batch, this.options.batch)) {
      this.#pairs(part, out.part(at * heads, part.count * heads));
    }
    if (keep) this.#kept = batch;
  }

  step(batch: Batch, gradient: Slice<'f32'>): void {
    const { rows, ids, count } = batch;
    const { heads, width } = this.options;
    const { pairs, numberPairs } = this.tables;
    if (!sameBatch(this.#kept, batch)) {
      this.engine.scope(({ alloc }) => this.#pairs(batch, alloc('f32', count * heads)));
    }
    this.#kept = undefined;
    const n = this.engine.kernels.pairBackward(
      pairs.block.ptr,
      numberPairs.block.ptr,
      this.#touched.ptr,
      0,
      this.#sums.ptr,
      rows.index.ptr,
      rows.values.ptr,
      ids?.ptr ?? 0,
      gradient.ptr,
      count,
      rows.fields,
      rows.numbers,
      heads,
      width,
    );
    this.descent.slots(pairs, this.#touched, n, count);
    this.descent.slots(numberPairs, undefined, numberPairs.slots, count);
    this.#linear.step(batch, gradient);
  }

  dispose(): void {
    this.#linear.dispose();
    this.tables.pairs.dispose();
    this.tables.numberPairs.dispose();
    this.engine.release(this.#touched, this.#sums);
  }

  /** out += the pairs of at most a batch of rows, leaving their sums. */
  #pairs({ rows, ids, count }: Batch, out: Slice<'f32'>): void {
    const { pairs, numberPairs } = this.tables;
    this.engine.kernels.pairForward(
      out.ptr,
      this.#sums.ptr,
      pairs.block.ptr,
      numberPairs.block.ptr,
      rows.index.ptr,
      rows.values.ptr,
      ids?.ptr ?? 0,
      count,
      rows.fields,
      rows.numbers,
      this.options.heads,
      this.options.width,
    );
  }
}
