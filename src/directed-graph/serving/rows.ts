import type { Engine } from '../../engine/engine.ts';
import { gemm } from '../../nn/linear.ts';
import { Parameters } from '../../nn/parameters.ts';
import { Layer } from '../layer.ts';
import type { EncoderOptions } from '../options.ts';
import { type EncoderWeights, weightShapes } from './weights.ts';

/** The two roles of some nodes, row-major f32[rows x d] each. */
export interface RoleRows {
  readonly s: Float32Array;
  readonly t: Float32Array;
}

/** Neighbours of a block's rows by their place among its columns, with the weights of their messages. */
export interface LocalCsr {
  readonly indptr: ArrayLike<number>;
  readonly indices: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
}

/** Some nodes and their neighbours; the first `rows` of the columns are the rows themselves. */
export interface RowBlock {
  readonly rows: number;
  readonly columns: number;
  readonly out: LocalCsr;
  readonly in: LocalCsr;
}

/** The encoder's forward pass over any few rows, on plain arrays: for serving, where the rest stands still. */
export class RowEncoder {
  readonly #parameters: Parameters;
  /** The factor on a source vector. */
  readonly scale: number;

  /**
   * `engine` should be a fork: the parameters stay in it until it is disposed. `old` is an encoder of the same parameters
   * over other tables and features, whose place in memory serves this one too.
   */
  constructor(
    readonly engine: Engine,
    readonly options: EncoderOptions,
    readonly weights: EncoderWeights,
    old?: RowEncoder,
  ) {
    // The projection is applied row by row below; only the square maps and the hops go into the arena.
    const { projection, ...shapes } = weightShapes(options, 0);
    this.#parameters = old ? old.#parameters : new Parameters(engine, shapes);
    if (!old) for (const { name, value } of this.#parameters.all) value.set(weights.parameters[name]);
    const temperature = weights.parameters.logTemperature[0];
    this.scale = options.normalize === 'none' ? 1 : engine.kernels.expF64(temperature);
  }

  /** Adds a sparse row of weighted features, projected, to base[d]. */
  project(base: Float32Array, features: ArrayLike<number>, values: ArrayLike<number>): void {
    const d = this.options.dim;
    const { projection } = this.weights.parameters;
    for (let e = 0; e < features.length; e++) {
      const at = features[e] * d;
      for (let c = 0; c < d; c++) base[c] += values[e] * projection[at + c];
    }
  }

  /** s0 = base Ws, t0 = base Wt. `bases` holds one array for both roles or one each. */
  roles(bases: readonly Float32Array[], rows: number): RoleRows {
    const { engine, options } = this;
    const d = options.dim;
    const [s, t = s] = bases;
    if (!options.roleMaps) return { s: s.slice(), t: t.slice() };
    const mapped = (base: Float32Array, name: string) =>
      engine.scope((scope) => {
        const to = scope.alloc('f32', rows * d);
        gemm(engine, 'NN', to, scope.from('f32', base), this.#parameters.get(name).value, rows, d, d);
        return to.copy();
      });
    return { s: mapped(s, 'mapS'), t: mapped(t, 'mapT') };
  }

  /** One layer: from the states of the block's columns to those of its rows. */
  layer(index: number, block: RowBlock, input: RoleRows): RoleRows {
    const { engine, options } = this;
    const d = options.dim;
    return engine.scope((scope) => {
      const relation = ({ indptr, indices, weights }: LocalCsr) => ({
        matrix: {
          rows: block.rows,
          indptr: scope.from('u32', indptr),
          indices: scope.from('u32', indices),
          weights: scope.from('f32', weights),
        },
      });
      const part = () => scope.alloc('f32', options.transform ? block.rows * d : 0);
      const scratch = { a: part(), b: part(), c: part(), e: part() };
      const layer = new Layer(engine, options, index, this.#parameters, block.rows, false, scratch);
      try {
        const sizes = { rows: block.rows, columns: block.columns };
        const { s, t } = layer.forward(
          { ...sizes, out: relation(block.out), in: relation(block.in) },
          { s: scope.from('f32', input.s), t: scope.from('f32', input.t) },
        );
        return { s: s.copy(), t: t.copy() };
      } finally {
        layer.dispose();
      }
    });
  }

  /** The last layer's states as vectors to serve: unit rows if asked for, the temperature on the source. */
  vectors({ s, t }: RoleRows): { source: Float32Array; target: Float32Array } {
    const d = this.options.dim;
    const finished = (rows: Float32Array, scale: number) => {
      const out = new Float32Array(rows.length);
      for (let i = 0; i < rows.length; i += d) {
        const by = scale * this.inverse(rows, i);
        for (let c = i; c < i + d; c++) out[c] = rows[c] * by;
      }
      return out;
    };
    return { source: finished(s, this.scale), target: finished(t, 1) };
  }

  /** 1 / length of the d numbers from `start`, 0 for a row without length; 1 when rows are not normalised. */
  inverse(rows: Float32Array, start: number): number {
    if (this.options.normalize === 'none') return 1;
    let square = 0;
    for (let c = start; c < start + this.options.dim; c++) square += rows[c] * rows[c];
    const length = Math.sqrt(square);
    return length < 1e-9 ? 0 : 1 / length;
  }
}
