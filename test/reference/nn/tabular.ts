/** Plain twin of a tabular model: the twins of its kernels in the order of one training step, without dropout. */

import type { TabularModel } from '../../../src/nn/tabular/index.ts';
import { relu, reluBackward } from './activation.ts';
import { pairBackward, pairForward } from './factorization.ts';
import { embedFields, embedFieldsBackward } from './field-embedding.ts';
import { gemmNN, gemmNT, gemmTN } from './linear.ts';
import { addColumnSums } from './loss.ts';
import { adagrad, adam } from './optimizer.ts';
import { linearBackward, linearForward, slotAdagrad, slotAdam } from './slot-table.ts';

type Floats = Float32Array;
interface PlainRows {
  index: Uint32Array;
  values: Float32Array;
}

/** Blocks of a slot table from the parts that `state` gives. */
function blocks(parts: readonly Floats[], d: number): Floats {
  const table = new Float32Array(parts[0].length * 4);
  for (let i = 0; i < parts[0].length; i++) {
    const at = Math.floor(i / d) * 4 * d + (i % d);
    for (const [k, part] of parts.entries()) table[at + k * d] = part[i];
    table[at + 3 * d] = -0;
  }
  return table;
}

export class PlainTabular {
  readonly #tables: Record<string, Floats> = {};
  /** Layers of the mlp: weights and biases with their gradients and two optimiser arrays. */
  readonly #layers: { inputs: number; units: number; parts: Floats[][]; out: Floats }[] = [];
  #steps: number;
  #sums: Floats = new Float32Array(0);
  #input: Floats = new Float32Array(0);

  /** As `model` is now. */
  constructor(readonly model: TabularModel) {
    const { tensors, steps } = model.state();
    const { heads, width, hidden, fields, numbers, optimizer } = model.options;
    this.#steps = steps;
    const quarters = optimizer === 'adam' ? ['value', 'mean', 'square'] : ['value', 'square', 'centre'];
    for (const [name, d] of [
      ['linear', heads],
      ['bias', heads],
      ['pairs', heads * width],
      ['numberPairs', heads * width],
      ['embedding', width],
    ] as const) {
      if (tensors[`${name}.value`])
        this.#tables[name] = blocks(
          quarters.map((q) => tensors[`${name}.${q}`]),
          d,
        );
    }
    const sizes = [fields * width + numbers, ...hidden, heads];
    for (let i = 0; tensors[`w${i}.value`]; i++) {
      const parts = [`w${i}`, `b${i}`].map((name) => {
        const value = tensors[`${name}.value`];
        const mean = tensors[`${name}.mean`] ?? new Float32Array(value.length);
        return [value, new Float32Array(value.length), mean, tensors[`${name}.square`]];
      });
      this.#layers.push({ inputs: sizes[i], units: sizes[i + 1], parts, out: new Float32Array(0) });
    }
  }

  logits({ index, values }: PlainRows, ids: Uint32Array, out: Floats): void {
    const { heads, width, fields, numbers, body } = this.model.options;
    const count = ids.length;
    if (body === 'mlp') {
      this.#input = new Float32Array(count * (fields * width + numbers));
      embedFields(this.#input, this.#tables.embedding, index, values, ids, count, fields, numbers, width);
      let x = this.#input;
      this.#layers.forEach((layer, i) => {
        const [[w], [b]] = layer.parts;
        layer.out = Float32Array.from({ length: count * layer.units }, (_, e) => b[e % layer.units]);
        gemmNN(layer.out, x, w, null, count, layer.inputs, layer.units, 1);
        if (i + 1 < this.#layers.length) relu(layer.out, layer.out, layer.out.length);
        x = layer.out;
      });
      out.set(x);
      return;
    }
    const { linear, bias, pairs, numberPairs } = this.#tables;
    linearForward(out, linear, bias, index, values, ids, count, fields, numbers, heads);
    if (body !== 'fm') return;
    this.#sums = new Float32Array(count * heads * width);
    pairForward(
      out,
      this.#sums,
      pairs,
      numberPairs,
      index,
      values,
      ids,
      count,
      fields,
      numbers,
      heads,
      width,
    );
  }

  /** The step after `logits` of the same rows. */
  step({ index, values }: PlainRows, ids: Uint32Array, g: Floats): void {
    const { heads, width, fields, numbers, body } = this.model.options;
    const count = ids.length;
    const touched = new Uint32Array(count * fields);
    this.#steps++;
    if (body === 'mlp') {
      let dy = g;
      for (let i = this.#layers.length - 1; i >= 0; i--) {
        const { inputs, units, parts, out } = this.#layers[i];
        const [[w, dw], [, db]] = parts;
        if (i + 1 < this.#layers.length) reluBackward(dy, dy, out, dy.length);
        gemmTN(dw, i > 0 ? this.#layers[i - 1].out : this.#input, dy, null, inputs, count, units, 0);
        addColumnSums(db.fill(0), dy, count, units);
        const dx = new Float32Array(count * inputs);
        gemmNT(dx, dy, w, null, count, units, inputs, 0);
        dy = dx;
      }
      const n = embedFieldsBackward(
        this.#tables.embedding,
        touched,
        0,
        index,
        ids,
        dy,
        count,
        fields,
        numbers,
        width,
      );
      this.#slots('embedding', touched, n, width, count);
      for (const { parts } of this.#layers) for (const part of parts) this.#flat(part, count);
      return;
    }
    const { linear, bias, pairs, numberPairs } = this.#tables;
    if (body === 'fm') {
      const sizes = [count, fields, numbers, heads, width] as const;
      const n = pairBackward(pairs, numberPairs, touched, 0, this.#sums, index, values, ids, g, ...sizes);
      this.#slots('pairs', touched, n, heads * width, count);
      this.#slots('numberPairs', null, numbers, heads * width, count);
    }
    const n = linearBackward(linear, bias, touched, 0, index, values, ids, g, count, fields, numbers, heads);
    this.#slots('linear', touched, n, heads, count);
    this.#slots('bias', null, 1 + numbers, heads, count);
  }

  #slots(name: string, touched: Uint32Array | null, n: number, d: number, count: number): void {
    const { batch, heads, learningRate, l2, optimizer } = this.model.options;
    const per = (value: number | readonly number[]) =>
      Float32Array.from({ length: d }, (_, c) =>
        typeof value === 'number' ? value : value[Math.floor((c * heads) / d)],
      );
    const pull = per(l2).map((x) => (x * count) / batch);
    const table = this.#tables[name];
    if (optimizer === 'adagrad') {
      slotAdagrad(table, touched, per(learningRate), pull, n, d, 1 / batch);
    } else {
      const [rate, eps] = this.#adam();
      slotAdam(
        table,
        touched,
        per(learningRate).map((x) => x * rate),
        pull,
        n,
        d,
        1 / batch,
        0.9,
        0.999,
        eps,
      );
    }
  }

  #flat([value, grad, mean, square]: Floats[], count: number): void {
    const { batch, learningRate, l2, optimizer } = this.model.options;
    const pull = ((l2 as number) * count) / batch;
    if (optimizer === 'adagrad') {
      adagrad(value, grad, square, value.length, learningRate as number, pull, 1 / batch);
      return;
    }
    const [rate, eps] = this.#adam();
    for (let i = 0; i < value.length; i++) grad[i] = grad[i] / batch + pull * value[i];
    adam(value, grad, mean, square, value.length, (learningRate as number) * rate, 0.9, 0.999, eps, 1);
  }

  /** Corrections of the rate and of epsilon after this many steps. */
  #adam(): [rate: number, eps: number] {
    const root = Math.sqrt(1 - 0.999 ** this.#steps);
    return [root / (1 - 0.9 ** this.#steps), 1e-8 * root];
  }
}
