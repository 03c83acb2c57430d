import type { Slice } from '../../engine/arena.ts';
import type { Engine } from '../../engine/engine.ts';
import { activate, activateBackward, dropout, scaleColumns } from '../activation.ts';
import { gemm, gemmScratch, repeatRow } from '../linear.ts';
import { addColumnSums } from '../loss.ts';
import { type Parameter, Parameters } from '../parameters.ts';
import { type Batch, type Masks, pieces, sameBatch, type TabularBody } from './body.ts';
import type { Descent } from './descent.ts';
import type { ResolvedOptions } from './options.ts';
import { FIRST_SQUARE, SlotTable } from './slot-table.ts';
import { TABULAR_STREAM } from './streams.ts';

/** Normal deviation of the first embeddings. */
const START = 0.05;

interface Layer {
  readonly w: Parameter;
  readonly b: Parameter;
  readonly inputs: number;
  readonly units: number;
  /** f32[batch x units], after activation and dropout. */
  readonly out: Slice<'f32'>;
}

/**
 * Embeddings of the slots side by side, then the numbers, through hidden ReLU layers with dropout to the logits. The
 * last layer starts at 0, so that every first answer is one half.
 */
export class MlpBody implements TabularBody {
  readonly features: number;
  readonly tables: { readonly embedding: SlotTable };
  readonly dense: Parameters;
  readonly constants: Slice<'f32'>;
  readonly #layers: readonly Layer[];
  readonly #input: Slice<'f32'>;
  readonly #touched: Slice<'u32'>;
  /** Two gradients of a layer, taken in turns, and the scratch of the matrix products. */
  readonly #back: readonly [Slice<'f32'>, Slice<'f32'>];
  readonly #scratch: Slice<'f32'>;
  /** f32[widest layer], one mask for all rows. */
  readonly #mask: Slice<'f32'>;
  #kept: Batch | undefined;

  constructor(
    readonly engine: Engine,
    readonly descent: Descent,
    readonly options: ResolvedOptions,
  ) {
    const { slots, width, optimizer, fields, numbers, hidden, heads, batch, seed } = options;
    const table = new SlotTable(engine, fields > 0 ? slots : 0, width, optimizer);
    table.randomize(START, seed, TABULAR_STREAM.table);
    this.tables = { embedding: table };
    const sizes = [fields * width + numbers, ...hidden, heads];
    const shapes: Record<string, number[]> = {};
    for (let i = 0; i + 1 < sizes.length; i++) {
      shapes[`w${i}`] = [sizes[i], sizes[i + 1]];
      shapes[`b${i}`] = [sizes[i + 1]];
    }
    this.dense = new Parameters(engine, shapes);
    this.constants = this.dense.get(`b${sizes.length - 2}`).value;
    if (optimizer === 'adagrad') this.dense.flat.square.fill(FIRST_SQUARE);
    this.#layers = sizes.slice(1).map((units, i) => ({
      w: this.dense.get(`w${i}`),
      b: this.dense.get(`b${i}`),
      inputs: sizes[i],
      units,
      out: engine.alloc('f32', batch * units),
    }));
    // Deviation sqrt(2 / inputs) keeps the size of what passes through ReLU (He et al. 2015).
    for (const [i, { w, inputs }] of this.#layers.slice(0, -1).entries()) {
      const deviation = Math.sqrt(2 / inputs);
      engine.kernels.randomNormal(w.value.ptr, w.value.length, deviation, seed, TABULAR_STREAM.layer + i, 0);
    }
    const widest = Math.max(...sizes);
    this.features = sizes[sizes.length - 2];
    this.#input = engine.alloc('f32', batch * sizes[0]);
    this.#touched = engine.alloc('u32', batch * fields);
    this.#back = [engine.alloc('f32', batch * widest), engine.alloc('f32', batch * widest)];
    const scratch = this.#layers.flatMap(({ inputs, units }) => [
      gemmScratch(engine, batch, inputs, units),
      gemmScratch(engine, batch, units, inputs),
      gemmScratch(engine, inputs, batch, units),
    ]);
    this.#scratch = engine.alloc('f32', Math.max(...scratch));
    this.#mask = engine.alloc('f32', widest);
  }

  forward(batch: Batch, out: Slice<'f32'>, masks?: Masks, keep = false): void {
    const { heads } = this.options;
    this.#kept = undefined;
    const last = this.#layers[this.#layers.length - 1];
    for (const [part, at] of pieces(batch, this.options.batch)) {
      this.#run(part, this.#layers.length, masks);
      out.array.set(last.out.part(0, part.count * heads).array, at * heads);
    }
    if (keep) this.#kept = batch;
  }

  hidden(batch: Batch, out: Slice<'f32'>): void {
    this.#kept = undefined;
    const last = this.#layers[this.#layers.length - 2];
    for (const [part, at] of pieces(batch, this.options.batch)) {
      this.#run(part, this.#layers.length - 1);
      out.array.set(last.out.part(0, part.count * this.features).array, at * this.features);
    }
  }

  step(batch: Batch, gradient: Slice<'f32'>, masks?: Masks): void {
    const { engine } = this;
    const { rows, ids, count } = batch;
    if (!sameBatch(this.#kept, batch)) this.#run(batch, this.#layers.length, masks);
    this.#kept = undefined;
    this.dense.zeroGrad();
    let dy = gradient;
    for (let i = this.#layers.length - 1; i >= 0; i--) {
      const { w, b, inputs, units, out } = this.#layers[i];
      if (i < this.#layers.length - 1) {
        this.#drop(dy, i, count, masks);
        // What dropout set to 0 in `out` has no gradient either, so the gate serves both.
        activateBackward(engine, 'relu', dy, dy, out, count * units);
      }
      const x = i > 0 ? this.#layers[i - 1].out : this.#input;
      gemm(engine, 'TN', w.grad, x, dy, inputs, count, units, 0, this.#scratch);
      addColumnSums(engine, b.grad, dy, count, units);
      const dx = this.#back[i % 2];
      gemm(engine, 'NT', dx, dy, w.value, count, units, inputs, 0, this.#scratch);
      dy = dx;
    }
    const { embedding } = this.tables;
    const n = engine.kernels.embedFieldsBackward(
      embedding.block.ptr,
      this.#touched.ptr,
      0,
      rows.index.ptr,
      ids?.ptr ?? 0,
      dy.ptr,
      count,
      rows.fields,
      rows.numbers,
      embedding.d,
    );
    this.descent.slots(embedding, this.#touched, n, count);
    this.descent.flat(this.dense, count);
  }

  dispose(): void {
    const { value, grad, mean, square } = this.dense.flat;
    this.tables.embedding.dispose();
    this.engine.release(value, grad, mean, square, ...this.#layers.map(({ out }) => out));
    this.engine.release(this.#input, this.#touched, ...this.#back, this.#scratch, this.#mask);
  }

  /** The first `depth` layers over at most a batch of rows. */
  #run({ rows, ids, count }: Batch, depth: number, masks?: Masks): void {
    const { engine } = this;
    const { embedding } = this.tables;
    engine.kernels.embedFields(
      this.#input.ptr,
      embedding.block.ptr,
      rows.index.ptr,
      rows.values.ptr,
      ids?.ptr ?? 0,
      count,
      rows.fields,
      rows.numbers,
      embedding.d,
    );
    let x = this.#input;
    for (let i = 0; i < depth; i++) {
      const { w, b, inputs, units, out } = this.#layers[i];
      repeatRow(out, b.value, count);
      gemm(engine, 'NN', out, x, w.value, count, inputs, units, 1, this.#scratch);
      if (i < this.#layers.length - 1) {
        activate(engine, 'relu', out, count * units);
        this.#drop(out, i, count, masks);
      }
      x = out;
    }
  }

  /** Drops units of layer i: the same call on its output and on the gradient of it. */
  #drop(x: Slice<'f32'>, i: number, count: number, masks: Masks | undefined): void {
    const { engine } = this;
    const { dropout: rate, seed, hidden } = this.options;
    if (rate === 0 || masks === undefined) return;
    const units = hidden[i];
    if ('step' in masks) {
      dropout(engine, x, x, count * units, rate, {
        seed,
        stream: TABULAR_STREAM.dropout + i,
        step: masks.step,
      });
      return;
    }
    const mask = this.#mask.part(0, units).fill(1);
    const key = { seed: masks.seed, stream: TABULAR_STREAM.sample + i, step: masks.pass };
    dropout(engine, mask, mask, units, rate, key);
    scaleColumns(engine, x, x, mask, count, units);
  }
}
