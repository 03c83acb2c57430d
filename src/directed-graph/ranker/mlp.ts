import type { Slice } from '../../engine/arena.ts';
import type { Engine } from '../../engine/engine.ts';
import { activate, activateBackward, dropout } from '../../nn/activation.ts';
import { gemm } from '../../nn/linear.ts';
import { addColumnSums } from '../../nn/loss.ts';
import { Parameters } from '../../nn/parameters.ts';
import { DRAW, streamOf } from './draw.ts';

export interface MlpShape {
  readonly width: number;
  readonly hidden: number;
}

/** width -> hidden -> hidden -> 1 with ReLU, no bias at the end. Row-major [in x out]. */
export interface MlpWeights extends MlpShape {
  readonly values: Readonly<Record<keyof ReturnType<typeof mlpShapes>, Float32Array>>;
}

/** The shape of each parameter. */
export const mlpShapes = ({ width, hidden }: MlpShape) => ({
  w1: [width, hidden],
  b1: [hidden],
  w2: [hidden, hidden],
  b2: [hidden],
  w3: [hidden, 1],
});

/** The small network in the arena, forward and backward over batches of at most `capacity` rows. */
export class Mlp {
  readonly parameters: Parameters;
  readonly #first: Slice<'f32'>;
  readonly #dropped: Slice<'f32'>;
  readonly #second: Slice<'f32'>;
  readonly #back: Slice<'f32'>;

  constructor(
    readonly engine: Engine,
    readonly shape: MlpShape,
    readonly capacity: number,
  ) {
    const block = () => engine.alloc('f32', capacity * shape.hidden);
    this.parameters = new Parameters(engine, mlpShapes(shape));
    this.#first = block();
    this.#dropped = block();
    this.#second = block();
    this.#back = block();
  }

  static from(engine: Engine, weights: MlpWeights, capacity: number): Mlp {
    const mlp = new Mlp(engine, weights, capacity);
    for (const { name, value } of mlp.parameters.all) {
      value.set(weights.values[name as keyof MlpWeights['values']]);
    }
    return mlp;
  }

  /** Uniform within 1 / sqrt(inputs) for the first two layers and their biases, zero for the last. */
  initialize(seed: number): void {
    const { width, hidden } = this.shape;
    ['w1', 'b1', 'w2', 'b2'].forEach((name, i) => {
      const { value } = this.parameters.get(name);
      const bound = 1 / Math.sqrt(i < 2 ? width : hidden);
      this.engine.kernels.randomUniform(value.ptr, value.length, seed, streamOf(DRAW.weights + i), 0);
      const x = value.array;
      for (let j = 0; j < x.length; j++) x[j] = bound * (2 * x[j] - 1);
    });
    this.parameters.get('w3').value.fill(0);
  }

  weights(): MlpWeights {
    const entries = [...this.parameters.all].map(({ name, value }) => [name, value.copy()]);
    return { ...this.shape, values: Object.fromEntries(entries) as MlpWeights['values'] };
  }

  /** z[rows] = the network's output for x[rows x width]; with `drop`, units of the first layer are dropped. */
  forward(
    z: Slice<'f32'>,
    x: Slice<'f32'>,
    rows: number,
    drop?: { rate: number; seed: number; step: number },
  ): void {
    const { engine } = this;
    const { width, hidden } = this.shape;
    const value = (name: string) => this.parameters.get(name).value;
    repeatRow(this.#first, value('b1'), rows);
    gemm(engine, 'NN', this.#first, x, value('w1'), rows, width, hidden, 1);
    activate(engine, 'relu', this.#first, rows * hidden);
    const first = drop ? this.#dropped : this.#first;
    if (drop) {
      const key = { seed: drop.seed, stream: streamOf(DRAW.dropout), step: drop.step };
      dropout(engine, first, this.#first, rows * hidden, drop.rate, key);
    }
    repeatRow(this.#second, value('b2'), rows);
    gemm(engine, 'NN', this.#second, first, value('w2'), rows, hidden, hidden, 1);
    activate(engine, 'relu', this.#second, rows * hidden);
    gemm(engine, 'NN', z, this.#second, value('w3'), rows, hidden, 1);
  }

  /** Gradients of the parameters from dz[rows], after a `forward` with the same x, rows and drop. */
  backward(
    dz: Slice<'f32'>,
    x: Slice<'f32'>,
    rows: number,
    drop?: { rate: number; seed: number; step: number },
  ): void {
    const { engine, parameters } = this;
    const { width, hidden } = this.shape;
    const { grad: dw3, value: w3 } = parameters.get('w3');
    const { grad: dw2, value: w2 } = parameters.get('w2');
    parameters.zeroGrad();
    const first = drop ? this.#dropped : this.#first;
    gemm(engine, 'TN', dw3, this.#second, dz, hidden, rows, 1);
    gemm(engine, 'NT', this.#back, dz, w3, rows, 1, hidden);
    activateBackward(engine, 'relu', this.#back, this.#back, this.#second, rows * hidden);
    gemm(engine, 'TN', dw2, first, this.#back, hidden, rows, hidden);
    addColumnSums(engine, parameters.get('b2').grad, this.#back, rows, hidden);
    // The second layer's output has served: its memory takes the gradient of the first.
    gemm(engine, 'NT', this.#second, this.#back, w2, rows, hidden, hidden);
    if (drop) {
      const key = { seed: drop.seed, stream: streamOf(DRAW.dropout), step: drop.step };
      dropout(engine, this.#second, this.#second, rows * hidden, drop.rate, key);
    }
    activateBackward(engine, 'relu', this.#second, this.#second, this.#first, rows * hidden);
    gemm(engine, 'TN', parameters.get('w1').grad, x, this.#second, width, rows, hidden);
    addColumnSums(engine, parameters.get('b1').grad, this.#second, rows, hidden);
  }

  dispose(): void {
    const { value, grad, mean, square } = this.parameters.flat;
    this.engine.release(value, grad, mean, square);
    this.engine.release(this.#first, this.#dropped, this.#second, this.#back);
  }
}

/** x[rows x d] = `row` in every row, by doubling copies. */
function repeatRow(x: Slice<'f32'>, row: Slice<'f32'>, rows: number): void {
  const to = x.array;
  to.set(row.array);
  const d = row.length;
  for (let done = 1; done < rows; done *= 2) to.copyWithin(done * d, 0, Math.min(done, rows - done) * d);
}
