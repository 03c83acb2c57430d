import type { Slice } from '../engine/arena.ts';
import type { Engine } from '../engine/engine.ts';
import { activate, activateBackward } from '../nn/activation.ts';
import { gemm } from '../nn/linear.ts';
import { rowNormalize, rowNormalizeBackward } from '../nn/normalize.ts';
import type { Parameter, Parameters } from '../nn/parameters.ts';
import { gather, scatter } from './aggregate.ts';
import { mix, type Relation } from './message.ts';
import type { EncoderOptions } from './options.ts';

/** The neighbourhoods one layer reads: from `columns` input nodes to the first `rows` of them. */
export interface Block {
  readonly rows: number;
  readonly columns: number;
  /** Sums over out-neighbours and over in-neighbours. */
  readonly out: Relation;
  readonly in: Relation;
  /** The same for the second relation, also viewed. */
  readonly coViewOut?: Relation;
  readonly coViewIn?: Relation;
}

type Matrix = Slice<'f32'>;
/** The two roles of a node's state, source and target, each f32[rows x d]. */
export interface Roles {
  readonly s: Matrix;
  readonly t: Matrix;
}

/** Coefficients of a layer's messages in its parameter `hops`, in this order. */
const HOPS = { outT: 0, inS: 1, outS: 2, inSs: 3, inT: 4, outTt: 5, viewS: 6, viewT: 7 } as const;
/** At the start only the alternating messages count: s from targets of out-neighbours, t from sources of in-. */
export const HOP_START = [1, 1, 0, 0, 0, 0, 0, 0];

/** Scratch that all layers of an encoder share, each f32[rows x d]. */
export interface LayerScratch {
  readonly a: Matrix;
  readonly b: Matrix;
  readonly c: Matrix;
  readonly e: Matrix;
}

/**
 * One propagation step (DAEMON algorithm 1 with switches):
 *   s' = [s] + f((a1 N t + x1 N s + x2 N^T s) W) + f(c1 C s W),   t' likewise with N^T, rows normalised if asked.
 * N sums over out-neighbours, N^T over in-neighbours, C over also-viewed nodes; f, W and [.] are optional.
 */
export class Layer {
  readonly #hops: Parameter;
  readonly #weight: Parameter | undefined;
  readonly #d: number;
  /** Gathered messages by relation and role, kept for the backward pass. */
  readonly #g: Record<'outT' | 'inS' | 'outS' | 'inT' | 'viewS' | 'viewT', Matrix>;
  /** Mixed messages before W, and activated outputs after it, for each role and the co-view part. */
  readonly #message: Roles;
  readonly #hidden: Roles;
  readonly #view: Roles;
  readonly #inverse: Roles;
  readonly output: Roles;
  readonly #activation: EncoderOptions['activation'];
  readonly #normalized: boolean;

  constructor(
    readonly engine: Engine,
    readonly options: EncoderOptions,
    index: number,
    parameters: Parameters,
    /** Most rows that a block will have. */
    readonly capacity: number,
    readonly coView: boolean,
    readonly scratch: LayerScratch,
  ) {
    const { dim, crossRole, transform, activation, activateLast, layers, normalize } = options;
    const last = index === layers - 1;
    this.#d = dim;
    this.#hops = parameters.get(`hops${index}`);
    this.#weight = transform ? parameters.get(`weight${index}`) : undefined;
    this.#activation = last && !activateLast ? 'none' : activation;
    // The last layer's rows are the encoder's to normalise, as they are when there is no layer at all.
    this.#normalized = normalize === 'every' && !last;
    const matrix = (used = true) => engine.alloc('f32', used ? capacity * dim : 0);
    this.#g = {
      outT: matrix(),
      inS: matrix(),
      outS: matrix(crossRole),
      inT: matrix(crossRole),
      viewS: matrix(coView),
      viewT: matrix(coView),
    };
    this.#message = { s: matrix(transform), t: matrix(transform) };
    this.#hidden = { s: matrix(!this.#plain), t: matrix(!this.#plain) };
    this.#view = { s: matrix(coView && !this.#plain), t: matrix(coView && !this.#plain) };
    this.#inverse = { s: engine.alloc('f32', capacity), t: engine.alloc('f32', capacity) };
    this.output = { s: matrix(), t: matrix() };
  }

  /** Matrices of capacity x d that a layer keeps. */
  static matrices(options: EncoderOptions, coView: boolean): number {
    const plain = !options.transform && options.activation === 'none';
    return (
      4 +
      (options.crossRole ? 2 : 0) +
      (options.transform ? 2 : 0) +
      (plain ? 0 : 2) +
      (coView ? (plain ? 2 : 4) : 0)
    );
  }

  /** No W and no activation: messages add straight to the state. */
  get #plain(): boolean {
    return !this.#weight && this.#activation === 'none';
  }

  forward(block: Block, input: Roles): Roles {
    const { engine, options } = this;
    const d = this.#d;
    const g = this.#g;
    gather(engine, g.outT, block.out.matrix, input.t, d);
    gather(engine, g.inS, block.in.matrix, input.s, d);
    if (options.crossRole) {
      gather(engine, g.outS, block.out.matrix, input.s, d);
      gather(engine, g.inT, block.in.matrix, input.t, d);
    }
    if (this.coView) {
      gather(engine, g.viewS, block.coViewOut!.matrix, input.s, d);
      gather(engine, g.viewT, block.coViewIn!.matrix, input.t, d);
    }
    for (const role of ['s', 't'] as const) this.#combine(role, block.rows, input);
    return this.output;
  }

  #combine(role: 's' | 't', rows: number, input: Roles): void {
    const { engine, options } = this;
    const n = rows * this.#d;
    const out = this.output[role];
    const base = options.residual ? input[role] : undefined;
    const { terms, view } = this.#terms(role);
    if (this.#plain) {
      mix(engine, out, base, terms, n);
      if (view) mix(engine, out, out, [view], n);
    } else {
      const hidden = this.#hidden[role];
      const message = this.#weight ? this.#message[role] : hidden;
      mix(engine, message, undefined, terms, n);
      this.#transform(hidden, message, rows);
      mix(engine, out, base, [[1, hidden]], n);
      if (view) {
        const seen = this.#view[role];
        if (this.#weight) {
          mix(engine, this.scratch.a, undefined, [view], n);
          this.#transform(seen, this.scratch.a, rows);
        } else {
          mix(engine, seen, undefined, [view], n);
          this.#transform(seen, seen, rows);
        }
        mix(engine, out, out, [[1, seen]], n);
      }
    }
    if (this.#normalized) rowNormalize(engine, out, this.#inverse[role], out, rows, this.#d);
  }

  /** What a role's message is made of, as [coefficient, gathered]. */
  #terms(role: 's' | 't') {
    const c = this.#hops.value.array;
    const g = this.#g;
    const cross = this.options.crossRole;
    const terms: [number, Matrix][] =
      role === 's'
        ? cross
          ? [
              [c[HOPS.outT], g.outT],
              [c[HOPS.outS], g.outS],
              [c[HOPS.inSs], g.inS],
            ]
          : [[c[HOPS.outT], g.outT]]
        : cross
          ? [
              [c[HOPS.inS], g.inS],
              [c[HOPS.inT], g.inT],
              [c[HOPS.outTt], g.outT],
            ]
          : [[c[HOPS.inS], g.inS]];
    const view: [number, Matrix] | undefined = this.coView
      ? role === 's'
        ? [c[HOPS.viewS], g.viewS]
        : [c[HOPS.viewT], g.viewT]
      : undefined;
    return { terms, view };
  }

  #transform(hidden: Matrix, message: Matrix, rows: number): void {
    const d = this.#d;
    if (this.#weight) gemm(this.engine, 'NN', hidden, message, this.#weight.value, rows, d, d);
    activate(this.engine, this.#activation, hidden, rows * d);
  }

  /**
   * From the gradients of the output (overwritten) to those of the input (added to `dInput`, whose rows are
   * `block.columns`), and to the parameters' gradients.
   */
  backward(block: Block, dOutput: Roles, dInput: Roles): void {
    const { engine, options } = this;
    const d = this.#d;
    const n = block.rows * d;
    const c = this.#hops.value.array;
    const { a, b } = this.scratch;
    for (const role of ['s', 't'] as const) {
      const dOut = dOutput[role];
      if (this.#normalized) {
        rowNormalizeBackward(engine, dOut, dOut, this.output[role], this.#inverse[role], block.rows, d);
      }
      if (options.residual) mix(engine, dInput[role], dInput[role], [[1, dOut]], n);
      if (this.coView) {
        const view = role === 's' ? block.coViewOut! : block.coViewIn!;
        const gathered = role === 's' ? this.#g.viewS : this.#g.viewT;
        const hop = role === 's' ? HOPS.viewS : HOPS.viewT;
        const coefficient: [number, Matrix] = [c[hop], gathered];
        if (this.#weight) mix(engine, a, undefined, [coefficient], n);
        const dm = this.#transformBackward(b, dOut, this.#view[role], a, block.rows);
        this.#hopGradient(hop, dm, gathered, n);
        mix(engine, a, undefined, [[c[hop], dm]], n);
        applyTransposed(engine, dInput[role], view, a, d);
      }
    }
    const dm = {
      s: this.#transformBackward(this.scratch.c, dOutput.s, this.#hidden.s, this.#message.s, block.rows),
      t: this.#transformBackward(this.scratch.e, dOutput.t, this.#hidden.t, this.#message.t, block.rows),
    };
    const g = this.#g;
    this.#hopGradient(HOPS.outT, dm.s, g.outT, n);
    this.#hopGradient(HOPS.inS, dm.t, g.inS, n);
    if (options.crossRole) {
      this.#hopGradient(HOPS.outS, dm.s, g.outS, n);
      this.#hopGradient(HOPS.inSs, dm.s, g.inS, n);
      this.#hopGradient(HOPS.inT, dm.t, g.inT, n);
      this.#hopGradient(HOPS.outTt, dm.t, g.outT, n);
    }
    const back = (to: Matrix, relation: Relation, terms: [number, Matrix][]) => {
      mix(engine, a, undefined, terms, n);
      applyTransposed(engine, to, relation, a, d);
    };
    if (options.crossRole) {
      back(dInput.t, block.out, [
        [c[HOPS.outT], dm.s],
        [c[HOPS.outTt], dm.t],
      ]);
      back(dInput.s, block.in, [
        [c[HOPS.inS], dm.t],
        [c[HOPS.inSs], dm.s],
      ]);
      back(dInput.s, block.out, [[c[HOPS.outS], dm.s]]);
      back(dInput.t, block.in, [[c[HOPS.inT], dm.t]]);
    } else {
      back(dInput.t, block.out, [[c[HOPS.outT], dm.s]]);
      back(dInput.s, block.in, [[c[HOPS.inS], dm.t]]);
    }
  }

  /** Gradient of the mixed message, and of W; the output's own gradient when there is neither W nor activation. */
  #transformBackward(to: Matrix, dOut: Matrix, hidden: Matrix, message: Matrix, rows: number): Matrix {
    if (this.#plain) return dOut;
    const { engine } = this;
    const d = this.#d;
    if (!this.#weight) {
      activateBackward(engine, this.#activation, to, dOut, hidden, rows * d);
      return to;
    }
    // The hidden values are not needed again, so their place holds the gradient between activation and W.
    activateBackward(engine, this.#activation, hidden, dOut, hidden, rows * d);
    gemm(engine, 'TN', this.#weight.grad, message, hidden, d, rows, d, 1);
    gemm(engine, 'NT', to, hidden, this.#weight.value, rows, d, d);
    return to;
  }

  #hopGradient(hop: number, dm: Matrix, gathered: Matrix, n: number): void {
    if (!this.options.hopWeights) return;
    this.#hops.grad.array[hop] += this.engine.kernels.dot(dm.ptr, gathered.ptr, n);
  }

  dispose(): void {
    const roles = [this.#message, this.#hidden, this.#view, this.#inverse, this.output];
    this.engine.release(...Object.values(this.#g), ...roles.flatMap(({ s, t }) => [s, t]));
  }
}

/** dx += M^T dy. */
function applyTransposed(engine: Engine, dx: Matrix, relation: Relation, dy: Matrix, d: number): void {
  if (relation.transpose) gather(engine, dx, relation.transpose, dy, d, 1);
  else scatter(engine, dx, relation.matrix, dy, d);
}
