import type { Slice } from '../engine/arena.ts';
import type { Engine } from '../engine/engine.ts';
import { TabularModel, type TabularState } from '../nn/tabular/model.ts';
import type { TabularOptions } from '../nn/tabular/options.ts';
import type { ArenaRows } from '../nn/tabular/rows.ts';

/** A number of each row of a chunk: row i's is at ptr + 4 stride i. */
export interface Column {
  readonly slice: Slice<'f32'>;
  readonly ptr: number;
  readonly stride: number;
  /** Index of row 0 in the slice's array. */
  readonly first: number;
}

/**
 * The conversion model and the hazards' part on features, forward and step together. With a logistic body both are
 * heads of one table, so that a visit reads and writes each slot once; other bodies have a logistic model beside them.
 */
export class PairedModel {
  readonly model: TabularModel;
  readonly beside: TabularModel | undefined;
  readonly logit: Column;
  readonly hazard: Column;
  /** Gradients, in the same places. */
  readonly dLogit: Column;
  readonly dHazard: Column;
  readonly #slices: Slice<'f32'>[];

  constructor(
    readonly engine: Engine,
    options: Partial<TabularOptions> & { batch: number },
    hazard: { rate: number; l2: number },
  ) {
    const one = { ...options, heads: 1 };
    const { learningRate = 0.1, l2 = 1e-6 } = options as { learningRate?: number; l2?: number };
    if ((options.body ?? 'logistic') === 'logistic') {
      const both = { ...one, heads: 2, learningRate: [learningRate, hazard.rate], l2: [l2, hazard.l2] };
      this.model = TabularModel.create(engine, both);
      const [out, d] = [0, 1].map(() => engine.alloc('f32', 2 * options.batch));
      this.#slices = [out, d];
      const column = (slice: Slice<'f32'>, first: number) => ({
        slice,
        ptr: slice.ptr + 4 * first,
        stride: 2,
        first,
      });
      [this.logit, this.hazard] = [column(out, 0), column(out, 1)];
      [this.dLogit, this.dHazard] = [column(d, 0), column(d, 1)];
      return;
    }
    this.model = TabularModel.create(engine, one);
    const side = {
      body: 'logistic',
      optimizer: 'adagrad',
      learningRate: hazard.rate,
      l2: hazard.l2,
    } as const;
    this.beside = TabularModel.create(engine, { ...one, ...side });
    this.#slices = Array.from({ length: 4 }, () => engine.alloc('f32', options.batch));
    const column = (slice: Slice<'f32'>) => ({ slice, ptr: slice.ptr, stride: 1, first: 0 });
    [this.logit, this.hazard, this.dLogit, this.dHazard] = this.#slices.map(column);
  }

  /** Fills `logit` and `hazard` for the rows `ids`. */
  forward(rows: ArenaRows, ids: Slice<'u32'>, count: number): void {
    this.model.logits(rows, ids, count, this.logit.slice);
    this.beside?.logits(rows, ids, count, this.hazard.slice);
  }

  /** Steps both parts by `dLogit` and `dHazard`. */
  step(rows: ArenaRows, ids: Slice<'u32'>, count: number): void {
    this.model.step(rows, ids, count, this.dLogit.slice);
    this.beside?.step(rows, ids, count, this.dHazard.slice);
  }

  /** Step lengths of the conversion model and of the hazards. */
  setRates(model: number, hazard: number): void {
    if (!this.beside) this.model.learningRate = [model, hazard];
    else {
      this.model.learningRate = model;
      this.beside.learningRate = hazard;
    }
  }

  /** Takes the state of a pretrained conversion model with one head; the hazards stay as they are. */
  adopt(one: TabularState): void {
    if (this.beside) {
      this.model.restore(one);
      return;
    }
    const mine = this.model.state();
    for (const [name, values] of Object.entries(mine.tensors)) {
      for (let i = 0; i < values.length; i += 2) values[i] = one.tensors[name][i / 2];
    }
    this.model.restore(mine);
  }

  state(): { model: TabularState; beside?: TabularState } {
    return { model: this.model.state(), beside: this.beside?.state() };
  }

  restore({ model, beside }: ReturnType<PairedModel['state']>): void {
    this.model.restore(model);
    if (beside) this.beside?.restore(beside);
  }

  dispose(): void {
    this.model.dispose();
    this.beside?.dispose();
    this.engine.release(...this.#slices);
  }
}
