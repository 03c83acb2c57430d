import { integer, real } from '../../check.ts';
import type { Slice } from '../../engine/arena.ts';
import type { Engine } from '../../engine/engine.ts';
import { sha256 } from '../../hash.ts';
import type { TabularBody } from './body.ts';
import { Descent } from './descent.ts';
import { FmBody } from './fm.ts';
import { LogisticBody } from './logistic.ts';
import { MlpBody } from './mlp.ts';
import {
  checkTabularOptions,
  leastNumbers,
  perHead,
  type ResolvedOptions,
  type TabularOptions,
} from './options.ts';
import type { ArenaRows, RowShape } from './rows.ts';

/** Everything that `restore` needs, as plain arrays. */
export interface TabularState {
  /** Steps taken. */
  steps: number;
  tensors: Record<string, Float32Array>;
}

const BODIES = { logistic: LogisticBody, fm: FmBody, mlp: MlpBody };

/**
 * A learner over encoded rows in the arena. The caller turns logits into gradients, so any loss will do:
 * `logits`, then `step` with d loss / d logit of each row and head. Gradients are summed and divided by `batch`.
 */
export class TabularModel {
  readonly #body: TabularBody;
  readonly #descent: Descent;
  #steps = 0;
  #disposed = false;

  private constructor(
    readonly engine: Engine,
    readonly options: ResolvedOptions,
  ) {
    this.#descent = new Descent(engine, options);
    this.#body = new BODIES[options.body](engine, this.#descent, options);
  }

  /** RangeError or TypeError naming the option that is wrong; every table is allocated here, none later. */
  static create(engine: Engine, given: Partial<TabularOptions>): TabularModel {
    return new TabularModel(engine, checkTabularOptions(given));
  }

  /**
   * A model from options and a state that came from a file: what the state does not hold is refused before memory is
   * asked for it. RangeError or TypeError naming what is wrong.
   */
  static from(engine: Engine, given: Partial<TabularOptions>, state: TabularState): TabularModel {
    const set = checkTabularOptions(given);
    const arrays = Object.values(state.tensors);
    const held = arrays.reduce((sum, x) => sum + (x instanceof Float32Array ? x.length : 0), 0);
    if (!(held >= leastNumbers(set))) {
      throw new RangeError(`the tensors hold ${held} numbers, fewer than the model's options say`);
    }
    const model = new TabularModel(engine, set);
    try {
      model.restore(state);
      return model;
    } catch (error) {
      model.dispose();
      throw error;
    }
  }

  get heads(): number {
    return this.options.heads;
  }

  /** Sets the constant of every logit, before the first step: best to the log-odds of the labels. */
  startAt(logit: number): void {
    this.#body.constants.fill(real(logit, 'logit', -100, 100));
  }

  /** Steps taken so far. */
  get steps(): number {
    return this.#steps;
  }

  /** Units of the last hidden layer, 0 when the body has none. */
  get features(): number {
    return this.#body.features;
  }

  /** One number, or one a head where they differ. */
  get learningRate(): number | readonly number[] {
    const { rates } = this.#descent;
    return rates.every((rate) => rate === rates[0]) ? rates[0] : [...rates];
  }

  set learningRate(value: number | readonly number[]) {
    this.#descent.rates = perHead(value, 'learningRate', this.options);
  }

  /** out f32[count x heads] = the logits of rows `ids` (0 .. count-1 when absent), any number of them. */
  logits(rows: ArenaRows, ids: Slice<'u32'> | undefined, count: number, out: Slice<'f32'>): void {
    this.#fits(rows, ids, count, out, this.heads);
    this.#body.forward({ rows, ids, count }, out);
  }

  /**
   * The logits that the next `step` will differentiate: with its dropout. `step` must follow with the same rows, and
   * then does not repeat the work.
   */
  trainingLogits(rows: ArenaRows, ids: Slice<'u32'> | undefined, count: number, out: Slice<'f32'>): void {
    this.#fits(rows, ids, count, out, this.heads, this.options.batch);
    this.#body.forward({ rows, ids, count }, out, { step: this.#steps }, true);
  }

  /** Logits under dropout, the same units dropped for every row: draw `pass` of the network (Gal, Ghahramani 2016). */
  sampledLogits(
    rows: ArenaRows,
    ids: Slice<'u32'> | undefined,
    count: number,
    out: Slice<'f32'>,
    draw: { pass: number; seed: number },
  ): void {
    this.#fits(rows, ids, count, out, this.heads);
    this.#body.forward({ rows, ids, count }, out, draw);
  }

  /** One optimiser step from gradient f32[count x heads] = d loss / d logit; at most `batch` rows. */
  step(rows: ArenaRows, ids: Slice<'u32'> | undefined, count: number, gradient: Slice<'f32'>): void {
    this.#fits(rows, ids, count, gradient, this.heads, this.options.batch);
    if (count === 0) return;
    this.#descent.advance();
    this.#body.step({ rows, ids, count }, gradient, { step: this.#steps });
    this.#steps++;
  }

  /** out f32[count x features] = the last hidden layer, without dropout. Error for a body that has none. */
  hidden(rows: ArenaRows, ids: Slice<'u32'> | undefined, count: number, out: Slice<'f32'>): void {
    if (!this.#body.hidden) throw new Error(`a ${this.options.body} body has no hidden layer`);
    this.#fits(rows, ids, count, out, this.features);
    this.#body.hidden({ rows, ids, count }, out);
  }

  /**
   * Multiplies AdaGrad's sums of squared gradients, for `logistic` of one head if asked; below 1 the next phase learns
   * faster. Adam has none to scale.
   */
  scaleAccumulators(factor: number, head?: number): void {
    real(factor, 'factor', 1e-12, 1e12);
    if (head !== undefined) this.#ownHead(head);
    if (this.options.optimizer !== 'adagrad') return;
    for (const table of Object.values(this.#body.tables)) table.scaleSquares(factor, head);
    const square = this.#body.dense?.flat.square;
    if (square) this.engine.kernels.scale(square.ptr, square.ptr, square.length, factor);
  }

  /** Makes `head` what head `from` of another logistic model over the same slots is, optimiser state and all. */
  adoptHead(head: number, other: TabularModel, from = 0): void {
    this.#ownHead(head);
    other.#ownHead(from);
    const same = (['slots', 'numbers', 'optimizer'] as const).every(
      (k) => this.options[k] === other.options[k],
    );
    if (!same) throw new RangeError('both models must have the same slots, numbers and optimizer');
    for (const [name, table] of Object.entries(this.#body.tables)) {
      table.adopt(head, other.#body.tables[name], from);
    }
  }

  /** A model of its own that is now the same, bit for bit. */
  copy(): TabularModel {
    const model = new TabularModel(this.engine, this.options);
    model.learningRate = this.learningRate;
    model.restore(this.state());
    return model;
  }

  /** From here on L2 pulls the slots towards their values of now instead of 0 (AdaGrad only). */
  centre(): void {
    if (this.options.optimizer !== 'adagrad') throw new Error('centre needs the adagrad optimizer');
    for (const table of Object.values(this.#body.tables)) table.centre();
  }

  /** A copy of all that training changes. */
  state(): TabularState {
    if (this.#disposed) throw new Error('this model has been disposed');
    const tensors: Record<string, Float32Array> = {};
    for (const [name, table] of Object.entries(this.#body.tables)) Object.assign(tensors, table.state(name));
    for (const { name, value, mean, square } of this.#body.dense?.all ?? []) {
      tensors[`${name}.value`] = value.copy();
      tensors[`${name}.square`] = square.copy();
      if (this.options.optimizer === 'adam') tensors[`${name}.mean`] = mean.copy();
    }
    return { steps: this.#steps, tensors };
  }

  /** Takes a `state` back: training goes on with the same bits. RangeError for tensors of another model. */
  restore({ steps, tensors }: TabularState): void {
    integer(steps, 'steps', 0, 2 ** 31);
    const mine = this.state().tensors;
    for (const [name, own] of Object.entries(mine)) {
      if (!(tensors[name] instanceof Float32Array && tensors[name].length === own.length)) {
        throw new RangeError(`tensor ${name} must be f32[${own.length}]`);
      }
      // Sums of squared gradients are under a root.
      const least = name.endsWith('.square') ? 0 : -1e30;
      const at = tensors[name].findIndex((x) => !(x >= least && x <= 1e30));
      if (at >= 0)
        throw new RangeError(`tensor ${name}[${at}] must be from ${least} to 1e30, got ${tensors[name][at]}`);
    }
    const unknown = Object.keys(tensors).find((name) => !(name in mine));
    if (unknown !== undefined) throw new RangeError(`tensor ${unknown} is not of this model`);
    for (const [name, table] of Object.entries(this.#body.tables)) table.restore(name, tensors);
    for (const { name, value, mean, square } of this.#body.dense?.all ?? []) {
      value.set(tensors[`${name}.value`]);
      square.set(tensors[`${name}.square`]);
      if (this.options.optimizer === 'adam') mean.set(tensors[`${name}.mean`]);
    }
    this.#steps = steps;
    this.#descent.resume(steps);
  }

  /** SHA-256 over the options and the state: equal for equal models. */
  hash(): Promise<string> {
    const { steps, tensors } = this.state();
    const names = Object.keys(tensors).sort();
    return sha256([JSON.stringify({ ...this.options, steps }), ...names.flatMap((n) => [n, tensors[n]])]);
  }

  /** Lets go of the memory; every later call but this one is refused. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#body.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #ownHead(head: number): void {
    if (this.options.body !== 'logistic')
      throw new Error(`the heads of a ${this.options.body} body share its parts`);
    integer(head, 'head', 0, this.heads - 1);
  }

  /** Sizes alone: row numbers are the caller's to keep below the rows of the store. */
  #fits(
    rows: ArenaRows,
    ids: Slice<'u32'> | undefined,
    count: number,
    out: Slice<'f32'>,
    width: number,
    most = 2 ** 31,
  ): void {
    if (this.#disposed) throw new Error('this model has been disposed');
    const { fields, numbers, slots } = this.options;
    if (!(rows.fields === fields && rows.numbers === numbers && rows.slots <= slots)) {
      const text = (shape: RowShape) =>
        `${shape.fields} fields, ${shape.numbers} numbers, ${shape.slots} slots`;
      throw new RangeError(`rows have ${text(rows)}; the model takes ${text(this.options)}`);
    }
    integer(count, 'count', 0, most);
    if (!(ids === undefined || ids.length >= count)) {
      throw new RangeError(`ids must hold ${count}, has ${ids.length}`);
    }
    if (!(out.length >= count * width)) {
      throw new RangeError(`out or gradient must hold ${count} x ${width}, has ${out.length}`);
    }
  }
}
