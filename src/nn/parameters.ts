import type { Slice } from '../engine/arena.ts';
import type { Engine } from '../engine/engine.ts';
import type { AdamState } from './optimizer.ts';

/** A trainable tensor: its own view of one flat block for each of value, gradient and the two moments. */
export interface Parameter extends AdamState {
  readonly name: string;
  readonly shape: readonly number[];
}

/**
 * Trainable tensors laid out once, back to back (each start 16-byte aligned), so that zeroing the gradient and the
 * optimiser's step are one flat loop.
 */
export class Parameters {
  readonly flat: AdamState;
  readonly #byName = new Map<string, Parameter>();

  constructor(engine: Engine, shapes: Readonly<Record<string, readonly number[]>>) {
    const sizes = Object.values(shapes).map((shape) => shape.reduce((a, b) => a * b, 1));
    const padded = sizes.map((size) => Math.ceil(size / 4) * 4);
    const total = padded.reduce((a, b) => a + b, 0);
    const block = () => engine.alloc('f32', total);
    this.flat = { value: block(), grad: block(), mean: block(), square: block() };
    let start = 0;
    Object.entries(shapes).forEach(([name, shape], i) => {
      const part = (slice: Slice<'f32'>) => slice.part(start, sizes[i]);
      const { value, grad, mean, square } = this.flat;
      this.#byName.set(name, {
        name,
        shape,
        value: part(value),
        grad: part(grad),
        mean: part(mean),
        square: part(square),
      });
      start += padded[i];
    });
  }

  /** Bytes that the same shapes will take, without taking them. */
  static bytes(shapes: Readonly<Record<string, readonly number[]>>): number {
    return Object.values(shapes).reduce(
      (sum, s) => sum + 16 * Math.ceil(s.reduce((a, b) => a * b, 1) / 4) * 4,
      0,
    );
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  get(name: string): Parameter {
    const parameter = this.#byName.get(name);
    if (!parameter) throw new Error(`no parameter is named ${name}`);
    return parameter;
  }

  get all(): Iterable<Parameter> {
    return this.#byName.values();
  }

  zeroGrad(): void {
    this.flat.grad.fill(0);
  }
}
