import type { Engine } from '../engine/engine.ts';
import { rowNormalize, rowNormalizeBackward } from '../nn/normalize.ts';
import type { Adam } from '../nn/optimizer.ts';
import { Parameters } from '../nn/parameters.ts';
import { EncoderInput, type InputNodes } from './input.ts';
import { type Block, HOP_START, Layer, type LayerScratch, type Roles } from './layer.ts';
import { mix } from './message.ts';
import type { EncoderOptions } from './options.ts';
import { type EncoderShape, hasTable, parameterShapes, usesFeatures } from './parameter-shapes.ts';
import { STREAM } from './streams.ts';

/** What one pass reads: the nodes it starts from and a block for each layer, nearest the input first. */
export interface Propagation {
  readonly input: InputNodes;
  readonly blocks: readonly Block[];
}

/**
 * Two vectors a node, as a source and as a target, learned by alternating propagation over a directed graph. Holds
 * the parameters, runs forward and backward over any `Propagation`; knows nothing of losses or sampling.
 */
export class DualEncoder {
  readonly parameters: Parameters;
  readonly input: EncoderInput;
  readonly layers: Layer[];
  readonly #scratch: LayerScratch;
  readonly #grads: Roles[];
  /** 1 / length of the output's rows before they were normalised. */
  readonly #inverse: Roles;
  #output: Roles | undefined;

  constructor(
    readonly engine: Engine,
    readonly options: EncoderOptions,
    readonly shape: EncoderShape,
  ) {
    const { dim, layers } = options;
    this.parameters = new Parameters(engine, parameterShapes(options, shape));
    const { capacity } = shape;
    this.input = new EncoderInput(
      engine,
      options,
      this.parameters,
      shape.nodeCount,
      capacity[0],
      shape.features,
    );
    const widest = Math.max(...capacity);
    const scratch = () => engine.alloc('f32', widest * dim);
    this.#scratch = { a: scratch(), b: scratch(), c: scratch(), e: scratch() };
    this.layers = Array.from(
      { length: layers },
      (_, i) => new Layer(engine, options, i, this.parameters, capacity[i + 1], shape.coView, this.#scratch),
    );
    const last = capacity.at(-1)!;
    this.#inverse = { s: engine.alloc('f32', last), t: engine.alloc('f32', last) };
    this.#grads = capacity.map((rows) => ({
      s: engine.alloc('f32', rows * dim),
      t: engine.alloc('f32', rows * dim),
    }));
  }

  /** Bytes in the arena that an encoder of this shape takes. */
  static bytes(options: EncoderOptions, shape: EncoderShape): number {
    const { dim } = options;
    const { capacity, nodeCount, features } = shape;
    const tables = hasTable(options) ? (options.tied ? 1 : 2) : 0;
    let rows = tables * (3 * nodeCount + capacity[0]) + (4 + 2 * Math.max(1, tables)) * capacity[0];
    if (usesFeatures(options)) rows += nodeCount;
    for (let i = 1; i < capacity.length; i++)
      rows += (Layer.matrices(options, shape.coView) + 2) * capacity[i];
    rows += 4 * Math.max(...capacity);
    const sparse =
      features && usesFeatures(options) ? 4 * (4 * features.csr.indices.length + 2 * nodeCount) : 0;
    return 4 * rows * dim + sparse + Parameters.bytes(parameterShapes(options, shape));
  }

  /** Random start by `seed`; `structural` gives the two tables of the structural input. */
  initialize(seed: number, structural?: { source: Float32Array; target: Float32Array }): void {
    const { parameters, options } = this;
    this.input.initialize(seed, structural);
    for (let i = 0; i < options.layers; i++) {
      parameters.get(`hops${i}`).value.set(HOP_START);
      if (options.transform) {
        const w = parameters.get(`weight${i}`).value;
        // Glorot: unit variance through a square matrix.
        const scale = 1 / Math.sqrt(options.dim);
        this.engine.kernels.randomNormal(w.ptr, w.length, scale, seed, STREAM.weight + i, 0);
      }
    }
    parameters.get('logTemperature').value.array[0] = this.engine.kernels.logF64(options.temperature);
  }

  /** Source and target vectors of the last block's rows. Without `training` nothing is dropped. */
  forward(at: Propagation, training?: { seed: number; step: number; rate: number }): Roles {
    let state = this.input.forward(at.input, training);
    this.layers.forEach((layer, i) => {
      state = layer.forward(at.blocks[i], state);
    });
    if (this.options.normalize !== 'none') {
      const rows = outputRows(at);
      for (const role of ['s', 't'] as const) {
        rowNormalize(this.engine, state[role], this.#inverse[role], state[role], rows, this.options.dim);
      }
    }
    this.#output = state;
    return state;
  }

  /** Zeroed gradients of the output's first `rows` rows, for the objective to add to. */
  outputGradient(rows: number): Roles {
    const grad = this.#grads.at(-1)!;
    zero(this.engine, grad, rows * this.options.dim);
    return grad;
  }

  /** Backward from `outputGradient` to every parameter's gradient (which must have been zeroed). */
  backward(at: Propagation, training: { seed: number; step: number; rate: number }): void {
    if (this.options.normalize !== 'none') {
      const grad = this.#grads.at(-1)!;
      const rows = outputRows(at);
      for (const role of ['s', 't'] as const) {
        const y = this.#output![role];
        rowNormalizeBackward(
          this.engine,
          grad[role],
          grad[role],
          y,
          this.#inverse[role],
          rows,
          this.options.dim,
        );
      }
    }
    for (let i = this.layers.length - 1; i >= 0; i--) {
      const into = this.#grads[i];
      zero(this.engine, into, at.blocks[i].columns * this.options.dim);
      this.layers[i].backward(at.blocks[i], this.#grads[i + 1], into);
    }
    this.input.backward(at.input, this.#grads[0], training);
  }

  /** The optimiser's step on everything that took part. */
  step(adam: Adam, at: Propagation): void {
    adam.step(this.parameters.flat);
    this.input.step(adam, at.input);
  }

  /** The factor on s . t: the learned temperature for unit vectors, else 1. */
  get scale(): number {
    const { normalize } = this.options;
    if (normalize === 'none') return 1;
    return this.engine.kernels.expF64(this.parameters.get('logTemperature').value.array[0]);
  }
}

const outputRows = (at: Propagation) => at.blocks.at(-1)?.rows ?? at.input.count;

/** By a kernel, which threads share. */
function zero(engine: Engine, { s, t }: Roles, n: number): void {
  mix(engine, s, undefined, [], n);
  mix(engine, t, undefined, [], n);
}
